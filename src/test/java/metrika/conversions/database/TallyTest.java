package metrika.conversions.database;

import java.util.List;
import java.util.Map;
import java.util.UUID;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

import static org.assertj.core.api.Assertions.assertThat;

/** The tallies count each outcome once; merging, compacting and deleting a webhook change no sum that only grows. */
@ResourceLock(Tables.LOCK)
class TallyTest {

    private static final String PROCESSED =
            "[{\"id\": 7, \"status\": \"PROCESSED\", \"line_quantity\": %d, \"linked_quantity\": %d,"
                    + " \"goal_not_found_quantity\": %d}]";

    private final Tables tables = new Tables();
    private final UUID webhook = tables.webhook();

    @BeforeEach
    void empty() {
        tables.database().update("truncate tally, tally_change, tally_total, deleted_webhook");
    }

    @AfterEach
    void now() {
        tables.now();
    }

    private long tally(String outcome) {
        return tables.database()
                .value(
                        "select coalesce(sum(quantity), 0)::bigint from tally_now where outcome = ? and webhook_id = ?",
                        outcome,
                        webhook);
    }

    private long upload(int conversions) {
        var upload = tables.upload(webhook);
        tables.batch(webhook, upload, "a".repeat(conversions).split(""));
        return upload;
    }

    private void send(long upload) {
        tables.database()
                .update(
                        "update upload set state = 'uploaded', metrika_upload_id = 7, sent_at = clock() where id = ?",
                        upload);
    }

    private void process(int lines, int linked, int goals) {
        tables.run(
                "apply-upload-statuses",
                Map.of(
                        "answer", PROCESSED.formatted(lines, linked, goals),
                        "metrika_account.counter_id", 1,
                        "uploadings", "7",
                        "due", "7",
                        "page", 1,
                        "page_length", 1,
                        "offset", 0));
    }

    @Test
    void anUploadIsCountedOnItsWay() {
        var upload = upload(5);
        assertThat(List.of(tally("accepted"), tally("in_flight"), tally("sent")))
                .containsExactly(5L, 0L, 0L);
        send(upload);
        assertThat(List.of(tally("in_flight"), tally("sent"), tally("upload_uploaded")))
                .containsExactly(5L, 5L, 1L);
        process(4, 3, 1);
        assertThat(List.of(tally("in_flight"), tally("completed"), tally("upload_completed")))
                .containsExactly(0L, 5L, 1L);
        assertThat(List.of(tally("linked"), tally("unlinked"), tally("not_taken"), tally("goal_not_found")))
                .containsExactly(3L, 2L, 1L, 1L);
    }

    @Test
    void whatFailedIsCountedByItsCode() {
        var upload = upload(2);
        tables.database()
                .update(
                        "update upload set state = 'error', errors = jsonb_build_array(batch_error('http_400', '')) where id = ?",
                        upload);
        assertThat(tables.database()
                        .<Long>value("select quantity from tally_now where outcome = 'failed' and code = 'http_400'"))
                .isEqualTo(2);
        assertThat(tally("error")).isEqualTo(2);

        var batch = tables.database().<UUID>value("select id from batch");
        tables.run("retry-batch", Map.of("batch_id", batch, "webhook_id", webhook, "actor", "test"));
        assertThat(tally("error")).as("it waits again").isZero();
        assertThat(tally("failed")).as("and has failed nevertheless").isEqualTo(2);
    }

    @Test
    void whatIsSentAgainIsCountedTwiceAsSentAndOnceAsCompleted() {
        var upload = upload(3);
        send(upload);
        process(3, 1, 0);
        tables.database().update("update upload set resend_at = clock() where id = ?", upload);
        tables.run("resend-unlinked", Map.of());
        assertThat(tally("completed")).as("it waits").isZero();
        send(tables.database().value("select id from upload where state = 'planned'"));
        process(3, 2, 0);
        assertThat(List.of(tally("completed"), tally("sent"), tally("linked"), tally("unlinked")))
                .containsExactly(3L, 6L, 3L, 3L);
    }

    @Test
    void aStatementWritesOneRowForEachWebhookAndOutcome() {
        tables.database().update("""
            insert into batch (id, webhook_id, total, oldest_event_at, ready_at, source)
            select gen_random_uuid(), ?, 2, now(), now(), 'shop' from generate_series(1, 1000)\
            """, webhook);
        assertThat(tables.database().query("select source, outcome, quantity from tally_change"))
                .containsExactly(Map.of("source", "shop", "outcome", "accepted", "quantity", 2000L));
        tables.run("plan-uploads", Map.of());
        assertThat(tables.database().<Long>value("select count(*) from tally_change"))
                .as("what is planned still waits")
                .isEqualTo(1);
        assertThat(tables.database().<Integer>value("select batch_conversions from upload"))
                .isEqualTo(2000);
    }

    @Test
    void hoursAreMergedByDayAndDaysForgotten() {
        for (var time : List.of("2026-01-01 10:10Z", "2026-01-01 23:59Z", "2026-01-02 00:00Z", "2026-01-20 12:00Z")) {
            tables.at(time);
            upload(1);
            tables.run("merge-tallies", Map.of());
        }
        assertThat(hours()).hasSize(4);
        tables.run("compact-tallies", Map.of());
        assertThat(hours()).containsExactly("2026-01-01 00:00:00 2", "2026-01-02 00:00:00 1", "2026-01-20 12:00:00 1");
        tables.run("compact-tallies", Map.of());
        assertThat(hours()).hasSize(3);
        tables.at("2027-02-05 23:30Z");
        tables.run("compact-tallies", Map.of());
        assertThat(hours()).containsExactly("2026-01-02 00:00:00 1", "2026-01-20 00:00:00 1");
        assertThat(tally("accepted")).as("for ever").isEqualTo(4);
    }

    private List<String> hours() {
        return tables
                .database()
                .query("select (hour at time zone 'UTC')::text || ' ' || sum(quantity) as row from tally"
                        + " where outcome = 'accepted' group by hour order by hour")
                .stream()
                .map(row -> String.valueOf(row.get("row")))
                .toList();
    }

    @Test
    void aDeletedWebhookTakesNothingFromACounter() {
        send(upload(3));
        tables.run("merge-tallies", Map.of());
        tables.run("delete-webhook", Map.of("webhook_id", webhook, "force", true, "actor", "test"));
        tables.run("compact-tallies", Map.of());
        assertThat(tables.database().query("select outcome, quantity from tally_now order by outcome").stream()
                        .map(row -> row.get("outcome") + " " + row.get("quantity")))
                .containsExactly("accepted 3", "sent 3", "upload_uploaded 1");
        assertThat(tally("accepted")).isZero();
    }

    @Test
    void oneProcessComputesTheMetricsForAll() {
        tables.database().update("truncate metric_snapshot");
        tables.at("2026-03-01 12:00Z");
        upload(4);
        assertThat(accepted()).contains("\"value\": 4");
        upload(4);
        tables.at("2026-03-01 12:00:03Z");
        assertThat(accepted()).as("what was computed three seconds ago").contains("\"value\": 4");
        tables.at("2026-03-01 12:05Z"); // a slow machine computes less often
        assertThat(accepted()).contains("\"value\": 8");
    }

    private String accepted() {
        return tables.database()
                .query(
                        "select jsonb_path_query(?::jsonb, '$[*] ? (@.name == \"conversions.accepted\")')::text as metric",
                        tables.run("collect-metrics", Map.of()).get(0).get("metrics"))
                .toString();
    }
}
