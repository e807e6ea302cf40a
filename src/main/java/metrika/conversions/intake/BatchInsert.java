package metrika.conversions.intake;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import javax.sql.DataSource;

import metrika.conversions.auth.RateLimits;
import metrika.conversions.database.ArrayValues;
import metrika.conversions.database.ArrayValues.Type;
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
     * @param isCounting whether it tells the database what this process has counted
     * @param isAlone whether locks are waited for only briefly
     * @return what became of each batch, by its id
     */
    Map<UUID, WriteResult> write(List<NewBatch> batches, boolean isCounting, boolean isAlone) throws SQLException {
        var counted = batches.stream()
                .filter(batch -> batch.requestsInWindow() != null)
                .map(batch -> batch.webhook().id())
                .distinct()
                .toList();
        try (Connection connection = database.getConnection();
                var statement = connection.prepareStatement(STORE)) {
            var parameters = new Parameters(statement);
            setBatches(parameters, batches);
            parameters.set(limits.process());
            parameters.set(Type.UUID, counted, Function.identity());
            parameters.set(Type.TEXT, counted, webhook -> isCounting ? limits.counted(webhook) : null);
            setConversions(parameters, batches);
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
        parameters.set(Type.UUID, batches, NewBatch::id);
        parameters.set(Type.UUID, batches, batch -> batch.webhook().id());
        parameters.set(Type.INT8, batches, batch -> batch.webhook().version());
        parameters.set(Type.INT4, batches, NewBatch::requestsInWindow);
        parameters.set(Type.INT4, batches, batch -> batch.conversions().size());
        parameters.set(Type.INT8, batches, batch -> batch.conversions().earliest());
        parameters.set(Type.INT8, batches, NewBatch::readyAt);
        parameters.set(Type.TEXT, batches, NewBatch::source);
        parameters.set(Type.TEXT, batches, NewBatch::warnings);
        parameters.set(Type.TEXT, batches, NewBatch::key);
        parameters.set(Type.BYTEA, batches, NewBatch::bodyHash);
        parameters.set(Type.TEXT, batches, NewBatch::refused);
    }

    private static void setConversions(Parameters parameters, List<NewBatch> batches) throws SQLException {
        var size =
                batches.stream().mapToInt(batch -> batch.conversions().size()).sum();
        var ids = new ArrayValues(Type.UUID, size);
        var positions = new ArrayValues(Type.INT4, size);
        for (var batch : batches) {
            for (int i = 0; i < batch.conversions().size(); i++) {
                ids.add(batch.id());
                positions.addInt(i);
            }
        }
        parameters.set(ids);
        parameters.set(positions);
        for (var field : FIELDS) {
            var column = field.column(size);
            batches.forEach(batch -> column.addAll(batch.conversions().column(field)));
            parameters.set(column);
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private Map<UUID, WriteResult> read(ResultSet result, List<UUID> counted) throws SQLException {
        var results = new HashMap<UUID, WriteResult>();
        var alone = new HashSet<>(counted);
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

        void set(ArrayValues values) throws SQLException {
            values.setTo(statement, next++);
        }

        /** An array of one value of each. */
        <T> void set(Type type, Collection<T> each, Function<T, ?> value) throws SQLException {
            var values = new ArrayValues(type, each.size());
            each.forEach(one -> values.add(value.apply(one)));
            set(values);
        }
    }
}
