package metrika.conversions.intake;

import java.sql.SQLException;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;

import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

import metrika.conversions.auth.RateLimits;
import metrika.conversions.auth.Webhook;
import metrika.conversions.ids.TimeOrderedIds;
import metrika.conversions.support.TestDatabase;

import static org.assertj.core.api.Assertions.assertThat;

/** Of two statements at the same moment one tells what this process has counted, and the other waits for nothing. */
class BatchInsertTest {

    private static final UUID WEBHOOK = UUID.randomUUID();

    private final TestDatabase database = TestDatabase.create();
    private final RateLimits limits = new RateLimits();
    private BatchInsert insert;
    private Webhook webhook;

    @BeforeEach
    void prepare() {
        database.update("""
            insert into webhook (id, name, counter_id, token, login, time_zone, requests_per_minute, secret_hash)
            values (?, 'test', 1, '', 'login', 'UTC', 60, '')\
            """, WEBHOOK);
        webhook = new Webhook(
                WEBHOOK, database.<Long>value("select version from webhook"), ZoneOffset.UTC, 60, true, 0, null);
        var source = new PGSimpleDataSource();
        source.setURL(database.url());
        source.setOptions("-c lock_timeout=2s");
        insert = new BatchInsert(source, limits);
    }

    private NewBatch batch(int requestsInWindow) {
        var conversions = new Conversions(1);
        conversions.add(new Object[] {"1", null, null, null, "t", 1762000000L, null, null}, true);
        return new NewBatch(
                TimeOrderedIds.create(System.currentTimeMillis()),
                webhook,
                requestsInWindow,
                conversions,
                1762000000L,
                "api",
                null,
                null,
                null,
                null);
    }

    /** A request of the webhook is let in. */
    private void count() {
        var exchange = new DefaultExchange(new DefaultCamelContext());
        exchange.setVariable("webhook", webhook);
        limits.countRequest(exchange);
    }

    private long counted() {
        return database.value("select coalesce(sum(n), 0) from request_window, unnest(requests) as n");
    }

    @Test
    void theOneThatDoesNotCountStoresBesideTheOneThatDoes() throws SQLException {
        count();
        insert.write(List.of(batch(1)), true, false);
        assertThat(counted()).isEqualTo(1);
        count();
        try (var other = database.connection();
                var statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("update request_window set at = now()"); // as a statement that is not committed yet
            var batch = batch(2);
            assertThat(insert.write(List.of(batch), false, false)).containsEntry(batch.id(), WriteResult.STORED);
            other.rollback();
        }
        assertThat(counted()).as("told by the next one that counts").isEqualTo(1);
        insert.write(List.of(batch(2)), true, false);
        assertThat(counted()).isEqualTo(2);
    }

    @Test
    void whatOtherProcessesHaveCountedHoldsForBoth() throws SQLException {
        database.update(
                "insert into request_window (process, webhook_id, at, requests)"
                        + " values (gen_random_uuid(), ?, now(), '{60}')",
                WEBHOOK);
        for (var isCounting : List.of(true, false)) {
            var batch = batch(1);
            assertThat(insert.write(List.of(batch), isCounting, false)).containsEntry(batch.id(), WriteResult.TOO_MANY);
        }
        database.update("update request_window set at = now() - interval '61 seconds'");
        var batch = batch(1);
        assertThat(insert.write(List.of(batch), false, false))
                .as("a minute later")
                .containsEntry(batch.id(), WriteResult.STORED);
    }
}
