package metrika.conversions.auth;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import java.util.zip.GZIPOutputStream;

import org.junit.jupiter.api.Test;

import metrika.conversions.support.Answer;
import metrika.conversions.support.Shared;
import metrika.conversions.support.Signing;
import metrika.conversions.support.TestWebhook;

import static java.nio.charset.StandardCharsets.UTF_8;
import static metrika.conversions.support.Samples.conversion;
import static metrika.conversions.support.Shared.PRODUCT;
import static org.assertj.core.api.Assertions.assertThat;

/** Requests that are signed by Standard Webhooks instead of carrying the secret. */
class StandardWebhooksSignatureIT {

    private final TestWebhook webhook = PRODUCT.webhook(
            "{\"name\": \"signed\", \"counter_id\": 81000, \"token\": \"t\", \"auth\": \"standard-webhooks\"}");

    /**
     * The moment that a test's requests are signed at and say they are: read once, since a second may end between the
     * two.
     */
    private final long now = Instant.now().getEpochSecond();

    private static String valid() {
        return "{\"conversions\": [" + conversion() + "]}";
    }

    private Answer send(long timestamp, String id, String body) {
        return Signing.send(
                webhook,
                id,
                timestamp,
                Signing.sign(webhook.secret(), id, timestamp, body.getBytes(UTF_8)),
                body.getBytes(UTF_8));
    }

    @Test
    void aSignatureLetsInAndTheMessagesIdIsTheIdempotencyKey() {
        assertThat(webhook.secret()).matches("whsec_[A-Za-z0-9+/]{43}=");
        assertThat(PRODUCT.get(webhook.path()).text("auth")).isEqualTo("standard-webhooks");
        var body = valid();
        var first = Signing.send(webhook, "msg_1", body);
        assertThat(first.status()).as("%s", first).isEqualTo(200);
        // The same message, signed again later, is the same request
        assertThat(send(now - 60, "msg_1", body).body()).isEqualTo(first.body());
        assertThat(send(now, "msg_1", valid().replace("purchase", "other")).status())
                .isEqualTo(409);
        assertThat(Shared.DATABASE.<Long>value("select count(*) from batch where webhook_id = ?::uuid", webhook.id()))
                .isEqualTo(1);
        var status = PRODUCT.send(Signing.get(webhook, "/status?batch_id=" + first.text("batch_id"), "question"));
        assertThat(status.text("batch_id")).isEqualTo(first.text("batch_id"));
    }

    @Test
    void anotherIdempotencyKeyThanTheSignedOneIsRefused() {
        var body = valid();
        var signature = Signing.sign(webhook.secret(), "msg_2", now, body.getBytes(UTF_8));
        for (var key : new String[] {"other", "msg_2"}) {
            var answer = PRODUCT.send(Signing.request(webhook, "", "msg_2", now, signature)
                    .header("Idempotency-Key", key)
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString(body)));
            assertThat(answer.status()).as(key).isEqualTo(key.equals("other") ? 400 : 200);
        }
    }

    @Test
    void whatIsNotSignedRightIsAnsweredAsIfThereWereNoWebhook() {
        var body = valid().getBytes(UTF_8);
        var unknown = new TestWebhook(PRODUCT, "00000000-0000-4000-8000-000000000000", webhook.secret());
        var expected = Signing.send(unknown, "m", valid());
        assertThat(expected.status()).isEqualTo(403);
        var right = Signing.sign(webhook.secret(), "m", now, body);
        for (var wrong : new Answer[] {
            Signing.send(webhook, "n", now, right, body),
            Signing.send(webhook, "m", now + 1, right, body),
            Signing.send(
                    webhook, "m", now, right, valid().replace("purchase", "x").getBytes(UTF_8)),
            Signing.send(webhook, "m", now, right.replace("v1,", "v2,"), body),
            Signing.send(webhook, "m", now, right.substring(3), body),
            Signing.send(webhook, "m", now, "", body),
            Signing.send(webhook, "m", now, "v1,?", body),
            webhook.send(valid()),
            PRODUCT.post(webhook.path(), valid()),
            Signing.send(new TestWebhook(PRODUCT, PRODUCT.webhook(81001).id(), webhook.secret()), "m", valid())
        }) {
            assertThat(wrong.status()).isEqualTo(403);
            assertThat(wrong.body()).isEqualTo(expected.body());
        }
        assertThat(PRODUCT.send(Signing.request(webhook, "", "m", now, right)
                                .header("webhook-id", "m")
                                .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                                .header("Content-Type", "application/json"))
                        .status())
                .as("two of a header")
                .isEqualTo(400);
    }

    @Test
    void aReplayOutsideTheToleranceIsRefusedAndToldWhy() {
        for (var distance : new long[] {-3600, -310, 310}) {
            var refused = send(now + distance, "old", valid());
            assertThat(refused.status()).isEqualTo(403);
            assertThat(refused.text("detail")).contains("webhook-timestamp", "300 s", "signature.tolerance");
        }
        assertThat(send(now - 240, "late", valid()).status()).isEqualTo(200);
        assertThat(send(now + 240, "early", valid()).status()).isEqualTo(200);
    }

    @Test
    void oneOfSeveralSignaturesHasToBeRight() {
        var body = valid().getBytes(UTF_8);
        var right = Signing.sign(webhook.secret(), "many", now, body);
        var wrong = "v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
        assertThat(Signing.send(webhook, "many", now, "v1a,abc " + wrong + " " + right, body)
                        .status())
                .isEqualTo(200);
        assertThat(Signing.send(webhook, "many", now, (wrong + " ").repeat(10) + right, body)
                        .status())
                .isEqualTo(403);
    }

    @Test
    void whatIsSignedAreTheBytesAsSent() throws IOException {
        var packed = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(packed)) {
            gzip.write(valid().getBytes(StandardCharsets.UTF_8));
        }
        var bytes = packed.toByteArray();
        var answer = PRODUCT.send(
                Signing.request(webhook, "", "packed", now, Signing.sign(webhook.secret(), "packed", now, bytes))
                        .header("Content-Type", "application/json")
                        .header("Content-Encoding", "gzip")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(bytes)));
        assertThat(answer.status()).as("%s", answer).isEqualTo(200);
    }

    @Test
    void aRotationLeavesBothKeysValid() {
        var renewed = new TestWebhook(
                PRODUCT,
                webhook.id(),
                PRODUCT.post(webhook.path() + "/secret", "").text("secret"));
        assertThat(renewed.secret()).startsWith("whsec_").isNotEqualTo(webhook.secret());
        assertThat(Signing.send(webhook, "before", valid()).status()).isEqualTo(200);
        assertThat(Signing.send(renewed, "now", valid()).status()).isEqualTo(200);
        PRODUCT.post(webhook.path() + "/secret?grace=PT0S", "");
        assertThat(Signing.send(renewed, "gone", valid()).status()).isEqualTo(403);
    }

    @Test
    void aPatchChangesTheWayAndGivesANewSecret() {
        var plain = PRODUCT.webhook(81002);
        assertThat(PRODUCT.patch(plain.path(), "{\"auth\": \"secret\"}").json().has("secret"))
                .isFalse();
        var changed = PRODUCT.patch(plain.path(), "{\"auth\": \"standard-webhooks\"}");
        assertThat(changed.text("auth")).isEqualTo("standard-webhooks");
        var signed = new TestWebhook(PRODUCT, plain.id(), changed.text("secret"));
        assertThat(Signing.send(signed, "1", valid()).status()).isEqualTo(200);
        assertThat(plain.send(valid()).status())
                .as("the one before is valid for a while")
                .isEqualTo(200);
        var back = PRODUCT.patch(plain.path(), "{\"auth\": \"secret\"}");
        assertThat(back.text("secret")).matches("[A-Za-z0-9_-]{43}");
        assertThat(Signing.send(signed, "2", valid()).status()).isEqualTo(200);
        assertThat(plain.send(valid()).status()).isEqualTo(403);
        assertThat(new TestWebhook(PRODUCT, plain.id(), back.text("secret"))
                        .send(valid())
                        .status())
                .isEqualTo(200);
        assertThat(PRODUCT.patch(plain.path(), "{\"auth\": \"basic\"}").text("detail"))
                .isEqualTo("A field is invalid");
    }

    @Test
    void theKeyIsNotReadableInTheDatabase() {
        String row = Shared.DATABASE.value(
                "select row_to_json(webhook)::text from webhook where id = ?::uuid", webhook.id());
        var key = Base64.getDecoder().decode(webhook.secret().substring(6));
        assertThat(row).doesNotContain(webhook.secret(), HexFormat.of().formatHex(key));
    }
}
