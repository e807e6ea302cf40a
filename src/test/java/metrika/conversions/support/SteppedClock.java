package metrika.conversions.support;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

import org.awaitility.core.ConditionTimeoutException;

import metrika.simulator.Simulator;

import static org.awaitility.Awaitility.await;

/**
 * A clock for a database and its Metrika on which days pass in minutes: it stands still while uploads and calls are
 * under way, and jumps when none is, so that a slow machine makes a long test and not another one. It starts at the
 * next 00:00 UTC. In the database it takes the place of the function {@code clock()}; the simulator's clock is pushed
 * along, and in between runs as fast as time does.
 */
public final class SteppedClock {

    /** In which both schedules of each process have come round. */
    private static final Duration TICK = Duration.ofMillis(130);

    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final TestDatabase database;
    private final Simulator metrika;
    private final Instant midnight = Instant.now().truncatedTo(ChronoUnit.DAYS).plus(1, ChronoUnit.DAYS);
    private Instant now = midnight;

    public SteppedClock(TestDatabase database, Simulator metrika) {
        this.database = database;
        this.metrika = metrika;
        show();
    }

    /** The day's first moment. */
    public Instant midnight() {
        return midnight;
    }

    public Instant now() {
        return now;
    }

    /** Gives the processes a tick, waits until they are done with it, and goes on. */
    public void step(Duration step) {
        try {
            await().pollDelay(TICK)
                    .pollInterval(Duration.ofMillis(20))
                    .atMost(PATIENCE)
                    .until(() -> database.<Boolean>value("""
                        select not exists (select from upload where lease_expires_at is not null)
                           and not exists (select from in_flight_call)\
                        """));
        } catch (ConditionTimeoutException e) {
            // What is under way does not end by itself, as a lease that its process lost: only time ends it.
        }
        now = now.plus(step);
        show();
    }

    private void show() {
        database.update("create or replace function clock() returns timestamptz language sql stable as "
                + "$$ select timestamptz '%s' $$".formatted(now));
        var behind = Duration.between(metrika.now(), now);
        if (!behind.isNegative()) {
            metrika.advance(behind);
        }
    }
}
