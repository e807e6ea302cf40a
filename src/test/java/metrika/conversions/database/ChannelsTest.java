package metrika.conversions.database;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import metrika.conversions.support.Statements;
import metrika.conversions.support.TestDatabase;

import static org.assertj.core.api.Assertions.assertThat;

/** What channels find to tell, and what becomes of it, on a clock that is moved by hand. */
class ChannelsTest {

    private final TestDatabase database = TestDatabase.create();

    @BeforeEach
    void stopTheClock() {
        database.update("create table test_clock as select now() as time");
        database.update("create or replace function clock() returns timestamptz language sql stable as "
                + "'select time from test_clock'");
    }

    private void pass(String span) {
        database.update("update test_clock set time = time + ?::interval", span);
    }

    private List<Map<String, Object>> run(String statement, Map<String, ?> values) {
        var sql = Statements.of(statement, values);
        if (sql.contains("\nreturning ") || sql.contains("\nselect distinct ")) {
            return database.query(sql);
        }
        database.update(sql);
        return List.of();
    }

    private void queue(String channel, String batches) {
        run("queue-events", Map.of("channel", channel, "batches", batches));
    }

    private UUID event(String type, UUID webhook) {
        return database.value(
                "insert into event (type, webhook_id, data) values (?, ?, '{}') returning id", type, webhook);
    }

    private UUID incident() {
        return event("incident.opened", null);
    }

    /** The claim of what is due; {@code null} when nothing is. */
    private Map<String, Object> claim(String channel) {
        var rows = run("claim-delivery", Map.of("channel", channel));
        return rows.isEmpty() ? null : rows.get(0);
    }

    private Map<String, Object> parameters(String channel, Map<String, Object> claim) {
        var parameters = new HashMap<String, Object>();
        parameters.put("channel", channel);
        parameters.put("delivery.event_id", claim.get("event_id"));
        parameters.put("delivery.claim_number", claim.get("claim_number"));
        return parameters;
    }

    private void delivered(String channel, Map<String, Object> claim) {
        run("record-delivered", parameters(channel, claim));
    }

    private List<Map<String, Object>> failed(String channel, Map<String, Object> claim, boolean isAway, int wish) {
        var parameters = parameters(channel, claim);
        parameters.put("failure.message", "why");
        parameters.put("failure.is_away", isAway);
        parameters.put("failure.retry_after", wish);
        return run("record-delivery-failure", parameters);
    }

    private long waiting(String channel) {
        return database.value("select count(*) from event_delivery where channel = ? and state = 'waiting'", channel);
    }

    private Duration untilNext() {
        return Duration.ofMillis(database.<Long>value(
                "select (extract(epoch from max(next_attempt_at) - clock()) * 1000)::bigint from event_delivery"));
    }

    private UUID webhook(String callback) {
        return database.value("""
                insert into webhook (id, name, counter_id, token, login, time_zone, requests_per_minute, secret_hash, callback_url)
                values (gen_random_uuid(), 'w', 1, '', '', 'Europe/Moscow', 60, '', ?) returning id\
                """, callback);
    }

    @Test
    void whatHappenedBeforeAChannelFirstRanIsNotToldOnIt() {
        incident();
        pass("1 hour");
        queue("webhook", "false");
        queue("webhook", "false");
        assertThat(claim("webhook")).isNull();
        pass("1 second");
        var news = incident();
        queue("webhook", "false");
        assertThat(waiting("webhook")).isEqualTo(1);
        assertThat(claim("webhook")).containsEntry("event_id", news);
    }

    @Test
    void aChannelThatWasOffTellsOfTheLastDay() {
        queue("mail", "false");
        pass("5 minutes");
        var old = incident();
        pass("3 days");
        var recent = incident();
        pass("23 hours");
        queue("mail", "false");
        assertThat(database.query("select event_id from event_delivery"))
                .containsExactly(Map.of("event_id", recent))
                .doesNotContain(Map.of("event_id", old));
    }

    /** A transaction may be committed after a later one has been seen. */
    @Test
    void anEventThatIsCommittedLateIsSeenAllTheSame() {
        queue("mail", "false");
        pass("20 minutes");
        incident();
        queue("mail", "false");
        pass("9 minutes");
        queue("mail", "false");
        database.update(
                "insert into event (type, data, created_at) values ('incident.closed', '{}', clock() - interval '8 minutes')");
        queue("mail", "false");
        assertThat(waiting("mail")).isEqualTo(2);
    }

    @Test
    void incidentsGoToAllAndBatchesToThoseThatWantThem() {
        var withCallback = webhook("https://example.com");
        queue("mail", "false");
        queue("webhook", "true");
        queue("callback", "callbacks");
        incident();
        var batch = event("batch.completed", withCallback);
        event("batch.error", webhook(null));
        queue("mail", "false");
        queue("webhook", "true");
        queue("callback", "callbacks");
        assertThat(waiting("mail")).isEqualTo(1);
        assertThat(waiting("webhook")).isEqualTo(3);
        assertThat(database.query("select event_id, receiver from event_delivery where channel = 'callback'"))
                .containsExactly(Map.of("event_id", batch, "receiver", withCallback));
    }

    private void queued(int events) {
        queue("webhook", "false");
        for (int i = 0; i < events; i++) {
            pass("1 second");
            incident();
        }
        queue("webhook", "false");
    }

    @Test
    void eachIsClaimedOnceInTheirOrderAndNotAgainWhenItIsTold() {
        queued(3);
        var first = claim("webhook");
        var second = claim("webhook");
        assertThat(first.get("timestamp").toString())
                .isLessThan(second.get("timestamp").toString());
        delivered("webhook", first);
        delivered("webhook", second);
        delivered("webhook", claim("webhook"));
        pass("1 day");
        assertThat(claim("webhook")).isNull();
    }

    @Test
    void whatADeadProcessHasClaimedIsToldAgainWithTheSameIdAndItsRecordChangesNothing() {
        queued(1);
        var dead = claim("webhook");
        pass("1 minute");
        assertThat(claim("webhook")).isNull();
        pass("1 minute");
        var again = claim("webhook");
        assertThat(again).containsEntry("event_id", dead.get("event_id"));
        assertThat(failed("webhook", dead, true, 0)).isEmpty();
        delivered("webhook", dead);
        assertThat(waiting("webhook")).as("the one who holds it decides").isEqualTo(1);
        delivered("webhook", again);
        assertThat(waiting("webhook")).isZero();
    }

    @Test
    void anEventThatSomebodyElseLocksIsPassedOver() throws Exception {
        queued(2);
        try (var connection = database.connection()) {
            connection.setAutoCommit(false);
            try (var statement = connection.createStatement();
                    var mine = statement.executeQuery(Statements.of("claim-delivery", Map.of("channel", "webhook")))) {
                assertThat(mine.next()).isTrue();
                assertThat(claim("webhook")).isNotNull().doesNotContainEntry("event_id", mine.getObject("event_id"));
            }
            connection.rollback();
        }
    }

    @Test
    void pausesGrowToAnHourAndAreNoShorterThanTheReceiverWishes() {
        queued(1);
        var last = Duration.ZERO;
        for (int i = 0; i < 12; i++) {
            failed("webhook", claim("webhook"), false, 0);
            assertThat(untilNext()).isGreaterThanOrEqualTo(last.multipliedBy(8).dividedBy(10));
            last = untilNext();
            pass(last.plusMillis(2).toString());
        }
        assertThat(last).isBetween(Duration.ofHours(1), Duration.ofMinutes(63));
        failed("webhook", claim("webhook"), false, 7200);
        assertThat(untilNext()).isBetween(Duration.ofMinutes(119), Duration.ofHours(2));
        pass("3 hours");
        failed("webhook", claim("webhook"), false, Integer.MAX_VALUE);
        assertThat(untilNext()).as("within bounds").isLessThanOrEqualTo(Duration.ofDays(1));
    }

    @Test
    void itIsGivenUpAfterItsTimeAndVisibleThen() {
        queued(1);
        pass("71 hours");
        assertThat(failed("webhook", claim("webhook"), true, 0).get(0)).containsEntry("state", "waiting");
        assertThat(run("list-channel-failures", Map.of()).get(0)).containsEntry("state", "waiting");
        pass("2 hours");
        assertThat(failed("webhook", claim("webhook"), true, 0).get(0)).containsEntry("state", "given_up");
        assertThat(run("list-channel-failures", Map.of()).get(0))
                .containsEntry("state", "given_up")
                .containsEntry("failure", "why");
        pass("25 hours");
        assertThat(claim("webhook")).isNull();
        assertThat(run("list-channel-failures", Map.of())).isEmpty();
    }

    @Test
    void aReceiverThatIsAwayIsTriedByOneAndOthersWait() {
        queued(3);
        failed("webhook", claim("webhook"), true, 0);
        assertThat(claim("webhook")).isNull();
        pass("1 minute");
        var probe = claim("webhook");
        assertThat(claim("webhook")).as("while it is tried").isNull();
        delivered("webhook", probe);
        assertThat(claim("webhook")).isNotNull();
        assertThat(claim("webhook")).isNotNull();
    }

    @Test
    void aMessageThatIsRefusedDelaysNoOther() {
        queued(2);
        failed("webhook", claim("webhook"), false, 0);
        assertThat(claim("webhook")).isNotNull();
    }

    @Test
    void aCallbackThatIsAwayDelaysNoOthersAndOneThatIsRemovedIsNotCalled() {
        var one = webhook("https://one.example");
        var two = webhook("https://two.example");
        queue("callback", "callbacks");
        pass("1 second");
        event("batch.completed", one);
        event("batch.completed", one);
        pass("1 second");
        var ofTwo = event("batch.error", two);
        queue("callback", "callbacks");
        failed("callback", claim("callback"), true, 0);
        assertThat(claim("callback"))
                .containsEntry("event_id", ofTwo)
                .containsEntry("callback_url", "https://two.example")
                .containsEntry("time_zone", "Europe/Moscow");
        assertThat(claim("callback")).isNull();
        database.update("update webhook set callback_url = null where id = ?", one);
        pass("1 hour");
        assertThat(claim("callback")).containsEntry("event_id", ofTwo);
        assertThat(run("list-channel-failures", Map.of()))
                .as("others' own trouble")
                .isEmpty();
    }

    @Test
    void newsOfAMonthAgoIsDeleted() {
        queued(1);
        pass("29 days");
        database.update(Statements.of("purge-events", Map.of()));
        assertThat(database.<Long>value("select count(*) from event_delivery")).isEqualTo(1);
        pass("2 days");
        database.update(Statements.of("purge-events", Map.of()));
        assertThat(database.<Long>value("select count(*) from event_delivery")).isZero();
    }
}
