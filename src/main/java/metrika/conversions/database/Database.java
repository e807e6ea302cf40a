package metrika.conversions.database;

import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

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

    private final Settings settings;
    private final ConnectionPool ofCallers;
    private final ConnectionPool ofDelivery;
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
        ofCallers = ConnectionPool.callers(callerConnections);
        ofDelivery = ConnectionPool.delivery(deliveryConnections);
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
        try {
            new Migrations(place, PATIENCE).run();
        } catch (SettingException e) {
            if (embedded != null) {
                embedded.close();
            }
            throw e;
        }
        var writer = ConnectionPool.WRITER.open(place);
        DurabilityCheck.check(writer);
        return new Opened(
                embedded,
                writer,
                ConnectionPool.STATUS.open(place),
                ofCallers.open(place),
                ConnectionPool.REPORTS.open(place),
                ofDelivery.open(place),
                ConnectionPool.ERASURES.open(place),
                ConnectionPool.LEASES.open(place));
    }

    /**
     * Waits until it is open and gives a connection: on a busy machine the first one takes longer than a pool waits.
     *
     * @throws SettingException when it cannot be reached within half a minute, or not be migrated
     */
    public void await() throws SQLException {
        var callers = opened().callers();
        var end = System.nanoTime() + PATIENCE.toNanos();
        while (true) {
            try (var connection = callers.getConnection()) {
                LOG.debug("The first connection is there: {}", connection);
                return;
            } catch (SQLTransientConnectionException e) { // which has waited for some seconds
                if (System.nanoTime() - end > 0) {
                    throw new SettingException("The database gives no connection: " + e.getMessage());
                }
            }
        }
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
}
