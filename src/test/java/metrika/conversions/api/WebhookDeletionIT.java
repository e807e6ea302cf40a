package metrika.conversions.api;

import java.sql.DriverManager;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

import metrika.conversions.support.TestWebhook;

import static metrika.conversions.support.Samples.conversion;
import static metrika.conversions.support.Samples.request;
import static metrika.conversions.support.Shared.DATABASE;
import static metrika.conversions.support.Shared.PRODUCT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A webhook goes at once, however much it has, and neither that nor whoever holds it is in the way of its neighbours.
 */
class WebhookDeletionIT {

    private static final int SENDERS = 50;
    private static final Duration PROMISED = Duration.ofSeconds(3);

    private final TestWebhook webhook = PRODUCT.webhook(71);
    private final TestWebhook neighbour = PRODUCT.webhook(72);

    @Test
    void whoHoldsAWebhookHoldsUpNobodysConversions() throws Exception {
        try (var holder = DriverManager.getConnection(DATABASE.url());
                var statement = holder.createStatement()) {
            holder.setAutoCommit(false);
            statement.execute("select from webhook where id = '%s' for update".formatted(webhook.id()));
            assertAllAreStored(webhook, neighbour);
            statement.execute("update webhook set name = name where id = '%s'".formatted(webhook.id()));
            assertAllAreStored(webhook, neighbour);
            var refused = PRODUCT.patch(webhook.path(), "{\"name\": \"n\"}");
            assertThat(refused.status())
                    .as("what changes it cannot be done now")
                    .isEqualTo(503);
            assertThat(refused.header("Retry-After")).isEqualTo("1");
            holder.rollback();
        }
    }

    @Test
    void itIsGoneAtOnceAndItsRowsFollow() {
        fill(30_000);
        var key = UUID.randomUUID().toString();
        var kept = neighbour.send(request(3, "kept"), key).text("batch_id");
        var began = System.nanoTime();
        assertThat(PRODUCT.delete(webhook.path()).status())
                .as("conversions are on their way")
                .isEqualTo(409);
        assertThat(PRODUCT.delete(webhook.path() + "?force=true").status()).isEqualTo(204);
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(PROMISED);

        assertThat(PRODUCT.get(webhook.path()).status()).isEqualTo(404);
        assertThat(PRODUCT.delete(webhook.path() + "?force=true").status()).isEqualTo(404);
        assertThat(PRODUCT.get(webhook.path() + "/batches").status()).isEqualTo(404);
        assertThat(PRODUCT.get(TestWebhook.PATH).body()).doesNotContain(webhook.id());
        assertThat(PRODUCT.get("/ledger").body()).doesNotContain(webhook.id());
        assertThat(webhook.send(request(1, "late")).status()).isEqualTo(403);
        assertThat(PRODUCT.send(webhook.request("/status?batch_id=" + kept)).status())
                .isEqualTo(403);
        assertAllAreStored(neighbour);

        await().untilAsserted(() -> {
            assertThat(count("batch")).isZero();
            assertThat(count("upload")).isZero();
        });
        assertThat(DATABASE.<Long>value("select count(*) from conversion where client_id = ?", webhook.id()))
                .isZero();
        assertThat(DATABASE.<Long>value("select count(*) from pending_erasure where position = 717"))
                .isZero();
        assertThat(neighbour.send(request(3, "kept"), key).text("detail"))
                .as("its key is still known")
                .contains("used with another body");
    }

    /** Batches of two conversions, in uploads of ten that ended in every way, and some that wait. */
    private void fill(int batches) {
        DATABASE.update("""
                with made as (
                  select n, gen_random_uuid() as id, (n - 1) / 10 as place from generate_series(1, ?) as n
                ), uploads as (
                  insert into upload (webhook_id, counter_id, tag, conversions, oldest_event_at, state, next_attempt_at)
                  select distinct ?::uuid, 71, 'tag-' || ? || place, 20, clock(),
                         (array['completed', 'error', 'expired', 'completed'])[1 + place % 4], null::timestamptz
                    from made where place > 10
                  returning id, tag
                ), stored as (
                  insert into batch (id, webhook_id, total, oldest_event_at, ready_at, upload_id)
                  select made.id, ?::uuid, 2, clock(), clock() + interval '1 day', uploads.id
                    from made left join uploads on uploads.tag = 'tag-' || ? || made.place
                ), marks as (
                  insert into pending_erasure (batch_id, position)
                    select id, 717 from made where n > 20000 and n < 20100
                )
                insert into conversion (batch_id, position, client_id, target, date_time)
                select id, position, ?, 'purchase', 1 from made cross join generate_series(0, 1) as position\
                """, batches, webhook.id(), webhook.id(), webhook.id(), webhook.id(), webhook.id());
    }

    private long count(String table) {
        return DATABASE.<Long>value(
                "select count(*) from %s where webhook_id = ?::uuid".formatted(table), webhook.id());
    }

    /** All at the same moment, in turn to each of the webhooks. */
    private static void assertAllAreStored(TestWebhook... webhooks) {
        var pool = Executors.newFixedThreadPool(SENDERS);
        try {
            var sent = IntStream.range(0, SENDERS)
                    .mapToObj(i -> CompletableFuture.runAsync(
                            () -> {
                                var began = System.nanoTime();
                                var answer =
                                        webhooks[i % webhooks.length].send("{\"conversions\": [" + conversion() + "]}");
                                assertThat(answer.status()).as("%s", answer).isEqualTo(200);
                                assertThat(Duration.ofNanos(System.nanoTime() - began))
                                        .isLessThan(PROMISED);
                            },
                            pool))
                    .toList();
            List.copyOf(sent).forEach(CompletableFuture::join);
        } finally {
            pool.shutdownNow();
        }
    }
}
