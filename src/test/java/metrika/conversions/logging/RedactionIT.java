package metrika.conversions.logging;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import metrika.conversions.problem.Json;
import metrika.conversions.support.Product;
import metrika.conversions.support.Shared;
import metrika.conversions.support.TestDatabase;
import metrika.conversions.support.TestWebhook;
import metrika.simulator.Fault;
import metrika.simulator.Operation;

import static metrika.conversions.support.Samples.conversion;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Nothing secret and nothing that was sent reaches the log, whatever fails and however much of it is turned on. */
class RedactionIT {

    private static final String ADMIN = "canary-admin-token-0123456789";
    private static final String KEY = "Q0FOQVJZLWtleS1DQU5BUlkta2V5LUNBTkFSWS0xMjM=";
    private static final String TOKEN = "y0_canaryMetrikaToken";
    /** A word in every field and header; each is looked for by itself. */
    private static final String WORD = "canary";

    /** The log's lines, each of which has to be one object. */
    private static List<JsonNode> lines(Product product) throws IOException {
        var lines = new ArrayList<JsonNode>();
        for (var line : product.log().split("\n")) {
            lines.add(Json.MAPPER.readTree(line));
        }
        return lines;
    }

    private static String row(String id) {
        return conversion(
                "client_id",
                WORD + "Client" + id,
                "user_id",
                WORD + "User" + id,
                "yclid",
                WORD + "Yclid" + id,
                "purchase_id",
                WORD + "Purchase" + id,
                "target",
                WORD + "Target" + id,
                "price",
                "4711.0815",
                "currency",
                "RUB");
    }

    @Test
    void nothingThatWasSentAndNoSecretIsLogged(@TempDir Path directory) throws IOException {
        Product.copyProject(directory);
        var route = directory.resolve("routes/api/api-send-conversions.camel.yaml");
        Files.writeString(
                route,
                Files.readString(route)
                        .replace(
                                "      steps:\n        - bean:\n            ref: authenticator",
                                "      steps:\n"
                                        + "        - log:\n"
                                        + "            message: got ${body} ${headers} ${variables}\n"
                                        + "        - bean:\n"
                                        + "            ref: authenticator"));
        var database = TestDatabase.create();
        try (var metrika = Shared.metrika("log");
                var product = Product.on(database, metrika.url())
                        .in(directory)
                        .with("admin.token", ADMIN)
                        .with("encryption.key", KEY)
                        .with("log.format", "json")
                        .with("camel.main.tracing", true)
                        .with("camel.main.logExhaustedMessageBody", true)
                        .java("-Dlog.level.org.apache.camel=trace")
                        .java("-Dlog.level.org.apache.hc=trace")
                        .java("-Dlog.level.io.vertx=trace")
                        .java("-Dlog.level.io.netty=debug")
                        .java("-Dlog.level.com.zaxxer=trace")
                        .java("-Dlog.level.metrika.conversions=trace")
                        .java("-Dlog.level.org.postgresql=trace")
                        .java("-Dlog.level.org.quartz=debug")
                        .start()) {
            var created = product.send(product.request(TestWebhook.PATH)
                    .header("Authorization", "Bearer " + ADMIN)
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString(
                            "{\"name\": \"test\", \"counter_id\": 7, \"token\": \"%s\"}".formatted(TOKEN))));
            var webhook = new TestWebhook(product, created.text("webhook_id"), created.text("secret"));
            metrika.fault(Fault.error(400, "invalid_parameter", "Line 1: " + WORD + "ClientSent is not a client")
                    .on(Operation.UPLOAD)
                    .times(1));
            var batch = webhook.batch(row("Sent"));
            webhook.awaitStatus(batch, "error");
            webhook.awaitStatus(webhook.batch(row("Done")), "completed");
            metrika.fault(Fault.error(403, "access_denied", WORD + "Denied " + TOKEN)
                    .on(Operation.LIST)
                    .times(1));
            webhook.batch(row("Polled"));
            await().atMost(Duration.ofSeconds(20)).until(() -> product.log().contains("could not be polled"));

            webhook.send("{\"conversions\": [" + row("Cut").substring(0, 150));
            webhook.send("{\"conversions\": [{\"client_id\": {\"canaryDeep\": 1}, \"canaryField\": \"canaryValue\","
                    + " \"price\": \"canaryPrice\"}]}");
            webhook.send(row("Shape"), "canaryKey");
            webhook.send("{\"conversions\": [" + row("Key") + "]}", "canaryKey");
            webhook.send("{\"conversions\": [" + row("OtherBody") + "]}", "canaryKey");
            product.send(webhook.request("/status?batch_id=canaryBatch&secret=canaryQuery"));
            product.send(product.request(webhook.path() + "/canaryPath").header("X-Webhook-Secret", "canaryHeader"));
            product.send(product.request(TestWebhook.PATH)
                    .header("Authorization", "Bearer canaryBearer")
                    .header("webhook-signature", "v1,canarySignature")
                    .header("Cookie", "canaryCookie=canaryCookie"));
            product.send(product.request(webhook.path())
                    .header("X-Webhook-Secret", "canaryWrong")
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString("{\"conversions\": [" + row("Wrong") + "]}")));

            // The database refuses what it is given, and says why in words that quote it.
            database.update("alter table conversion add constraint quoted check (target <> 'canaryTargetRefused')");
            var refused = webhook.send("{\"conversions\": [" + row("Refused") + "]}");
            assertThat(refused.status()).isEqualTo(500);
            assertThat(refused.body()).doesNotContain(WORD, "quoted", "SQL");
            database.update("alter table conversion drop constraint quoted");
            database.update("alter table conversion alter column target type integer using 1");
            assertThat(webhook.send("{\"conversions\": [" + row("Typed") + "]}").status())
                    .isEqualTo(500);
            database.update("alter table conversion alter column target type text using 'x'");
            database.update(
                    "update webhook set token = '\\x00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff'");
            webhook.batch(row("Undecryptable"));
            await().atMost(Duration.ofSeconds(20)).until(() -> product.log().contains("cannot be decrypted"));

            // What a step of a schedule failed with is no secret.
            database.update("alter table in_flight_call rename to call_gone");
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> product.log().contains("caught: org.postgresql.util.PSQLException"));

            var log = product.log();
            for (var secret : new String[] {ADMIN, KEY, TOKEN, webhook.secret()}) {
                assertThat(log.contains(secret))
                        .as("%s is in the log: %s", secret, around(log, secret))
                        .isFalse();
            }
            assertThat(log.toLowerCase().contains(WORD))
                    .as("in the log: %s", around(log.toLowerCase(), WORD))
                    .isFalse();
            assertThat(log.contains("4711.08"))
                    .as("in the log: %s", around(log, "4711.08"))
                    .isFalse();
            var lines = lines(product);
            assertThat(lines).hasSizeGreaterThan(1000).allSatisfy(line -> {
                OffsetDateTime.parse(line.get("time").textValue());
                assertThat(line.get("message").textValue()).isNotNull();
            });
            assertThat(lines)
                    .anyMatch(line -> line.get("level").textValue().equals("TRACE"))
                    .anyMatch(line -> line.get("message").textValue().contains("withheld"))
                    .anyMatch(line -> line.path("stack").asText().contains("SQLSTATE 23514")
                            && line.path("stack").asText().contains("\tat org.postgresql.")
                            && line.has("request"))
                    .anyMatch(line -> line.get("message")
                                    .textValue()
                                    .startsWith("POST /webhook/offline-conversions/:webhook_id 500,")
                            && line.get("message").textValue().endsWith(", webhook " + webhook.id()));
        }
    }

    private static String around(String log, String text) {
        var at = log.indexOf(text);
        return at < 0 ? "" : log.substring(Math.max(0, at - 400), Math.min(log.length(), at + 100));
    }

    @Test
    void whatLibrariesSayIsShownInDevOnly() throws InterruptedException {
        var product = new Product.Builder()
                .with("camel.main.profile", "prod")
                .with("database.url", "jdbc:postgresql://x/")
                .with("admin.token", ADMIN)
                .with("encryption.key", KEY)
                .with("log.withhold", false)
                .launch();
        assertThat(product.process().waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(product.process().exitValue()).isEqualTo(1);
        assertThat(product.log()).contains("log.withhold", "dev");
    }
}
