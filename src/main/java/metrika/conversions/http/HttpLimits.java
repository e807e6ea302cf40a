package metrika.conversions.http;

import java.time.Duration;

import metrika.conversions.problem.ProblemException;
import metrika.conversions.settings.SettingException;
import metrika.conversions.settings.Settings;

/**
 * What a caller may use up before it is known who it is: the settings {@code limits.*} of the HTTP server.
 *
 * @param bodyBytes of one body, as sent
 * @param bodiesBytes of all bodies that are held in memory at a moment
 * @param urlBytes of the request line
 * @param headerBytes of a request's headers together
 * @param headers of one request
 * @param requestTime for a request to arrive, its head and then its body, and for its answer to be taken
 * @param idleTime for a connection on which nothing is answered
 * @param connections that are open at a moment
 */
public record HttpLimits(
        long bodyBytes,
        long bodiesBytes,
        int urlBytes,
        int headerBytes,
        int headers,
        Duration requestTime,
        Duration idleTime,
        int connections) {

    /** A quarter of the heap is left to bodies when nothing else is said. */
    private static final int SHARE = 4;
    /** The part of all bodies that may belong to unauthenticated callers. */
    private static final int UNKNOWN_SHARE = 4;

    /** @throws SettingException when one of them is not what it should be */
    public static HttpLimits of(Settings settings) {
        var body = settings.number("limits.body-bytes", 1, 1L << 30);
        var bodies = settings.find("limits.bodies-bytes") == null
                ? Math.max(body, Runtime.getRuntime().maxMemory() / SHARE)
                : settings.number("limits.bodies-bytes", body, Long.MAX_VALUE);
        var requestTime = settings.duration("limits.request-time");
        var idleTime = settings.duration("limits.idle-time");
        if (requestTime.isZero() || idleTime.compareTo(requestTime) < 0) {
            throw new SettingException(
                    "limits.request-time is %s and limits.idle-time %s: the first has to be above zero, the second "
                                    .formatted(requestTime, idleTime)
                            + "not shorter than it, or it would cut slow requests off unanswered");
        }
        return new HttpLimits(
                body,
                bodies,
                (int) settings.number("limits.url-bytes", 256, 1 << 20),
                (int) settings.number("limits.header-bytes", 256, 1 << 20),
                (int) settings.number("limits.headers", 8, 10_000),
                requestTime,
                idleTime,
                (int) settings.number("limits.connections", 1, 1_000_000));
    }

    /** Of all bodies of callers who cannot be judged before theirs is read: a part, and one body at the least. */
    long unknownBodiesBytes() {
        return Math.max(bodyBytes, bodiesBytes / UNKNOWN_SHARE);
    }

    /** The problem of a body that is larger, as sent or unpacked, than {@code limits.body-bytes}. */
    public static ProblemException bodyTooLarge(long bodyBytes) {
        return ProblemException.of(
                413,
                "The body is larger than %d bytes (limits.body-bytes): send it in several requests"
                        .formatted(bodyBytes));
    }
}
