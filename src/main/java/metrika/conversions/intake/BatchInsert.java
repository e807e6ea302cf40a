package metrika.conversions.intake;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;

import metrika.conversions.auth.RateLimits;
import metrika.conversions.database.SqlFile;

/**
 * Writes batches with their conversions by {@code store-batches.sql}: one statement, one round trip, values as arrays.
 */
final class BatchInsert {

    private static final String STORE = SqlFile.text("intake/store-batches");
    private static final ConversionField[] FIELDS = ConversionField.values();
    /** How long a request waits for a lock when it is written alone; a group waits for a second. */
    private static final String BRIEFLY = "set lock_timeout = '100ms'";

    private static final String AS_BEFORE = "set lock_timeout = '1s'";

    private final DataSource database;
    private final RateLimits limits;

    BatchInsert(DataSource database, RateLimits limits) {
        this.database = database;
        this.limits = limits;
    }

    /**
     * Writes batches, and tells the limits what the other processes have counted.
     *
     * @param isAlone whether locks are waited for only briefly
     * @return what became of each batch, by its id
     */
    Map<UUID, WriteResult> write(List<NewBatch> batches, boolean isAlone) throws SQLException {
        var rows = new Rows(batches);
        var counted = batches.stream()
                .filter(batch -> batch.requestsInWindow() != null)
                .map(batch -> batch.webhook().id())
                .distinct()
                .toArray(UUID[]::new);
        try (Connection connection = database.getConnection();
                var statement = connection.prepareStatement(STORE)) {
            var parameters = new Parameters(statement);
            setBatches(parameters, batches);
            parameters.set(limits.process());
            parameters.set("uuid", counted);
            parameters.set("text", Arrays.stream(counted).map(limits::counted).toArray());
            rows.set(parameters);
            if (isAlone) {
                execute(connection, BRIEFLY);
            }
            try (var result = statement.executeQuery()) {
                return read(result, counted);
            } finally {
                if (isAlone) {
                    execute(connection, AS_BEFORE);
                }
            }
        }
    }

    private static void setBatches(Parameters parameters, List<NewBatch> batches) throws SQLException {
        var size = batches.size();
        var ids = new UUID[size];
        var webhooks = new UUID[size];
        var versions = new Long[size];
        var requestsInWindow = new Integer[size];
        var totals = new Integer[size];
        var earliest = new Long[size];
        var readyAt = new Long[size];
        var sources = new String[size];
        var warnings = new String[size];
        var keys = new String[size];
        var hashes = new byte[size][];
        var refused = new String[size];
        for (int i = 0; i < size; i++) {
            var batch = batches.get(i);
            ids[i] = batch.id();
            webhooks[i] = batch.webhook().id();
            versions[i] = batch.webhook().version();
            requestsInWindow[i] = batch.requestsInWindow();
            totals[i] = batch.conversions().size();
            earliest[i] = batch.conversions().earliest();
            readyAt[i] = batch.readyAt();
            sources[i] = batch.source();
            warnings[i] = batch.warnings();
            keys[i] = batch.key();
            hashes[i] = batch.bodyHash();
            refused[i] = batch.refused();
        }
        parameters.set("uuid", ids);
        parameters.set("uuid", webhooks);
        parameters.set("int8", versions);
        parameters.set("int4", requestsInWindow);
        parameters.set("int4", totals);
        parameters.set("int8", earliest);
        parameters.set("int8", readyAt);
        parameters.set("text", sources);
        parameters.set("text", warnings);
        parameters.set("text", keys);
        parameters.set("bytea", hashes);
        parameters.set("text", refused);
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private Map<UUID, WriteResult> read(ResultSet result, UUID[] counted) throws SQLException {
        var results = new HashMap<UUID, WriteResult>();
        var alone = new HashSet<>(List.of(counted));
        while (result.next()) {
            var id = result.getObject("id", UUID.class);
            var outcome = result.getString("outcome");
            if (outcome != null) {
                results.put(id, WriteResult.valueOf(outcome));
            } else {
                alone.remove(id);
                limits.others(id, (Integer[]) result.getArray("ages").getArray(), (Integer[])
                        result.getArray("requests").getArray());
            }
        }
        alone.forEach(limits::alone);
        return results;
    }

    /** The statement's parameters, one after the other. */
    private static final class Parameters {

        private final PreparedStatement statement;
        private int next = 1;

        Parameters(PreparedStatement statement) {
            this.statement = statement;
        }

        void set(UUID value) throws SQLException {
            statement.setObject(next++, value);
        }

        /** An array, whose elements are of one class: the driver then does not ask each for its own. */
        void set(String type, Object[] values) throws SQLException {
            statement.setArray(next++, statement.getConnection().createArrayOf(type, values));
        }
    }

    /** The conversions of the batches, column by column: those of {@link ConversionField}, in its order. */
    private static final class Rows {

        private final UUID[] batches;
        private final Integer[] positions;
        private final Object[][] columns = new Object[FIELDS.length][];

        Rows(List<NewBatch> group) {
            var size = group.stream()
                    .map(NewBatch::conversions)
                    .mapToInt(Conversions::size)
                    .sum();
            batches = new UUID[size];
            positions = new Integer[size];
            for (var field : FIELDS) {
                columns[field.ordinal()] = field.array(size);
            }
            var from = 0;
            for (var batch : group) {
                add(from, batch);
                from += batch.conversions().size();
            }
        }

        private void add(int from, NewBatch batch) {
            var conversions = batch.conversions();
            for (int i = 0; i < conversions.size(); i++) {
                batches[from + i] = batch.id();
                positions[from + i] = i;
            }
            for (var field : FIELDS) {
                conversions.copy(field, columns[field.ordinal()], from);
            }
        }

        void set(Parameters parameters) throws SQLException {
            parameters.set("uuid", batches);
            parameters.set("int4", positions);
            for (var field : FIELDS) {
                parameters.set(field.sqlType(), columns[field.ordinal()]);
            }
        }
    }
}
