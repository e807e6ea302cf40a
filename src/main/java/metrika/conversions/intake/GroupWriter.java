package metrika.conversions.intake;

import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import javax.sql.DataSource;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import metrika.conversions.auth.RateLimits;
import metrika.conversions.problem.ProblemException;

/**
 * Writes groups of requests. A request whose values the database refuses does not take its neighbours with it: the
 * group is then written one by one. So it is when the group waits for a lock, as that of another request with the same
 * idempotency key; a webhook that was found to be held is left out of groups until a request of its own has gone
 * through.
 */
final class GroupWriter {

    private static final Logger LOG = LoggerFactory.getLogger(GroupWriter.class);
    private static final Duration MEMORY_PAUSE = Duration.ofSeconds(5);
    private static final Set<String> AWAY = Set.of("08", "53", "57", "58");
    private static final String LOCK_NOT_AVAILABLE = "55P03";
    /** For how long the requests of a webhook that is held are told so at once. */
    private static final long HELD_NANOS = Duration.ofSeconds(1).toNanos();
    /** So many that wait for a lock, one after the other: it is not theirs, but that of a table. */
    private static final int MANY = 5;

    private final BatchInsert insert;
    private final WriterMetrics metrics;
    /** Webhooks whose last request waited for a lock in vain, and until when, on the monotonic clock. */
    private final Map<UUID, Long> held = new ConcurrentHashMap<>();
    /**
     * What kept the last statement from being tried at all, such as a lack of memory; {@code null} when nothing did.
     */
    private volatile Error failure;

    GroupWriter(DataSource database, RateLimits limits, WriterMetrics metrics) {
        insert = new BatchInsert(database, limits);
        this.metrics = metrics;
    }

    /** Why nothing can be stored whatever the database does, if that is so. */
    Optional<String> trouble() {
        return Optional.ofNullable(failure).map(error -> "conversions cannot be stored: " + error);
    }

    /**
     * Writes requests, and completes their outcomes.
     *
     * @param isCounting whether the statement also tells the database what this process has counted against the limits:
     *     of several statements at the same moment one does, since they would wait for each other's rows
     */
    void write(List<WriteRequest> group, boolean isCounting) {
        if (held.isEmpty()) {
            writeTogether(group, isCounting);
            return;
        }
        var apart = group.stream()
                .filter(request -> held.containsKey(request.webhook()))
                .toList();
        writeTogether(
                group.stream()
                        .filter(request -> !held.containsKey(request.webhook()))
                        .toList(),
                isCounting);
        writeEach(apart, isCounting);
    }

    private void writeTogether(List<WriteRequest> group, boolean isCounting) {
        if (group.isEmpty()) {
            return;
        }
        metrics.group(group.size());
        try {
            var outcomes = insert.write(group.stream().map(WriteRequest::batch).toList(), isCounting, false);
            failure = null;
            group.forEach(request ->
                    request.outcome().complete(outcomes.get(request.batch().id())));
        } catch (SQLException e) {
            if (isAway(e) || group.size() == 1 && !isLock(e)) {
                group.forEach(request -> request.outcome().completeExceptionally(e));
            } else {
                writeEach(group, isCounting);
            }
        } catch (RuntimeException | Error e) { // also out of memory: the callers learn it, this thread goes on
            if (group.size() > 1) {
                writeEach(group, isCounting);
            } else {
                tell(group.get(0), e);
            }
        }
    }

    /** One by one. Requests that wait for a lock, each for its own, hold up the others little. */
    private void writeEach(List<WriteRequest> group, boolean isCounting) {
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
                    var outcomes = insert.write(List.of(request.batch()), isCounting, true);
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

    /** Takes note of what a group could not even be tried for. */
    void failed(Error e) {
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
