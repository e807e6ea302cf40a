package metrika.conversions.intake;

import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
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

import metrika.conversions.auth.RateLimits;
import metrika.conversions.auth.Webhook;
import metrika.conversions.database.SqlFile;
import metrika.conversions.problem.ProblemException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes batches with their conversions: one statement, one round trip, committed before the caller goes on.
 *
 * <p>Requests that wait at the same moment are written together. No timer is needed for that: while one group commits, the
 * next one gathers. A request whose values the database refuses does not take its neighbours with it: the group is then
 * written one by one. So it is when the group waits for a lock, as that of another request with the same idempotency key; a
 * webhook that was found to be held is left out of groups until a request of its own has gone through.
 */
public final class BatchWriter implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(BatchWriter.class);
    private static final String STORE = SqlFile.text("intake/store-batches");
    /** Conversions of one statement, so that its arrays stay small: large ones have the garbage collector run on and on. */
    private static final int MOST_ROWS = 4000;
    /** Memory for each conversion that may wait. One takes half a kilobyte, so those that wait take an eighth of all. */
    private static final int ROOM_BYTES = 4096;
    private static final int LEAST_ROOM = 10_000;
    private static final int MOST_ROOM = 1_000_000;
    /** What a request waits for at the most: its caller is answered within ten seconds. */
    private static final Duration PATIENCE = Duration.ofSeconds(6);
    /** When a caller for whom there is no room is to come again. */
    private static final Duration FULL_PAUSE = Duration.ofSeconds(1);
    private static final Duration MEMORY_PAUSE = Duration.ofSeconds(5);

    private static final Set<String> AWAY = Set.of("08", "53", "57", "58");
    private static final String LOCK_NOT_AVAILABLE = "55P03";
    /** How long a request waits for a lock when it is written alone; a group waits for a second. */
    private static final String BRIEFLY = "set lock_timeout = '100ms'";
    private static final String AS_BEFORE = "set lock_timeout = '1s'";
    /** For how long the requests of a webhook that is held are told so at once. */
    private static final long HELD_NANOS = Duration.ofSeconds(1).toNanos();
    /** So many that wait for a lock, one after the other: it is not theirs, but that of a table. */
    private static final int MANY = 5;

    private final DataSource database;
    private final RateLimits limits;
    private final LinkedBlockingQueue<Request> waiting = new LinkedBlockingQueue<>();
    private final int mostRoom;
    /** For the conversions that wait. Fair, so that a large request gets its turn among small ones. */
    private final Semaphore room;
    /** Webhooks whose last request waited for a lock in vain, and until when, on the monotonic clock. The writer's own. */
    private final Map<UUID, Long> held = new HashMap<>();
    private final Thread thread = new Thread(this::run, "batch-writer");
    /** What kept the last statement from being tried at all, such as a lack of memory; {@code null} when nothing did. */
    private volatile Error failure;
    private volatile boolean closed;

    public BatchWriter(DataSource database, RateLimits limits) {
        this(database, limits, (int) Math.max(LEAST_ROOM, Math.min(Runtime.getRuntime().maxMemory() / ROOM_BYTES, MOST_ROOM)));
    }

    /** @param room for so many conversions that wait */
    BatchWriter(DataSource database, RateLimits limits, int room) {
        this.database = database;
        this.limits = limits;
        mostRoom = room;
        this.room = new Semaphore(room, true);
        thread.setDaemon(true);
        thread.start();
    }

    /**
     * A batch to be written.
     *
     * @param webhook  as its sender was let in to
     * @param place    how many requests of the webhook this process has counted in the last minute, with this one;
     *                 {@code null} when it counts against no limit
     * @param readyAt  when it may be sent, in Unix seconds
     * @param warnings JSON, or {@code null}
     * @param key      the idempotency key, or {@code null}
     * @param bodyHash SHA-256 of the body, with a key only
     * @param refused  JSON of the rows that were left out, or {@code null}
     */
    record Batch(UUID id, Webhook webhook, Integer place, Conversions conversions, long readyAt, String warnings, String key,
            byte[] bodyHash, String refused) {
    }

    /** What became of a batch. */
    enum Outcome {
        STORED,
        /** Its webhook is not any more what its sender was let in to: changed, switched off or gone. */
        OUTDATED,
        /** It is one request too many in this minute, counted over all processes. */
        TOO_MANY,
        /** Its idempotency key is taken. */
        REPEATED
    }

    private record Request(Batch batch, CompletableFuture<Outcome> outcome) {

        UUID webhook() {
            return batch.webhook().id();
        }

        int rows() {
            return batch.conversions().size();
        }
    }

    /**
     * Has a batch written. No caller is kept waiting for room: when so many conversions wait already that more would take too
     * much memory, it is told so at once. What has no caller (its {@code place} is {@code null}) waits on its own thread. What
     * depends on the batch is not to be done on the thread that completes it.
     *
     * @return complete when it is committed, or is not going to be: with {@link SQLException} when the database is away or
     *         refuses it, or a 503 {@link ProblemException}; then it is not stored, unless the connection broke while it was being
     *         committed
     */
    CompletableFuture<Outcome> write(Batch batch) throws InterruptedException {
        var request = new Request(batch, new CompletableFuture<>());
        var taken = Math.min(request.rows(), mostRoom); // one that is larger than all the room has to be written too
        if (!room.tryAcquire(taken, batch.place() == null ? PATIENCE.toNanos() : 0, TimeUnit.NANOSECONDS)) {
            return CompletableFuture.failedFuture(ProblemException.of(503, "More conversions wait to be stored than there is room for. "
                    + "Nothing was stored: send the same request again").retryAfter(FULL_PAUSE));
        }
        waiting.add(request);
        return request.outcome().orTimeout(PATIENCE.toNanos(), TimeUnit.NANOSECONDS).handle((outcome, failure) -> {
            room.release(taken);
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
        thread.interrupt();
        thread.join(PATIENCE.toMillis());
    }

    private void run() {
        while (!closed) {
            try {
                write(group(waiting.take()));
            } catch (InterruptedException e) {
                // closed, as the condition then says: nothing waits any more once the routes have stopped
                Thread.currentThread().interrupt();
                return;
            } catch (Error e) { // out of memory in the midst of a group: its callers are told in time
                failed(e);
            }
        }
    }

    private List<Request> group(Request first) {
        var group = new ArrayList<Request>();
        group.add(first);
        var rows = first.rows();
        for (var next = waiting.peek(); next != null && rows + next.rows() <= MOST_ROWS; next = waiting.peek()) {
            if (waiting.remove(next)) {
                group.add(next);
                rows += next.rows();
            }
        }
        return group;
    }

    private void write(List<Request> group) {
        if (held.isEmpty()) {
            writeTogether(group);
            return;
        }
        var apart = group.stream().filter(request -> held.containsKey(request.webhook())).toList();
        writeTogether(group.stream().filter(request -> !held.containsKey(request.webhook())).toList());
        writeEach(apart);
    }

    private void writeTogether(List<Request> group) {
        if (group.isEmpty()) {
            return;
        }
        try {
            var outcomes = store(group, false);
            failure = null;
            group.forEach(request -> request.outcome().complete(outcomes.get(request.batch().id())));
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
    private void writeEach(List<Request> group) {
        var inARow = 0;
        SQLException last = null;
        for (var request : group) {
            if (inARow >= MANY) {
                request.outcome().completeExceptionally(last);
            } else if (held.getOrDefault(request.webhook(), System.nanoTime()) - System.nanoTime() > 0) {
                request.outcome().completeExceptionally(new SQLTimeoutException(
                        "what belongs to webhook %s was held a moment ago".formatted(request.webhook()), LOCK_NOT_AVAILABLE));
            } else {
                try {
                    var outcomes = store(List.of(request), true);
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

    private void tell(Request request, Throwable e) {
        if (e instanceof Error error) {
            failed(error);
            request.outcome().completeExceptionally(ProblemException.of(503, "The server lacks memory or is broken, and nothing was "
                    + "stored: send the same request again").retryAfter(MEMORY_PAUSE));
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

    /** Whether the trouble is the server's or the connection's, and no request's: a smaller group would fare no better. */
    private static boolean isAway(SQLException failure) {
        var state = failure.getSQLState();
        // 08 connection, 53 out of resources, 57 shut down or cancelled, 58 system error; none at all: no connection
        return state == null || AWAY.stream().anyMatch(state::startsWith);
    }

    /** @param isAlone whether locks are waited for only briefly */
    private Map<UUID, Outcome> store(List<Request> group, boolean isAlone) throws SQLException {
        var size = group.size();
        var ids = new UUID[size];
        var webhooks = new UUID[size];
        var versions = new Long[size];
        var places = new Integer[size];
        var totals = new Integer[size];
        var earliest = new Long[size];
        var readyAt = new Long[size];
        var warnings = new String[size];
        var keys = new String[size];
        var hashes = new byte[size][];
        var refused = new String[size];
        var rows = new Rows(group.stream().mapToInt(Request::rows).sum());
        for (int i = 0; i < size; i++) {
            var batch = group.get(i).batch();
            ids[i] = batch.id();
            webhooks[i] = batch.webhook().id();
            versions[i] = batch.webhook().version();
            places[i] = batch.place();
            totals[i] = batch.conversions().size();
            earliest[i] = batch.conversions().earliest();
            readyAt[i] = batch.readyAt();
            warnings[i] = batch.warnings();
            keys[i] = batch.key();
            hashes[i] = batch.bodyHash();
            refused[i] = batch.refused();
            rows.add(batch.id(), batch.conversions());
        }
        var counted = group.stream().map(Request::batch).filter(batch -> batch.place() != null)
                .map(batch -> batch.webhook().id()).distinct().toArray(UUID[]::new);
        try (Connection connection = database.getConnection(); var statement = connection.prepareStatement(STORE)) {
            set(statement, 1, "uuid", ids, webhooks);
            set(statement, 3, "int8", new Object[][] {versions});
            set(statement, 4, "int4", places, totals);
            set(statement, 6, "int8", earliest, readyAt);
            set(statement, 8, "text", warnings, keys);
            set(statement, 10, "bytea", new Object[][] {hashes});
            set(statement, 11, "text", new Object[][] {refused});
            statement.setObject(12, limits.process());
            set(statement, 13, "uuid", new Object[][] {counted});
            set(statement, 14, "text", new Object[][] {Arrays.stream(counted).map(limits::counted).toArray()});
            rows.set(statement, 15);
            if (isAlone) {
                execute(connection, BRIEFLY);
            }
            try (var result = statement.executeQuery()) {
                return outcomes(result, counted);
            } finally {
                if (isAlone) {
                    execute(connection, AS_BEFORE);
                }
            }
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private Map<UUID, Outcome> outcomes(ResultSet result, UUID[] counted) throws SQLException {
        var outcomes = new HashMap<UUID, Outcome>();
        var alone = new HashSet<>(List.of(counted));
        while (result.next()) {
            var outcome = result.getString("outcome");
            if (outcome != null) {
                outcomes.put(result.getObject("id", UUID.class), Outcome.valueOf(outcome));
            } else {
                alone.remove(result.getObject("id", UUID.class));
                limits.others(result.getObject("id", UUID.class), (Integer[]) result.getArray("ages").getArray(),
                        (Integer[]) result.getArray("requests").getArray());
            }
        }
        alone.forEach(limits::alone);
        return outcomes;
    }

    private static void set(PreparedStatement statement, int first, String type, Object[]... columns) throws SQLException {
        for (int i = 0; i < columns.length; i++) {
            statement.setArray(first + i, statement.getConnection().createArrayOf(type, columns[i]));
        }
    }

    /** The conversions of a group, column by column. */
    private static final class Rows {

        private final UUID[] batches;
        private final Integer[] positions;
        private final String[] clientIds;
        private final String[] userIds;
        private final String[] yclids;
        private final String[] purchaseIds;
        private final String[] targets;
        private final Long[] dateTimes;
        private final BigDecimal[] prices;
        private final String[] currencies;
        private int size;

        Rows(int capacity) {
            batches = new UUID[capacity];
            positions = new Integer[capacity];
            clientIds = new String[capacity];
            userIds = new String[capacity];
            yclids = new String[capacity];
            purchaseIds = new String[capacity];
            targets = new String[capacity];
            dateTimes = new Long[capacity];
            prices = new BigDecimal[capacity];
            currencies = new String[capacity];
        }

        void add(UUID batch, Conversions conversions) {
            for (int i = 0; i < conversions.size(); i++, size++) {
                batches[size] = batch;
                positions[size] = i;
                clientIds[size] = conversions.clientIds.get(i);
                userIds[size] = conversions.userIds.get(i);
                yclids[size] = conversions.yclids.get(i);
                purchaseIds[size] = conversions.purchaseIds.get(i);
                targets[size] = conversions.targets.get(i);
                dateTimes[size] = conversions.dateTimes.get(i);
                prices[size] = conversions.prices.get(i);
                currencies[size] = conversions.currencies.get(i);
            }
        }

        void set(PreparedStatement statement, int first) throws SQLException {
            BatchWriter.set(statement, first, "uuid", new Object[][] {batches});
            BatchWriter.set(statement, first + 1, "int4", new Object[][] {positions});
            BatchWriter.set(statement, first + 2, "text", clientIds, userIds, yclids, purchaseIds, targets);
            BatchWriter.set(statement, first + 7, "int8", new Object[][] {dateTimes});
            BatchWriter.set(statement, first + 8, "numeric", new Object[][] {prices});
            BatchWriter.set(statement, first + 9, "text", new Object[][] {currencies});
        }
    }
}
