package metrika.conversions.database;

import java.util.List;
import java.util.Map;
import java.util.UUID;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/** What needs a person is told once when it begins, again after a day, and once when it is over. */
@ResourceLock(Tables.LOCK)
class IncidentTest {

    private static final String START = "2026-03-10 12:00Z";

    private final Tables tables = new Tables();

    @BeforeEach
    void empty() {
        tables.database()
                .update(
                        "truncate tally, tally_change, tally_total, incident, event, event_delivery, source_cursor, source_trouble, counter_check");
        tables.at(START);
    }

    @AfterEach
    void now() {
        tables.now();
    }

    private List<String> detect() {
        return told("detect-incidents");
    }

    private List<String> told(String statement) {
        return tables.run(statement, Map.of()).stream()
                .map(row -> row.get("type") + " " + row.get("kind"))
                .toList();
    }

    private Map<String, Object> data() {
        return tables.database()
                .query("select data ->> 'webhooks' as webhooks, data ->> 'conversions' as conversions,"
                        + " data ->> 'webhook_name' as name, data ->> 'since' as since, data ->> 'until' as until"
                        + " from event order by created_at desc, type limit 1")
                .get(0);
    }

    @Test
    void aHundredWebhooksOfALoginAreOneIncident() {
        for (int i = 0; i < 100; i++) {
            tables.batch(tables.webhook(), null, "a", "b");
        }
        tables.database().update("update webhook set access_lost_at = clock()");
        assertThat(detect()).containsExactly("incident.opened token_lost");
        assertThat(data())
                .containsEntry("webhooks", "100")
                .containsEntry("conversions", "200")
                .containsEntry("name", "test, test, test")
                .containsEntry("since", "2026-03-10T12:00:00Z");
        tables.at("2026-03-10 18:00Z");
        assertThat(detect()).as("not again").isEmpty();
        tables.at("2026-03-11 12:00Z");
        assertThat(detect()).as("a day later").containsExactly("incident.still_open token_lost");
        assertThat(detect()).isEmpty();

        tables.database().update("update webhook set access_lost_at = null");
        tables.at("2026-03-11 12:30Z");
        assertThat(detect()).containsExactly("incident.closed token_lost");
        assertThat(data()).containsEntry("until", "2026-03-11T12:30:00Z");
        assertThat(detect()).isEmpty();
        assertThat(tables.database().<Long>value("select count(*) from event")).isEqualTo(3);
    }

    @Test
    void whatIsLostAgainIsAnotherIncident() {
        tables.webhook();
        for (int i = 0; i < 2; i++) {
            tables.database().update("update webhook set access_lost_at = clock()");
            assertThat(detect()).containsExactly("incident.opened token_lost");
            tables.database().update("update webhook set access_lost_at = null");
            assertThat(detect()).containsExactly("incident.closed token_lost");
        }
        assertThat(tables.database().<Long>value("select count(*) from incident"))
                .isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource({
        "error, http_400, batches_in_error",
        "expired, expired, batches_in_error",
        "error, not_found, counter_gone",
        "error, counter_gone, counter_gone",
        "processing, stuck, upload_stuck",
        "planned, quota_of_the_day, quota_gone",
        "planned, disk, disk_trouble",
        "planned, database, database_trouble"
    })
    void uploadsThatNeedAPerson(String state, String code, String kind) {
        var webhook = tables.webhook();
        var upload = tables.upload(webhook);
        tables.batch(webhook, upload, "a", "b", "c");
        tables.database()
                .update(
                        "update upload set state = ?, errors = jsonb_build_array(batch_error(?, 'x')) where id = ?",
                        state,
                        code,
                        upload);
        assertThat(detect()).containsExactly("incident.opened " + kind);
        assertThat(data()).containsEntry("conversions", "3");
        tables.database().update("update upload set state = 'completed', errors = null where id = ?", upload);
        assertThat(detect()).containsExactly("incident.closed " + kind);
    }

    /** The check of a counter sees it before an upload fails. */
    @ParameterizedTest
    @CsvSource({"token_invalid, token_lost", "no_access, token_lost", "counter_not_found, counter_gone"})
    void whatTheCheckOfACounterSays(String outcome, String kind) {
        tables.batch(tables.webhook(), null, "a");
        tables.database().update("""
            insert into counter_check (counter_id, login, outcome, since, next_check_at)
            select counter_id, login, ?, clock(), clock() from webhook\
            """, outcome);
        assertThat(detect()).containsExactly("incident.opened " + kind);
        tables.database().update("update counter_check set outcome = 'ok'");
        assertThat(detect()).containsExactly("incident.closed " + kind);
    }

    @Test
    void aBatchInErrorThatIsWithdrawnNeedsNobody() {
        var webhook = tables.webhook();
        var upload = tables.upload(webhook);
        var batch = tables.batch(webhook, upload, "a");
        tables.database()
                .update(
                        "update upload set state = 'error', errors = jsonb_build_array(batch_error('http_400', 'x'))"
                                + " where id = ?",
                        upload);
        assertThat(detect()).containsExactly("incident.opened batches_in_error");
        tables.run("withdraw-batch", Map.of("batch_id", batch, "webhook.id", webhook, "actor", "test"));
        assertThat(detect()).containsExactly("incident.closed batches_in_error");
    }

    @Test
    void aSourceIsAwayAfterTenMinutes() {
        tables.database()
                .update("insert into source_cursor (source, format, position, failure, failing_since)"
                        + " values ('crm', 'text', '', '401', clock())");
        assertThat(detect()).isEmpty();
        tables.at("2026-03-10 12:10Z");
        assertThat(detect()).containsExactly("incident.opened source_away");
    }

    @Test
    void aSourceIsInTroubleAsLongAsAProcessSaysSo() {
        var troubles = Map.of("process", new UUID(0, 1), "sources", "{\"shop\"}", "reasons", "{\"is not started: x\"}");
        tables.run("record-source-troubles", troubles);
        assertThat(detect()).isEmpty();
        tables.at("2026-03-10 12:11Z");
        assertThat(detect()).as("nobody says so any more").isEmpty();
        tables.run("record-source-troubles", troubles);
        assertThat(detect()).containsExactly("incident.opened source_away");
        tables.run("record-source-troubles", Map.of("process", new UUID(0, 1), "sources", "{}", "reasons", "{}"));
        assertThat(detect()).containsExactly("incident.closed source_away");
    }

    @Test
    void theDeadlineIsNearThreeDaysBefore() {
        var webhook = tables.webhook();
        tables.batch(webhook, null, "a");
        tables.database().update("update batch set oldest_event_at = clock() - interval '18 days 1 hour'");
        assertThat(told("detect-trends")).as("it has just come").isEmpty();
        tables.at("2026-03-10 13:00Z");
        assertThat(told("detect-trends")).containsExactly("incident.opened deadline_near");
        tables.at("2026-03-13 11:01Z");
        assertThat(told("detect-trends"))
                .as("it is over, one way or the other")
                .containsExactly("incident.closed deadline_near");
    }

    @Test
    void theLinkRateFallsByHalf() {
        var webhook = tables.webhook();
        tally(webhook, "2026-03-05", "linked", 800);
        tally(webhook, "2026-03-05", "unlinked", 200);
        tally(webhook, "2026-03-10", "linked", 41);
        tally(webhook, "2026-03-10", "unlinked", 59);
        assertThat(told("detect-trends")).isEmpty();
        tally(webhook, "2026-03-10", "unlinked", 20);
        assertThat(told("detect-trends")).containsExactly("incident.opened link_rate_fallen");
        assertThat(tables.database().<String>value("select details ->> 'usual_rate' from incident"))
                .isEqualTo("0.800");
        assertThat(told("detect-trends")).isEmpty();
    }

    @Test
    void aSourceThatSendsEachDayIsSilent() {
        var webhook = tables.webhook();
        for (int day = 3; day <= 9; day++) {
            tables.at("2026-03-0%d 11:00Z".formatted(day));
            tables.database()
                    .update(
                            "insert into batch (id, webhook_id, total, oldest_event_at, ready_at, source)"
                                    + " values (gen_random_uuid(), ?, 1, clock(), clock(), 'shop')",
                            webhook);
            tables.run("merge-tallies", Map.of());
        }
        tables.at("2026-03-10 10:30Z");
        assertThat(told("detect-trends")).isEmpty();
        tables.at("2026-03-10 11:30Z");
        assertThat(told("detect-trends")).containsExactly("incident.opened source_silent");
        tables.database()
                .update(
                        "insert into batch (id, webhook_id, total, oldest_event_at, ready_at, source)"
                                + " values (gen_random_uuid(), ?, 1, clock(), clock(), 'shop')",
                        webhook);
        tables.run("merge-tallies", Map.of());
        assertThat(told("detect-trends")).containsExactly("incident.closed source_silent");
    }

    private void tally(UUID webhook, String day, String outcome, long quantity) {
        tables.database()
                .update(
                        "insert into tally_change (webhook_id, hour, outcome, quantity) values (?, ?::date, ?, ?)",
                        webhook,
                        day,
                        outcome,
                        quantity);
        tables.run("merge-tallies", Map.of());
    }
}
