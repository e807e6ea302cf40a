package metrika.conversions.intake;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

import javax.sql.DataSource;

import metrika.conversions.access.RateLimits;
import metrika.conversions.access.Secrets;
import metrika.conversions.access.Webhooks;
import metrika.conversions.database.Sql;
import metrika.conversions.web.Json;
import metrika.conversions.web.Problem;
import org.apache.camel.Body;
import org.apache.camel.Variable;

/** Checks what a source delivers and stores it as a batch: the steps of {@code check-} and {@code store-conversions}. */
public final class BatchStore {

    private static final String FIND_BY_KEY = Sql.text("find-idempotent-batch");
    /** Each further try takes a webhook that was changed while the one before went on. */
    private static final int MOST_TRIES = 10;

    private final ConversionReader reader;
    private final Duration hold;
    private final BatchWriter writer;
    private final Webhooks webhooks;
    private final RateLimits limits;
    private final DataSource database;
    private final Clock clock;

    /** @param hold how long conversions are kept back, so that they can be withdrawn */
    public BatchStore(ConversionReader reader, Duration hold, BatchWriter writer, Webhooks webhooks, RateLimits limits,
            DataSource database, Clock clock) {
        this.reader = reader;
        this.hold = hold;
        this.writer = writer;
        this.webhooks = webhooks;
        this.limits = limits;
        this.database = database;
        this.clock = clock;
    }

    /**
     * Checks conversions against the rules.
     *
     * @param  body               JSON as bytes, or a list of maps with the API's field names
     * @throws InvalidConversions with all that is wrong with them
     * @throws Problem            when they are not conversions at all, or the webhook is none
     */
    @SuppressWarnings("unchecked")
    public Conversions check(@Body Object body, @Variable("webhook") Object webhook) throws SQLException {
        var zone = webhooks.of(webhook).timeZone();
        if (body instanceof List<?> rows) {
            return reader.readRows((List<? extends Map<String, ?>>) rows, zone);
        }
        if (body instanceof byte[] json) {
            return reader.readJson(json, zone);
        }
        throw new IllegalArgumentException("conversions come as JSON bytes or as a list of maps, not as " + type(body));
    }

    /**
     * Stores conversions as one batch, durably, or answers with the batch that their idempotency key stands for already.
     *
     * @param  body               as for {@link #check}
     * @param  key                the idempotency key, or {@code null}; with one, the body has to be bytes
     * @param  place              as {@link RateLimits#take} gave it, or {@code null} for a source without a limit
     * @throws InvalidConversions with all that is wrong with them
     * @throws Problem            403 when the sender is not let in any more, 409 when the key stands for another body, 429
     *                            when the request is one too many
     * @throws SQLException       when the database is away
     */
    public StoredBatch store(@Body Object body, @Variable("webhook") Object source, @Variable("idempotency-key") String key,
            @Variable("place") Integer place) throws SQLException, InterruptedException {
        var hash = key == null ? null : hash(body);
        var webhook = webhooks.of(source);
        for (int tries = 0; tries < MOST_TRIES; tries++) {
            Conversions conversions;
            try {
                conversions = check(body, webhook);
            } catch (InvalidConversions | Problem e) {
                var now = webhooks.renewed(webhook);
                if (now.version() != webhook.version()) {
                    webhook = now;
                    continue;
                }
                // The rules may have changed since the same request was taken: then its answer still stands.
                var before = key == null ? Optional.<StoredBatch>empty() : find(webhook.id(), key, hash);
                return before.orElseThrow(() -> e);
            }
            var id = TimeOrderedIds.create(clock.millis());
            var warnings = conversions.warnings().count() == 0 ? null : Json.write(conversions.warnings().toList());
            var readyAt = Math.max(conversions.pastAt(), clock.instant().plus(hold).getEpochSecond());
            switch (writer.write(new BatchWriter.Batch(id, webhook, place, conversions, readyAt, warnings, key, hash))) {
                case STORED -> {
                    return new StoredBatch(id, conversions.size(), warnings);
                }
                case REPEATED -> {
                    var before = find(webhook.id(), key, hash);
                    if (before.isPresent()) {
                        return before.get();
                    }
                    webhook = webhooks.renewed(webhook); // it was deleted with its batches
                }
                case TOO_MANY -> throw limits.tooMany(webhook);
                case OUTDATED -> webhook = webhooks.renewed(webhook);
            }
        }
        throw Problem.of(503, "The webhook is being changed").retryAfter(Duration.ofSeconds(1));
    }

    private static byte[] hash(Object body) {
        if (body instanceof byte[] bytes) {
            return Secrets.sha256(bytes);
        }
        throw new IllegalArgumentException("an idempotency key needs the body as bytes, not as " + type(body));
    }

    /** What kind of a thing it is; never what it says. */
    private static String type(Object body) {
        return body == null ? "nothing" : body.getClass().getName();
    }

    private Optional<StoredBatch> find(UUID webhook, String key, byte[] hash) throws SQLException {
        try (Connection connection = database.getConnection(); var statement = connection.prepareStatement(FIND_BY_KEY)) {
            statement.setObject(1, webhook);
            statement.setString(2, key);
            statement.setBytes(3, hash);
            try (var row = statement.executeQuery()) {
                if (!row.next()) {
                    return Optional.empty();
                }
                if (!Arrays.equals(row.getBytes("body_hash"), hash)) {
                    throw Problem.of(409, "The Idempotency-Key '%s' was used with another body: give each request a key of its own"
                            .formatted(key));
                }
                return Optional.of(new StoredBatch(row.getObject("id", UUID.class), row.getInt("total"),
                        row.getString("warnings")));
            }
        }
    }
}
