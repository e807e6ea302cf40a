package metrika.conversions.database;

import java.sql.SQLException;
import java.util.Map;
import java.util.TreeMap;
import javax.sql.DataSource;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether the server keeps what it has committed: "200 means committed" is worth as much as that. */
final class DurabilityCheck {

    private static final Logger LOG = LoggerFactory.getLogger(DurabilityCheck.class);
    private static final String OFF =
            "select name from pg_settings where name in ('fsync', 'full_page_writes') and setting = 'off'";
    private static final Map<String, String> MEANING = Map.of(
            "fsync",
                    "whatever was answered 200, or the whole database, may be lost when the server's machine stops"
                            + " without warning",
            "full_page_writes",
                    "a page that is half written when the server's machine stops without warning is lost, "
                            + "unless the file system writes whole pages, as ZFS does");

    private DurabilityCheck() {}

    /** Says in the log, a line for each, what is switched off. */
    static void check(DataSource database) {
        try {
            risks(database)
                    .forEach((setting, meaning) ->
                            LOG.warn("PostgreSQL runs with {} = off: {}. Switch it on", setting, meaning));
        } catch (SQLException e) {
            LOG.warn(
                    "PostgreSQL was not asked whether fsync and full_page_writes are on, SQLSTATE {}", e.getSQLState());
        }
    }

    /** What is switched off, each with what that means. */
    static Map<String, String> risks(DataSource database) throws SQLException {
        var risks = new TreeMap<String, String>();
        try (var connection = database.getConnection();
                var statement = connection.createStatement();
                var row = statement.executeQuery(OFF)) {
            while (row.next()) {
                risks.put(row.getString("name"), MEANING.get(row.getString("name")));
            }
        }
        return risks;
    }
}
