package metrika.conversions.http;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;

import metrika.conversions.http.hardening.StrictHttpDecoder;
import metrika.conversions.problem.ProblemException;

/**
 * What a request has to be before anything else looks at it: HTTP that all who stand on its way read in the same way.
 */
final class RequestPolicy {

    /** Headers that two parties on a request's way may take another value of, in whatever case. */
    private static final Set<String> ONCE = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);

    static {
        ONCE.addAll(List.of(
                "Authorization",
                "Content-Encoding",
                "Content-Type",
                "Idempotency-Key",
                "X-Webhook-Secret",
                "webhook-id",
                "webhook-timestamp",
                "webhook-signature"));
    }

    private final HttpLimits limits;

    RequestPolicy(HttpLimits limits) {
        this.limits = limits;
    }

    /**
     * What servers on the way of a request may read in different ways, too much of it, or what names no place here;
     * {@code null} if there is nothing.
     */
    ProblemException violation(HttpServerRequest request) {
        var encoding = request.headers().getAll("Transfer-Encoding");
        var path = request.path();
        if (request.uri() != null && request.uri().length() > limits.urlBytes()) {
            return tooLong(); // of HTTP/1 the decoder sees to it
        }
        var headers = request.headers().entries();
        if (headers.size() > limits.headers()) {
            return ProblemException.of(
                    431, "The request has more than %d headers (limits.headers)".formatted(limits.headers()));
        }
        var repeated = repeated(headers);
        if (repeated != null) {
            return ProblemException.of(
                    400, repeated + " is given more than once: which of them is meant, nobody can tell");
        }
        if (!encoding.isEmpty()
                && (encoding.size() > 1
                        || !encoding.get(0).equalsIgnoreCase("chunked")
                        || request.version() == HttpVersion.HTTP_1_0)) {
            return ProblemException.of(400, "The body's Transfer-Encoding can be chunked only, and in HTTP/1.1");
        }
        if (request.version() == HttpVersion.HTTP_1_1
                        && request.headers().getAll("Host").size() != 1
                || request.authority() == null
                        && (request.version() != HttpVersion.HTTP_1_0
                                || request.headers().contains("Host"))) {
            return ProblemException.of(400, "The request needs one Host header, a name with or without a port");
        }
        return path == null || !path.startsWith("/")
                ? ProblemException.of(400, "The request line has to name a path that begins with /")
                : null;
    }

    /** A header that says one thing, and stands there twice; {@code null} if there is none. */
    private static String repeated(List<Map.Entry<String, String>> headers) {
        for (int i = 1; i < headers.size(); i++) {
            var name = headers.get(i).getKey();
            for (int before = 0; before < i; before++) {
                if (name.equalsIgnoreCase(headers.get(before).getKey()) && ONCE.contains(name)) {
                    return name;
                }
            }
        }
        return null;
    }

    /** Why a request could not be read: what is not HTTP, or more of it than is taken. */
    ProblemException complaintOfUnreadable(HttpServerRequest request) {
        var cause = request.decoderResult().cause();
        return cause instanceof TooLongHttpLineException
                ? tooLong()
                : cause instanceof TooLongHttpHeaderException
                        ? ProblemException.of(
                                431,
                                "The request's headers are larger than %d bytes (limits.header-bytes)"
                                        .formatted(limits.headerBytes()))
                        : cause instanceof StrictHttpDecoder.OtherVersionException
                                ? ProblemException.of(
                                        505,
                                        "The request line has to end in HTTP/1.1 or HTTP/1.0: no other version"
                                                + " is supported")
                                : cause instanceof StrictHttpDecoder.FoldedHeaderException
                                        ? ProblemException.of(
                                                400, "The request is not HTTP: a header goes on on the next line")
                                        : ProblemException.of(400, "The request is not HTTP");
    }

    private ProblemException tooLong() {
        return ProblemException.of(
                414, "The request line is longer than %d bytes (limits.url-bytes)".formatted(limits.urlBytes()));
    }

    /** Has everyone after this see a Content-Type written in one way. */
    static void readContentType(RoutingContext context) {
        var request = context.request();
        var given = request.getHeader("Content-Type");
        if (given != null && !given.equals("application/json") && !given.regionMatches(true, 0, "multipart/", 0, 10)) {
            try {
                request.headers().set("Content-Type", ContentType.parse(given).text());
            } catch (ProblemException e) {
                if (!request.method().equals(HttpMethod.GET) && !given.isBlank()) {
                    context.fail(e);
                    return;
                }
                request.headers().remove("Content-Type"); // of no body
            }
        }
        context.next();
    }
}
