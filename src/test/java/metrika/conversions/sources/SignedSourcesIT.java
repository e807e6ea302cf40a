package metrika.conversions.sources;

import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import metrika.conversions.support.Answer;
import metrika.conversions.support.Product;
import metrika.conversions.support.Shared;
import metrika.conversions.support.SharedSources;
import metrika.conversions.support.TestWebhook;

import static metrika.conversions.support.SharedSources.stored;
import static metrika.conversions.support.SharedSources.webhook;
import static org.assertj.core.api.Assertions.assertThat;

/** A sender that signs its bodies and expects one answer, CloudPayments: each with a notification of its own shape. */
class SignedSourcesIT {

    private static final String TAKEN = "{\"code\":0}";

    private final Product product = SharedSources.PRODUCT;

    /** A notification as it was recorded. */
    private record Notification(String type, byte[] body) {

        static Notification of(String sample) throws IOException {
            var recorded = Files.readString(Path.of("routes/sources/in-cloudpayments.test/" + sample + ".http"));
            var parts = recorded.split("\r\n\r\n", 2);
            var type = parts[0].lines()
                    .filter(line -> line.startsWith("Content-Type: "))
                    .findFirst()
                    .orElseThrow();
            return new Notification(type.substring(14), parts[1].getBytes(StandardCharsets.UTF_8));
        }

        String signature() {
            return signature(SharedSources.CLOUDPAYMENTS_SECRET);
        }

        String signature(String key) {
            return Base64.getEncoder().encodeToString(hmac("HmacSHA256", key, body));
        }
    }

    private static byte[] hmac(String algorithm, String key, byte[] body) {
        try {
            var mac = Mac.getInstance(algorithm);
            mac.init(new SecretKeySpec(key.getBytes(StandardCharsets.UTF_8), algorithm));
            return mac.doFinal(body);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private Answer send(TestWebhook webhook, Notification notification, String... signatures) {
        var request = SharedSources.request("cloudpayments", webhook)
                .header("Content-Type", notification.type())
                .POST(HttpRequest.BodyPublishers.ofByteArray(notification.body()));
        for (var signature : signatures) {
            request.header("Content-HMAC", signature);
        }
        return product.send(request);
    }

    private static void assertTaken(Answer answer) {
        assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(TAKEN);
        assertThat(answer.header("Content-Type")).isEqualTo("application/json");
    }

    @ParameterizedTest
    @ValueSource(strings = {"paid", "confirmed"})
    void aSignedPaymentIsStoredOnceAndAnsweredAsItsSenderExpects(String sample) throws IOException {
        var webhook = webhook();
        var paid = Notification.of(sample);
        for (int i = 0; i < 2; i++) {
            assertTaken(send(webhook, paid, paid.signature()));
            assertThat(stored(webhook)).singleElement().satisfies(row -> {
                assertThat(row.get("client_id")).isEqualTo("1751360000123456789");
                assertThat(row.get("yclid")).isEqualTo("4455667788990011223");
                assertThat(row.get("purchase_id")).isEqualTo("42-17");
                assertThat(row.get("target")).isEqualTo("purchase");
                assertThat(row.get("date_time")).isEqualTo(1751362496L); // 09:34:56 in UTC, wherever the webhook is
                assertThat((String) row.get("price")).startsWith("2490.5");
                assertThat(row.get("currency")).isEqualTo("RUB");
            });
        }
        // The same order paid for once more is another payment
        var text = new String(paid.body(), StandardCharsets.UTF_8);
        var next = new Notification(paid.type(), text.replace("1504", "1506").getBytes(StandardCharsets.UTF_8));
        assertThat(next.body()).isNotEqualTo(paid.body());
        assertTaken(send(webhook, next, next.signature()));
        assertThat(stored(webhook)).hasSize(2);
    }

    /** docs/sources/http-columns.md. */
    @Test
    void aSourceOfSettingsChecksSignaturesAndAnswersAsItIsTold() {
        var webhook = webhook();
        var form = "payment=" + URLEncoder.encode("""
                {"cid": "1234567890.1234567890", "order": "b-1", "paid": "", "sum": 150050}""", StandardCharsets.UTF_8);
        var signature = HexFormat.of().formatHex(hmac("HmacSHA512", "KEY", form.getBytes(StandardCharsets.UTF_8)));
        var request = SharedSources.request("bank", webhook)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(form));
        assertThat(product.send(request.copy().header("X-Signature", "00" + signature.substring(2)))
                        .status())
                .isEqualTo(403);
        for (int i = 0; i < 2; i++) {
            var answer = product.send(request.copy().header("X-Signature", signature));
            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.body()).isEqualTo("OK");
            assertThat(stored(webhook)).singleElement().satisfies(row -> {
                assertThat(row.get("purchase_id")).isEqualTo("b-1");
                assertThat((String) row.get("price")).startsWith("1500.5");
            });
        }
    }

    @Test
    void whatIsNotSignedWithTheKeyIsRefused() throws IOException {
        var webhook = webhook();
        var paid = Notification.of("paid");
        var right = paid.signature();
        var altered = new ArrayList<Notification>();
        var price = new String(paid.body(), StandardCharsets.US_ASCII).indexOf("Amount=") + "Amount=".length();
        for (var at : List.of(0, price, paid.body().length - 1)) {
            var body = paid.body().clone();
            body[at] ^= 1;
            altered.add(new Notification(paid.type(), body));
        }
        altered.forEach(body -> assertRefused(send(webhook, body, right)));
        assertRefused(send(webhook, paid));
        assertRefused(send(webhook, paid, ""));
        assertRefused(send(webhook, paid, "no base64!"));
        assertRefused(send(webhook, paid, right.substring(0, right.length() - 4)));
        assertRefused(send(webhook, paid, paid.signature("another key")));
        assertRefused(send(webhook, paid, right, right));
        assertRefused(product.send(SharedSources.request("cloudpayments", webhook)
                .header("Content-Type", paid.type())
                .header("X-Content-HMAC", right)
                .POST(HttpRequest.BodyPublishers.ofByteArray(paid.body()))));
        assertThat(stored(webhook)).isEmpty();
        assertTaken(send(webhook, paid, right));
        assertThat(stored(webhook)).hasSize(1);
        assertThat(product.log()).doesNotContain(SharedSources.CLOUDPAYMENTS_SECRET, "0123456789abcdef");
    }

    private static void assertRefused(Answer answer) {
        assertThat(answer.status()).as(answer.toString()).isEqualTo(403);
        assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
        assertThat(answer.text("detail")).contains("The signature in the header Content-HMAC is missing or wrong");
    }

    /** Who has a signature, and not the webhook's secret, is as much a stranger as anyone. */
    @Test
    void aSignatureDoesNotStandForTheSecret() throws IOException {
        var webhook = webhook();
        var paid = Notification.of("paid");
        for (var secret : List.of("", "?secret=wrong")) {
            var answer = product.send(product.request("/inbound/cloudpayments/" + webhook.id() + secret)
                    .header("Content-Type", paid.type())
                    .header("Content-HMAC", paid.signature())
                    .POST(HttpRequest.BodyPublishers.ofByteArray(paid.body())));
            assertThat(answer.status()).as(answer.toString()).isEqualTo(403);
            assertThat(answer.text("detail")).contains("its secret is missing or wrong");
        }
        assertThat(stored(webhook)).isEmpty();
    }

    /** It is not counted: whoever has seen the address could use up the sender's requests. */
    @Test
    void aWrongSignatureTakesNothingOfTheLimit() throws IOException {
        var webhook = product.webhook(
                "{\"name\": \"limited\", \"counter_id\": 604, \"token\": \"t604\", \"requests_per_minute\": 1}");
        var paid = Notification.of("paid");
        for (int i = 0; i < 5; i++) {
            assertRefused(send(webhook, paid, "wrong"));
        }
        assertTaken(send(webhook, paid, paid.signature()));
        assertThat(send(webhook, paid, paid.signature()).status()).isEqualTo(429);
    }

    @ParameterizedTest
    @ValueSource(strings = {"authorized", "payout", "refund", "test-mode", "without-data"})
    void whatDoesNotCountIsTakenAndNotStored(String sample) throws IOException {
        var webhook = webhook();
        var other = Notification.of(sample);
        assertTaken(send(webhook, other, other.signature()));
        assertThat(stored(webhook)).isEmpty();
        assertThat(refused(webhook)).isEqualTo(0);
    }

    /** It would be repeated for days, and be wrong each time. */
    @ParameterizedTest
    @ValueSource(strings = {"wrong-price", "broken-data"})
    void whatIsWrongIsTakenAndKept(String sample) throws IOException {
        var webhook = webhook();
        var wrong = Notification.of(sample);
        assertTaken(send(webhook, wrong, wrong.signature()));
        assertThat(stored(webhook)).isEmpty();
        assertThat(refused(webhook)).isEqualTo(1);
    }

    private int refused(TestWebhook webhook) {
        return product.send(webhook.request("/refused")).json().path("refused").size();
    }

    /** Without a key everybody's signature would be as good. */
    @Test
    void withoutAKeyItDoesNotStart() {
        try (var keyless = Product.idle(Shared.DATABASE, Shared.METRIKA.url())
                .with("inbound.cloudpayments.enabled", true)
                .start()) {
            assertThat(keyless.log())
                    .contains("The source in-cloudpayments is not started")
                    .contains("inbound.cloudpayments.secret");
            var answer = keyless.send(keyless.request("/inbound/cloudpayments/" + UUID.randomUUID())
                    .POST(HttpRequest.BodyPublishers.ofString("TransactionId=1")));
            assertThat(answer.status()).as("%s", answer).isEqualTo(503);
        }
    }
}
