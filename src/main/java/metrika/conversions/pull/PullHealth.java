package metrika.conversions.pull;

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
 * Down while a source could not be pulled the last time, by whichever process tried. A part of health alone, not of
 * readiness: a partner's trouble must not take this process out of service for all others.
 */
public final class PullHealth extends HealthOnly {

    private static final String FAILURES = SqlFile.text("sources/list-pull-failures");

    private final PullSteps pulls;
    private final DataSource database;

    public PullHealth(PullSteps pulls, DataSource database) {
        super("pulls");
        this.pulls = pulls;
        this.database = database;
    }

    @Override
    protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
        var failures = new TreeMap<String, String>();
        if (!pulls.sources().isEmpty()) {
            try {
                failures.putAll(failures());
            } catch (SQLException e) {
                builder.message("whether sources could be pulled is unknown: the database does not answer")
                        .down();
                return;
            }
        }
        if (failures.isEmpty()) {
            builder.up();
        } else {
            builder.message(failures.entrySet().stream()
                            .map(each -> each.getKey() + " " + each.getValue())
                            .collect(Collectors.joining("; ")))
                    .detail("sources", String.join(", ", failures.keySet()))
                    .down();
        }
    }

    /** The sources that this process pulls too, with why and since when they fail. */
    private Map<String, String> failures() throws SQLException {
        var failures = new TreeMap<String, String>();
        try (Connection connection = database.getConnection();
                var statement = connection.prepareStatement(FAILURES);
                var rows = statement.executeQuery()) {
            while (rows.next()) {
                if (pulls.sources().contains(rows.getString("source"))) {
                    failures.put(
                            rows.getString("source"),
                            "could not be pulled since %s: %s"
                                    .formatted(rows.getString("since"), rows.getString("failure")));
                }
            }
        }
        return failures;
    }
}
