package metrika.conversions.channels;

import java.util.UUID;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import metrika.conversions.support.News;
import metrika.conversions.support.Product;
import metrika.conversions.support.Receiver;
import metrika.conversions.support.Samples;
import metrika.conversions.support.Shared;
import metrika.conversions.support.Signing;
import metrika.conversions.support.TestDatabase;
import metrika.conversions.support.TestWebhook;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** News on their way from the tables to who is told, through the real program. */
class ChannelsIT {

    private static final String SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    private static final String OLD_SECRET = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX";

    private final TestDatabase database = TestDatabase.create();
    private final News news = new News(database);
    private final Receiver receiver = new Receiver();

    @AfterEach
    void close() {
        receiver.close();
    }

    private Product.Builder product() {
        return Product.on(database, Shared.METRIKA.url())
                .with("notify.schedule", "* * * * * ?")
                .with("notify.allow-private-addresses", true);
    }

    private Product.Builder withWebhook() {
        return product().with("notify.url", receiver.url() + "/hook").with("notify.secret", SECRET + " " + OLD_SECRET);
    }

    private static void assertSigned(Receiver.Request request, String secret, int place) {
        var id = request.header("webhook-id");
        var timestamp = Long.parseLong(request.header("webhook-timestamp"));
        assertThat(request.header("webhook-signature").split(" ")[place])
                .isEqualTo(Signing.sign(secret, id, timestamp, request.body().getBytes(UTF_8)));
    }

    @Test
    void anAddressIsToldOnceSignedWithBothSecrets() {
        try (var product = withWebhook().start();
                var replica = withWebhook().start()) {
            news.awaitChannel("webhook");
            var first = news.incident();
            var second = news.incident();
            news.awaitState("webhook", first, "delivered");
            news.awaitState("webhook", second, "delivered");
            assertThat(receiver.requests())
                    .extracting(request -> request.header("webhook-id"))
                    .containsExactlyInAnyOrder(first.toString(), second.toString());
            var request = receiver.requests().get(0);
            assertThat(request.path()).isEqualTo("/hook");
            assertThat(request.header("Content-Type")).startsWith("application/json");
            assertSigned(request, SECRET, 0);
            assertSigned(request, OLD_SECRET, 1);
            assertThat(request.json().path("type").asText()).isEqualTo("incident.opened");
            assertThat(request.json().path("timestamp").asText()).endsWith("Z");
            assertThat(request.json().path("data").path("webhook_name").asText())
                    .isEqualTo("Магазин");
            assertThat(product.log() + replica.log()).doesNotContain(SECRET, "could not tell");
        }
    }

    @Test
    void aReceiverThatIsAwayMakesHealthDownAndIsToldWhenItIsBack() {
        receiver.answer(503, "busy", "2");
        try (var product = withWebhook().start()) {
            news.awaitChannel("webhook");
            var event = news.incident();
            await().until(() -> product.log().contains("could not tell of event " + event));
            assertThat(product.log()).contains("the receiver answered with 503");
            await().until(() -> product.health().contains("webhook cannot tell 1 events"));
            assertThat(product.observe("health/ready")).contains("UP");
            receiver.answer(204, "", null);
            database.update("update event_delivery set next_attempt_at = clock() where state = 'waiting'");
            news.awaitState("webhook", event, "delivered");
            await().until(() -> !product.health().contains("cannot tell"));

            receiver.answer(500, "", null);
            var lost = database.<UUID>value(
                    "insert into event (type, data, created_at) values ('incident.opened', '{}', clock()) returning id");
            await().until(() -> product.log().contains("could not tell of event " + lost));
            database.update(
                    "update event_delivery set created_at = created_at - interval '4 days', next_attempt_at = clock() where event_id = ?",
                    lost);
            news.awaitState("webhook", lost, "given_up");
            assertThat(product.log()).containsPattern("ERROR.*could not tell of event " + lost + ".* gives it up");
            assertThat(product.health()).contains("webhook has given up");
        }
    }

    /**
     * Killed when the receiver has the message and nobody has noted it: told again with the same id, and then no more.
     */
    @Test
    void whatMayHaveBeenToldIsToldAgainAfterAKill() {
        receiver.hang();
        var killed = withWebhook().start();
        news.awaitChannel("webhook");
        var event = news.incident();
        await().until(() -> !receiver.requests().isEmpty());
        killed.kill();
        receiver.goOn();
        assertThat(database.<String>value("select state from event_delivery")).isEqualTo("waiting");
        database.update("update event_delivery set next_attempt_at = next_attempt_at - interval '2 minutes'");
        try (var product = withWebhook().start()) {
            news.awaitState("webhook", event, "delivered");
            assertThat(receiver.requests()).hasSize(2).allSatisfy(request -> {
                assertThat(request.header("webhook-id")).isEqualTo(event.toString());
                assertSigned(request, SECRET, 0);
            });
            assertThat(product.log()).doesNotContain("could not tell");
        }
    }

    @Test
    void aWebhookIsToldOfItsBatchesAtItsCallbackWithASecretOfItsOwn() {
        try (var product = product().start()) {
            var created = product.post(
                    "/webhook/offline-conversions",
                    "{\"name\": \"shop\", \"counter_id\": 4242, \"token\": \"t\", \"callback_url\": \"%s/crm\"}"
                            .formatted(receiver.url()));
            assertThat(created.status()).isEqualTo(201);
            news.awaitChannel("callback");
            var webhook = new TestWebhook(product, created.text("webhook_id"), created.text("secret"));
            assertThat(product.get(webhook.path()).json().path("callback_url").asText())
                    .isEqualTo(receiver.url() + "/crm");
            assertThat(product.get(webhook.path()).body()).doesNotContain("whsec_");
            var batch = webhook.batch(Samples.conversion());
            await().until(() -> receiver.requests().size() == 1);
            var request = receiver.requests().get(0);
            assertSigned(request, created.text("callback_secret"), 0);
            assertThat(request.json().path("type").asText()).isEqualTo("batch.completed");
            assertThat(request.json().path("data").path("batch_id").asText()).isEqualTo(batch);

            var changed =
                    product.patch(webhook.path(), "{\"callback_url\": \"%s/new?key=1\"}".formatted(receiver.url()));
            assertThat(changed.text("callback_secret"))
                    .startsWith("whsec_")
                    .isNotEqualTo(created.text("callback_secret"));
            webhook.batch(Samples.conversion());
            await().until(() -> receiver.requests().size() == 2);
            assertThat(receiver.requests().get(1).path()).isEqualTo("/new?key=1");
            assertSigned(receiver.requests().get(1), changed.text("callback_secret"), 0);

            var removed = product.patch(webhook.path(), "{\"callback_url\": null}");
            assertThat(removed.body()).doesNotContain("callback_secret").contains("\"callback_url\":null");
            webhook.awaitStatus(webhook.batch(Samples.conversion()), "completed");
            assertThat(database.<Long>value("select count(*) from event")).isEqualTo(2);
        }
    }

    @Test
    void aCallbackAtAPrivateAddressIsRefusedAtOnceAndNeverCalled() {
        try (var product =
                product().with("notify.allow-private-addresses", false).start()) {
            for (var url : new String[] {receiver.url(), "https://169.254.169.254/", "https://localhost/"}) {
                var answer = product.post(
                        "/webhook/offline-conversions",
                        "{\"name\": \"x\", \"counter_id\": 1, \"token\": \"t\", \"callback_url\": \"%s\"}"
                                .formatted(url));
                assertThat(answer.status()).isEqualTo(400);
                assertThat(answer.body()).contains("\"callback_url\"", "\"invalid_url\"");
            }
            // As one that was set while such addresses were allowed
            var webhook = product.post(
                            "/webhook/offline-conversions",
                            "{\"name\": \"x\", \"counter_id\": 1, \"token\": \"t\", \"callback_url\": \"https://example.com/\"}")
                    .text("webhook_id");
            database.update("update webhook set callback_url = ? where id = ?::uuid", receiver.url(), webhook);
            news.awaitChannel("callback");
            database.update(
                    "insert into event (type, webhook_id, data) values ('batch.error', ?::uuid, '{}')", webhook);
            await().until(() -> product.log().contains("The channel callback could not tell"));
            assertThat(product.log()).contains("has to begin with https://");
            assertThat(receiver.requests()).isEmpty();
        }
    }

    @Test
    void aChatIsToldByTheBotThatWaitsAsLongAsTelegramWishes() {
        receiver.answer(
                429,
                "{\"ok\":false,\"error_code\":429,\"description\":\"Too Many Requests: retry after 5000\","
                        + "\"parameters\":{\"retry_after\":5000}}",
                null);
        try (var product = product()
                .with("notify.telegram.chat", "@shop_alerts")
                .with("notify.telegram.token", "123456:AbC-secret_token")
                .with("notify.telegram.url", receiver.url())
                .start()) {
            news.awaitChannel("telegram");
            var event = news.incident();
            await().until(() -> product.log().contains("Too Many Requests"));
            assertThat(database.<Boolean>value(
                            "select next_attempt_at > clock() + interval '80 minutes' from event_delivery"))
                    .isTrue();
            receiver.answer(200, "{\"ok\":true}", null);
            database.update("update event_delivery set next_attempt_at = clock()");
            news.awaitState("telegram", event, "delivered");
            var request = receiver.requests().get(1);
            assertThat(request.path()).isEqualTo("/bot123456:AbC-secret_token/sendMessage");
            assertThat(request.json().path("chat_id").asText()).isEqualTo("@shop_alerts");
            assertThat(request.json().path("text").asText())
                    .startsWith("Метрика не принимает токен: Магазин\n")
                    .contains("С: 01.07.2025 09:00 (UTC)");
            assertThat(product.log()).doesNotContain("AbC-secret_token");
        }
    }
}
