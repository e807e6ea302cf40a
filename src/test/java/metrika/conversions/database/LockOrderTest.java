package metrika.conversions.database;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Statements that are at several uploads or batches lock them in the order of their ids, whatever order they lie in,
 * and the uploads before the webhook; or they wait for nobody. Two of them would else wait for each other.
 */
@ResourceLock(Tables.LOCK)
class LockOrderTest {

    private final Tables tables = new Tables();
    private final UUID webhook = tables.webhook();
    private List<Long> uploads;

    /** Three uploads, each of two batches, that lie in the tables in the opposite order. */
    @BeforeEach
    void fill() {
        uploads = Stream.generate(() -> tables.upload(webhook)).limit(3).toList();
        for (var upload : uploads) {
            tables.batch(webhook, upload, "one");
            tables.batch(webhook, upload, "two");
        }
        for (int i = 2; i >= 0; i--) {
            tables.database().update("update upload set updated_at = updated_at where id = ?", uploads.get(i));
        }
        var batches = ids("batch", "");
        for (int i = batches.size() - 1; i >= 0; i--) {
            tables.database().update("update batch set total = total where id = ?::uuid", batches.get(i));
        }
    }

    private List<String> ids(String table, String lock) {
        try (var connection = tables.connect();
                var statement = connection.createStatement();
                var rows = statement.executeQuery("select id::text from " + table + " order by id " + lock)) {
            var ids = new ArrayList<String>();
            while (rows.next()) {
                ids.add(rows.getString(1));
            }
            return ids;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private Map<String, Object> parameters() {
        var parameters = new HashMap<String, Object>();
        parameters.put("id", webhook);
        parameters.put("webhook_id", webhook);
        parameters.put("counter_id", 2);
        parameters.put("set_description", false);
        parameters.put("fields", "{counter_id}");
        parameters.put("user_id", "one");
        parameters.put("actor", "test");
        // What Metrika says of uploads, and that it could not be asked about them
        parameters.put("answer", "[{\"id\": 1, \"status\": \"PROCESSED\"}, {\"id\": 3, \"status\": \"PROCESSED\"}]");
        parameters.put("metrika_account.counter_id", 1);
        parameters.put("uploadings", "3,1,2");
        parameters.put("due", "1,2,3");
        parameters.putAll(Map.of(
                "page", 0, "page_length", 2, "offset", 0, "page_fingerprint", "1-3", "previous_page_fingerprint", ""));
        parameters.putAll(Map.of("failure.counter_id", 1, "failure.outcome", "temporary", "failure.login", "login"));
        parameters.putAll(Map.of("own_quota", false, "is_refusal", false, "retry_after", 0));
        parameters.put("failure.due_since", null);
        parameters.putAll(Map.of("code", "no_answer", "message", "Away", "code_at_end", "", "message_at_end", ""));
        return parameters;
    }

    @ParameterizedTest
    @ValueSource(strings = {"update-webhook", "erase-person", "apply-upload-statuses", "record-poll-failure"})
    void uploadsInTheOrderOfTheirIdsAndBeforeAllElse(String statement) throws Exception {
        if (!statement.endsWith("webhook") && !statement.endsWith("person")) {
            for (int i = 2; i >= 0; i--) {
                tables.database()
                        .update(
                                "update upload set state = 'uploaded', metrika_upload_id = ?, sent_at = clock() where id = ?",
                                i + 1,
                                uploads.get(i));
            }
        }
        try (var holder = tables.hold("select from upload where id = " + uploads.get(1) + " for update")) {
            var running = tables.runUntilItWaits(statement, parameters());
            assertThat(running.isDone()).isFalse();
            assertThat(ids("upload", "for update skip locked"))
                    .containsExactly(uploads.get(2).toString());
            assertThat(ids("batch", "for update skip locked")).hasSize(6);
            assertThat(ids("webhook", "for update skip locked")).hasSize(1);
            holder.rollback();
            running.get();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"halve-upload", "resend-unlinked", "erase-person", "erase-from-upload"})
    void batchesInTheOrderOfTheirIds(String statement) throws Exception {
        var parameters = parameters();
        parameters.putAll(
                Map.of("upload.id", uploads.get(0), "upload.claim_number", 1, "failure.wrong_counter", false));
        tables.database().update("update batch set upload_id = ?", uploads.get(0));
        tables.database().update("insert into pending_erasure select id, 0 from batch");
        if (statement.equals("resend-unlinked")) {
            tables.database()
                    .update("update upload set state = 'completed', resend_at = clock() where id = ?", uploads.get(0));
        } else if (!statement.equals("erase-person")) {
            tables.claim(uploads.get(0));
        }
        var batches = statement.equals("erase-person")
                ? ids("batch b join conversion on batch_id = id and user_id = 'one'", "")
                : ids("batch", "");
        try (var holder = tables.hold("select from batch where id = '" + batches.get(1) + "' for update")) {
            var running = tables.runUntilItWaits(statement, parameters);
            assertThat(running.isDone()).isFalse();
            assertThat(ids("batch", "for update skip locked"))
                    .doesNotContain(batches.get(0))
                    .containsAll(batches.subList(2, batches.size()));
            holder.rollback();
            running.get();
        }
    }

    /**
     * A sender that repeats its requests at that moment changes all of the batches, while the statement waits for them.
     */
    @ParameterizedTest
    @ValueSource(strings = {"halve-upload", "resend-unlinked"})
    void batchesThatAreCountedMeanwhileAllMove(String statement) throws Exception {
        tables.database().update("update batch set upload_id = ?", uploads.get(0));
        var parameters = new HashMap<String, Object>(Map.of("upload.id", uploads.get(0), "upload.claim_number", 1));
        parameters.put("failure.wrong_counter", false);
        if (statement.equals("resend-unlinked")) {
            tables.database()
                    .update("update upload set state = 'completed', resend_at = clock() where id = ?", uploads.get(0));
        } else {
            tables.claim(uploads.get(0));
        }
        try (var holder = tables.hold("update batch set repeated = repeated + 1")) {
            var running = tables.runUntilItWaits(statement, parameters);
            assertThat(running.isDone()).isFalse();
            holder.commit();
            running.get();
        }
        assertThat(tables.database().<String>value("select state from upload where id = ?", uploads.get(0)))
                .isEqualTo("replaced");
        assertThat(tables.database().<Long>value("select count(*) from batch where upload_id = ?", uploads.get(0)))
                .isZero();
        assertThat(tables.database()
                        .<Long>value("select count(*) from upload where state = 'planned' and batch_conversions > 0"))
                .isEqualTo(statement.equals("halve-upload") ? 2 : 1);
    }

    /** A slice of retries locks all of its uploads, then all of its batches. */
    @Test
    void whatIsRetriedTogetherIsLockedInOrder() throws Exception {
        tables.database().update("truncate retry_job");
        tables.database().update("update upload set state = 'error', next_attempt_at = null");
        tables.run("start-retries", Map.of("actor", "test"));
        var claim = tables.run("claim-retry-job", Map.of()).get(0);
        var parameters = Map.of("retry_job.id", claim.get("id"), "retry_job.claim_number", claim.get("claim_number"));
        try (var holder = tables.hold("select from upload where id = " + uploads.get(1) + " for update")) {
            var running = tables.runUntilItWaits("retry-slice", parameters);
            assertThat(running.isDone()).isFalse();
            assertThat(ids("upload", "for update skip locked"))
                    .containsExactly(uploads.get(2).toString());
            assertThat(ids("batch", "for update skip locked")).hasSize(6);
            holder.rollback();
            running.get();
        }
        tables.database().update("update upload set state = 'error', next_attempt_at = null where state = 'planned'");
        tables.database().update("truncate retry_job");
        tables.run("start-retries", Map.of("actor", "test"));
        var again = tables.run("claim-retry-job", Map.of()).get(0);
        var batches = ids("batch", "");
        try (var holder = tables.hold("select from batch where id = '" + batches.get(1) + "' for update")) {
            var running = tables.runUntilItWaits(
                    "retry-slice",
                    Map.of("retry_job.id", again.get("id"), "retry_job.claim_number", again.get("claim_number")));
            assertThat(running.isDone()).isFalse();
            assertThat(ids("batch", "for update skip locked"))
                    .doesNotContain(batches.get(0))
                    .containsAll(batches.subList(2, batches.size()));
            holder.rollback();
            running.get();
        }
    }

    @Test
    void whatIsGivenUpWaitsForNobody() throws SQLException {
        tables.database().update("update upload set expires_at = clock() - interval '1 minute'");
        try (var holder = tables.hold("select from upload where id = " + uploads.get(1) + " for update")) {
            assertThat(tables.runUntilItWaits("expire-uploads", Map.of()).isDone())
                    .isTrue();
            holder.rollback();
        }
        assertThat(ids("upload where state = 'planned'", ""))
                .containsExactly(uploads.get(1).toString());
    }

    @Test
    void leasesAreRenewedWithoutWaitingForAnyOfThem() throws Exception {
        uploads.forEach(tables::claim);
        tables.database().update("update upload set lease_expires_at = clock() - interval '1 second'");
        tables.database().update("update upload set claim_number = 7 where id = ?", uploads.get(2));
        var parameters =
                Map.of("ids", "{%d,%d,%d}".formatted(uploads.toArray()), "claim_numbers", "{1,1,1}", "calls", "{}");
        try (var holder = tables.hold("select from upload where id = " + uploads.get(1) + " for update")) {
            var running = tables.runUntilItWaits("renew-leases", parameters);
            assertThat(running.isDone()).isTrue();
            assertThat(running.get().stream().map(row -> row.get("id") + " " + row.get("is_held")))
                    .containsExactlyInAnyOrder(uploads.get(0) + " true", uploads.get(2) + " false");
            holder.rollback();
        }
        assertThat(ids("upload where lease_expires_at > clock()", ""))
                .containsExactly(uploads.get(0).toString());
    }

    /**
     * Whoever changes what is in an upload holds the upload: it is left for the next run, which counts what is there
     * then.
     */
    @Test
    void whatIsSentAgainIsCountedAsItIsWhenNobodyCanChangeIt() throws Exception {
        tables.database()
                .update("update upload set state = 'completed', resend_at = clock() where id = ?", uploads.get(0));
        try (var holder = tables.hold("update batch set total = 5 where upload_id = " + uploads.get(0))) {
            tables.run("resend-unlinked", Map.of());
            assertThat(tables.database().<Long>value("select count(*) from upload where resend_count = 1"))
                    .isZero();
            holder.commit();
        }
        tables.run("resend-unlinked", Map.of());
        assertThat(tables.database().<Integer>value("select conversions from upload where resend_count = 1"))
                .isEqualTo(10);
    }
}
