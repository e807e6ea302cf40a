package metrika.conversions.problem;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import io.netty.handler.codec.http.HttpResponseStatus;

/**
 * An answer that is an error, as a problem document of RFC 9457. Thrown where the error is found; the route
 * configuration {@code on-error-api} turns it into the response. It carries no stack trace: it is an answer, not a
 * fault of ours.
 */
public final class ProblemException extends RuntimeException implements HasProblem {

    /** The media type of every error. */
    public static final String MEDIA_TYPE = "application/problem+json";

    private static final long serialVersionUID = 1L;

    private final int status;
    private final transient List<? extends Map<String, ?>> errors;
    private final transient Map<String, String> headers = new LinkedHashMap<>();

    private ProblemException(int status, String detail, List<? extends Map<String, ?>> errors) {
        super(detail, null, false, false);
        this.status = status;
        this.errors = errors;
    }

    /** A problem that its detail says all about. */
    public static ProblemException of(int status, String detail) {
        return new ProblemException(status, detail, List.of());
    }

    /** A problem with a list of what is wrong, each with {@code code}, {@code message} and where it is. */
    public static ProblemException of(int status, String detail, List<? extends Map<String, ?>> errors) {
        return new ProblemException(status, detail, List.copyOf(errors));
    }

    /** For a caller that should come again: adds {@code Retry-After}, in whole seconds, at least one. */
    public ProblemException retryAfter(Duration pause) {
        headers.put(
                "Retry-After", String.valueOf(Math.max(1, pause.plusMillis(999).toSeconds())));
        return this;
    }

    /** Adds a response header. */
    public ProblemException header(String name, String value) {
        headers.put(name, value);
        return this;
    }

    @Override
    public ProblemException problem() {
        return this;
    }

    public int status() {
        return status;
    }

    public Map<String, String> headers() {
        return headers;
    }

    /** The status in the words of RFC 9110, which are newer than the library's. */
    private String title() {
        return status == 413
                ? "Content Too Large"
                : status == 414
                        ? "URI Too Long"
                        : HttpResponseStatus.valueOf(status).reasonPhrase();
    }

    /** The members of the document, in the order in which they are written. */
    public Map<String, Object> document() {
        var document = new LinkedHashMap<String, Object>();
        document.put("type", "about:blank");
        document.put("title", title());
        document.put("status", status);
        document.put("detail", getMessage());
        if (!errors.isEmpty()) {
            document.put("errors", errors);
        }
        return document;
    }
}
