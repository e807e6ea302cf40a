package metrika.conversions.health;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Map;
import javax.sql.DataSource;

import org.apache.camel.health.HealthCheckResultBuilder;

import metrika.conversions.database.SqlFile;
import metrika.conversions.settings.Settings;

/**
 * Down when conversions will soon have no partition of their day, or are kept for longer than their retention period:
 * {@code create-partitions} or {@code purge-conversions} does not get its lock, or does not run.
 */
public final class DaysHealth extends HealthOnly {

    private static final String CHECK = SqlFile.text("maintenance/check-days");
    /** There are fourteen after each run, one an hour. */
    private static final int MIN_AHEAD = 7;
    /** A day is dropped some time after its last conversion is too old; a lock may keep it for a day more. */
    private static final int MAX_LATE = 3;

    private final DataSource database;
    private final String completed;
    private final String error;

    public DaysHealth(DataSource database, Settings settings) {
        super("days");
        this.database = database;
        completed = settings.text("retention.completed");
        error = settings.text("retention.error");
    }

    @Override
    protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
        var told = new ArrayList<String>();
        try (Connection connection = database.getConnection();
                var statement = connection.prepareStatement(CHECK)) {
            statement.setString(1, completed);
            statement.setString(2, error);
            try (var row = statement.executeQuery()) {
                row.next();
                if (row.getInt("days_ahead") < MIN_AHEAD) {
                    told.add("conversions of only %d days to come have a partition: does create-partitions fail?"
                            .formatted(row.getInt("days_ahead")));
                }
                if (row.getInt("days_late") > MAX_LATE) {
                    told.add("conversions are kept for %d days more than retention.* says: does purge-conversions fail?"
                            .formatted(row.getInt("days_late")));
                }
            }
        } catch (SQLException e) {
            told.add("the days of conversions are unknown: the database does not answer");
        }
        if (told.isEmpty()) {
            builder.up();
        } else {
            builder.message(String.join("; ", told)).down();
        }
    }
}
