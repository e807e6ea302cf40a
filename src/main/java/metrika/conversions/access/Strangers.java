package metrika.conversions.access;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.regex.Pattern;

import io.vertx.core.Handler;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
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
    /** Where sources are, by their names. */
    private static final Pattern SOURCE = Pattern.compile("/inbound/([^/]+)/([^/]+)");

    /** Between two answers: five hundred a second cost a core's twentieth. */
    private static final long PACE_NANOS = Duration.ofMillis(2).toNanos();
    /** What no stranger is kept waiting beyond. */
    private static final long MOST_NANOS = Duration.ofSeconds(5).toNanos();

    private final Access access;
    private final Predicate<String> isSource;
    /** When the next one is answered at the earliest, on the monotonic clock. */
    private final AtomicLong next = new AtomicLong(System.nanoTime());

    /** @param isSource whether a source of that name is switched on */
    public Strangers(Access access, Predicate<String> isSource) {
        this.access = access;
        this.isSource = isSource;
    }

    @Override
    public void handle(RoutingContext context) {
        var problem = refusal(context.request());
        if (problem == null) {
            context.next();
            return;
        }
        var millis = TimeUnit.NANOSECONDS.toMillis(pause(System.nanoTime()));
        if (millis == 0) {
            turnAway(context, problem);
        } else {
            context.vertx().setTimer(millis, due -> turnAway(context, problem));
        }
    }

    /** @return {@code null} for who is not surely a stranger */
    private Problem refusal(HttpServerRequest request) {
        var path = String.valueOf(request.path()); // as it came: what is not read as a path is judged further on
        var method = request.method();
        var sender = PATH.matcher(path);
        if (sender.matches()) {
            return method.equals(sender.group(2) == null ? HttpMethod.POST : HttpMethod.GET)
                    && access.isStranger(sender.group(1), request) ? Webhooks.notLetIn() : null;
        }
        var source = SOURCE.matcher(path);
        return source.matches() && (method.equals(HttpMethod.POST) || method.equals(HttpMethod.GET)) && isSource.test(source.group(1))
                && access.isStrangerToSources(source.group(2), request) ? Webhooks.sourceNotLetIn() : null;
    }

    private long pause(long now) {
        var mine = next.getAndUpdate(turn -> Math.max(turn - now, 0) + now + PACE_NANOS);
        return Math.min(Math.max(mine - now, 0), MOST_NANOS);
    }

    private static void turnAway(RoutingContext context, Problem problem) {
        var response = context.response();
        if (!response.closed() && !response.ended()) {
            response.setStatusCode(problem.status()).putHeader("Content-Type", Problem.MEDIA_TYPE).setChunked(true)
                    .end(Json.write(problem.document()));
        }
    }
}
