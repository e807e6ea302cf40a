package metrika.conversions.intake;

import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.sql.DataSource;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import metrika.conversions.auth.RateLimits;
import metrika.conversions.problem.ProblemException;

/**
 * Writes batches with their conversions: one statement, one round trip, committed before the caller goes on.
 *
 * <p>Requests that wait at the same moment are written together. No timer is needed for that: while one group commits,
 * the next one gathers. A request whose values the database refuses does not take its neighbours with it: the group is
 * then written one by one. So it is when the group waits for a lock, as that of another request with the same
 * idempotency key; a webhook that was found to be held is left out of groups until a request of its own has gone
 * through.
 */
public final class BatchWriter implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(BatchWriter.class);
    /**
     * Conversions of one statement, so that its arrays stay small: large ones have the garbage collector run on and on.
     */
    private static final int MAX_ROWS = 4000;
    /**
     * Memory for each conversion that may wait. One takes half a kilobyte, so those that wait take an eighth of all.
     */
    private static final int ROOM_BYTES = 4096;

    private static final int MIN_ROOM = 10_000;
    private static final int MAX_ROOM = 1_000_000;
    /** What a request waits for at the most: its caller is answered within ten seconds. */
    private static final Duration PATIENCE = Duration.ofSeconds(6);
    /** When a caller for whom there is no room is to come again. */
    private static final Duration FULL_PAUSE = Duration.ofSeconds(1);

    private static final Duration MEMORY_PAUSE = Duration.ofSeconds(5);

    private static final Set<String> AWAY = Set.of("08", "53", "57", "58");
    private static final String LOCK_NOT_AVAILABLE = "55P03";
    /** For how long the requests of a webhook that is held are told so at once. */
    private static final long HELD_NANOS = Duration.ofSeconds(1).toNanos();
    /** So many that wait for a lock, one after the other: it is not theirs, but that of a table. */
    private static final int MANY = 5;

    private final BatchInsert insert;
    private final LinkedBlockingQueue<WriteRequest> waiting = new LinkedBlockingQueue<>();
    private final int maxRoom;
    /** For the conversions that wait. Fair, so that a large request gets its turn among small ones. */
    private final Semaphore room;
    /**
     * Webhooks whose last request waited for a lock in vain, and until when, on the monotonic clock. The writer's own.
     */
    private final Map<UUID, Long> held = new HashMap<>();

    private final WriteTimeouts timeouts = new WriteTimeouts(waiting, PATIENCE);
    private final Thread thread = new Thread(this::run, "batch-writer");
    /**
     * What kept the last statement from being tried at all, such as a lack of memory; {@code null} when nothing did.
     */
    private volatile Error failure;

    private volatile boolean closed;
    private final WriterMetrics metrics;

    public BatchWriter(DataSource database, RateLimits limits) {
        this(database, limits, (int)
                Math.max(MIN_ROOM, Math.min(Runtime.getRuntime().maxMemory() / ROOM_BYTES, MAX_ROOM)));
    }

    /** @param room for so many conversions that wait */
    BatchWriter(DataSource database, RateLimits limits, int room) {
        insert = new BatchInsert(database, limits);
        maxRoom = room;
        this.room = new Semaphore(room, true);
        metrics = new WriterMetrics(() -> maxRoom - this.room.availablePermits());
        thread.setDaemon(true);
        thread.start();
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
        if (!thread.isAlive() && !closed) {
            return Optional.of("the thread that stores conversions has ended");
        }
        return Optional.ofNullable(failure).map(error -> "conversions cannot be stored: " + error);
    }

    @Override
    public void close() throws InterruptedException {
        closed = true;
        timeouts.close();
        thread.interrupt();
        thread.join(PATIENCE.toMillis());
    }

    private void run() {
        while (!closed) {
            try {
                var group = group(waiting.take());
                timeouts.writing(group);
                write(group);
                timeouts.writing(List.of());
            } catch (InterruptedException e) {
                // closed, as the condition then says: nothing waits any more once the routes have stopped
                Thread.currentThread().interrupt();
                return;
            } catch (Error e) { // out of memory in the midst of a group: its callers are told in time
                failed(e);
            }
        }
    }

    private List<WriteRequest> group(WriteRequest first) {
        var group = new ArrayList<WriteRequest>();
        group.add(first);
        var rows = first.rows();
        for (var next = waiting.peek(); next != null && rows + next.rows() <= MAX_ROWS; next = waiting.peek()) {
            if (waiting.remove(next)) {
                group.add(next);
                rows += next.rows();
            }
        }
        return group;
    }

    private void write(List<WriteRequest> group) {
        if (held.isEmpty()) {
            writeTogether(group);
            return;
        }
        var apart = group.stream()
                .filter(request -> held.containsKey(request.webhook()))
                .toList();
        writeTogether(group.stream()
                .filter(request -> !held.containsKey(request.webhook()))
                .toList());
        writeEach(apart);
    }

    private void writeTogether(List<WriteRequest> group) {
        if (group.isEmpty()) {
            return;
        }
        metrics.group(group.size());
        try {
            var outcomes = insert.write(group.stream().map(WriteRequest::batch).toList(), false);
            failure = null;
            group.forEach(request ->
                    request.outcome().complete(outcomes.get(request.batch().id())));
        } catch (SQLException e) {
            if (isAway(e) || group.size() == 1 && !isLock(e)) {
                group.forEach(request -> request.outcome().completeExceptionally(e));
            } else {
                writeEach(group);
            }
        } catch (RuntimeException | Error e) { // also out of memory: the callers learn it, this thread goes on
            if (group.size() > 1) {
                writeEach(group);
            } else {
                tell(group.get(0), e);
            }
        }
    }

    /** One by one. Requests that wait for a lock, each for its own, hold up the others little. */
    private void writeEach(List<WriteRequest> group) {
        var inARow = 0;
        SQLException last = null;
        for (var request : group) {
            if (inARow >= MANY) {
                request.outcome().completeExceptionally(last);
            } else if (held.getOrDefault(request.webhook(), System.nanoTime()) - System.nanoTime() > 0) {
                request.outcome()
                        .completeExceptionally(new SQLTimeoutException(
                                "what belongs to webhook %s was held a moment ago".formatted(request.webhook()),
                                LOCK_NOT_AVAILABLE));
            } else {
                try {
                    var outcomes = insert.write(List.of(request.batch()), true);
                    failure = null;
                    inARow = 0;
                    held.remove(request.webhook());
                    request.outcome().complete(outcomes.get(request.batch().id()));
                } catch (SQLException e) {
                    last = e;
                    if (isLock(e)) {
                        inARow++;
                        held.put(request.webhook(), System.nanoTime() + HELD_NANOS);
                    } else if (isAway(e)) {
                        inARow = MANY;
                    }
                    request.outcome().completeExceptionally(e);
                } catch (RuntimeException | Error e) {
                    tell(request, e);
                }
            }
        }
    }

    private void tell(WriteRequest request, Throwable e) {
        if (e instanceof Error error) {
            failed(error);
            request.outcome()
                    .completeExceptionally(ProblemException.of(
                                    503,
                                    "The server lacks memory or is broken, and nothing was "
                                            + "stored: send the same request again")
                            .retryAfter(MEMORY_PAUSE));
        } else {
            request.outcome().completeExceptionally(e);
        }
    }

    private void failed(Error e) {
        if (failure == null) {
            LOG.error("Conversions cannot be stored", e);
        }
        failure = e;
    }

    private static boolean isLock(SQLException failure) {
        return LOCK_NOT_AVAILABLE.equals(failure.getSQLState());
    }

    /**
     * Whether the trouble is the server's or the connection's, and no request's: a smaller group would fare no better.
     */
    private static boolean isAway(SQLException failure) {
        var state = failure.getSQLState();
        // 08 connection, 53 out of resources, 57 shut down or cancelled, 58 system error; none at all: no connection
        return state == null || AWAY.stream().anyMatch(state::startsWith);
    }
}
