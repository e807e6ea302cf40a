package metrika.conversions.http;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.impl.RoutingContextInternal;

import metrika.conversions.problem.ProblemException;

/**
 * Reads a request's body into memory, within the limits: of one body, of all together, and of the time that it may
 * take. What is over a limit is refused when it shows: at the declared length, else at the byte that is too much.
 */
final class BodyLimitHandler implements Handler<RoutingContext> {

    private static final Duration FULL_PAUSE = Duration.ofSeconds(1);
    /** Bytes that a body is given room for at once, at the most, whatever it says that it is going to be. */
    private static final int MOST_AT_ONCE = 256 << 10;

    private final HttpLimits limits;
    /** Bytes of bodies that are held at the moment. */
    private final AtomicLong held = new AtomicLong();
    /** Those of unauthenticated callers: they leave room for the others. */
    private final AtomicLong heldOfUnknown = new AtomicLong();

    BodyLimitHandler(HttpLimits limits) {
        this.limits = limits;
    }

    @Override
    public void handle(RoutingContext context) {
        var request = context.request();
        var declared = declared(request.getHeader("Content-Length"));
        if (declared > limits.bodyBytes()) {
            context.fail(HttpLimits.bodyTooLarge(limits.bodyBytes()));
            return;
        }
        if (declared > limits.bodiesBytes() - held.get()
                || !HttpApiServer.isAuthenticated(context)
                        && declared > limits.unknownBodiesBytes() - heldOfUnknown.get()) {
            context.fail(full());
            return;
        }
        var expects = request.getHeader("Expect");
        if (expects != null && request.version() != HttpVersion.HTTP_1_0) {
            if (!expects.equalsIgnoreCase("100-continue")) {
                context.fail(ProblemException.of(417, "Expect is understood as 100-continue only"));
                return;
            }
            context.response().writeContinue();
        }
        ((RoutingContextInternal) context).visitHandler(RoutingContextInternal.BODY_HANDLER);
        new Reading(context, declared).begin();
    }

    private static long declared(String length) {
        // Netty has refused what is no number
        return length == null ? 0 : Long.parseLong(length.strip());
    }

    private static ProblemException full() {
        return ProblemException.of(503, "The server holds as many bodies as it has room for")
                .retryAfter(FULL_PAUSE);
    }

    /** One body on its way in. */
    private final class Reading {

        private final RoutingContext context;
        /** What it is given room for when its first bytes have come, so that it need not grow: of a known sender. */
        private final int declared;

        private final boolean isOfUnknown;
        private final long deadline;
        private boolean isOver;
        private Buffer body;
        /** Bytes that are counted for it: at least those that it has room for from the first. */
        private int reserved;

        Reading(RoutingContext context, long declared) {
            this.context = context;
            isOfUnknown = !HttpApiServer.isAuthenticated(context);
            this.declared = isOfUnknown ? 0 : (int) Math.min(declared, MOST_AT_ONCE);
            deadline = context.vertx()
                    .setTimer(
                            Math.max(1, limits.requestTime().toMillis()),
                            late -> end(ProblemException.of(
                                    408,
                                    "The body did not arrive within %d s (limits.request-time)"
                                            .formatted(limits.requestTime().toSeconds()))));
        }

        void begin() {
            // What is held is given back when the request is answered or its connection is gone, whichever comes first.
            context.addEndHandler(done -> {
                end(null);
                hold(-reserved);
            });
            context.request().exceptionHandler(broken -> end(null));
            context.request().handler(this::add);
            context.request().endHandler(read -> {
                if (!isOver) {
                    end(null);
                    ((RoutingContextInternal) context).setBody(body == null ? Buffer.buffer() : body);
                    context.next();
                }
            });
            context.request().resume();
        }

        private void add(Buffer part) {
            if (isOver) {
                return;
            }
            if (length() + part.length() > limits.bodyBytes()) {
                end(HttpLimits.bodyTooLarge(limits.bodyBytes()));
                return;
            }
            var more = Math.max(declared, length() + part.length()) - reserved;
            if (!hold(more)) {
                hold(-more);
                end(full());
                return;
            }
            reserved += more;
            if (body == null) {
                body = Buffer.buffer(reserved);
            }
            body.appendBuffer(part);
        }

        private int length() {
            return body == null ? 0 : body.length();
        }

        /** Whether there is room for so many bytes more. They are counted in any case. */
        private boolean hold(int bytes) {
            var isRoom = held.addAndGet(bytes) <= limits.bodiesBytes();
            return (!isOfUnknown || heldOfUnknown.addAndGet(bytes) <= limits.unknownBodiesBytes()) && isRoom;
        }

        private void end(ProblemException problem) {
            if (!isOver) {
                isOver = true;
                context.vertx().cancelTimer(deadline);
                if (problem != null) {
                    context.fail(problem);
                }
            }
        }
    }
}
