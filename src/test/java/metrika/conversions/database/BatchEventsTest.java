package metrika.conversions.database;

import java.util.Map;
import java.util.UUID;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;

import metrika.conversions.problem.Json;
import metrika.conversions.support.Statements;
import metrika.conversions.support.TestDatabase;

import static org.assertj.core.api.Assertions.assertThat;

/** Which ends of batches are news, and for whom. */
class BatchEventsTest {

    private final TestDatabase database = TestDatabase.create();

    private UUID webhook(String callback) {
        return database.value("""
                insert into webhook (id, name, counter_id, token, login, time_zone, requests_per_minute, secret_hash, callback_url)
                values (gen_random_uuid(), 'Shop', 1, '', '', 'UTC', 60, '', ?) returning id\
                """, callback);
    }

    private long upload(UUID webhook, String keptStatus) {
        return database.value("""
                insert into upload (webhook_id, counter_id, conversions, oldest_event_at, state, kept_status)
                values (?, 1, 10, now(), 'uploaded', ?) returning id\
                """, webhook, keptStatus);
    }

    private UUID batch(UUID webhook, long upload, int total) {
        return database.value("""
                insert into batch (id, webhook_id, total, oldest_event_at, ready_at, upload_id)
                values (gen_random_uuid(), ?, ?, now(), now(), ?) returning id\
                """, webhook, total, upload);
    }

    private void end(long upload, String state, Integer linked) {
        database.update("update upload set state = ?, linked_quantity = ? where id = ?", state, linked, upload);
    }

    private long events() {
        return database.value("select count(*) from event");
    }

    private JsonNode event(UUID batch) throws Exception {
        return Json.MAPPER.readTree(database.<String>value(
                "select data::text from event where batch_id = ? order by created_at desc limit 1", batch));
    }

    @Test
    void theEndOfEachBatchOfAnUploadIsNewsForAWebhookWithACallback() throws Exception {
        var webhook = webhook("https://example.com");
        var upload = upload(webhook, null);
        var one = batch(webhook, upload, 4);
        var two = batch(webhook, upload, 6);
        database.update("update upload set state = 'processing' where id = ?", upload);
        assertThat(events()).as("it goes on").isZero();
        end(upload, "completed", 10);
        assertThat(events()).isEqualTo(2);
        assertThat(event(one).path("total").asInt()).isEqualTo(4);
        assertThat(event(two)).isEqualTo(Json.MAPPER.readTree("""
                        {"batch_id": "%s", "webhook_id": "%s", "webhook_name": "Shop", "status": "completed", "total": 6, "linked": 6,
                         "unlinked": 0, "errors": []}\
                        """.formatted(two, webhook)));
        assertThat(database.<String>value("select distinct type from event")).isEqualTo("batch.completed");
        database.update("update upload set failure_count = 1 where id = ?", upload);
        assertThat(events()).as("it has ended already").isEqualTo(2);
    }

    @Test
    void anErrorIsToldWithItsCodesAndWithoutTimes() throws Exception {
        var webhook = webhook("https://example.com");
        for (var state : new String[] {"error", "expired"}) {
            var upload = upload(webhook, null);
            var batch = batch(webhook, upload, 10);
            database.update(
                    "update upload set state = ?, errors = jsonb_build_array(batch_error('rejected', 'why')) where id = ?",
                    state,
                    upload);
            assertThat(event(batch).path("status").asText()).isEqualTo("error");
            assertThat(event(batch).path("errors"))
                    .isEqualTo(Json.MAPPER.readTree("[{\"code\": \"rejected\", \"message\": \"why\"}]"));
        }
        assertThat(database.<String>value("select distinct type from event")).isEqualTo("batch.error");
    }

    @Test
    void nobodyIsToldOfWhatNobodyWants() {
        var webhook = webhook(null);
        end(endless(webhook), "completed", 10);
        assertThat(events()).isZero();
        run("webhook", "false");
        end(endless(webhook), "completed", 10);
        assertThat(events()).isZero();
        run("webhook", "true");
        end(endless(webhook), "completed", 10);
        assertThat(events()).isEqualTo(1);
        database.update("update channel set seen_at = seen_at - interval '2 days'");
        end(endless(webhook), "completed", 10);
        assertThat(events()).as("the channel is off").isEqualTo(1);
    }

    private long endless(UUID webhook) {
        var upload = upload(webhook, null);
        batch(webhook, upload, 10);
        return upload;
    }

    private void run(String channel, String batches) {
        database.update(Statements.of("queue-events", Map.of("channel", channel, "batches", batches)));
    }

    @Test
    void aBatchThatWasWithdrawnIsNoNews() {
        var webhook = webhook("https://example.com");
        var upload = upload(webhook, null);
        database.update("update batch set withdrawn_at = now() where id = ?", batch(webhook, upload, 10));
        end(upload, "completed", 10);
        assertThat(events()).isZero();
    }

    /** Sent again to link more: the second end is news where it is another one. */
    @Test
    void anEndThatIsToldIsNotToldAgainUnlessItsFiguresChange() throws Exception {
        var webhook = webhook("https://example.com");
        var first = upload(webhook, null);
        var batch = batch(webhook, first, 10);
        end(first, "completed", 7);
        assertThat(event(batch).path("unlinked").asInt()).isEqualTo(3);
        assertThat(again(webhook, batch, 7)).as("nothing has changed").isEqualTo(1);
        assertThat(again(webhook, batch, null))
                .as("given up: it keeps the end that it had")
                .isEqualTo(1);
        assertThat(again(webhook, batch, 9)).isEqualTo(2);
        assertThat(event(batch).path("linked").asInt()).isEqualTo(9);
    }

    private long again(UUID webhook, UUID batch, Integer linked) {
        var upload = upload(webhook, "completed");
        database.update("update batch set upload_id = ? where id = ?", upload, batch);
        database.update(
                "update upload set errors = jsonb_build_array(batch_error('goal_not_found', 'upload ' || id)) where id = ?",
                linked != null && linked == 9 ? upload : 0);
        end(upload, "completed", linked);
        return events();
    }

    /** An administrator who sends a batch again waits for its end, whatever that is. */
    @Test
    void theEndOfABatchThatWasRetriedIsNewsAgain() {
        var webhook = webhook("https://example.com");
        var upload = upload(webhook, null);
        var batch = batch(webhook, upload, 10);
        end(upload, "error", 0);
        var next = upload(webhook, null);
        database.update("update batch set upload_id = ? where id = ?", next, batch);
        end(next, "error", 0);
        assertThat(events()).isEqualTo(2);
    }
}
