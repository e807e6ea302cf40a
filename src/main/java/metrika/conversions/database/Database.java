package metrika.conversions.database;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import metrika.conversions.SettingException;
import metrika.conversions.Settings;

/**
 * The database: embedded or of {@code database.url}, its tables brought up to date, and two pools of connections, so that
 * a long statement of the delivery never stands in the way of a caller.
 */
public final class Database implements AutoCloseable {

    /** An HTTP caller is answered within ten seconds: two for a connection, five for a statement. */
    private static final Duration CONNECTS = Duration.ofSeconds(2);
    private static final int CALLER_READS_SECONDS = 5;
    private static final int DELIVERY_READS_SECONDS = 120;

    private final Settings settings;
    private final int callerConnections;
    private final int deliveryConnections;
    private final CompletableFuture<Opened> opening = new CompletableFuture<>();
    private final Thread opener = new Thread(() -> opening.completeAsync(this::open, Runnable::run), "database");
    private final DataSource callers = new FailFast(() -> opened().callers());
    private final DataSource delivery = new LaterPool(() -> opened().delivery());

    /** @param embedded {@code null} with {@code database.url} */
    private record Opened(EmbeddedDatabase embedded, HikariDataSource callers, HikariDataSource delivery) {
    }

    /**
     * Begins to open the database and to migrate it; the caller can go on meanwhile.
     *
     * @param  callerConnections   for the HTTP API
     * @param  deliveryConnections for uploads and polling
     * @throws SettingException    when there is no database
     */
    public Database(Settings settings, int callerConnections, int deliveryConnections) {
        if (settings.find("database.url") == null && !settings.isDev()) {
            throw new SettingException("database.url is not set: outside the profile dev a PostgreSQL server is needed, such as "
                    + "jdbc:postgresql://localhost:5432/metrika (DATABASE_URL, DATABASE_USER, DATABASE_PASSWORD)");
        }
        this.settings = settings;
        this.callerConnections = callerConnections;
        this.deliveryConnections = deliveryConnections;
        opener.setDaemon(true);
        opener.start();
    }

    private Opened open() {
        var url = settings.find("database.url");
        var embedded = url == null ? new EmbeddedDatabase(settings.directory().resolve(settings.text("data.directory"))) : null;
        var user = settings.find("database.user");
        var password = settings.find("database.password");
        var address = url == null ? embedded.url() : url;
        try {
            new Migrations(address, user, password).run();
        } catch (SettingException e) {
            if (embedded != null) {
                embedded.close();
            }
            throw e;
        }
        return new Opened(embedded, pool("callers", address, user, password, callerConnections, CALLER_READS_SECONDS),
                pool("delivery", address, user, password, deliveryConnections, DELIVERY_READS_SECONDS));
    }

    /**
     * Waits until it is open.
     *
     * @throws SettingException when it cannot be reached within half a minute, or not be migrated
     */
    public void await() {
        opened();
    }

    private Opened opened() {
        try {
            return opening.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof SettingException wrong ? wrong : e;
        }
    }

    /** For the HTTP API: each statement commits by itself. */
    public DataSource callers() {
        return callers;
    }

    /** For uploads and polling. */
    public DataSource delivery() {
        return delivery;
    }

    @Override
    public void close() throws InterruptedException {
        if (settings.find("database.url") != null) {
            opener.interrupt(); // a server that is away is tried again for long
        }
        opener.join(); // one of our own that is being made is to be whole
        if (opening.isCompletedExceptionally()) {
            return; // whoever waited for it was told why
        }
        var opened = opened();
        opened.callers().close();
        opened.delivery().close();
        if (opened.embedded() != null) {
            opened.embedded().close();
        }
    }

    private static HikariDataSource pool(String name, String url, String user, String password, int most, int readSeconds) {
        var config = new HikariConfig();
        config.setPoolName(name);
        config.setJdbcUrl(url);
        config.setUsername(user);
        config.setPassword(password);
        config.setMaximumPoolSize(most);
        config.setMinimumIdle(Math.min(2, most));
        config.setConnectionTimeout(CONNECTS.toMillis());
        config.setValidationTimeout(Duration.ofSeconds(1).toMillis());
        config.setInitializationFailTimeout(-1);
        // A process that is stopped in a transaction must not hold its rows for ever; none of ours pauses for so long in one.
        // No statement of ours is better planned anew for its parameters, and planning store-batches takes longer than running it.
        config.setConnectionInitSql("set idle_in_transaction_session_timeout = '60s'; set plan_cache_mode = force_generic_plan");
        driver(config, "connectTimeout", 3);
        driver(config, "socketTimeout", readSeconds);
        driver(config, "tcpKeepAlive", true);
        // Details of server errors quote rows: conversions do not belong into logs.
        driver(config, "logServerErrorDetail", false);
        driver(config, "ApplicationName", "metrika-conversions " + name);
        return new HikariDataSource(config);
    }

    /** As text: whatever is not, Hikari passes over without a word. */
    private static void driver(HikariConfig config, String property, Object value) {
        config.addDataSourceProperty(property, String.valueOf(value));
    }
}
