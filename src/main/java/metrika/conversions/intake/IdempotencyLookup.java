package metrika.conversions.intake;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;

import metrika.conversions.database.SqlFile;
import metrika.conversions.problem.Json;
import metrika.conversions.problem.ProblemException;

/** What is known already of requests with an idempotency key. */
final class IdempotencyLookup {

    /** What a request waits for at the most, in ms, while the database is asked. */
    static final long MILLIS = 2000;

    private static final TypeReference<List<RejectedRow>> REFUSED_ROWS = new TypeReference<>() {};
    private static final String FIND_BY_KEYS = SqlFile.text("intake/find-idempotent-batches");
    private static final String FIND_BY_KEY = SqlFile.text("intake/find-idempotent-batch");

    private final DataSource database;

    IdempotencyLookup(DataSource database) {
        this.database = database;
    }

    /** Whether something was stored under a key. */
    boolean isStored(UUID webhook, String key) throws SQLException {
        try (Connection connection = database.getConnection();
                var statement = connection.prepareStatement(FIND_BY_KEY)) {
            statement.setObject(1, webhook);
            statement.setString(2, key);
            statement.setBytes(3, null); // the hash of no request: this one is not counted as a repetition
            try (var row = statement.executeQuery()) {
                return row.next();
            }
        }
    }

    /**
     * The batch that a key stands for, or {@code null}.
     *
     * @param hash of the body that the key came with
     * @param given the conversions of that body, to say in what they differ; {@code null} when that is not known
     * @throws ProblemException 409 when the key stands for another body
     */
    StoredBatch find(UUID webhook, String key, byte[] hash, Conversions given) throws SQLException {
        try (Connection connection = database.getConnection();
                var statement = connection.prepareStatement(FIND_BY_KEY)) {
            statement.setObject(1, webhook);
            statement.setString(2, key);
            statement.setBytes(3, hash);
            try (var row = statement.executeQuery()) {
                if (!row.next()) {
                    return null;
                }
                if (!Arrays.equals(row.getBytes("body_hash"), hash)) {
                    var difference = given == null
                            ? ""
                            : BodyDifference.find(
                                    connection, row.getObject("id", UUID.class), row.getInt("total"), given);
                    throw ProblemException.of(
                            409,
                            "The Idempotency-Key '%s' was used with another body: give each request a key of its own.%s"
                                    .formatted(key, difference));
                }
                return new StoredBatch(
                        row.getObject("id", UUID.class),
                        row.getInt("total"),
                        row.getString("warnings"),
                        refused(row.getString("rejected_rows")),
                        row.getInt("total"));
            }
        }
    }

    /**
     * The keys that stand for something already, with the hashes of what they came with.
     *
     * @param isCounted whether those that came with the same are counted as repeated
     */
    Map<String, byte[]> find(UUID webhook, List<RowKey> keys, boolean isCounted) throws SQLException {
        try (Connection connection = database.getConnection();
                var statement = connection.prepareStatement(FIND_BY_KEYS)) {
            statement.setArray(
                    1,
                    connection.createArrayOf(
                            "text", keys.stream().map(RowKey::key).toArray()));
            statement.setArray(
                    2,
                    connection.createArrayOf(
                            "bytea", keys.stream().map(RowKey::hash).toArray(byte[][]::new)));
            statement.setObject(3, webhook);
            statement.setBoolean(4, isCounted);
            var found = new HashMap<String, byte[]>();
            try (var rows = statement.executeQuery()) {
                while (rows.next()) {
                    found.put(rows.getString("idempotency_key"), rows.getBytes("body_hash"));
                }
            }
            return found;
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
