package metrika.conversions.outbound;

import java.math.BigInteger;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Which addresses may be called for somebody who only names them: those of the public internet, so that nobody reaches
 * through this process what his own machine does not reach. By the IANA registries of special-purpose addresses.
 */
public final class PublicAddress {

    /** An address range. */
    private record Network(byte[] start, int bits) {

        static Network of(String text) {
            var parts = text.split("/");
            return new Network(literal(parts[0]).getAddress(), Integer.parseInt(parts[1]));
        }

        boolean has(byte[] address) {
            if (address.length != start.length) {
                return false;
            }
            var others = address.length * 8 - bits;
            return new BigInteger(1, address).shiftRight(others).equals(new BigInteger(1, start).shiftRight(others));
        }
    }

    /** Of IPv4. The last one is the platform's own address on machines of Azure. */
    private static final List<Network> SPECIAL = networks(
            "0.0.0.0/8",
            "10.0.0.0/8",
            "100.64.0.0/10",
            "127.0.0.0/8",
            "169.254.0.0/16",
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.31.196.0/24",
            "192.52.193.0/24",
            "192.88.99.0/24",
            "192.168.0.0/16",
            "192.175.48.0/24",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/4",
            "240.0.0.0/4",
            "168.63.129.16/32");
    /** What of IPv6 is given out to the public internet at all. */
    private static final Network GLOBAL = Network.of("2000::/3");
    /** Of it, what is not: Teredo and other protocols, examples, 6to4 with its IPv4 address inside. */
    private static final List<Network> SPECIAL_6 =
            networks("2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20");
    /** Where a network translates IPv4 addresses for machines that have IPv6 alone: the IPv4 address decides. */
    private static final Network NAT64 = Network.of("64:ff9b::/96");

    /** The last label of a host that every resolver takes for a number, as {@code 127.1} and {@code 0x7f000001}. */
    private static final Pattern NUMBER = Pattern.compile("(?:.*\\.)?(?:[0-9]+|0x[0-9a-f]*)");

    private static final String OCTET = "(?:0|[1-9][0-9]?|1[0-9][0-9]|2[0-4][0-9]|25[0-5])";
    private static final Pattern DOTTED = Pattern.compile("(?:%1$s\\.){3}%1$s".formatted(OCTET));
    private static final Pattern LOCAL_NAME = Pattern.compile("(?:.*\\.)?(?:localhost|local|internal)|[^.:]+");

    private static final int MOST_CHARACTERS = 2000;
    static final String REFUSED = "is not an address of the public internet (notify.allow-private-addresses)";

    private PublicAddress() {}

    /** Whether an address is one of the public internet. */
    public static boolean isPublic(InetAddress address) {
        var bytes = address.getAddress();
        if (!(address instanceof Inet6Address)) {
            return SPECIAL.stream().noneMatch(network -> network.has(bytes));
        }
        if (NAT64.has(bytes)) {
            var inside = Arrays.copyOfRange(bytes, 12, 16);
            return SPECIAL.stream().noneMatch(network -> network.has(inside));
        }
        return GLOBAL.has(bytes) && SPECIAL_6.stream().noneMatch(network -> network.has(bytes));
    }

    /**
     * Why a URL may not be called, as far as its text tells: whether its host is a name of a private address, only its
     * resolution does.
     *
     * @param isPrivateAllowed whether private addresses, and HTTP without TLS, are allowed
     * @return {@code null} when it may
     */
    public static String fault(String text, boolean isPrivateAllowed) {
        URI url;
        try {
            url = new URI(text);
        } catch (URISyntaxException e) {
            return "is no URL";
        }
        var scheme = String.valueOf(url.getScheme()).toLowerCase(Locale.ROOT);
        if (text.length() > MOST_CHARACTERS) {
            return "is longer than %d characters".formatted(MOST_CHARACTERS);
        }
        if (!scheme.equals("https") && !(isPrivateAllowed && scheme.equals("http"))) {
            return isPrivateAllowed ? "has to begin with https:// or http://" : "has to begin with https://";
        }
        if (url.getRawUserInfo() != null) {
            return "must not hold a user or a password";
        }
        if (url.getHost() == null || url.getPort() == 0 || url.getPort() > 65535) {
            return "names no host that could be called";
        }
        if (url.getRawFragment() != null) {
            return "must not have a part after #";
        }
        return isPrivateAllowed ? null : hostFault(url.getHost().toLowerCase(Locale.ROOT));
    }

    private static String hostFault(String host) {
        if (host.startsWith("[")) {
            return host.contains("%") || !isPublic(literal(host.substring(1, host.length() - 1))) ? REFUSED : null;
        }
        var name = host.replaceFirst("\\.$", "");
        if (NUMBER.matcher(name).matches()) {
            return DOTTED.matcher(name).matches() && isPublic(literal(name)) ? null : REFUSED;
        }
        return LOCAL_NAME.matcher(name).matches() ? REFUSED : null;
    }

    /** An address that is written as such: nobody is asked for it. */
    private static InetAddress literal(String text) {
        try {
            return InetAddress.getByName(text);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(text, e);
        }
    }

    private static List<Network> networks(String... texts) {
        return Stream.of(texts).map(Network::of).toList();
    }
}
