package metrika.conversions.http;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

import io.vertx.core.http.HttpServerRequest;
import org.apache.camel.Exchange;
import org.apache.camel.component.platform.http.vertx.HttpMessage;

import metrika.conversions.settings.SettingException;
import metrika.conversions.settings.Settings;

/**
 * Where a request comes from. What a proxy says of it counts only when the proxy is one of
 * {@code http.trusted-proxies}: from anyone else the same headers are only what the caller says of itself.
 *
 * <p>One kind of header is read, that of {@code http.proxy-headers}: a proxy that writes the one kind passes the other
 * on as the caller sent it.
 */
public final class TrustedProxies {

    /** An address as headers give it: IPv4, IPv6, either with a port, the latter then in brackets. Never a name. */
    private static final Pattern ADDRESS =
            Pattern.compile("([0-9]{1,3}(?:\\.[0-9]{1,3}){3})(?::[0-9]{1,5})?|\\[([0-9A-Fa-f:.]{2,45})](?::[0-9]{1,5})?"
                    + "|([0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)");

    /** What proxies add, be they trusted or not. */
    private static final List<String> FORWARDING =
            List.of("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Via");

    private final List<Network> trusted = new ArrayList<>();
    private final boolean isForwarded;

    /** @throws SettingException when the setting holds something else than addresses and networks */
    public TrustedProxies(Settings settings) {
        var networks = settings.find("http.trusted-proxies");
        if (networks != null) {
            for (var network : networks.split("[,\\s]+")) {
                trusted.add(Network.of(network));
            }
        }
        var headers = settings.text("http.proxy-headers");
        isForwarded = headers.equals("forwarded");
        if (!isForwarded && !headers.equals("x-forwarded")) {
            throw new SettingException(
                    "http.proxy-headers is '%s': x-forwarded or forwarded is expected".formatted(headers));
        }
    }

    /** The address that a request being worked on comes from, as text without a port. */
    public String from(Exchange exchange) {
        var message = exchange.getMessage(HttpMessage.class);
        return message == null ? "" : from(message.getRequest());
    }

    /** Whether a request comes from this machine, and through no proxy, as far as proxies say so. */
    public boolean isLocal(HttpServerRequest request) {
        var address = request.remoteAddress() == null
                ? null
                : parse(request.remoteAddress().hostAddress());
        return address != null
                && address.isLoopbackAddress()
                && FORWARDING.stream().noneMatch(request.headers()::contains);
    }

    /** The address of the caller: the last in the chain of proxies that is not itself a trusted one. */
    public String from(HttpServerRequest request) {
        if (trusted.isEmpty() && request.remoteAddress() != null) {
            return request.remoteAddress().hostAddress();
        }
        var address = request.remoteAddress() == null
                ? null
                : parse(request.remoteAddress().hostAddress());
        if (address == null) {
            return "";
        }
        var chain = chain(request);
        for (int i = chain.size() - 1; i >= 0 && isTrusted(address); i--) {
            var before = parse(chain.get(i));
            if (before == null) {
                break;
            }
            address = before;
        }
        return address.getHostAddress();
    }

    /** Whether the caller came by TLS, to this server or to the trusted proxy in front of it. */
    public boolean isSecure(HttpServerRequest request) {
        if (request.isSSL() || trusted.isEmpty()) {
            return request.isSSL();
        }
        var address = request.remoteAddress() == null
                ? null
                : parse(request.remoteAddress().hostAddress());
        if (address == null || !isTrusted(address)) {
            return false;
        }
        var protocols = isForwarded ? parameters(request, "proto") : values(request, "X-Forwarded-Proto");
        return !protocols.isEmpty() && protocols.get(protocols.size() - 1).equalsIgnoreCase("https");
    }

    private boolean isTrusted(InetAddress address) {
        return trusted.stream().anyMatch(network -> network.contains(address));
    }

    private List<String> chain(HttpServerRequest request) {
        return isForwarded ? parameters(request, "for") : values(request, "X-Forwarded-For");
    }

    private static List<String> values(HttpServerRequest request, String header) {
        var values = new ArrayList<String>();
        for (var line : request.headers().getAll(header)) {
            for (var value : line.split(",", -1)) {
                values.add(value.strip());
            }
        }
        return values;
    }

    /** A parameter of each element of the Forwarded headers (RFC 7239); empty where an element has none. */
    private static List<String> parameters(HttpServerRequest request, String name) {
        var found = new ArrayList<String>();
        for (var element : values(request, "Forwarded")) {
            var value = "";
            for (var pair : element.split(";")) {
                var equals = pair.indexOf('=');
                if (equals > 0
                        && pair.substring(0, equals)
                                .strip()
                                .toLowerCase(Locale.ROOT)
                                .equals(name)) {
                    value = pair.substring(equals + 1).strip().replace("\"", "");
                }
            }
            found.add(value);
        }
        return found;
    }

    private static InetAddress parse(String text) {
        var match = ADDRESS.matcher(text);
        if (!match.matches()) {
            return null;
        }
        try {
            var address =
                    match.group(1) != null ? match.group(1) : match.group(2) != null ? match.group(2) : match.group(3);
            return InetAddress.getByName(address);
        } catch (UnknownHostException e) {
            return null; // digits and colons that are no address: what a proxy does not know it does not write
        }
    }

    /** An address, or all that begin with the same bits. */
    private record Network(byte[] address, int bits) {

        static Network of(String text) {
            var slash = text.indexOf('/');
            var address = parse(slash < 0 ? text : text.substring(0, slash));
            if (address != null) {
                var max = 8 * address.getAddress().length;
                if (slash < 0) {
                    return new Network(address.getAddress(), max);
                }
                var bits = text.substring(slash + 1);
                if (bits.matches("[0-9]{1,3}") && Integer.parseInt(bits) <= max) {
                    return new Network(address.getAddress(), Integer.parseInt(bits));
                }
            }
            throw new SettingException(
                    "http.trusted-proxies has '%s': addresses and networks are expected, such as 10.0.0.7, "
                                    .formatted(text)
                            + "10.0.0.0/8 or fd00::/8");
        }

        boolean contains(InetAddress other) {
            var bytes = other.getAddress();
            if (bytes.length != address.length) {
                return false;
            }
            for (int i = 0; i < bits; i++) {
                if (((bytes[i / 8] ^ address[i / 8]) >> (7 - i % 8) & 1) != 0) {
                    return false;
                }
            }
            return true;
        }
    }
}
