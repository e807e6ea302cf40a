package metrika.conversions.database;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import metrika.conversions.support.Statements;
import metrika.conversions.support.TestDatabase;

import static org.assertj.core.api.Assertions.assertThat;

/** Which counters are checked when, and what is recorded of it, on a clock that moves when the test says so. */
class CounterCheckTest {

    private static final TestDatabase DATABASE = TestDatabase.create();

    private Instant now = Instant.parse("2025-07-01T12:00:00Z");

    @BeforeEach
    void empty() {
        DATABASE.update("truncate webhook, counter_check, daily_calls cascade");
        step(Duration.ZERO);
    }

    private void step(Duration step) {
        now = now.plus(step);
        DATABASE.update("create or replace function clock() returns timestamptz language sql stable as "
                + "$$ select timestamptz '%s' $$".formatted(now));
    }

    private static UUID webhook(long counter, String login) {
        var id = UUID.randomUUID();
        DATABASE.update("""
            insert into webhook (id, name, counter_id, token, login, time_zone, requests_per_minute, secret_hash)
            values (?, 'test', ?, '\\x00', ?, 'UTC', 60, '\\x00')\
            """, id, counter, login);
        return id;
    }

    private static List<Map<String, Object>> run(String name, Map<String, ?> values) {
        var rows = new ArrayList<Map<String, Object>>();
        try (var connection = DATABASE.connection();
                var result = connection.createStatement().executeQuery(Statements.of(name, values))) {
            while (result.next()) {
                var row = new HashMap<String, Object>();
                for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
                    row.put(result.getMetaData().getColumnLabel(i), result.getObject(i));
                }
                rows.add(row);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return rows;
    }

    private static List<Object> claim() {
        return claim(99, 5000);
    }

    private static List<Object> claim(int max, int callsADay) {
        return run("claim-counter-checks", Map.of("max_checks", max, "metrika.calls-per-day", callsADay)).stream()
                .map(row -> row.get("counter_id"))
                .toList();
    }

    private static Map<String, Object> record(long counter, String login, String answer) {
        return run(
                        "record-counter-check",
                        Map.of("counter_id", counter, "login", login, "counter", answer, "answer", "[]"))
                .get(0);
    }

    private static Map<String, Object> fail(long counter, String login, String outcome, Double retryAfter) {
        var values = new HashMap<String, Object>();
        values.putAll(Map.of("counter_id", counter, "login", login, "outcome", outcome, "detail", "Oh no."));
        values.put("retry_after", retryAfter);
        values.put("own_quota", outcome.isEmpty());
        return run("record-check-failure", values).get(0);
    }

    private static Map<String, Object> row() {
        return DATABASE.query("select * from counter_check").get(0);
    }

    private Duration nextIn() {
        return Duration.ofMillis(DATABASE.<Number>value(
                        "select (1000 * extract(epoch from next_check_at - clock()))::bigint from counter_check")
                .longValue());
    }

    @Test
    void aCounterIsClaimedOnceForAllWebhooksOfItsToken() {
        webhook(1, "a");
        webhook(1, "a");
        webhook(1, "b");
        webhook(2, "a");
        assertThat(claim()).containsExactlyInAnyOrder(1L, 1L, 2L);
        assertThat(claim()).isEmpty();
    }

    @Test
    void aProcessThatDiesCostsTwoMinutes() {
        webhook(1, "a");
        claim();
        step(Duration.ofSeconds(119));
        assertThat(claim()).isEmpty();
        step(Duration.ofSeconds(1));
        assertThat(claim()).containsExactly(1L);
    }

    @Test
    void aCheckIsRepeatedAboutOnceAnHour() {
        webhook(1, "a");
        for (int i = 0; i < 5; i++) {
            assertThat(claim()).containsExactly(1L);
            record(1, "a", "{}");
            assertThat(nextIn()).isBetween(Duration.ofMinutes(48), Duration.ofMinutes(72));
            step(Duration.ofMinutes(47));
            assertThat(claim()).isEmpty();
            step(Duration.ofMinutes(26));
        }
    }

    @Test
    void anotherTokenOrCounterIsAnotherCheck() {
        var webhook = webhook(1, "a");
        claim();
        record(1, "a", "{}");
        DATABASE.update("update webhook set login = 'b' where id = ?", webhook);
        assertThat(claim()).containsExactly(1L);
        DATABASE.update("update webhook set counter_id = 2 where id = ?", webhook);
        assertThat(claim()).containsExactly(2L);
    }

    @Test
    void whoAsksAtOnceIsAnsweredWhetherOrNotItIsDue() {
        var webhook = webhook(1, "a");
        claim();
        assertThat(run("claim-counter-check", Map.of("form.id", webhook))).hasSize(1);
        assertThat(claim()).as("the schedule leaves it to whoever asked").isEmpty();
    }

    @Test
    void webhooksThatAreSwitchedOffAreLeftAlone() {
        webhook(1, "a");
        DATABASE.update("update webhook set is_active = false");
        assertThat(claim()).isEmpty();
    }

    @Test
    void thoseThatHaveWaitedLongestComeFirstAndNoMoreThanThereAreThreads() {
        webhook(1, "a");
        claim();
        step(Duration.ofHours(2));
        webhook(2, "a");
        webhook(3, "b");
        assertThat(claim(2, 5000)).containsExactlyInAnyOrder(2L, 3L);
        assertThat(claim(2, 5000)).containsExactly(1L);
    }

    @Test
    void pollingKeepsAHundredthOfTheDay() {
        step(Duration.between(now, Instant.parse("2025-07-02T00:00:00Z")));
        for (int i = 1; i <= 9; i++) {
            webhook(i, "a");
        }
        webhook(1, "b");
        // At midnight polls have 40 of 1000 calls, 16 of them are left here, 10 stay with polls, and a check takes two
        DATABASE.update("insert into daily_calls (owner, day, calls, polls) values ('login:a', '2025-07-02', 24, 14)");
        assertThat(claim(99, 1000)).containsExactlyInAnyOrder(1L, 2L, 3L, 1L);
    }

    @ParameterizedTest
    @CsvSource({
        "own, ok, true",
        "edit, ok, true",
        "view, no_access, false",
        "analyst, no_access, false",
        "view_access_filter, no_access, false",
        "of_tomorrow, ok,",
        ", ok,"
    })
    void thePermissionSaysWhetherItTakesUploads(String permission, String outcome, Boolean canUpload) {
        webhook(1, "a");
        claim();
        record(1, "a", permission == null ? "{}" : "{\"permission\": \"%s\"}".formatted(permission));
        assertThat(row()).containsEntry("outcome", outcome);
        assertThat(DATABASE.<Object>value("select can_upload(outcome, permission) from counter_check"))
                .isEqualTo(canUpload);
    }

    @Test
    void aDeletedCounterIsNone() {
        webhook(1, "a");
        claim();
        assertThat(record(1, "a", "{\"status\": \"Deleted\", \"permission\": \"own\"}"))
                .containsEntry("outcome", "counter_not_found");
    }

    @Test
    void anOutcomeKeepsItsBeginningUntilThereIsAnother() {
        webhook(1, "a");
        claim();
        assertThat(record(1, "a", "{}")).containsEntry("outcome_before", null);
        var began = row().get("since");
        step(Duration.ofHours(1));
        record(1, "a", "{}");
        assertThat(row()).containsEntry("since", began);
        step(Duration.ofHours(1));
        assertThat(fail(1, "a", "token_invalid", null)).containsEntry("outcome_before", "ok");
        assertThat(row().get("since")).isNotEqualTo(began);
        began = row().get("since");
        step(Duration.ofHours(1));
        fail(1, "a", "token_invalid", null);
        assertThat(row()).containsEntry("since", began).containsEntry("detail", "Oh no.");
        record(1, "a", "{}");
        assertThat(row()).containsEntry("outcome", "ok").containsEntry("detail", null);
    }

    @Test
    void whatWasReadStaysWhenACheckFails() {
        webhook(1, "a");
        claim();
        record(1, "a", "{\"name\": \"Shop\", \"permission\": \"own\"}");
        var read = row().get("goals_read_at");
        step(Duration.ofHours(1));
        fail(1, "a", "unreachable", null);
        assertThat(row())
                .containsEntry("counter_name", "Shop")
                .containsEntry("permission", "own")
                .containsEntry("goals_read_at", read);
        fail(1, "a", "no_access", null);
        assertThat(row()).containsEntry("counter_name", "Shop").containsEntry("permission", null);
    }

    @Test
    void aMetrikaThatIsAwayIsAskedAgainSoonerButNotBeforeItWishes() {
        webhook(1, "a");
        claim();
        fail(1, "a", "unreachable", null);
        assertThat(nextIn()).isBetween(Duration.ofMinutes(8), Duration.ofMinutes(12));
        fail(1, "a", "unreachable", 7200.0);
        assertThat(nextIn()).isEqualTo(Duration.ofHours(2));
        fail(1, "a", "counter_not_found", null);
        assertThat(nextIn()).isBetween(Duration.ofMinutes(48), Duration.ofMinutes(72));
    }

    @Test
    void aCheckThatTheQuotasPutOffIsNone() {
        webhook(1, "a");
        claim();
        record(1, "a", "{\"permission\": \"view\"}");
        var before = row();
        step(Duration.ofHours(1));
        fail(1, "a", "", 600.0);
        var after = row();
        assertThat(nextIn()).isEqualTo(Duration.ofMinutes(10));
        after.put("next_check_at", before.get("next_check_at"));
        assertThat(after).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(strings = {"token_invalid", "no_access", "counter_not_found"})
    void whatIsWrongIsWarnedOfWithWhatToDo(String outcome) {
        webhook(1, "a");
        claim();
        assertThat(warnings()).contains("not_checked_yet");
        fail(1, "a", "unreachable", null);
        assertThat(warnings()).contains("not_checked_yet", "Oh no.");
        fail(1, "a", outcome, null);
        assertThat(warnings()).contains("\"" + outcome + "\"", "PATCH", "Oh no.");
        record(1, "a", "{}");
        assertThat(DATABASE.<Object>value("select counter_warnings(1, 'a')")).isNull();
    }

    private static String warnings() {
        return DATABASE.value("select counter_warnings(1, 'a')::text");
    }

    @Test
    void ofWhatNoWebhookHasAnyMoreNothingIsKept() {
        var webhook = webhook(1, "a");
        webhook(2, "a");
        claim();
        DATABASE.update("delete from webhook where id = ?", webhook);
        step(Duration.ofDays(1).plusMinutes(3));
        run("purge-deleted", Map.of());
        assertThat(DATABASE.query("select counter_id from counter_check"))
                .extracting(row -> row.get("counter_id"))
                .containsExactly(2L);
    }
}
