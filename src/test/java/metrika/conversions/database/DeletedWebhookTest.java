package metrika.conversions.database;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

import static org.assertj.core.api.Assertions.assertThat;

/** What a deleted webhook has left behind: how it is deleted, and that nothing finds it meanwhile. */
@ResourceLock(Tables.LOCK)
class DeletedWebhookTest {

    private final Tables tables = new Tables();
    private final UUID webhook = UUID.randomUUID();

    /** How many are deleted, at each of some times; nobody is waited for. */
    private List<Integer> deleted(int times) throws Exception {
        var counts = new ArrayList<Integer>();
        for (int i = 0; i < times; i++) {
            var running = tables.runUntilItWaits("purge-deleted", Map.of());
            assertThat(running.isDone()).isTrue();
            counts.add(((Number) running.get().get(0).get("deleted")).intValue());
        }
        return counts;
    }

    @Test
    void itIsDeletedSliceBySliceAndWhatOthersAreAtIsLeftForTheNextTime() throws Exception {
        tables.database().update("""
                insert into batch (id, webhook_id, total, oldest_event_at, ready_at)
                select gen_random_uuid(), ?, 100, clock(), clock() from generate_series(1, 120)\
                """, webhook);
        tables.database().update("truncate deleted_webhook");
        tables.database().update("insert into deleted_webhook (id) values (?)", webhook);
        try (var holder = tables.hold(
                "select from batch where webhook_id = '%s' order by id limit 1 for update".formatted(webhook))) {
            assertThat(deleted(3)).as("of 5000 conversions each").containsExactly(50, 50, 19);
            holder.rollback();
        }
        assertThat(deleted(2)).containsExactly(1, 0);
        assertThat(tables.database().<Long>value("select count(*) from batch")).isZero();
    }

    @Test
    void itAnswersNoRequest() throws SQLException {
        assertThat(isAnswered(tables.webhook())).as("one that is there").isTrue();
        assertThat(isAnswered(webhook)).isFalse();
    }

    /** Whether a repeated request to a webhook would be answered by the batch of the first. */
    private boolean isAnswered(UUID webhook) throws SQLException {
        tables.database().update("""
            insert into batch (id, webhook_id, total, oldest_event_at, ready_at, idempotency_key, body_hash)
            values (gen_random_uuid(), ?, 1, clock(), clock(), 'left behind', 'x')\
            """, webhook);
        try (var connection = tables.connect();
                var statement = connection.prepareStatement(SqlFile.text("intake/find-idempotent-batch"))) {
            statement.setObject(1, webhook);
            statement.setString(2, "left behind");
            statement.setBytes(3, "x".getBytes());
            return statement.executeQuery().next();
        }
    }
}
