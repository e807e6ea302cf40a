package metrika.conversions.http;

import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.apache.camel.Exchange;
import org.apache.camel.spi.HeaderFilterStrategy;

/**
 * Lets through the headers that are named, and no other. Camel's own strategies name what they keep out, so that
 * whatever a component, a caller or Metrika adds travels on: back to the caller, out to Metrika.
 *
 * <p>What comes in by the query is no header, see {@link QueryParameters}. No name stands in both lists: then nothing
 * that a caller sends can be sent back to it.
 */
public final class HeaderAllowList implements HeaderFilterStrategy {

    /** What the product reads of the headers of a request. */
    private static final Set<String> OF_REQUESTS = lowerCase(Stream.of(
            "Authorization",
            "X-Webhook-Secret",
            "Idempotency-Key",
            "Content-Encoding",
            "webhook-id",
            "webhook-timestamp",
            "webhook-signature"));

    private static final String CAMEL = "Camel";

    private final Set<String> in;
    private final Set<String> out;

    private HeaderAllowList(Stream<String> in, Stream<String> out) {
        this.in = lowerCase(in);
        this.out = lowerCase(out);
    }

    /** For the HTTP API: what routes read of a request, and what a response may carry besides its content type. */
    public static HeaderAllowList ofApi() {
        return new HeaderAllowList(
                OF_REQUESTS.stream(),
                Stream.of("Retry-After", "WWW-Authenticate", "Content-Security-Policy", "Location"));
    }

    /** For the dashboard: what pages are asked for comes in; where to, and the session's cookie, goes out. */
    public static HeaderAllowList ofDashboard() {
        return new HeaderAllowList(
                Stream.of(
                        "after", "q", "days", "range", "source", "file", "webhook", "name", "state", "code", "since",
                        "until"),
                Stream.of("Location", "Set-Cookie", "Retry-After", "Refresh", "Content-Disposition"));
    }

    /**
     * For sources over HTTP: their parameters are read from the request itself, so that none of them becomes a header.
     */
    public static HeaderAllowList ofSources() {
        return new HeaderAllowList(Stream.of("Content-Encoding"), Stream.of("Retry-After"));
    }

    /** For calls to Metrika: its credentials out, its wish for a pause in. */
    public static HeaderAllowList ofMetrika() {
        return new HeaderAllowList(Stream.of("Retry-After"), Stream.of("Authorization"));
    }

    /**
     * For calls to sources that are asked: each has a header of its own for the credentials, so all that the step sets
     * goes out but Camel's own; in comes the wish for a pause.
     */
    public static HeaderFilterStrategy ofPulledSources() {
        var metrika = ofMetrika();
        return new HeaderFilterStrategy() {
            @Override
            public boolean applyFilterToExternalHeaders(String name, Object value, Exchange exchange) {
                return metrika.applyFilterToExternalHeaders(name, value, exchange);
            }

            @Override
            public boolean applyFilterToCamelHeaders(String name, Object value, Exchange exchange) {
                return name.regionMatches(true, 0, CAMEL, 0, CAMEL.length());
            }
        };
    }

    /**
     * Whether a name, in any case, is that of a header which means something here, so that no parameter may stand for
     * it.
     */
    static boolean isHeader(String name) {
        return OF_REQUESTS.contains(name.toLowerCase(Locale.ROOT));
    }

    @Override
    public boolean applyFilterToExternalHeaders(String name, Object value, Exchange exchange) {
        return !in.contains(name.toLowerCase(Locale.ROOT));
    }

    @Override
    public boolean applyFilterToCamelHeaders(String name, Object value, Exchange exchange) {
        return !out.contains(name.toLowerCase(Locale.ROOT));
    }

    private static Set<String> lowerCase(Stream<String> names) {
        return names.map(name -> name.toLowerCase(Locale.ROOT)).collect(Collectors.toUnmodifiableSet());
    }
}
