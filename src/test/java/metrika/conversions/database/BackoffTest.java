package metrika.conversions.database;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import metrika.conversions.support.TestDatabase;

import static org.assertj.core.api.Assertions.assertThat;

/** Pauses between tries grow with the failures to a longest one, and no two of them are quite the same. */
@ResourceLock(Tables.LOCK)
class BackoffTest {

    private static final TestDatabase DATABASE = new Tables().database();

    @ParameterizedTest
    @CsvSource({
        "0, 5 s, 2, 1 h, 5",
        "1, 5 s, 2, 1 h, 10",
        "9, 5 s, 2, 1 h, 2560",
        "10, 5 s, 2, 1 h, 3600",
        "100000, 5 s, 2, 1 h, 3600",
        "0, 1 s, 1.6, 4 min, 1",
        "2, 1 s, 1.6, 4 min, 2.56",
        "100000, 1 s, 1.6, 4 min, 240"
    })
    void aPauseGrowsWithTheFailures(int failures, String base, double factor, String longest, double seconds) {
        assertThat(DATABASE.<Double>value(
                        "select extract(epoch from backoff(?, ?::interval, ?, ?::interval))::float8",
                        failures,
                        base,
                        factor,
                        longest))
                .isEqualTo(seconds);
    }

    @Test
    void jitterAddsAFifthAndThreeMinutesAtMost() {
        for (var pause : new String[] {"10 s", "4 min", "1 h", "1 day"}) {
            assertThat(DATABASE.<Boolean>value("""
                              select bool_and(jittered between pause and pause + least(pause * 0.2, interval '3 min'))
                                     and count(distinct jittered) > 1
                                from (select p.pause, with_jitter(p.pause) as jittered
                                        from (select ?::interval as pause) as p, generate_series(1, 1000)) as many\
                              """, pause)).as(pause).isTrue();
        }
    }
}
