package metrika.conversions.http;

import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import metrika.conversions.support.Shared;
import metrika.conversions.support.TestWebhook;
import metrika.conversions.support.Wire;

import static metrika.conversions.support.Samples.conversion;
import static metrika.conversions.support.Shared.PRODUCT;
import static org.assertj.core.api.Assertions.assertThat;

/** A header that says one thing and comes twice: a proxy on the way may have gone by the other one. */
class RepeatedHeadersIT {

    private static final TestWebhook WEBHOOK = PRODUCT.webhook(83200);

    private static String send(List<String> headers) {
        var body = "{\"conversions\": [" + conversion() + "]}";
        return Wire.exchange(
                PRODUCT.port(),
                "POST " + WEBHOOK.path() + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                        + String.join("\r\n", headers) + "\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
    }

    static Stream<List<String>> repeated() {
        var secret = "X-Webhook-Secret: " + WEBHOOK.secret();
        var type = "Content-Type: application/json";
        return Stream.of(
                List.of(type, secret, "X-Webhook-Secret: wrong"),
                List.of(type, "X-Webhook-Secret: wrong", secret),
                List.of(type, secret, secret),
                List.of(type, secret, "x-webhook-secret: "),
                List.of(type, secret, "X-WEBHOOK-SECRET: " + WEBHOOK.secret()),
                List.of(secret, type, type),
                List.of(secret, type, "content-type: text/plain"),
                List.of(secret, type, "Idempotency-Key: a", "Idempotency-Key: b"),
                List.of(secret, type, "Idempotency-Key: a", "Idempotency-Key: a"),
                List.of(secret, type, "Content-Encoding: identity", "Content-Encoding: identity"),
                List.of(secret, type, "Authorization: Bearer a", "Authorization: Bearer b"),
                List.of(secret, type, "webhook-id: 1", "webhook-id: 2"),
                List.of(secret, type, "webhook-timestamp: 1", "webhook-timestamp: 2"),
                List.of(secret, type, "webhook-signature: v1,a", "webhook-signature: v1,b"));
    }

    @ParameterizedTest
    @MethodSource("repeated")
    void isRefusedAndNamed(List<String> headers) {
        var answer = send(headers);
        assertThat(answer).startsWith("HTTP/1.1 400 ").contains("is given more than once", "application/problem+json");
        assertThat(Shared.DATABASE.<Long>value("select count(*) from batch where webhook_id = ?::uuid", WEBHOOK.id()))
                .isZero();
    }

    @Test
    void othersMayComeTwice() {
        var webhook = PRODUCT.webhook(83201);
        var answer = Wire.exchange(
                PRODUCT.port(),
                "GET " + webhook.path() + "/batches HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                        + "Accept: a/b\r\nAccept: */*\r\nX-Webhook-Secret: " + webhook.secret()
                        + "\r\nVia: 1.1 a\r\nVia: 1.1 b\r\n\r\n");
        assertThat(answer).startsWith("HTTP/1.1 200 ");
    }
}
