package metrika.conversions.intake;

import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.UUID;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

import metrika.conversions.auth.Webhook;
import metrika.conversions.support.TestDatabase;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Goals in memory follow the database, and are forgotten when they are too old to be relied on. */
class KnownGoalsTest {

    private static final TestDatabase DATABASE = TestDatabase.create();
    private static final Instant NOW = Instant.parse("2025-07-01T12:00:00Z");

    private final PGSimpleDataSource source = new PGSimpleDataSource();
    private KnownGoals known;

    @BeforeEach
    void empty() {
        DATABASE.update("truncate counter_check");
        source.setUrl(DATABASE.url());
        known = new KnownGoals(source, Duration.ofHours(6), Clock.fixed(NOW, ZoneOffset.UTC));
    }

    private static void read(long counter, String login, String target, Instant at) {
        DATABASE.update(
                """
                insert into counter_check (counter_id, login, goals, goals_read_at, next_check_at)
                values (?, ?, ?::jsonb, ?::timestamptz, clock())
                    on conflict (counter_id, login) do update
                   set goals = excluded.goals, goals_read_at = excluded.goals_read_at""",
                counter,
                login,
                "[{\"id\": 1, \"name\": \"\", \"type\": \"action\", \"conditions\": [{\"type\": \"exact\", \"url\": \"%s\"}]}]"
                        .formatted(target),
                at.toString());
    }

    private boolean isMissing(long counter, String target) {
        return known.of(new Webhook(new UUID(0, 1), counter, ZoneOffset.UTC, 60, true, 0, null))
                .isMissing(target);
    }

    @Test
    void eachCounterHasItsOwnAndWhatWasNotReadIsNotKnown() throws SQLException {
        read(1, "a", "buy", NOW);
        read(2, "a", "sell", NOW);
        known.refresh();
        assertThat(isMissing(1, "buy")).isFalse();
        assertThat(isMissing(1, "sell")).isTrue();
        assertThat(isMissing(2, "sell")).isFalse();
        assertThat(isMissing(3, "sell")).isFalse();
    }

    @Test
    void theLatestReadingCountsWhicheverTokenItWasBy() throws SQLException {
        read(1, "a", "buy", NOW.minusSeconds(60));
        read(1, "b", "sell", NOW);
        known.refresh();
        assertThat(isMissing(1, "buy")).isTrue();
        read(1, "a", "buy", NOW.plusSeconds(1));
        known.refresh();
        assertThat(isMissing(1, "buy")).isFalse();
    }

    @Test
    void whatIsCommittedLateIsReadAllTheSame() throws SQLException {
        read(1, "a", "buy", NOW);
        known.refresh();
        read(2, "a", "sell", NOW.minusSeconds(1));
        known.refresh();
        known.refresh();
        assertThat(isMissing(2, "buy")).isTrue();
        assertThat(isMissing(1, "sell")).as("the other one stays known").isTrue();
    }

    @Test
    void whatIsGoneIsForgottenAndWhatIsOldIsNotReliedOn() throws SQLException {
        read(1, "a", "buy", NOW);
        read(2, "a", "buy", NOW.minus(Duration.ofHours(6)).minusSeconds(1));
        read(3, "a", "buy", NOW.minus(Duration.ofHours(6)));
        known.refresh();
        assertThat(isMissing(2, "sell")).isFalse();
        assertThat(isMissing(3, "sell")).isTrue();
        DATABASE.update("delete from counter_check where counter_id = 1");
        known.refresh();
        assertThat(isMissing(1, "sell")).isFalse();
    }

    @Test
    void whileTheDatabaseIsAwayWhatWasKnownStaysSo() throws SQLException {
        read(1, "a", "buy", NOW);
        known.refresh();
        source.setUrl("jdbc:postgresql://127.0.0.1:1/none");
        assertThatThrownBy(known::refresh).isInstanceOf(SQLException.class);
        assertThat(isMissing(1, "sell")).isTrue();
    }
}
