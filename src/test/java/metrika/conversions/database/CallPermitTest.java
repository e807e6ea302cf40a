package metrika.conversions.database;

import java.util.UUID;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

import metrika.conversions.support.TestDatabase;

import static org.assertj.core.api.Assertions.assertThat;

/** When a call that the quota of the day does not let through is asked for again. */
@ResourceLock(Tables.LOCK)
class CallPermitTest {

    private static final int A_DAY = 100;

    private final TestDatabase database = new Tables().database();
    private final String login = UUID.randomUUID().toString();

    @BeforeEach
    void aNewDay() {
        database.update("truncate daily_calls");
    }

    @Test
    void aPollThatLostTheLastCallOfItsLoginKeepsItsTurn() {
        spend("login:" + login);
        assertThat(pause(false)).isEqualTo(1);
    }

    @Test
    void aPollOfACounterThatHasUsedItsOwnCallsWaitsUntilThereAreSome() {
        spend("counter:1");
        assertThat(pause(false)).isGreaterThan(1);
    }

    @Test
    void anUploadWaitsUntilThereAreCalls() {
        spend("login:" + login);
        assertThat(pause(true)).isGreaterThan(1);
    }

    private void spend(String owner) {
        database.update("""
            insert into daily_calls (owner, day, calls, polls)
            values (?, (clock() at time zone 'UTC')::date, 99, 99)
                on conflict (owner, day) do update set calls = 99, polls = 99\
            """, owner);
    }

    private double pause(boolean isUpload) {
        return database.value("""
                select pause from acquire_call_permit(?, 1, ?, interval '1 minute', 3, 30, ?)
                 where reason = 'quota_of_the_day'\
                """, login, isUpload, A_DAY);
    }
}
