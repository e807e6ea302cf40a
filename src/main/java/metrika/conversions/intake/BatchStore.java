package metrika.conversions.intake;

import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;

import metrika.conversions.auth.RateLimits;
import metrika.conversions.auth.Webhook;
import metrika.conversions.auth.WebhookRepository;
import metrika.conversions.ids.TimeOrderedIds;
import metrika.conversions.problem.Json;
import metrika.conversions.problem.ProblemException;

/** Checks what a source delivers and stores it as a batch in the database. */
public final class BatchStore implements ConversionStore {

    /** Each further try takes a webhook that was changed while the one before went on. */
    private static final int MAX_TRIES = 10;

    private final ConversionReader reader;
    private final Duration hold;
    private final BatchWriter writer;
    private final WebhookRepository webhooks;
    private final RateLimits limits;
    private final IdempotencyLookup known;
    private final RefusedRows refusedRows;
    private final RefusalTally refusals;
    private final Clock clock;
    private final Executor threads;
    private final Executor lookups;
    private final EachRow eachRow;

    /**
     * @param hold how long conversions are kept back, so that they can be withdrawn
     * @param threads on which routes go on when their conversions are stored
     * @param lookups on which the database is asked what is known of a request already. They may be made to wait; when
     *     all of them are, they reject what is more
     * @param refusals counts what is refused
     */
    public BatchStore(
            ConversionReader reader,
            Duration hold,
            BatchWriter writer,
            WebhookRepository webhooks,
            RateLimits limits,
            DataSource database,
            Clock clock,
            Executor threads,
            Executor lookups,
            RefusalTally refusals) {
        this.reader = reader;
        this.hold = hold;
        this.writer = writer;
        this.webhooks = webhooks;
        this.limits = limits;
        known = new IdempotencyLookup(database);
        refusedRows = new RefusedRows(database, clock);
        this.clock = clock;
        this.threads = threads;
        this.lookups = lookups;
        this.refusals = refusals;
        eachRow = new EachRow(reader, hold, writer, webhooks, known, clock);
    }

    @Override
    public CheckedConversions check(IncomingConversions incoming, Object source, String badRows) throws SQLException {
        return new CheckedConversions(reader, incoming, webhooks.of(source), badRows);
    }

    @Override
    public CompletableFuture<StoredBatch> store(
            CheckedConversions checked, String source, String key, Integer requestsInWindow, Executor continuation)
            throws SQLException, InterruptedException {
        var incoming = checked.incoming();
        if (incoming.part() != null && incoming.part().rowKeys() != null) {
            var each = eachRow.store(incoming.part(), checked.webhook(), source);
            refusals.add(checked.webhook().id(), source, incoming.part().faults(each.refused()));
            return CompletableFuture.completedFuture(each);
        }
        var storing = new Storing(
                checked,
                source,
                key,
                key == null ? null : incoming.hash(),
                requestsInWindow,
                continuation == null ? threads : continuation);
        // The key of a part stands for its place, so the verdict on it is not asked for twice: the rules know the time
        // of day.
        var before = incoming.part() == null ? null : storing.find();
        return before != null ? CompletableFuture.completedFuture(before) : storing.write();
    }

    @Override
    public List<RejectedRow> refusedOf(FileChunk part, Object source) throws SQLException {
        return eachRow.refusedOf(part, webhooks.of(source));
    }

    @Override
    public void keepRefused(Object webhook, String source, String file, List<RejectedRow> rows) throws SQLException {
        refusedRows.keep(webhooks.of(webhook).id(), source, file, rows);
    }

    @Override
    public boolean isStored(String key, Object source) throws SQLException {
        return known.isStored(webhooks.of(source).id(), key);
    }

    /** One delivery on its way into the database. */
    private final class Storing {

        private final String source;
        private final String key;
        private final byte[] hash;
        private final Integer requestsInWindow;
        private final Executor continuation;
        private CheckedConversions checked;
        /** As it is known by now. */
        private Webhook webhook;

        private int tries = 1;

        Storing(
                CheckedConversions checked,
                String source,
                String key,
                byte[] hash,
                Integer requestsInWindow,
                Executor continuation) {
            this.checked = checked;
            webhook = checked.webhook();
            this.source = source;
            this.key = key;
            this.hash = hash;
            this.requestsInWindow = requestsInWindow;
            this.continuation = continuation;
        }

        /** Checks anew, by the rules of the webhook as it is known by now, and writes. */
        private CompletableFuture<StoredBatch> writeAgain() throws InterruptedException {
            if (++tries > MAX_TRIES) {
                throw ProblemException.of(503, "The webhook is being changed").retryAfter(Duration.ofSeconds(1));
            }
            checked = checked.by(webhook);
            return write();
        }

        /** Writes what was checked. */
        CompletableFuture<StoredBatch> write() throws InterruptedException {
            if (checked.refusal() != null) {
                return lookUp(() -> reconsider(checked.refusal()));
            }
            var conversions = checked.conversions();
            var refused = checked.rejected();
            var warnings = checked.warnings();
            if (conversions.size() == 0) {
                refusals.add(webhook.id(), source, refused);
                return CompletableFuture.completedFuture(new StoredBatch(null, 0, warnings, refused));
            }
            var id = TimeOrderedIds.create(clock.millis());
            var readyAt = conversions.readyAt(clock.instant(), hold);
            var batch = new StoredBatch(id, conversions.size(), warnings, refused);
            return writer.write(new NewBatch(
                            id,
                            webhook,
                            requestsInWindow,
                            conversions,
                            readyAt,
                            source,
                            warnings,
                            key,
                            hash,
                            refused.isEmpty() ? null : Json.write(refused)))
                    .whenCompleteAsync((outcome, failure) -> {}, continuation) // the writer goes on with the next
                    .thenCompose(outcome -> settle(outcome, batch));
        }

        private CompletableFuture<StoredBatch> settle(WriteResult outcome, StoredBatch batch) {
            return switch (outcome) {
                case STORED -> {
                    refusals.add(webhook.id(), source, batch.refused());
                    yield CompletableFuture.completedFuture(batch);
                }
                case TOO_MANY -> throw limits.tooMany(webhook);
                case REPEATED ->
                    lookUp(() -> {
                        var before = find();
                        if (before == null) {
                            webhook = webhooks.renewed(webhook); // it was deleted with its batches
                        }
                        return before;
                    });
                case OUTDATED ->
                    lookUp(() -> {
                        webhook = webhooks.renewed(webhook);
                        return null;
                    });
            };
        }

        /**
         * What a refused request is answered after all; {@code null} when it is to be checked again, by other rules.
         */
        private StoredBatch reconsider(RuntimeException refusal) throws SQLException {
            var now = webhooks.renewed(webhook);
            if (now.version() != webhook.version()) {
                webhook = now;
                return null;
            }
            // The rules may have changed since the same request was taken: then its answer still stands.
            var before = key == null ? null : find();
            if (before == null) {
                if (refusal instanceof InvalidConversions invalid) {
                    refusals.add(webhook.id(), source, invalid);
                }
                throw refusal;
            }
            return before;
        }

        /**
         * Asks the database, where a thread may be made to wait for it; goes on when it has no answer for the sender.
         */
        private CompletableFuture<StoredBatch> lookUp(Callable<StoredBatch> question) {
            var answer = new CompletableFuture<StoredBatch>();
            try {
                lookups.execute(() -> {
                    if (!answer.isDone()) { // nobody waits any more for one whose turn comes too late
                        answer.completeAsync(() -> call(question), Runnable::run);
                    }
                });
                return answer.orTimeout(IdempotencyLookup.MILLIS, TimeUnit.MILLISECONDS)
                        .thenComposeAsync(
                                before -> before != null
                                        ? CompletableFuture.completedFuture(before)
                                        : call(this::writeAgain),
                                continuation);
            } catch (RejectedExecutionException e) {
                throw ProblemException.of(
                                503,
                                "Too many requests wait for the database at the moment: send the same request again")
                        .retryAfter(Duration.ofSeconds(1));
            }
        }

        /** The batch that the key stands for, or {@code null}. */
        StoredBatch find() throws SQLException {
            var isWhole = checked.incoming().part() == null && checked.refusal() == null;
            return known.find(webhook.id(), key, hash, isWhole ? checked.conversions() : null);
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
}
