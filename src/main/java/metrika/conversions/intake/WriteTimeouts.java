package metrika.conversions.intake;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Ends the waiting of requests that the database has kept for too long. All are looked through ten times a second: a
 * timer of its own for each request costs more than all else that it waits for.
 */
final class WriteTimeouts implements AutoCloseable {

    private static final long LOOK_MILLIS = 100;

    private final Duration limit;
    /** Those that no statement has been begun for, the oldest first. */
    private final Queue<WriteRequest> waiting;
    /** Those of the statements that are on their way, by the thread that waits for each. */
    private final Map<Thread, List<WriteRequest>> written = new ConcurrentHashMap<>();

    private final ScheduledExecutorService looks = Executors.newSingleThreadScheduledExecutor(task -> {
        var thread = new Thread(task, "batch-writer-timeouts");
        thread.setDaemon(true);
        return thread;
    });

    /**
     * @param waiting the oldest first
     * @param limit how long one waits at the most
     */
    WriteTimeouts(Queue<WriteRequest> waiting, Duration limit) {
        this.waiting = waiting;
        this.limit = limit;
        looks.scheduleWithFixedDelay(this::look, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** Takes note of the requests that this thread writes from now on. */
    void writing(List<WriteRequest> requests) {
        written.put(Thread.currentThread(), requests);
    }

    private void look() {
        var latest = System.nanoTime() - limit.toNanos();
        written.values().forEach(group -> group.forEach(request -> endIfBefore(latest, request)));
        for (var request : waiting) {
            if (!endIfBefore(latest, request)) {
                return;
            }
        }
    }

    private static boolean endIfBefore(long latest, WriteRequest request) {
        var isLate = request.since() - latest < 0;
        if (isLate) {
            request.outcome().completeExceptionally(new TimeoutException());
        }
        return isLate;
    }

    @Override
    public void close() {
        looks.shutdownNow();
    }
}
