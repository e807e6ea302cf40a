package metrika.conversions.database;

import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletionException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * Whoever is erased while others are at the same rows is erased all the same, and the answer says truly what is left.
 */
@ResourceLock(Tables.LOCK)
class ErasureLocksTest {

    private static final String PERSON = "person";

    private final Tables tables = new Tables();
    private final UUID webhook = tables.webhook();

    private JsonNode erase() throws Exception {
        return erased(tables.run("erase-person", person()));
    }

    private Map<String, Object> person() {
        return Map.of("webhook.id", webhook, "user_id", PERSON, "fields", "{user_id}", "actor", "test");
    }

    private static JsonNode erased(List<Map<String, Object>> answer) throws Exception {
        return new ObjectMapper().readTree((String) answer.get(0).get("row_to_json"));
    }

    private static Map<String, Object> claimed(long upload) {
        return Map.of("upload.id", upload, "upload.claim_number", 1);
    }

    private Object beforeSending(long upload) {
        return tables.run("erase-from-upload", claimed(upload)).get(0).get("erasure_result");
    }

    private void mark(UUID batch) {
        tables.database().update("insert into pending_erasure (batch_id, position) values (?, 0)", batch);
    }

    private long rows() {
        return tables.database().value("select count(*) from conversion where user_id = ?", PERSON);
    }

    private long inUpload(long upload) {
        return tables.database().<Integer>value("select conversions from upload where id = ?", upload);
    }

    @Test
    void aSenderWaitsForWhoeverIsAtItsUpload() throws Exception {
        var upload = tables.upload(webhook);
        mark(tables.batch(webhook, upload, PERSON, "other"));
        tables.claim(upload);
        for (var held : new String[] {"select from batch for update", "select from upload for update"}) {
            try (var holder = tables.hold(held)) {
                var sender = tables.runUntilItWaits("erase-from-upload", claimed(upload));
                assertThat(sender.isDone()).as("%s", held).isFalse();
                holder.rollback();
                assertThat(sender.get().get(0)).containsValue(held.contains("batch") ? "changed" : "unchanged");
            }
        }
        assertThat(rows()).isZero();
        assertThat(inUpload(upload)).isEqualTo(1);
    }

    @Test
    void aSenderDoesNotWaitForWhoeverIsAtAnother() throws Exception {
        var upload = tables.upload(webhook);
        mark(tables.batch(webhook, upload, PERSON, "other"));
        tables.claim(upload);
        var another = tables.upload(webhook);
        var theirs = tables.batch(webhook, another, PERSON);
        mark(theirs);
        try (var holder = tables.hold("select from batch where id = '" + theirs + "' for update")) {
            assertThat(beforeSending(upload)).isEqualTo("changed");
            tables.run("apply-pending-erasures", Map.of());
            assertThat(rows()).as("of the one that is held").isEqualTo(1);
            holder.rollback();
        }
        tables.run("apply-pending-erasures", Map.of());
        assertThat(rows()).isZero();
    }

    @Test
    void whoIsMarkedWhileASenderWaitsIsNotSent() throws Exception {
        var upload = tables.upload(webhook);
        var batch = tables.batch(webhook, upload, PERSON, "other");
        tables.claim(upload);
        try (var holder = tables.hold("select from upload for update")) {
            var sender = tables.runUntilItWaits("erase-from-upload", claimed(upload));
            mark(batch);
            holder.rollback();
            assertThat(sender.get().get(0)).containsValue("changed");
        }
        assertThat(rows()).isZero();
    }

    @Test
    void anUploadThatStaysLockedIsNotSent() throws SQLException {
        var upload = tables.upload(webhook);
        mark(tables.batch(webhook, upload, PERSON));
        tables.claim(upload);
        try (var holder = tables.hold("select from upload for update")) {
            assertThatThrownBy(() -> beforeSending(upload))
                    .isInstanceOf(CompletionException.class)
                    .hasCauseInstanceOf(SQLException.class)
                    .hasMessageContaining("lock timeout");
            holder.rollback();
        }
        assertThat(beforeSending(upload)).isEqualTo("empty");
        assertThat(tables.database().<String>value("select state from upload")).isEqualTo("replaced");
    }

    @Test
    void whoLostTheClaimErasesNothing() {
        var upload = tables.upload(webhook);
        mark(tables.batch(webhook, upload, PERSON));
        tables.claim(upload);
        tables.claim(upload);
        assertThat(beforeSending(upload)).isEqualTo("lease-lost");
        assertThat(rows()).isEqualTo(1);
    }

    @Test
    void whatNobodyIsAtIsErasedAndWhatIsClaimedIsPending() throws Exception {
        tables.batch(webhook, null, PERSON, "other");
        var waiting = tables.upload(webhook);
        tables.batch(webhook, waiting, PERSON, PERSON);
        var claimed = tables.upload(webhook);
        tables.batch(webhook, claimed, "other", PERSON);
        tables.claim(claimed);
        var answer = erase();
        assertThat(answer.get("erased").intValue()).isEqualTo(3);
        assertThat(answer.get("pending").intValue()).isEqualTo(1);
        assertThat(rows()).isEqualTo(1);
        tables.run("apply-pending-erasures", Map.of());
        assertThat(rows()).as("while its file may be on its way").isEqualTo(1);
        assertThat(beforeSending(claimed)).isEqualTo("changed");
        assertThat(beforeSending(claimed)).isEqualTo("unchanged");
        assertThat(rows()).isZero();
        assertThat(erase().get("erased").intValue()).as("once").isZero();
    }

    /**
     * When it was looked at, nobody was at it; when it can be locked, it has become part of an upload that can be
     * claimed.
     */
    @Test
    void whatJoinsAnUploadMeanwhileIsPending() throws Exception {
        var batch = tables.batch(webhook, null, PERSON, "other");
        try (var planner = tables.hold("select from batch for update")) {
            var eraser = tables.runUntilItWaits("erase-person", person());
            assertThat(eraser.isDone()).isFalse();
            try (var statement = planner.createStatement()) {
                statement.execute("""
                    with planned as (
                      insert into upload (webhook_id, counter_id, conversions, oldest_event_at,
                                          claim_number, lease_expires_at)
                      values ('%s', 1, 2, clock(), 1, clock() + interval '1 minute') returning id)
                    update batch set upload_id = planned.id from planned\
                    """.formatted(webhook));
            }
            planner.commit();
            var answer = erased(eraser.get());
            assertThat(answer.get("erased").intValue()).isZero();
            assertThat(answer.get("pending").intValue()).isEqualTo(1);
            assertThat(answer.at("/batches/0/batch_id").textValue()).isEqualTo(batch.toString());
        }
        assertThat(beforeSending(tables.database().<Long>value("select id from upload")))
                .isEqualTo("changed");
        assertThat(rows()).isZero();
    }

    @Test
    void twoWhoEraseTheSamePersonAreNotBothToldThatTheyDid() throws Exception {
        tables.batch(webhook, null, PERSON);
        try (var holder = tables.hold("select from batch for update")) {
            var one = tables.runUntilItWaits("erase-person", person());
            holder.rollback();
            var erased = erase().get("erased").intValue()
                    + erased(one.get()).get("erased").intValue();
            assertThat(erased).isEqualTo(1);
        }
    }
}
