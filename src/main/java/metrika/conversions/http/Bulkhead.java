package metrika.conversions.http;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;

import metrika.conversions.problem.ProblemException;

/**
 * Threads for one kind of requests: where all of one kind hang, as in a database that does not answer, no other kind
 * waits for them. A request whose turn does not come in time is told so, whatever those before it are at.
 */
final class Bulkhead {

    /** A step of a request. */
    interface Step {
        void run() throws Exception;
    }

    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final String name;
    private final int size;
    private final Duration patience;
    private final WorkerExecutor threads;
    /** Requests that wait for a thread or have one. */
    private final AtomicInteger requests = new AtomicInteger();

    /**
     * @param size how many requests may block at the same moment
     * @param patience how long a request waits for its turn
     */
    Bulkhead(Vertx vertx, String name, int size, Duration patience) {
        this.name = name;
        this.size = size;
        this.patience = patience;
        threads = vertx.createSharedWorkerExecutor(name, size);
    }

    /**
     * Has a step of a request done that may block.
     *
     * @param context the request's
     * @return complete, in the request's context, when the step has ended; or failed: with what the step failed with,
     *     or with a 503 {@link ProblemException} when its turn did not come in time. The step is not begun any more
     *     then
     */
    Future<Void> run(Context context, Step step) {
        if (requests.incrementAndGet() <= size) {
            return threads.executeBlocking(() -> done(step), false); // one of the threads is free
        }
        var isDecided = new AtomicBoolean();
        var answer = Promise.<Void>promise();
        var late = context.owner().setTimer(patience.toMillis(), due -> {
            if (isDecided.compareAndSet(false, true)) {
                answer.fail(ProblemException.of(
                                503,
                                "No thread for requests of this kind (%s) was free for %d ms. Nothing was done: send "
                                                .formatted(name, patience.toMillis())
                                        + "the same request again")
                        .retryAfter(PAUSE));
            }
        });
        threads.executeBlocking(
                        () -> {
                            if (isDecided.compareAndSet(false, true)) {
                                context.owner().cancelTimer(late);
                                return done(step);
                            }
                            requests.decrementAndGet();
                            return null;
                        },
                        false)
                .onComplete(ended -> {
                    if (ended.succeeded()) {
                        answer.tryComplete();
                    } else {
                        answer.tryFail(ended.cause());
                    }
                });
        return answer.future();
    }

    private Void done(Step step) throws Exception {
        try {
            step.run();
        } finally {
            requests.decrementAndGet();
        }
        return null;
    }
}
