package metrika.conversions.database;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import javax.sql.DataSource;

import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;

/** Not ready while the database cannot be reached: requests are answered 503 then. */
public final class DatabaseHealth extends AbstractHealthCheck {

    private static final int SECONDS = 2;

    private final DataSource database;

    public DatabaseHealth(DataSource database) {
        super("metrika-conversions", "database");
        this.database = database;
    }

    @Override
    public boolean isLiveness() {
        return false;
    }

    @Override
    protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
        try (Connection connection = database.getConnection()) {
            if (connection.isValid(SECONDS)) {
                builder.up();
            } else {
                builder.message("the connection does not answer").down();
            }
        } catch (SQLException e) {
            builder.message("no connection").error(e).down();
        }
    }
}
