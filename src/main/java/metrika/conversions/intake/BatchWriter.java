package metrika.conversions.intake;

import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.sql.DataSource;

import metrika.conversions.auth.RateLimits;
import metrika.conversions.problem.ProblemException;

/**
 * Writes batches with their conversions: one statement, one round trip, committed before the caller goes on.
 *
 * <p>Requests that wait at the same moment are written together. No timer is needed for that: while one group commits,
 * the next one gathers. Large requests would make a queue of that, with the database on one processor: where there is a
 * backlog, a second group is written at the same time, on a connection of its own.
 */
public final class BatchWriter implements AutoCloseable {

    /** Memory for each conversion that may wait, of which one takes a twentieth. */
    private static final int ROOM_BYTES = 4096;

    private static final int MIN_ROOM = 10_000;
    private static final int MAX_ROOM = 1_000_000;
    /** What a request waits for at the most: its caller is answered within ten seconds. */
    private static final Duration PATIENCE = Duration.ofSeconds(6);
    /** When a caller for whom there is no room is to come again. */
    private static final Duration FULL_PAUSE = Duration.ofSeconds(1);

    private final WriteQueue waiting = new WriteQueue();
    private final int maxRoom;
    /** For the conversions that wait. Fair, so that a large request gets its turn among small ones. */
    private final Semaphore room;

    private final WriterMetrics metrics;
    private final GroupWriter writer;
    private final WriteTimeouts timeouts = new WriteTimeouts(waiting.requests(), PATIENCE);
    private final List<Thread> threads = List.of(
            new Thread(() -> run(waiting::take, true), "batch-writer"),
            new Thread(() -> run(waiting::takeOfBacklog, false), "batch-writer-2"));
    private volatile boolean closed;

    /** Where a thread gets its next group. */
    private interface Groups {
        List<WriteRequest> take() throws InterruptedException;
    }

    public BatchWriter(DataSource database, RateLimits limits) {
        this(database, limits, (int)
                Math.max(MIN_ROOM, Math.min(Runtime.getRuntime().maxMemory() / ROOM_BYTES, MAX_ROOM)));
    }

    /** @param room for so many conversions that wait */
    BatchWriter(DataSource database, RateLimits limits, int room) {
        maxRoom = room;
        this.room = new Semaphore(room, true);
        metrics = new WriterMetrics(() -> maxRoom - this.room.availablePermits());
        writer = new GroupWriter(database, limits, metrics);
        threads.forEach(thread -> {
            thread.setDaemon(true);
            thread.start();
        });
    }

    /**
     * Has a batch written. No caller is kept waiting for room: when so many conversions wait already that more would
     * take too much memory, it is told so at once. What has no caller (its {@code requestsInWindow} is {@code null})
     * waits on its own thread. What depends on the batch is not to be done on the thread that completes it.
     *
     * @return complete when it is committed, or is not going to be: with {@link SQLException} when the database is away
     *     or refuses it, or a 503 {@link ProblemException}; then it is not stored, unless the connection broke while it
     *     was being committed
     */
    CompletableFuture<WriteResult> write(NewBatch batch) throws InterruptedException {
        var request = new WriteRequest(batch);
        var taken = Math.min(request.rows(), maxRoom); // one that is larger than all the room has to be written too
        if (!room.tryAcquire(taken, batch.requestsInWindow() == null ? PATIENCE.toNanos() : 0, TimeUnit.NANOSECONDS)) {
            return CompletableFuture.failedFuture(ProblemException.of(
                            503,
                            "More conversions wait to be stored than there is room for. "
                                    + "Nothing was stored: send the same request again")
                    .retryAfter(FULL_PAUSE));
        }
        waiting.add(request);
        return request.outcome().handle((outcome, failure) -> {
            room.release(taken);
            metrics.waited(System.nanoTime() - request.since());
            if (failure instanceof TimeoutException) {
                waiting.remove(request);
                throw new CompletionException(noAnswer());
            }
            if (failure != null) {
                throw new CompletionException(failure);
            }
            return outcome;
        });
    }

    private static SQLException noAnswer() {
        return new SQLTransientConnectionException("no answer from the database within " + PATIENCE.toSeconds() + " s");
    }

    /** Why nothing can be stored whatever the database does, if that is so. */
    Optional<String> trouble() {
        if (!closed && !threads.stream().allMatch(Thread::isAlive)) {
            return Optional.of("a thread that stores conversions has ended");
        }
        return writer.trouble();
    }

    @Override
    public void close() throws InterruptedException {
        closed = true;
        timeouts.close();
        threads.forEach(Thread::interrupt);
        for (var thread : threads) {
            thread.join(PATIENCE.toMillis());
        }
    }

    private void run(Groups groups, boolean isCounting) {
        while (!closed) {
            try {
                var group = groups.take();
                timeouts.writing(group);
                writer.write(group, isCounting);
                timeouts.writing(List.of());
            } catch (InterruptedException e) {
                // closed, as the condition then says: nothing waits any more once the routes have stopped
                Thread.currentThread().interrupt();
                return;
            } catch (Error e) { // out of memory in the midst of a group: its callers are told in time
                writer.failed(e);
            }
        }
    }
}
