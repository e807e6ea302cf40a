package metrika.conversions.sources;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;

import org.junit.jupiter.api.Test;

import metrika.conversions.support.Answer;
import metrika.conversions.support.Product;
import metrika.conversions.support.SharedSources;
import metrika.conversions.support.TestWebhook;

import static metrika.conversions.support.SharedSources.stored;
import static metrika.conversions.support.SharedSources.webhook;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Forms of a site on Tilda, which send no time and are sent again when they are not answered with 200. */
class TildaIT {

    private static final String FORM = "application/x-www-form-urlencoded";

    private final Product product = SharedSources.PRODUCT;

    private static String body(String sample) throws IOException {
        return Files.readString(Path.of("routes/sources/in-tilda.test/" + sample + ".http"))
                .split("\r\n\r\n", 2)[1];
    }

    private static Answer send(TestWebhook webhook, String body) {
        return SharedSources.post("tilda", webhook, FORM, body);
    }

    @Test
    void theTestOfTheAddressIsAnsweredWith200() throws IOException {
        var webhook = webhook();
        var answer = send(webhook, body("connected"));
        assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
        assertThat(answer.text("status")).isEqualTo("ignored");
        assertThat(stored(webhook)).isEmpty();
    }

    @Test
    void aLeadIsStoredOnceByItsNumberAtTheTimeOfItsArrival() throws IOException {
        var webhook = webhook();
        var before = Instant.now().getEpochSecond();
        var first = send(webhook, body("lead"));
        assertThat(first.status()).as(first.toString()).isEqualTo(200);
        assertThat(first.text("status")).isEqualTo("accepted");
        var after = Instant.now().getEpochSecond();
        assertThat(stored(webhook)).singleElement().satisfies(row -> {
            assertThat(row.get("client_id")).isEqualTo("1751360000123456789");
            assertThat(row.get("target")).isEqualTo("lead");
            assertThat((Long) row.get("date_time")).isBetween(before, after);
            assertThat(row.get("price")).isNull();
            assertThat(row.get("currency")).isNull();
        });
        await().until(() -> Instant.now().getEpochSecond() > after);
        assertThat(send(webhook, body("lead")).body()).isEqualTo(first.body());
        assertThat(stored(webhook)).hasSize(1);
        // The same person, another form
        assertThat(send(webhook, body("lead").replace("8000001", "8000009")).status())
                .isEqualTo(200);
        assertThat(stored(webhook)).hasSize(2);
    }

    @Test
    void anOrderHasItsNumberAndItsSum() throws IOException {
        var webhook = webhook();
        assertThat(send(webhook, body("order")).status()).isEqualTo(200);
        assertThat(stored(webhook)).singleElement().satisfies(row -> {
            assertThat(row.get("purchase_id")).isEqualTo("1901234567");
            assertThat((String) row.get("price")).startsWith("2490.5");
            assertThat(row.get("currency")).isEqualTo("RUB");
        });
    }

    @Test
    void aWrongOrderIsAnsweredWith200AndKept() throws IOException {
        var webhook = webhook();
        assertThat(send(webhook, body("wrong-price")).status()).isEqualTo(200);
        assertThat(stored(webhook)).isEmpty();
        assertThat(product.send(webhook.request("/refused"))
                        .json()
                        .at("/refused/0/field")
                        .asText())
                .isEqualTo("price");
    }

    /** As Tilda's API key: a header of the name that is given there, a parameter, or a field of the form. */
    @Test
    void theSecretComesInAHeaderAParameterOrAField() throws IOException {
        var webhook = webhook();
        var address = "/inbound/tilda/" + webhook.id();
        assertThat(post(address, "X-Webhook-Secret", webhook.secret(), "test=test"))
                .isEqualTo(200);
        assertThat(post(address + "?secret=" + webhook.secret(), "X-Other", "x", "test=test"))
                .isEqualTo(200);
        assertThat(post(address, "X-Other", "x", "test=test&secret=" + webhook.secret()))
                .isEqualTo(200);
        assertThat(post(address, "X-Webhook-Secret", "wrong", "test=test")).isEqualTo(403);
        assertThat(post(address, "X-Other", "x", "test=test")).isEqualTo(403);
    }

    private int post(String address, String header, String value, String body) {
        return product.send(product.request(address)
                        .header("Content-Type", FORM)
                        .header(header, value)
                        .POST(HttpRequest.BodyPublishers.ofString(body)))
                .status();
    }
}
