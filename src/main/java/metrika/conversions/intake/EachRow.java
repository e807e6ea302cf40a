package metrika.conversions.intake;

import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

import metrika.conversions.auth.Webhook;
import metrika.conversions.auth.WebhookRepository;
import metrika.conversions.ids.TimeOrderedIds;
import metrika.conversions.problem.ProblemException;

/**
 * Stores each row of a part by itself, under a key of its own, so that it is known again in whatever file it comes.
 * What came first stays. The rows of a part are looked up in one statement, and wait for the {@link BatchWriter}
 * together, which writes them in groups.
 */
final class EachRow {

    /** Each further round takes other rows with the keys of those before, or a webhook that was changed meanwhile. */
    private static final int MAX_IDLE_ROUNDS = 10;

    private final ConversionReader reader;
    private final Duration hold;
    private final BatchWriter writer;
    private final WebhookRepository webhooks;
    private final IdempotencyLookup known;
    private final Clock clock;

    EachRow(
            ConversionReader reader,
            Duration hold,
            BatchWriter writer,
            WebhookRepository webhooks,
            IdempotencyLookup known,
            Clock clock) {
        this.reader = reader;
        this.hold = hold;
        this.writer = writer;
        this.webhooks = webhooks;
        this.known = known;
        this.clock = clock;
    }

    /**
     * Stores the rows of a part, in their order. Waits until they are committed.
     *
     * @param source where they came from
     * @return how many are stored, now or before, and the rows that are left out; without an id
     */
    StoredBatch store(FileChunk part, Webhook webhook, String source) throws SQLException, InterruptedException {
        var storing = new Storing(part, webhook, source);
        for (int idle = 0; !storing.waiting.isEmpty(); ) {
            var before = storing.waiting.size();
            storing.round();
            idle = storing.waiting.size() < before ? 0 : idle + 1;
            if (idle > MAX_IDLE_ROUNDS) {
                throw ProblemException.of(503, "The webhook is being changed").retryAfter(Duration.ofSeconds(1));
            }
        }
        storing.refused.sort(Comparator.comparingLong(RejectedRow::line));
        return new StoredBatch(null, storing.stored + storing.repeated, null, storing.refused, storing.repeated);
    }

    /**
     * The rows of a part that break a rule, or are stored with other values already. One that is stored breaks none.
     */
    List<RejectedRow> refusedOf(FileChunk part, Webhook webhook) throws SQLException {
        var refused = new ArrayList<RejectedRow>();
        var found = part.rowKeys() == null ? Map.<String, byte[]>of() : known.find(webhook.id(), keys(part), false);
        var open = new ArrayList<SourceRow>();
        for (int i = 0; i < part.rows().size(); i++) {
            var key = part.rowKeys() == null ? null : part.rowKeys().get(i);
            var hash = key == null ? null : found.get(key.key());
            if (hash == null) {
                open.add(part.rows().get(i));
            } else if (!Arrays.equals(hash, key.hash())) {
                refused.add(RejectedRow.changed(part.rows().get(i)));
            }
        }
        reader.readValidRows(open, webhook, refused);
        refused.sort(Comparator.comparingLong(RejectedRow::line));
        return refused;
    }

    private static List<RowKey> keys(FileChunk part) {
        return part.rowKeys().stream().filter(Objects::nonNull).toList();
    }

    /** A part on its way into the database. */
    private final class Storing {

        private final FileChunk part;
        private final String source;
        /** As it is known by now. */
        private Webhook webhook;
        /** The places of the rows whose outcome is not known yet. */
        private final List<Integer> waiting = new ArrayList<>();
        /** What keys are known to stand for. */
        private final Map<String, byte[]> hashes = new HashMap<>();

        private final List<RejectedRow> refused = new ArrayList<>();
        private int stored;
        private int repeated;

        Storing(FileChunk part, Webhook webhook, String source) {
            this.part = part;
            this.source = source;
            this.webhook = webhook;
            for (int i = 0; i < part.rows().size(); i++) {
                waiting.add(i);
            }
        }

        /** Looks the rows up, and writes those that are not known: of several with one key the first that is valid. */
        void round() throws SQLException, InterruptedException {
            hashes.putAll(known.find(
                    webhook.id(),
                    waiting.stream()
                            .map(part.rowKeys()::get)
                            .filter(key -> key != null && !hashes.containsKey(key.key()))
                            .toList(),
                    true));
            var written = new LinkedHashMap<Integer, CompletableFuture<WriteResult>>();
            var taken = new HashSet<String>();
            var left = new ArrayList<Integer>();
            for (int place : waiting) {
                var key = part.rowKeys().get(place);
                if (key != null && hashes.containsKey(key.key())) {
                    settleKnown(place, key);
                } else if (key != null && taken.contains(key.key())) {
                    left.add(place);
                } else {
                    var result = write(place, key);
                    if (result != null) {
                        taken.add(key.key());
                        written.put(place, result);
                    }
                }
            }
            var isOutdated = false;
            for (var each : written.entrySet()) {
                var key = part.rowKeys().get(each.getKey());
                switch (outcome(each.getValue())) {
                    case STORED -> {
                        stored++;
                        hashes.put(key.key(), key.hash());
                    }
                    case OUTDATED -> {
                        isOutdated = true;
                        left.add(each.getKey());
                    }
                    case REPEATED, TOO_MANY -> left.add(each.getKey());
                }
            }
            if (isOutdated || !left.isEmpty()) {
                webhook = webhooks.renewed(webhook);
            }
            left.sort(Comparator.naturalOrder());
            waiting.clear();
            waiting.addAll(left);
        }

        private void settleKnown(int place, RowKey key) {
            if (Arrays.equals(hashes.get(key.key()), key.hash())) {
                repeated++;
            } else {
                refused.add(RejectedRow.changed(part.rows().get(place)));
            }
        }

        /** @return {@code null} when there is nothing to write: the row breaks a rule, or is left out */
        private CompletableFuture<WriteResult> write(int place, RowKey key) throws InterruptedException {
            var rejected = new ArrayList<RejectedRow>();
            var conversions = reader.readValidRows(List.of(part.rows().get(place)), webhook, rejected);
            refused.addAll(rejected);
            if (conversions.size() == 0) {
                return null;
            }
            Objects.requireNonNull(key, "a row that can be stored has a key");
            return writer.write(new NewBatch(
                    TimeOrderedIds.create(clock.millis()),
                    webhook,
                    null,
                    conversions,
                    conversions.readyAt(clock.instant(), hold),
                    source,
                    conversions.warnings().toJson(),
                    key.key(),
                    key.hash(),
                    null));
        }
    }

    private static WriteResult outcome(CompletableFuture<WriteResult> written) throws SQLException {
        try {
            return written.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof SQLException database) {
                throw database;
            }
            throw e.getCause() instanceof RuntimeException failure ? failure : e;
        }
    }
}
