package metrika.conversions.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicInteger;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;

import metrika.conversions.database.Schema;

/** A database of its own for each product under test, on one PostgreSQL server for the whole run. */
public final class TestDatabase {

    /** Where PostgreSQL's programs are unpacked, which takes longer than to start it. */
    public static final Path PROGRAMS = Path.of("target", "postgresql").toAbsolutePath();

    private static final AtomicInteger COUNT = new AtomicInteger();
    private static EmbeddedPostgres server;
    private static String template;

    private final String url;

    /** Connections that are used again: to open one for each statement costs more than the statement. */
    private final Deque<Connection> idle = new ConcurrentLinkedDeque<>();

    private TestDatabase(String url) {
        this.url = url;
    }

    /** Makes an empty database. */
    public static TestDatabase empty() {
        return create("template0");
    }

    /** Makes a database with the product's tables in it, as a start leaves them: a copy of one for the whole run. */
    public static TestDatabase create() {
        return create(template());
    }

    private static TestDatabase create(String template) {
        var name = "test_" + COUNT.incrementAndGet();
        try (Connection connection = server().getPostgresDatabase().getConnection();
                var statement = connection.createStatement()) {
            statement.execute("create database " + name + " template " + template);
            return new TestDatabase(server().getJdbcUrl("postgres", name));
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static synchronized String template() {
        if (template == null) {
            var database = empty();
            Schema.migrate(database.url);
            template = database.value("select current_database()::text");
            database.close(); // nobody may be connected to what is copied
        }
        return template;
    }

    /** A database that is there, on whatever server. */
    public static TestDatabase at(String url) {
        return new TestDatabase(url);
    }

    /** The JDBC URL, with the user in it. */
    public String url() {
        return url;
    }

    /** A connection of a test's own, to hold locks with. */
    public Connection connection() throws SQLException {
        return DriverManager.getConnection(url);
    }

    /** Runs a query and gives its rows. */
    public List<Map<String, Object>> query(String sql, Object... parameters) {
        return run(sql, parameters, statement -> {
            var rows = new ArrayList<Map<String, Object>>();
            try (var result = statement.executeQuery()) {
                while (result.next()) {
                    var row = new LinkedHashMap<String, Object>();
                    for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
                        row.put(result.getMetaData().getColumnLabel(i), result.getObject(i));
                    }
                    rows.add(row);
                }
            }
            return rows;
        });
    }

    /** The one value of a query. */
    @SuppressWarnings("unchecked")
    public <T> T value(String sql, Object... parameters) {
        return (T) query(sql, parameters).get(0).values().iterator().next();
    }

    /** Runs a statement. */
    public int update(String sql, Object... parameters) {
        return run(sql, parameters, PreparedStatement::executeUpdate);
    }

    /** Closes the connections that are kept. */
    private void close() {
        for (var connection = idle.poll(); connection != null; connection = idle.poll()) {
            try {
                connection.close();
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    private interface Work<T> {
        T on(PreparedStatement statement) throws SQLException;
    }

    private <T> T run(String sql, Object[] parameters, Work<T> work) {
        try {
            for (var kept = idle.poll(); kept != null; kept = idle.poll()) {
                try {
                    return run(kept, sql, parameters, work);
                } catch (SQLException e) {
                    if (!isGone(e)) {
                        throw e;
                    }
                }
            }
            return run(connection(), sql, parameters, work);
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    private <T> T run(Connection connection, String sql, Object[] parameters, Work<T> work) throws SQLException {
        try (var statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setObject(i + 1, parameters[i]);
            }
            var result = work.on(statement);
            idle.push(connection);
            return result;
        } catch (SQLException | RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    /** Whether a connection was ended, with its server or by another session, while nobody used it. */
    private static boolean isGone(SQLException e) {
        return e.getSQLState() != null
                && (e.getSQLState().startsWith("08") || e.getSQLState().startsWith("57P"));
    }

    private static synchronized EmbeddedPostgres server() {
        if (server == null) {
            try {
                server = EmbeddedPostgres.builder()
                        .setOverrideWorkingDirectory(PROGRAMS.toFile())
                        .setDataDirectory(PROGRAMS.resolve(
                                "data-" + ProcessHandle.current().pid()))
                        .setServerConfig("unix_socket_directories", "")
                        .setServerConfig("max_connections", "300")
                        .setLocaleConfig("locale", "C")
                        .start();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return server;
    }
}
