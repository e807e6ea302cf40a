package metrika.conversions.channels;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import javax.sql.DataSource;

import org.apache.camel.health.HealthCheckResultBuilder;

import metrika.conversions.database.SqlFile;
import metrika.conversions.health.HealthOnly;

/**
 * Down while a channel cannot tell, and for a day after it has given something up: else nobody would know that nobody
 * is told. A part of health alone, not of readiness. Callbacks are not in it: their receivers are others' own.
 */
public final class ChannelHealth extends HealthOnly {

    private static final String FAILURES = SqlFile.text("channels/list-channel-failures");

    private final DataSource database;

    public ChannelHealth(DataSource database) {
        super("channels");
        this.database = database;
    }

    @Override
    protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
        try {
            var failures = failures();
            if (failures.isEmpty()) {
                builder.up();
            } else {
                builder.message(failures.entrySet().stream()
                                .map(each -> each.getKey() + " " + each.getValue())
                                .collect(Collectors.joining("; ")))
                        .detail("channels", String.join(", ", failures.keySet()))
                        .down();
            }
        } catch (SQLException e) {
            builder.message("whether channels could tell is unknown: the database does not answer")
                    .down();
        }
    }

    private Map<String, String> failures() throws SQLException {
        var failures = new TreeMap<String, String>();
        try (Connection connection = database.getConnection();
                var statement = connection.prepareStatement(FAILURES);
                var rows = statement.executeQuery()) {
            while (rows.next()) {
                failures.put(
                        rows.getString("channel"),
                        "%s %d events, one of %s: %s"
                                .formatted(
                                        "given_up".equals(rows.getString("state"))
                                                ? "has given up or cannot tell"
                                                : "cannot tell",
                                        rows.getInt("events"),
                                        rows.getString("since"),
                                        rows.getString("failure")));
            }
        }
        return failures;
    }
}
