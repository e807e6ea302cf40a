package metrika.conversions.support;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

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

    private static final List<String> SCHEDULES = List.of("plan-uploads", "poll-uploads");
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final TestDatabase database;
    private final Simulator metrika;
    private final List<Product> products;
    private final Instant midnight = Instant.now().truncatedTo(ChronoUnit.DAYS).plus(1, ChronoUnit.DAYS);
    private Instant now = midnight;

    /** @param products the processes that work on that database */
    public SteppedClock(TestDatabase database, Simulator metrika, Product... products) {
        this.database = database;
        this.metrika = metrika;
        this.products = List.of(products);
        show();
    }

    /** The day's first moment. */
    public Instant midnight() {
        return midnight;
    }

    public Instant now() {
        return now;
    }

    /** Waits until the schedules of each process have come round and what they began is done, and goes on. */
    public void step(Duration step) {
        for (var product : products) {
            for (var schedule : SCHEDULES) {
                // Of two runs that end from now on, the second has begun at this time of the clock
                var runs = product.runs(schedule) + 2;
                await().pollInterval(Duration.ofMillis(20)).until(() -> product.runs(schedule) >= runs);
            }
        }
        try {
            await().pollDelay(Duration.ZERO)
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
