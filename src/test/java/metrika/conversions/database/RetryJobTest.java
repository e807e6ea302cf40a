package metrika.conversions.database;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

import metrika.conversions.support.TestDatabase;

import static org.assertj.core.api.Assertions.assertThat;

/** A job that sends batches again does so once with each, whoever dies in between, and counts what cannot be sent. */
@ResourceLock(Tables.LOCK)
class RetryJobTest {

    private static final String NOON = "2026-03-01 12:00:00Z";

    private final Tables tables = new Tables();
    private final TestDatabase database = tables.database();
    private final UUID webhook = tables.webhook();

    @BeforeEach
    void begin() {
        database.update("truncate retry_job, audit");
        tables.at(NOON);
    }

    @AfterEach
    void now() {
        tables.now();
    }

    @Test
    void newConversionsDoNotWaitForWhatIsSentAgain() {
        failed(webhook, "stuck", 3);
        start(Map.of("webhook_id", webhook));
        workOff();
        tables.at("2026-03-01 12:05:00Z");
        var fresh = tables.batch(webhook, null, "three");
        tables.run("plan-uploads", Map.of());
        assertThat(database.<Boolean>value("select upload_id is not null from batch where id = ?", fresh))
                .as("it is planned beside them")
                .isTrue();
        database.update(
                "update upload set oldest_event_at = clock() - interval '1 hour' where retry_job_id is not null");
        database.update("update upload set oldest_event_at = clock() where retry_job_id is null and state = 'planned'");
        assertThat(tables.run("claim-upload", Map.of()).get(0).get("id"))
                .as("what was never sent goes first")
                .isEqualTo(database.value("select upload_id from batch where id = ?", fresh));
    }

    private long failed(UUID of, String code, int batches) {
        var upload = tables.upload(of);
        for (int i = 0; i < batches; i++) {
            tables.batch(of, upload, "one", "two");
        }
        database.update(
                "update upload set state = 'error', next_attempt_at = null, errors = jsonb_build_array(batch_error(?, 'x'))"
                        + " where id = ?",
                code,
                upload);
        return upload;
    }

    private UUID start(Map<String, Object> filter) {
        var form = new HashMap<String, Object>(filter);
        form.put("actor", "anna");
        return (UUID) tables.run("start-retries", form).get(0).get("id");
    }

    private Map<String, Object> claim() {
        var claimed = tables.run("claim-retry-job", Map.of());
        return claimed.isEmpty() ? null : claimed.get(0);
    }

    private String slice(Map<String, Object> claim, int batches) {
        return database.value("select retry_slice(?, ?, ?, 100)", claim.get("id"), claim.get("claim_number"), batches);
    }

    /** Until no job is left. */
    private void workOff() {
        for (var claim = claim(); claim != null; claim = claim()) {
            var outcome = "more";
            while (outcome.equals("more")) {
                outcome = slice(claim, 100);
            }
            assertThat(outcome).isEqualTo("done");
        }
    }

    private Map<String, Object> job(UUID id) {
        return database.query(
                        "select state, total, retried, not_retried::text as reasons from retry_job where id = ?", id)
                .get(0);
    }

    private Map<String, Object> state(String state, Long total, long retried, String reasons) {
        var expected = new HashMap<String, Object>();
        expected.put("state", state);
        expected.put("total", total);
        expected.put("retried", retried);
        expected.put("reasons", reasons);
        return expected;
    }

    private List<Object> places() {
        return new ArrayList<>(
                database.query("""
                select upload.state || ' ' || count(*) as place
                  from batch join upload on upload.id = upload_id group by upload.state order by 1\
                """).stream().map(row -> row.get("place")).toList());
    }

    @Test
    void batchesInErrorMoveTogetherToNewUploads() {
        failed(webhook, "invalid_uploading", 3);
        failed(webhook, "stuck", 2);
        var other = tables.webhook();
        failed(other, "stuck", 1);
        var sent = tables.upload(webhook);
        tables.batch(webhook, sent, "one");
        database.update("update upload set state = 'completed' where id = ?", sent);

        var id = start(Map.of());
        assertThat(job(id)).isEqualTo(state("running", null, 0, "{}"));
        workOff();

        assertThat(job(id)).isEqualTo(state("done", 6L, 6, "{}"));
        assertThat(places()).containsExactly("completed 1", "planned 6");
        assertThat(database.query(
                        "select conversions, batch_conversions from upload where state = 'planned' order by 1"))
                .containsExactly(
                        Map.of("conversions", 2, "batch_conversions", 2),
                        Map.of("conversions", 10, "batch_conversions", 10));
        assertThat(
                        database.<Boolean>value(
                                "select bool_and(expires_at > clock() + interval '20 days') from upload where state = 'planned'"))
                .isTrue();
    }

    @Test
    void aFilterNarrowsItToAWebhookACodeAndATime() {
        failed(webhook, "stuck", 1);
        failed(webhook, "invalid_uploading", 1);
        failed(tables.webhook(), "stuck", 1);
        var old = failed(webhook, "stuck", 1);
        database.update("update batch set id = min_batch_id('2026-02-01') where upload_id = ?", old);
        database.update(
                "update batch set id = (first_batch_id(?::timestamptz)::text)::uuid where upload_id = ?",
                NOON,
                database.<Long>value("select min(id) from upload"));

        var id = start(Map.of("webhook_id", webhook, "code", "stuck", "since", "2026-03-01T00:00:00Z", "until", NOON));
        workOff();
        assertThat(job(id)).as("until is the first moment that is out").isEqualTo(state("done", 0L, 0, "{}"));

        id = start(Map.of("webhook_id", webhook, "code", "stuck", "since", NOON, "until", "2026-03-02T00:00:00Z"));
        workOff();
        assertThat(job(id)).isEqualTo(state("done", 1L, 1, "{}"));
        assertThat(places()).containsExactly("error 3", "planned 1");
    }

    @Test
    void whoDiesInTheMiddleLeavesTheRestToAnotherAndEachBatchIsSentOnce() throws Exception {
        failed(webhook, "stuck", 5);
        failed(webhook, "stuck", 5);
        var id = start(Map.of());
        var dead = claim();
        assertThat(slice(dead, 3)).isEqualTo("more");
        // It dies within its second slice
        try (var connection =
                tables.hold("select retry_slice('%s', %s, 3, 100)".formatted(id, dead.get("claim_number")))) {
            connection.rollback();
        }
        assertThat(job(id)).isEqualTo(state("running", 10L, 3, "{}"));
        assertThat(claim()).as("its lease goes on").isNull();
        // What was sent again fails again meanwhile, and is not sent a third time
        database.update("update upload set state = 'error', next_attempt_at = null where state = 'planned'");

        tables.at("2026-03-01 12:01:00Z");
        var other = claim();
        assertThat(slice(dead, 3)).isEqualTo("lease-lost");
        assertThat(slice(other, 3)).isEqualTo("more");
        assertThat(slice(other, 100)).isEqualTo("more");
        assertThat(slice(other, 100)).isEqualTo("done");
        assertThat(slice(other, 100)).isEqualTo("lease-lost");
        assertThat(claim()).isNull();
        assertThat(job(id)).isEqualTo(state("done", 10L, 10, "{}"));
        assertThat(places()).containsExactly("error 3", "planned 7");
        assertThat(database.<Long>value("select count(*) from upload where conversions > 0 and id > 2"))
                .isPositive();
    }

    @Test
    void whatCannotBeSentAgainIsCountedWithItsReason() {
        var upload = failed(webhook, "stuck", 4);
        var again = failed(webhook, "linkage_failure", 1);
        database.update("update upload set state = 'planned', kept_status = 'error' where id = ?", again);
        database.update(
                "update batch set purged_at = clock() where id = (select min(id::text)::uuid from batch where upload_id = ?)",
                upload);
        var id = start(Map.of());
        var claim = claim();
        assertThat(slice(claim, 2)).isEqualTo("more");
        database.update(
                "update batch set withdrawn_at = clock(), upload_id = null where id = "
                        + "(select max(id::text)::uuid from batch where upload_id = ?)",
                upload);
        while (slice(claim, 2).equals("more")) {
            assertThat(claim()).isNull();
        }
        assertThat(job(id)).isEqualTo(state("done", 5L, 2, "{\"changed\": 1, \"deleted\": 1, \"sending\": 1}"));
    }

    @Test
    void whatChangesWhileASliceWaitsIsSeenAsItIsThen() throws Exception {
        var upload = failed(webhook, "stuck", 2);
        var id = start(Map.of());
        var claim = claim();
        var first = database.<UUID>value("select min(id::text)::uuid from batch where upload_id = ?", upload);
        try (var holder = tables.hold(
                "update batch set withdrawn_at = clock(), purged_at = clock(), upload_id = null where id = '" + first
                        + "'")) {
            var running = tables.runUntilItWaits(
                    "retry-slice", Map.of("retry_job.id", id, "retry_job.claim_number", claim.get("claim_number")));
            assertThat(running.isDone()).isFalse();
            holder.commit();
            assertThat(running.get().get(0)).containsEntry("outcome", "more");
        }
        assertThat(job(id)).isEqualTo(state("running", 2L, 1, "{\"changed\": 1}"));
        assertThat(database.<Integer>value("select conversions from upload where state = 'planned'"))
                .isEqualTo(2);
        assertThat(database.<Integer>value("select batch_conversions from upload where state = 'planned'"))
                .isEqualTo(2);
    }

    @Test
    void theSameWishIsOneJobAndIsInTheAuditOnce() {
        failed(webhook, "stuck", 1);
        var filter = Map.<String, Object>of("webhook_id", webhook, "code", "stuck");
        var id = start(filter);
        assertThat(start(filter)).isEqualTo(id);
        assertThat(start(Map.of("webhook_id", webhook))).isNotEqualTo(id);
        assertThat(start(Map.of())).isEqualTo(start(Map.of()));
        assertThat(database.query("select actor, action, webhook_id, details::text from audit order by id limit 1"))
                .containsExactly(Map.of(
                        "actor",
                        "anna",
                        "action",
                        "retry-batches",
                        "webhook_id",
                        webhook,
                        "details",
                        "{\"code\": \"stuck\"}"));
        assertThat(database.<Long>value("select count(*) from audit")).isEqualTo(3);
        workOff();
        assertThat(start(filter)).as("it is done").isNotEqualTo(id);
        assertThat(tables.run("start-retries", Map.of("webhook_id", UUID.randomUUID(), "actor", "anna")))
                .isEmpty();
    }

    @Test
    void aNewUploadHasNoMoreConversionsThanAnyAndNoneIsLeftOut() {
        failed(webhook, "stuck", 5);
        var id = start(Map.of());
        var claim = claim();
        for (int i = 0; i < 3; i++) {
            assertThat(database.<String>value(
                            "select retry_slice(?, ?, 100, 5)", claim.get("id"), claim.get("claim_number")))
                    .isEqualTo("more");
        }
        assertThat(slice(claim, 100)).isEqualTo("done");
        assertThat(job(id)).isEqualTo(state("done", 5L, 5, "{}"));
        assertThat(database.query("select conversions from upload where state = 'planned' order by id"))
                .extracting(row -> row.get("conversions"))
                .containsExactly(4, 4, 2);
    }

    @Test
    void theLedgerStillAgrees() {
        failed(webhook, "stuck", 3);
        tables.run("sum-up-ledger", Map.of());
        start(Map.of());
        workOff();
        assertThat(database.query("select waiting, error from ledger where webhook_id = ?", webhook))
                .containsExactly(Map.of("waiting", 6L, "error", 0L));
    }

    @Test
    void jobsAreForgottenAMonthAfterTheirEnd() {
        start(Map.of());
        workOff();
        start(Map.of());
        tables.at("2026-03-31 11:59:00Z");
        tables.run("purge-retry-jobs", Map.of());
        assertThat(database.<Long>value("select count(*) from retry_job")).isEqualTo(2);
        tables.at("2026-03-31 12:01:00Z");
        tables.run("purge-retry-jobs", Map.of());
        assertThat(database.query("select state from retry_job")).containsExactly(Map.of("state", "running"));
    }
}
