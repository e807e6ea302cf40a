package metrika.conversions.intake;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

import metrika.conversions.support.TestDatabase;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Rows that come again are counted, whatever happens to their batches at that moment. */
class IdempotencyLookupTest {

    private final TestDatabase database = TestDatabase.create();

    @Test
    void eachIsCountedWhoseBatchIsJustBeingChanged() throws Exception {
        var webhook = UUID.randomUUID();
        database.update("""
            insert into webhook (id, name, counter_id, token, login, time_zone, requests_per_minute, secret_hash)
            values (?, 'test', 1, '', 'login', 'UTC', 60, '')\
            """, webhook);
        database.update("""
            insert into batch (id, webhook_id, total, oldest_event_at, ready_at, idempotency_key, body_hash)
            select gen_random_uuid(), ?, 1, now(), now(), 'k' || n, 'h' from generate_series(1, 1000) as n\
            """, webhook);
        var keys = IntStream.rangeClosed(1, 1000)
                .mapToObj(n -> new RowKey("k" + n, "h".getBytes(StandardCharsets.UTF_8)))
                .toList();
        var source = new PGSimpleDataSource();
        source.setURL(database.url());
        var lookup = new IdempotencyLookup(source);
        try (var other = database.connection();
                var statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("update batch set ready_at = now()");
            var found = CompletableFuture.supplyAsync(() -> find(lookup, webhook, keys));
            await().until(() -> database.<Long>value("select count(*) from pg_stat_activity"
                            + " where datname = current_database() and wait_event_type = 'Lock'")
                    > 0);
            other.commit();
            assertThat(found.get()).isEqualTo(1000);
        }
        assertThat(database.<Long>value("select sum(repeated) from batch")).isEqualTo(1000);
    }

    private static int find(IdempotencyLookup lookup, UUID webhook, List<RowKey> keys) {
        try {
            return lookup.find(webhook, keys, true).size();
        } catch (java.sql.SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
