package metrika.conversions.support;

import java.net.http.HttpRequest;
import java.time.Duration;

import com.fasterxml.jackson.databind.JsonNode;

import static org.awaitility.Awaitility.await;

/** A webhook of a product under test, as a CRM uses it. */
public record TestWebhook(Product product, String id, String secret) {

    public static final String PATH = "/webhook/offline-conversions";

    public String path() {
        return PATH + "/" + id;
    }

    /** The same webhook at another process, or at the same one after a restart. */
    public TestWebhook at(Product other) {
        return new TestWebhook(other, id, secret);
    }

    /** A request with the secret. */
    public HttpRequest.Builder request(String pathAndQuery) {
        return product.request(path() + pathAndQuery).header("X-Webhook-Secret", secret);
    }

    /** Sends a body to the webhook. */
    public Answer send(String body) {
        return product.send(
                request("").header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    /** Sends a body with an idempotency key. */
    public Answer send(String body, String idempotencyKey) {
        return product.send(request("")
                .header("Content-Type", "application/json")
                .header("Idempotency-Key", idempotencyKey)
                .POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    /** Sends conversions, given as JSON objects, and gives the batch's id. */
    public String batch(String... conversions) {
        var answer = send("{\"conversions\": [" + String.join(",", conversions) + "]}");
        if (answer.status() != 200) {
            throw new IllegalStateException(answer.toString());
        }
        return answer.text("batch_id");
    }

    /** What became of a batch. */
    public JsonNode status(String batch) {
        var answer = product.send(request("/status?batch_id=" + batch));
        if (answer.status() != 200) {
            throw new IllegalStateException(answer.toString());
        }
        return answer.json();
    }

    /** Waits until a batch has a status. */
    public JsonNode awaitStatus(String batch, String status) {
        return await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(100))
                .until(
                        () -> status(batch),
                        answer -> answer.path("status").asText().equals(status));
    }
}
