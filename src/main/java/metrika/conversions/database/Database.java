package metrika.conversions.database;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import metrika.conversions.settings.SettingException;
import metrika.conversions.settings.Settings;

/**
 * The database: embedded or of {@code database.url}, its tables brought up to date, and pools of connections by what
 * they are for, so that no kind of work stands in the way of another: what is slow or hangs uses up its own connections
 * only.
 */
public final class Database implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Database.class);
    /** How long a stop waits for connections to close. A server that stands still would keep it for much longer. */
    private static final Duration CLOSES = Duration.ofSeconds(3);
    /** How long a server is waited for that is not there when the product starts. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    /**
     * What the connections of a pool are for, and how long is waited: for a connection, for a lock, for a statement,
     * which the server ends then, and for the answer of a server that does not say anything, which ends the connection.
     * An HTTP caller is answered within ten seconds, whatever hangs.
     *
     * @param most connections
     * @param connects at least 250 ms
     * @param locks zero: for ever
     * @param statements zero: for ever
     * @param reads in whole seconds
     * @param isHot whether there is one statement, of which no plan is better made anew for its parameters
     */
    private record Pool(
            String name,
            int most,
            Duration connects,
            Duration locks,
            Duration statements,
            Duration reads,
            boolean isHot) {

        static final Pool WRITER = new Pool(
                "writer",
                2,
                Duration.ofSeconds(2),
                Duration.ofSeconds(1),
                Duration.ofSeconds(4),
                Duration.ofSeconds(5),
                true);
        static final Pool STATUS = new Pool(
                "status",
                4,
                Duration.ofMillis(500),
                Duration.ofMillis(1500),
                Duration.ofMillis(1500),
                Duration.ofSeconds(2),
                false);
        static final Pool REPORTS = new Pool(
                "reports",
                2,
                Duration.ofSeconds(1),
                Duration.ofSeconds(2),
                Duration.ofSeconds(5),
                Duration.ofSeconds(6),
                false);

        /** A person is looked for in all that a webhook has: it has its own limits, erase-person.sql and its route. */
        static final Pool ERASURES = new Pool(
                "erasures",
                2,
                Duration.ofSeconds(1),
                Duration.ofSeconds(3),
                Duration.ofSeconds(8),
                Duration.ofSeconds(9),
                false);
        /** For one beat at a time. A connection that broke unnoticed is given up before the shortest lease is over. */
        static final Pool LEASES = new Pool(
                "leases",
                1,
                Duration.ofSeconds(2),
                Duration.ofSeconds(1),
                Duration.ofSeconds(2),
                Duration.ofSeconds(2),
                false);

        static Pool callers(int most) {
            return new Pool(
                    "callers",
                    most,
                    Duration.ofSeconds(2),
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(4),
                    Duration.ofSeconds(5),
                    false);
        }

        static Pool delivery(int most) {
            return new Pool(
                    "delivery",
                    most,
                    Duration.ofSeconds(2),
                    Duration.ZERO,
                    Duration.ZERO,
                    Duration.ofSeconds(120),
                    false);
        }

        /**
         * Run once on each connection. A process that is stopped in a transaction must not hold its rows for ever; none
         * of ours pauses for so long in one. What is answered 200 is committed, and what is sent was committed before,
         * whatever the server's default is; one that waits for standbys too stays.
         */
        String greeting() {
            return """
                set idle_in_transaction_session_timeout = '60s';
                set lock_timeout = %d;
                set statement_timeout = %d;
                set plan_cache_mode = %s;
                select set_config('synchronous_commit', 'on', false)
                 where current_setting('synchronous_commit') <> 'remote_apply'
                """.formatted(locks.toMillis(), statements.toMillis(), isHot ? "force_generic_plan" : "auto");
        }
    }

    private final Settings settings;
    private final Pool ofCallers;
    private final Pool ofDelivery;
    private final CompletableFuture<Opened> opening = new CompletableFuture<>();
    private final Thread opener = new Thread(() -> opening.completeAsync(this::open, Runnable::run), "database");
    private final Pools pools = new Pools(
            new CircuitBreakerDataSource(() -> opened().writer()),
            new CircuitBreakerDataSource(() -> opened().status()),
            new CircuitBreakerDataSource(() -> opened().callers()),
            new CircuitBreakerDataSource(() -> opened().reports()),
            new DeferredDataSource(() -> opened().delivery()),
            new CircuitBreakerDataSource(() -> opened().erasures()),
            new DeferredDataSource(() -> opened().leases()));

    /** @param embedded {@code null} with {@code database.url} */
    private record Opened(
            EmbeddedDatabase embedded,
            HikariDataSource writer,
            HikariDataSource status,
            HikariDataSource callers,
            HikariDataSource reports,
            HikariDataSource delivery,
            HikariDataSource erasures,
            HikariDataSource leases) {}

    /**
     * Begins to open the database and to migrate it; the caller can go on meanwhile.
     *
     * @param callerConnections for what changes something through the HTTP API, but for conversions
     * @param deliveryConnections for uploads and polling
     * @throws SettingException when there is no database
     */
    public Database(Settings settings, int callerConnections, int deliveryConnections) {
        if (settings.find("database.url") == null && !settings.isDev()) {
            throw new SettingException(
                    "database.url is not set: outside the profile dev a PostgreSQL server is needed, such as"
                            + " jdbc:postgresql://localhost:5432/metrika (DATABASE_URL, DATABASE_USER,"
                            + " DATABASE_PASSWORD)");
        }
        if (settings.find("database.url") != null) {
            DatabaseAddress.of(settings.find("database.url"), null, null); // a wrong one is told at once
        }
        this.settings = settings;
        ofCallers = Pool.callers(callerConnections);
        ofDelivery = Pool.delivery(deliveryConnections);
        opener.setDaemon(true);
        opener.start();
    }

    private Opened open() {
        var url = settings.find("database.url");
        var embedded = url == null
                ? new EmbeddedDatabase(settings.directory().resolve(settings.text("data.directory")))
                : null;
        var place = DatabaseAddress.of(
                url == null ? embedded.url() : url, settings.find("database.user"), settings.find("database.password"));
        var address = place.url();
        var user = place.user();
        var password = place.password();
        try {
            new Migrations(place, PATIENCE).run();
        } catch (SettingException e) {
            if (embedded != null) {
                embedded.close();
            }
            throw e;
        }
        var writer = pool(Pool.WRITER, address, user, password);
        Durability.check(writer);
        return new Opened(
                embedded,
                writer,
                pool(Pool.STATUS, address, user, password),
                pool(ofCallers, address, user, password),
                pool(Pool.REPORTS, address, user, password),
                pool(ofDelivery, address, user, password),
                pool(Pool.ERASURES, address, user, password),
                pool(Pool.LEASES, address, user, password));
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

    /** What is at the other end, for the log: without user and password. */
    public String describe() throws SQLException {
        try (var connection = pools.callers().getConnection()) {
            var database = connection.getMetaData();
            return "PostgreSQL %s at %s"
                    .formatted(
                            database.getDatabaseProductVersion(),
                            database.getURL()
                                    .replaceFirst("^jdbc:postgresql:(//)?([^/?]*@)?", "")
                                    .replaceFirst("[?].*$", ""));
        }
    }

    /** Its connections. Whoever asks for one before it is open waits for that. */
    public Pools pools() {
        return pools;
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
        close(List.of(
                opened.writer(),
                opened.status(),
                opened.callers(),
                opened.reports(),
                opened.delivery(),
                opened.erasures(),
                opened.leases()));
        if (opened.embedded() != null) {
            opened.embedded().close();
        }
    }

    /** All at once: each waits for what its connections are at, and for long where the server stands still. */
    private static void close(List<HikariDataSource> pools) throws InterruptedException {
        var threads = pools.stream()
                .map(pool -> new Thread(pool::close, "close-" + pool.getPoolName()))
                .toList();
        threads.forEach(thread -> thread.setDaemon(true));
        threads.forEach(Thread::start);
        var late = System.nanoTime() + CLOSES.toNanos();
        for (var thread : threads) {
            thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(late - System.nanoTime())));
            if (thread.isAlive()) {
                LOG.warn("The database does not answer: its connections end with this process ({})", thread.getName());
            }
        }
    }

    private static HikariDataSource pool(Pool pool, String url, String user, String password) {
        var config = new HikariConfig();
        config.setPoolName(pool.name());
        config.setJdbcUrl(url);
        config.setUsername(user);
        config.setPassword(password);
        config.setMaximumPoolSize(pool.most());
        config.setMinimumIdle(Math.min(2, pool.most()));
        config.setConnectionTimeout(pool.connects().toMillis());
        config.setValidationTimeout(Math.min(1000, pool.connects().toMillis()));
        config.setInitializationFailTimeout(-1);
        config.setConnectionInitSql(pool.greeting());
        driver(config, "connectTimeout", 3);
        driver(config, "socketTimeout", pool.reads().toSeconds());
        driver(config, "tcpKeepAlive", true);
        // Details of server errors quote rows: conversions do not belong into logs.
        driver(config, "logServerErrorDetail", false);
        driver(config, "ApplicationName", "metrika-conversions " + pool.name());
        return new HikariDataSource(config);
    }

    /** As text: whatever is not, Hikari passes over without a word. */
    private static void driver(HikariConfig config, String property, Object value) {
        config.addDataSourceProperty(property, String.valueOf(value));
    }
}
