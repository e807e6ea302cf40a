package metrika.conversions.logging;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import metrika.conversions.problem.Json;
import metrika.conversions.support.Product;
import metrika.conversions.support.Shared;
import metrika.conversions.support.TestDatabase;
import metrika.simulator.Fault;
import metrika.simulator.Operation;

import static metrika.conversions.support.Samples.conversion;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Lines of the log can be found by the ids of what they are about: request, webhook, batch, upload, Metrika's upload.
 */
class LogIdsIT {

    private static List<JsonNode> lines(Product product) {
        return product.log()
                .lines()
                .map(line -> {
                    try {
                        return Json.MAPPER.readTree(line);
                    } catch (IOException e) {
                        throw new IllegalStateException(line, e);
                    }
                })
                .toList();
    }

    private static JsonNode line(Product product, String message) {
        return await().until(
                        () -> lines(product).stream()
                                .filter(line -> line.path("message").asText().contains(message))
                                .findFirst()
                                .orElse(null),
                        found -> found != null);
    }

    @Test
    void whatFailsOfAnUploadNamesItAndItsWebhook() {
        try (var metrika = Shared.metrika("log-ids");
                var product = Product.on(TestDatabase.create(), metrika.url())
                        .with("log.format", "json")
                        .start()) {
            metrika.fault(Fault.error(503, "backend_error", "Sorry").on(Operation.UPLOAD));
            var sent = product.webhook(1);
            sent.awaitStatus(sent.batch(conversion()), "completed");
            metrika.fault(Fault.error(403, "access_denied", "No").on(Operation.LIST));
            var polled = product.webhook(2);
            polled.batch(conversion());
            line(product, "could not be polled");
            var uploads = metrika.uploads();
            var lines = lines(product).stream()
                    .dropWhile(line -> !line.path("message").asText().startsWith("Ready: "))
                    .filter(line ->
                            Set.of("WARN", "ERROR").contains(line.path("level").asText()))
                    .filter(line -> !line.path("message").asText().startsWith("Needs a person: "))
                    // Of a schedule on a busy machine, which is of no upload
                    .filter(line -> !line.path("message").asText().contains(" is tried again: SQLTransient"))
                    .toList();
            assertThat(lines).hasSizeGreaterThan(1).allSatisfy(line -> {
                assertThat(line.path("webhook").asText()).as("%s", line).isIn(sent.id(), polled.id());
                assertThat(line.path("upload").asText())
                        .as("%s", line)
                        .isEqualTo(line.path("webhook").asText().equals(sent.id()) ? "1" : "2");
            });
            assertThat(line(product, "could not be polled")
                            .path("metrika_upload")
                            .asLong())
                    .isEqualTo(uploads.get(1).id());
            for (var text : List.of("is sent: at Metrika", "is completed")) {
                assertThat(line(product, text).path("metrika_upload").asLong())
                        .as(text)
                        .isEqualTo(uploads.get(0).id());
            }
        }
    }

    @Test
    void whatIsLoggedOfARequestNamesItItsWebhookAndItsBatch(@TempDir Path directory) throws IOException {
        Product.copyProject(directory);
        var route = directory.resolve("routes/api/api-send-conversions.camel.yaml");
        var text = Files.readString(route);
        var answer = text.lastIndexOf("                - bean:");
        Files.writeString(route, new StringBuilder(text).insert(answer, """
                                - log:
                                    logName: metrika.conversions.routes
                                    loggingLevel: WARN
                                    message: It is stored
                """));
        try (var product = Product.idle(TestDatabase.create(), Shared.METRIKA.url())
                .in(directory)
                .with("log.format", "json")
                .start()) {
            var webhook = product.webhook(1);
            var batch = product.send(webhook.request("")
                            .header("Content-Type", "application/json")
                            .header("X-Request-Id", "order-7")
                            .POST(HttpRequest.BodyPublishers.ofString("{\"conversions\": ["
                                    + conversion("client_id", "1.1", "target", "purchase") + "]}")))
                    .text("batch_id");
            for (var line : List.of(line(product, "It is stored"), line(product, "webhook_id 200, "))) {
                assertThat(line.path("request").asText()).as("%s", line).isEqualTo("order-7");
                assertThat(line.path("webhook").asText()).as("%s", line).isEqualTo(webhook.id());
                assertThat(line.path("batch").asText()).as("%s", line).isEqualTo(batch);
            }
            var refused = product.send(product.request(webhook.path())
                    .header("Content-Type", "application/json")
                    .header("X-Webhook-Secret", "wrong")
                    .header("X-Request-Id", "order-8")
                    .POST(HttpRequest.BodyPublishers.ofString("{}")));
            assertThat(refused.status()).isEqualTo(403);
            var line = line(product, " 403, ");
            assertThat(line.path("request").asText()).isEqualTo("order-8");
            assertThat(line.has("batch")).as("ids of another request: %s", line).isFalse();
        }
    }
}
