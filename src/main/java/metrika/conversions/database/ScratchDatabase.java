package metrika.conversions.database;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import javax.sql.DataSource;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;

import metrika.conversions.settings.SettingException;

/**
 * An embedded PostgreSQL with the product's tables, empty, on which connectors and statements are tried. It is made
 * when somebody first asks for a connection, which takes some seconds, and deleted at the end.
 */
public final class ScratchDatabase implements AutoCloseable {

    private static final Duration STARTS = Duration.ofSeconds(60);

    private final DataSource dataSource = new DeferredDataSource(this::open);
    private EmbeddedPostgres server;

    /**
     * Its connections.
     *
     * @return whose {@code getConnection} throws a {@link SettingException} where no embedded PostgreSQL can run
     */
    public DataSource dataSource() {
        return dataSource;
    }

    private synchronized DataSource open() {
        if (server == null) {
            try {
                server = EmbeddedPostgres.builder()
                        .setLocaleConfig("locale", "C")
                        .setServerConfig("listen_addresses", "localhost")
                        .setServerConfig("unix_socket_directories", "")
                        .setServerConfig("timezone", "UTC")
                        .setPGStartupWait(STARTS)
                        .start();
            } catch (IOException e) {
                throw new SettingException("An embedded PostgreSQL does not start here: " + e.getMessage());
            }
            new Migrations(DatabaseAddress.of(server.getJdbcUrl("postgres", "postgres"), null, null), STARTS).run();
        }
        return server.getPostgresDatabase();
    }

    @Override
    public synchronized void close() {
        try {
            if (server != null) {
                server.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the embedded PostgreSQL does not stop", e);
        }
    }
}
