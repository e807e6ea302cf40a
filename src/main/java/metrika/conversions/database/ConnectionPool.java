package metrika.conversions.database;

import java.time.Duration;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.metrics.micrometer.MicrometerMetricsTrackerFactory;
import io.micrometer.core.instrument.Metrics;
import org.postgresql.core.Oid;

/**
 * What the connections of a pool are for, and how long is waited: for a connection, for a lock, for a statement, which
 * the server ends then, and for the answer of a server that does not say anything, which ends the connection. An HTTP
 * caller is answered within ten seconds, whatever hangs.
 *
 * @param max connections
 * @param connects at least 250 ms
 * @param locks zero: for ever
 * @param statements zero: for ever
 * @param reads in whole seconds
 * @param isHot whether there is one statement, of which no plan is better made anew for its parameters
 */
record ConnectionPool(
        String name, int max, Duration connects, Duration locks, Duration statements, Duration reads, boolean isHot) {

    static final ConnectionPool WRITER = new ConnectionPool(
            "writer",
            2,
            Duration.ofSeconds(2),
            Duration.ofSeconds(1),
            Duration.ofSeconds(4),
            Duration.ofSeconds(5),
            true);
    static final ConnectionPool STATUS = new ConnectionPool(
            "status",
            4,
            Duration.ofMillis(500),
            Duration.ofMillis(1500),
            Duration.ofMillis(1500),
            Duration.ofSeconds(2),
            false);
    static final ConnectionPool REPORTS = new ConnectionPool(
            "reports",
            2,
            Duration.ofSeconds(1),
            Duration.ofSeconds(2),
            Duration.ofSeconds(5),
            Duration.ofSeconds(6),
            false);

    /** A person is looked for in all that a webhook has: it has its own limits, erase-person.sql and its route. */
    static final ConnectionPool ERASURES = new ConnectionPool(
            "erasures",
            2,
            Duration.ofSeconds(1),
            Duration.ofSeconds(3),
            Duration.ofSeconds(8),
            Duration.ofSeconds(9),
            false);
    /** For one beat at a time. A connection that broke unnoticed is given up before the shortest lease is over. */
    static final ConnectionPool LEASES = new ConnectionPool(
            "leases",
            1,
            Duration.ofSeconds(2),
            Duration.ofSeconds(1),
            Duration.ofSeconds(2),
            Duration.ofSeconds(2),
            false);

    static ConnectionPool callers(int max) {
        return new ConnectionPool(
                "callers",
                max,
                Duration.ofSeconds(2),
                Duration.ofSeconds(1),
                Duration.ofSeconds(4),
                Duration.ofSeconds(5),
                false);
    }

    static ConnectionPool delivery(int max) {
        return new ConnectionPool(
                "delivery", max, Duration.ofSeconds(2), Duration.ZERO, Duration.ZERO, Duration.ofSeconds(120), false);
    }

    /**
     * Run once on each connection. A process that is stopped in a transaction must not hold its rows for ever; none of
     * ours pauses for so long in one. What is answered 200 is committed, and what is sent was committed before,
     * whatever the server's default is; one that waits for standbys too stays. To compile a query (jit) would take
     * longer than to run any of ours.
     */
    private String greeting() {
        return """
            set idle_in_transaction_session_timeout = '60s';
            set lock_timeout = %d;
            set statement_timeout = %d;
            set plan_cache_mode = %s;
            set jit = off;
            select set_config('synchronous_commit', 'on', false)
             where current_setting('synchronous_commit') <> 'remote_apply'
            """.formatted(locks.toMillis(), statements.toMillis(), isHot ? "force_generic_plan" : "auto");
    }

    /** Opens it; its connections are made when they are asked for. */
    HikariDataSource open(DatabaseAddress address) {
        var config = new HikariConfig();
        // PostgreSQL's own. Hikari asks the first connection for it, and if that one breaks meanwhile, as on a busy
        // machine, takes -1 for the answer: the pool would never make a connection again
        config.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
        config.setPoolName(name);
        config.setMetricsTrackerFactory(new MicrometerMetricsTrackerFactory(Metrics.globalRegistry));
        config.setJdbcUrl(address.url());
        config.setUsername(address.user());
        config.setPassword(address.password());
        config.setMaximumPoolSize(max);
        config.setMinimumIdle(Math.min(2, max));
        config.setConnectionTimeout(connects.toMillis());
        config.setValidationTimeout(Math.min(1000, connects.toMillis()));
        config.setInitializationFailTimeout(-1);
        config.setConnectionInitSql(greeting());
        driver(config, "connectTimeout", 3);
        driver(config, "socketTimeout", reads.toSeconds());
        driver(config, "tcpKeepAlive", true);
        // Details of server errors quote rows: conversions do not belong into logs.
        driver(config, "logServerErrorDetail", false);
        if (isHot) { // arrays that the driver otherwise sends as text, see ArrayValues: uuid[], numeric[]
            driver(config, "binaryTransferEnable", Oid.UUID_ARRAY + "," + Oid.NUMERIC_ARRAY);
        }
        driver(config, "ApplicationName", "metrika-conversions " + name);
        return new HikariDataSource(config);
    }

    /** As text: whatever is not, Hikari passes over without a word. */
    private static void driver(HikariConfig config, String property, Object value) {
        config.addDataSourceProperty(property, String.valueOf(value));
    }
}
