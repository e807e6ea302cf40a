package metrika.conversions.database;

import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;

/**
 * Connections of a pool for statements whose rows are read as they are needed: PostgreSQL sends them piece by piece
 * only within a transaction. It ends, without having changed anything, when the connection goes back to the pool.
 */
public final class StreamingDataSource extends DeferredDataSource {

    public StreamingDataSource(DataSource pool) {
        super(() -> pool);
    }

    @Override
    public Connection getConnection() throws SQLException {
        var connection = super.getConnection();
        try {
            connection.setAutoCommit(false);
            try (var statement = connection.createStatement()) {
                // From its sixth run on a statement may otherwise be planned without a look at its parameters.
                statement.execute("set transaction read only; set local plan_cache_mode = force_custom_plan");
            }
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }
}
