package metrika.conversions.access;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;

import io.vertx.core.Handler;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import metrika.conversions.web.Json;
import metrika.conversions.web.Problem;

/**
 * Turns away at the door who is surely not to be let in, before the body is read and a worker is taken: a flood of wrong
 * secrets does not stand in the way of the right one. Who cannot be judged from memory goes on, and is judged by
 * {@link Access}; so is who signs, since that takes the body.
 *
 * <p>All strangers together are answered at a pace, each in turn: whoever floods waits, without a thread, and the machine
 * is there for the others.
 */
public final class Strangers implements Handler<RoutingContext> {

    /** What only senders call. */
    private static final Pattern PATH = Pattern.compile("/webhook/offline-conversions/([^/]+)(/status)?");
    private static final Problem PROBLEM = Webhooks.notLetIn();
    private static final String BODY = Json.write(PROBLEM.document());

    /** Between two answers: five hundred a second cost a core's twentieth. */
    private static final long PACE_NANOS = Duration.ofMillis(2).toNanos();
    /** What no stranger is kept waiting beyond. */
    private static final long MOST_NANOS = Duration.ofSeconds(5).toNanos();

    private final Access access;
    /** When the next one is answered at the earliest, on the monotonic clock. */
    private final AtomicLong next = new AtomicLong(System.nanoTime());

    public Strangers(Access access) {
        this.access = access;
    }

    @Override
    public void handle(RoutingContext context) {
        var request = context.request();
        var path = PATH.matcher(String.valueOf(request.path())); // as it came: what is not read as a path is judged further on
        var isForSenders = path.matches() && request.method().equals(path.group(2) == null ? HttpMethod.POST : HttpMethod.GET);
        if (isForSenders && access.isStranger(path.group(1), request)) {
            var millis = TimeUnit.NANOSECONDS.toMillis(pause(System.nanoTime()));
            if (millis == 0) {
                turnAway(context);
            } else {
                context.vertx().setTimer(millis, due -> turnAway(context));
            }
        } else {
            context.next();
        }
    }

    private long pause(long now) {
        var mine = next.getAndUpdate(turn -> Math.max(turn - now, 0) + now + PACE_NANOS);
        return Math.min(Math.max(mine - now, 0), MOST_NANOS);
    }

    private static void turnAway(RoutingContext context) {
        var response = context.response();
        if (!response.closed() && !response.ended()) {
            response.setStatusCode(PROBLEM.status()).putHeader("Content-Type", Problem.MEDIA_TYPE).setChunked(true).end(BODY);
        }
    }
}
