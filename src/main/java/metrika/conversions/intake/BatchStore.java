package metrika.conversions.intake;

import metrika.conversions.ids.TimeOrderedIds;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import javax.sql.DataSource;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import metrika.conversions.auth.RateLimits;
import metrika.conversions.auth.Webhook;
import metrika.conversions.auth.WebhookRepository;
import metrika.conversions.database.SqlFile;
import metrika.conversions.problem.Json;
import metrika.conversions.problem.ProblemException;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.Variable;
import org.apache.camel.support.AsyncProcessorSupport;
import org.slf4j.MDC;

/** Checks what a source delivers and stores it as a batch: the steps of {@code check-} and {@code store-conversions}. */
public class BatchStore extends AsyncProcessorSupport {

    /** What the variable {@code bad-rows} says when good rows are not to be held up by bad ones. */
    public static final String LEAVE_OUT = "leave-out";

    private static final TypeReference<List<RejectedRow>> REFUSED_ROWS = new TypeReference<>() { };
    private static final String FIND_BY_KEY = SqlFile.text("intake/find-idempotent-batch");
    /** What a request waits for at the most, in ms, while the database is asked what is known of it already. */
    private static final long LOOKUP_MILLIS = 2000;
    /** Each further try takes a webhook that was changed while the one before went on. */
    private static final int MOST_TRIES = 10;

    private final ConversionReader reader;
    private final Duration hold;
    private final BatchWriter writer;
    private final WebhookRepository webhooks;
    private final RateLimits limits;
    private final DataSource database;
    private final Clock clock;
    private final Executor threads;
    private final Executor lookups;

    /**
     * @param hold    how long conversions are kept back, so that they can be withdrawn
     * @param threads on which routes go on when their conversions are stored
     * @param lookups on which the database is asked what is known of a request already. They may be made to wait; when all of
     *                them are, they reject what is more
     */
    public BatchStore(ConversionReader reader, Duration hold, BatchWriter writer, WebhookRepository webhooks, RateLimits limits,
            DataSource database, Clock clock, Executor threads, Executor lookups) {
        this.reader = reader;
        this.hold = hold;
        this.writer = writer;
        this.webhooks = webhooks;
        this.limits = limits;
        this.database = database;
        this.clock = clock;
        this.threads = threads;
        this.lookups = lookups;
    }

    /**
     * Checks conversions against the rules.
     *
     * @param  body               JSON as bytes, a text or a stream; or rows with the API's field names: a list or a stream of
     *                            maps, or a {@link FileChunk}
     * @throws InvalidConversions with all that is wrong with them
     * @throws ProblemException            when they are not conversions at all, or the webhook is none
     */
    public Conversions check(@Body Object body, @Variable("webhook") Object webhook) throws SQLException {
        return check(IncomingConversions.of(body, reader.mostConversions()), webhooks.of(webhook).timeZone());
    }

    /** The step of {@code store-conversions}: takes what {@link #store} does, and leaves the variable {@code batch}. */
    @Override
    public boolean process(Exchange exchange, AsyncCallback callback) {
        CompletableFuture<StoredBatch> stored;
        try {
            stored = store(exchange.getMessage().getBody(), exchange.getVariable("webhook"),
                    exchange.getVariable("idempotency-key", String.class), exchange.getVariable("place", Integer.class),
                    exchange.getVariable("bad-rows", String.class));
        } catch (SQLException | RuntimeException | InterruptedException e) {
            stored = CompletableFuture.failedFuture(e);
        }
        if (stored.isDone()) {
            stored.whenComplete((batch, failure) -> leave(exchange, batch, failure));
            callback.done(true);
            return true;
        }
        var log = MDC.getCopyOfContextMap();
        stored.whenComplete((batch, failure) -> {
            MDC.setContextMap(log == null ? Map.of() : log);
            leave(exchange, batch, failure);
            callback.done(false);
            MDC.clear();
        });
        return false;
    }

    /** Answers the sender of the variable {@code batch}. */
    public void answer(Exchange exchange) {
        exchange.getMessage().setBody(exchange.getVariable("batch", StoredBatch.class).toJson());
    }

    private static void leave(Exchange exchange, StoredBatch batch, Throwable failure) {
        if (failure == null) {
            exchange.setVariable("batch", batch);
        } else {
            var cause = failure instanceof CompletionException wrapper ? wrapper.getCause() : failure;
            exchange.setException(cause instanceof TimeoutException late
                    ? new SQLTimeoutException("no answer from the database within " + LOOKUP_MILLIS + " ms", late) : cause);
        }
    }

    /**
     * Stores conversions as one batch, durably, or answers with the batch that their idempotency key stands for already.
     *
     * @param  body               as for {@link #check}
     * @param  key                the idempotency key, or {@code null}
     * @param  place              as {@link RateLimits#take} gave it, or {@code null} for a source without a limit
     * @param  badRows            {@value #LEAVE_OUT}: rows that break a rule are left out, and come back as refused, together
     *                            with the batch; else they keep all of it from being stored. Of a part they are always left out
     * @return                    complete, on a thread that may be made to wait, when they are committed; or with a
     *                            {@link ProblemException}: 403 when the sender is not let in any more, 409 when the key stands for another
     *                            body, 429 when the request is one too many; or with {@link SQLException} when the database is away
     * @throws InvalidConversions with all that is wrong with them
     * @throws ProblemException            when they are not conversions at all, or the webhook is none
     */
    public CompletableFuture<StoredBatch> store(Object body, Object source, String key, Integer place, String badRows)
            throws SQLException, InterruptedException {
        var delivered = IncomingConversions.of(body, reader.mostConversions());
        var storing = new Storing(delivered, key, key == null ? null : delivered.hash(), place, delivered.part() != null
                || LEAVE_OUT.equals(badRows) && delivered.hasSizeUpTo(reader.mostConversions()), webhooks.of(source));
        // The key of a part stands for its place, so the verdict on it is not asked for twice: the rules know the time of day.
        var before = delivered.part() == null ? null : storing.find();
        return before != null ? CompletableFuture.completedFuture(before) : storing.go();
    }

    /** One delivery on its way into the database. */
    private final class Storing {

        private final IncomingConversions delivered;
        private final String key;
        private final byte[] hash;
        private final Integer place;
        private final boolean isLeavingOut;
        private Webhook webhook;
        private int tries;

        Storing(IncomingConversions delivered, String key, byte[] hash, Integer place, boolean isLeavingOut, Webhook webhook) {
            this.delivered = delivered;
            this.key = key;
            this.hash = hash;
            this.place = place;
            this.isLeavingOut = isLeavingOut;
            this.webhook = webhook;
        }

        /** Checks and writes, by the rules of the webhook as it is known. */
        CompletableFuture<StoredBatch> go() throws InterruptedException {
            if (++tries > MOST_TRIES) {
                throw ProblemException.of(503, "The webhook is being changed").retryAfter(Duration.ofSeconds(1));
            }
            var refused = new ArrayList<RejectedRow>();
            Conversions conversions;
            try {
                conversions = isLeavingOut ? reader.readValidRows(delivered.asRows(), webhook.timeZone(), refused)
                        : check(delivered, webhook.timeZone());
            } catch (InvalidConversions | ProblemException e) {
                return lookUp(() -> reconsider(e));
            }
            var warnings = conversions.warnings().count() == 0 ? null : Json.write(conversions.warnings().toList());
            if (conversions.size() == 0) {
                return CompletableFuture.completedFuture(new StoredBatch(null, 0, warnings, refused));
            }
            var id = TimeOrderedIds.create(clock.millis());
            var readyAt = Math.max(conversions.pastAt(), clock.instant().plus(hold).getEpochSecond());
            var batch = new StoredBatch(id, conversions.size(), warnings, refused);
            return writer.write(new NewBatch(id, webhook, place, conversions, readyAt, warnings, key, hash,
                    refused.isEmpty() ? null : Json.write(refused)))
                    .whenCompleteAsync((outcome, failure) -> { }, threads) // the writer goes on with the next
                    .thenCompose(outcome -> settle(outcome, batch));
        }

        private CompletableFuture<StoredBatch> settle(WriteResult outcome, StoredBatch batch) {
            return switch (outcome) {
                case STORED -> CompletableFuture.completedFuture(batch);
                case TOO_MANY -> throw limits.tooMany(webhook);
                case REPEATED -> lookUp(() -> {
                    var before = find();
                    if (before == null) {
                        webhook = webhooks.renewed(webhook); // it was deleted with its batches
                    }
                    return before;
                });
                case OUTDATED -> lookUp(() -> {
                    webhook = webhooks.renewed(webhook);
                    return null;
                });
            };
        }

        /** What a refused request is answered after all; {@code null} when it is to be checked again, by other rules. */
        private StoredBatch reconsider(RuntimeException refusal) throws SQLException {
            var now = webhooks.renewed(webhook);
            if (now.version() != webhook.version()) {
                webhook = now;
                return null;
            }
            // The rules may have changed since the same request was taken: then its answer still stands.
            var before = key == null ? null : find();
            if (before == null) {
                throw refusal;
            }
            return before;
        }

        /** Asks the database, where a thread may be made to wait for it; goes on when it has no answer for the sender. */
        private CompletableFuture<StoredBatch> lookUp(Callable<StoredBatch> question) {
            var answer = new CompletableFuture<StoredBatch>();
            try {
                lookups.execute(() -> {
                    if (!answer.isDone()) { // nobody waits any more for one whose turn comes too late
                        answer.completeAsync(() -> call(question), Runnable::run);
                    }
                });
                return answer.orTimeout(LOOKUP_MILLIS, TimeUnit.MILLISECONDS)
                        .thenComposeAsync(before -> before != null ? CompletableFuture.completedFuture(before) : call(this::go),
                                threads);
            } catch (RejectedExecutionException e) {
                throw ProblemException.of(503, "Too many requests wait for the database at the moment: send the same request again")
                        .retryAfter(Duration.ofSeconds(1));
            }
        }

        /** The batch that the key stands for, or {@code null}. */
        StoredBatch find() throws SQLException {
            return BatchStore.this.find(webhook.id(), key, hash);
        }
    }

    private static <T> T call(Callable<T> step) {
        try {
            return step.call();
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new CompletionException(e);
        }
    }

    /** The rows of a part that break a rule. Nothing is stored. */
    public List<RejectedRow> refusedOf(FileChunk part, Object webhook) throws SQLException {
        var refused = new ArrayList<RejectedRow>();
        reader.readValidRows(part.rows(), webhooks.of(webhook).timeZone(), refused);
        return refused;
    }

    /** Whether something was stored under an idempotency key. */
    public boolean isStored(String key, Object source) throws SQLException {
        var webhook = webhooks.of(source).id();
        try (Connection connection = database.getConnection(); var statement = connection.prepareStatement(FIND_BY_KEY)) {
            statement.setObject(1, webhook);
            statement.setString(2, key);
            statement.setBytes(3, null); // the hash of no request: this one is not counted as a repetition
            try (var row = statement.executeQuery()) {
                return row.next();
            }
        }
    }

    private Conversions check(IncomingConversions delivered, ZoneId zone) {
        return check(reader, delivered, zone);
    }

    public static Conversions check(ConversionReader reader, IncomingConversions delivered, ZoneId zone) {
        return delivered.json() != null ? reader.readJson(delivered.json(), zone) : reader.readRows(delivered.rows(), zone);
    }

    private StoredBatch find(UUID webhook, String key, byte[] hash) throws SQLException {
        try (Connection connection = database.getConnection(); var statement = connection.prepareStatement(FIND_BY_KEY)) {
            statement.setObject(1, webhook);
            statement.setString(2, key);
            statement.setBytes(3, hash);
            try (var row = statement.executeQuery()) {
                if (!row.next()) {
                    return null;
                }
                if (!Arrays.equals(row.getBytes("body_hash"), hash)) {
                    throw ProblemException.of(409, "The Idempotency-Key '%s' was used with another body: give each request a key of its own"
                            .formatted(key));
                }
                return new StoredBatch(row.getObject("id", UUID.class), row.getInt("total"), row.getString("warnings"),
                        refused(row.getString("rejected_rows")));
            }
        }
    }

    private static List<RejectedRow> refused(String json) {
        if (json == null) {
            return List.of();
        }
        try {
            return Json.MAPPER.readValue(json, REFUSED_ROWS);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("refused rows that were stored cannot be read", e);
        }
    }
}
