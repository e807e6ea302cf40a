package metrika.conversions.api;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.zip.GZIPOutputStream;

import metrika.conversions.support.Answer;
import metrika.conversions.support.TestWebhook;

/** A call of an operation, made of what the description says of it; the methods change it for one that is to fail. */
final class ApiCall {

    private final ApiOperation operation;
    private final TestWebhook webhook;
    private final Map<String, String> headers = new TreeMap<>();
    private String method;
    private String webhookId;
    private String source = "shop";
    private String batch = UUID.randomUUID().toString();
    private String retry = UUID.randomUUID().toString();
    private String query = "";
    private byte[] body;

    /** A call with the webhook's secret, and the first example of a body, where the operation wants these. */
    ApiCall(ApiOperation operation, TestWebhook webhook) {
        this.operation = operation;
        this.webhook = webhook;
        method = operation.method();
        webhookId = webhook.id();
        if (operation.isOpenedBy("webhookSecret")) {
            headers.put("X-Webhook-Secret", webhook.secret());
        }
        operation.requestExamples().values().stream().limit(1).forEach(this::body);
    }

    ApiCall method(String other) {
        method = other;
        return this;
    }

    ApiCall webhookId(String other) {
        webhookId = other;
        return this;
    }

    ApiCall batch(String id) {
        batch = id;
        return this;
    }

    /** The job of retries in the path. */
    ApiCall retry(String id) {
        retry = id;
        return this;
    }

    /** Another query, without its question mark. */
    ApiCall query(String other) {
        query = other;
        return this;
    }

    /** A header; {@code null} takes it away. */
    ApiCall header(String name, String value) {
        headers.remove(name);
        if (value != null) {
            headers.put(name, value);
        }
        return this;
    }

    ApiCall body(String json) {
        body = json.getBytes(StandardCharsets.UTF_8);
        return header(
                "Content-Type",
                operation.consumes().isEmpty() ? null : operation.consumes().get(0));
    }

    ApiCall gzipped() {
        var packed = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(packed)) {
            gzip.write(body);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        body = packed.toByteArray();
        return header("Content-Encoding", "gzip");
    }

    /** The source of the path, instead of {@code shop}. */
    ApiCall source(String other) {
        source = other;
        return this;
    }

    /** Sends it; an answer is due within ten seconds, whatever happens. */
    Answer send() {
        var path = operation
                .path()
                .replace("{webhook_id}", webhookId)
                .replace("{batch_id}", batch)
                .replace("{retry_id}", retry)
                .replace("{source}", source);
        var request = webhook.product()
                .request(path + (query().isEmpty() ? "" : "?" + query()))
                .timeout(Duration.ofSeconds(10))
                .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
        headers.forEach(request::header);
        return webhook.product().send(request);
    }

    /** What was given, or else what the operation demands. */
    private String query() {
        var isDemanded = operation.parameters("query").stream()
                .anyMatch(parameter -> parameter.get("name").textValue().equals("batch_id")
                        && parameter.path("required").booleanValue());
        return query.isEmpty() && isDemanded ? "batch_id=" + batch : query;
    }
}
