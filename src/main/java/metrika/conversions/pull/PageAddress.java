package metrika.conversions.pull;

import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The address of a page of a source, and how an address is shown. */
final class PageAddress {

    private static final String CURSOR = "{cursor}";
    static final String PAGE = "{page}";
    private static final String ABSOLUTE = "(?s)https?://.*";
    /** What stands in an address as a person writes it, and has to be encoded. */
    private static final Pattern UNSAFE = Pattern.compile("[^A-Za-z0-9\\-._~:/?#@!$&'()*+,;=%]");
    /** A part of a path that may be a key, as in the address of a webhook. */
    private static final Pattern SECRET = Pattern.compile(".*[^._-]{16,}.*|(?=.*\\d).{6,}");

    private PageAddress() {}

    /**
     * The address of a page.
     *
     * @param template with {@code {cursor}}, {@code {page}} and {@code {offset}}
     * @param page what the source says of the page, or its number; {@code null} at the first one, which may have a name
     *     too
     * @throws PullException when the page lies on another server: it would get our credentials
     */
    static String of(String template, String cursor, String page, PageCount count) {
        if (page != null && isAbsolute(page)) {
            return encodeUnsafe(sameServer(page, template));
        }
        var name = page == null ? count.firstPage() : page;
        var paged =
                template.contains(PageCount.OFFSET) ? template.replace(PageCount.OFFSET, count.offset(page)) : template;
        var filled = name.isBlank() ? withoutPage(paged).replace(PAGE, "1") : paged.replace(PAGE, encode(name));
        return encodeUnsafe(filled.replace(CURSOR, encode(cursor)));
    }

    /** Whether what a source says of its next page is an address. */
    static boolean isAbsolute(String page) {
        return page.matches(ABSOLUTE);
    }

    /** Without the parameter that would hold the page. */
    private static String withoutPage(String template) {
        var begin = template.indexOf('?');
        if (begin < 0) {
            return template;
        }
        var kept = Arrays.stream(template.substring(begin + 1).split("&"))
                .filter(parameter -> !parameter.contains(PAGE))
                .collect(Collectors.joining("&"));
        return template.substring(0, begin) + (kept.isEmpty() ? "" : "?" + kept);
    }

    private static String sameServer(String next, String template) {
        var one = server(next);
        var other = server(template);
        if (!one.equals(other)) {
            throw new PullException("its next page lies on another server, %s: only %s is asked".formatted(one, other));
        }
        return next;
    }

    private static String server(String address) {
        var uri = URI.create(address.replaceAll("(?s)(https?://[^/?#]*).*", "$1"));
        return uri.getScheme() + "://" + uri.getAuthority();
    }

    /**
     * An address as the log may have it: without its user, its query, and parts of its path that may be keys, which are
     * long words or have digits in them.
     */
    static String shown(String address) {
        var parts = address.replaceFirst("(?s)[?#].*", "").split("/", 4);
        var start = Stream.of(parts).limit(3).collect(Collectors.joining("/")).replaceFirst("//[^/]*@", "//");
        return parts.length < 4
                ? start
                : start + "/"
                        + Arrays.stream(parts[3].split("/", -1))
                                .map(part -> SECRET.matcher(part).matches() ? "***" : part)
                                .collect(Collectors.joining("/"));
    }

    static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    static String encodeUnsafe(String address) {
        return UNSAFE.matcher(address).replaceAll(sign -> encode(sign.group()));
    }
}
