package metrika.conversions.database;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

import com.zaxxer.hikari.HikariDataSource;

/**
 * A pool whose database may be away. Whoever finds that out has waited for it; those who come in the second after are
 * told at once, all but one who tries again. So no queue of waiting callers builds up, however many there are. A pool
 * that has connections, but none free in time, says nothing of the database: whoever gets none is told so alone.
 */
final class CircuitBreakerDataSource extends DeferredDataSource {

    private static final long PAUSE_NANOS = Duration.ofSeconds(1).toNanos();
    private static final long UP = 0;

    /** Until when the database counts as away, on the monotonic clock; {@link #UP} while it does not. */
    private final AtomicLong awayUntil = new AtomicLong(UP);

    private final Supplier<HikariDataSource> pool;

    CircuitBreakerDataSource(Supplier<HikariDataSource> pool) {
        super(pool);
        this.pool = pool;
    }

    @Override
    public Connection getConnection() throws SQLException {
        var until = awayUntil.get();
        var now = System.nanoTime();
        if (until != UP && (now - until < 0 || !awayUntil.compareAndSet(until, pause(now)))) {
            throw new SQLTransientConnectionException("the database did not answer a moment ago");
        }
        try {
            var connection = super.getConnection();
            awayUntil.set(UP);
            return connection;
        } catch (SQLException e) {
            if (pool.get().getHikariPoolMXBean().getTotalConnections() == 0) {
                awayUntil.set(pause(System.nanoTime()));
            }
            throw e;
        }
    }

    private static long pause(long now) {
        var until = now + PAUSE_NANOS;
        return until == UP ? 1 : until;
    }
}
