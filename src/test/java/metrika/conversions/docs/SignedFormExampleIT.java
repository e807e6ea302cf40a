package metrika.conversions.docs;

import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import metrika.conversions.support.Answer;
import metrika.conversions.support.Product;
import metrika.conversions.support.Shared;
import metrika.conversions.support.TestWebhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** The source of docs/connectors.md whose sender signs fields: its samples, and what comes over HTTP. */
class SignedFormExampleIT {

    @TempDir
    private Path directory;

    /** A form that is signed by a digest of its fields, of which what is too short is left out by a computed value. */
    @Test
    void aSignatureOfFieldsIsCheckedAndAComputedValueLeavesOut() throws Exception {
        Product.copyProject(directory);
        var example = PageCommands.blocks("yaml").stream()
                .filter(block -> block.contains("id: in-phone"))
                .toList();
        assertThat(example).hasSize(1);
        assertThat(example.get(0).lines()).hasSizeLessThanOrEqualTo(25);
        var route = directory.resolve("routes/sources/in-phone.camel.yaml");
        Files.writeString(route, example.get(0));
        var commands = PageCommands.blocks("bash").stream()
                .filter(block -> block.contains("in-phone"))
                .toList();
        assertThat(commands).hasSize(1);
        assertThat(new PageCommands(directory).bash(commands.get(0), ""))
                .contains("1751360000123,,,e-1,call,1751362450,,", "line 1: the call was short");
        Files.writeString(
                directory.resolve("routes/sources/in-guard.camel.yaml"),
                example.get(0)
                        .replace("phone", "guard")
                        .replaceFirst("(?m)^ +signatureField(?s:.*?)(?= +jsonField)", "")
                        .replaceFirst(
                                "(?s)setVariable.*?null}\\)}",
                                "bean:\n            ref: httpSource\n            method: refuse(403, 'Not ours')"));
        Files.writeString(
                directory.resolve("routes/sources/in-keyless.camel.yaml"),
                example.get(0).replace("phone", "keyless"));
        Files.writeString(
                directory.resolve("application.properties"),
                "\ninbound.guard.enabled=true\ninbound.keyless.enabled=true\ninbound.keyless.salt=\n",
                StandardOpenOption.APPEND);
        Shared.PRODUCT.port(); // the tables are there when it has started
        try (var product = Product.idle(Shared.DATABASE, Shared.METRIKA.url())
                .in(directory)
                .start()) {
            var webhook = product.webhook(514);
            var json =
                    "{\"entry_id\":\"e-9\",\"entry_result\":1,\"talk_time\":1751362450,\"end_time\":%d,\"ym_client_id\":\"1.9\"}";
            var taken = call(product, "phone", webhook, json.formatted(1751362480), "SALT");
            assertThat(taken.status()).as(taken.toString()).isEqualTo(200);
            assertThat(taken.text("status")).isEqualTo("accepted");
            var left = call(product, "phone", webhook, json.formatted(1751362479), "SALT");
            assertThat(left.text("status")).as(left.toString()).isEqualTo("ignored");
            assertThat(left.body()).contains("the call was short", "no_purchase");
            for (var salt : List.of("", "salt")) {
                var forged = call(product, "phone", webhook, json.formatted(1751362490), salt);
                assertThat(forged.status()).as(forged.toString()).isEqualTo(403);
                assertThat(forged.text("detail")).contains("The signature in the field sign is missing or wrong");
            }
            var refused = call(product, "guard", webhook, json.formatted(1751362490), "SALT");
            assertThat(refused.status()).as(refused.toString()).isEqualTo(403);
            assertThat(refused.text("detail")).isEqualTo("Not ours");
            assertThat(call(product, "keyless", webhook, json.formatted(1751362490), "")
                            .status())
                    .isEqualTo(503);
            await().until(() -> product.log().contains("POST /inbound/guard/")); // lines of requests come together
            assertThat(product.log())
                    .contains("The source in-keyless is not started", "secretKey is missing or empty")
                    .doesNotContain("SALT", "\tat ", "ProblemException");
        }
    }

    private static Answer call(Product product, String source, TestWebhook webhook, String json, String salt)
            throws Exception {
        var digest = MessageDigest.getInstance("SHA-256").digest(("K" + json + salt).getBytes(StandardCharsets.UTF_8));
        return product.send(product.request(
                        "/inbound/%s/%s?secret=%s".formatted(source, webhook.id(), webhook.secret()))
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString("vpbx_api_key=K&sign=%s&json=%s"
                        .formatted(
                                HexFormat.of().formatHex(digest), URLEncoder.encode(json, StandardCharsets.UTF_8)))));
    }
}
