package metrika.conversions.docs;

import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import metrika.conversions.support.Answer;
import metrika.conversions.support.Product;
import metrika.conversions.support.Shared;
import metrika.conversions.support.TestWebhook;

import static org.assertj.core.api.Assertions.assertThat;

/** The source of docs/connectors.md for a shop that signs what it posts, but for its ping: samples, and over HTTP. */
class ShopExampleIT {

    private static final String ORDER = "{\"id\":%d,\"number\":\"%d-A\",\"status\":\"%s\",\"currency\":\"RUB\","
            + "\"date_completed_gmt\":\"2025-07-01T09:15:00\",\"total\":\"2929.35\","
            + "\"meta_data\":[{\"key\":\"_ga\",\"value\":\"GA1.2\"},{\"key\":\"_ym_uid\",\"value\":\"17513600001\"}]}";

    @TempDir
    private Path directory;

    @Test
    void whatIsSignedIsStoredAndAPingIsAnsweredWithoutASignature() throws Exception {
        Product.copyProject(directory);
        var route = PageCommands.blocks("yaml").stream()
                .filter(block -> block.contains("id: in-woo"))
                .findFirst()
                .orElseThrow();
        assertThat(route.lines()).hasSizeLessThanOrEqualTo(40);
        Files.writeString(directory.resolve("routes/sources/in-woo.camel.yaml"), route);
        var commands = PageCommands.blocks("bash").stream()
                .filter(block -> block.contains("in-woo"))
                .findFirst()
                .orElseThrow();
        assertThat(new PageCommands(directory).bash(commands, ""))
                .contains(
                        "1751360000123456789,,,727-A,order,1751361300,2929.35,RUB",
                        "The signature in the header X-WC-Webhook-Signature is missing or wrong");
        assertThat(Files.readString(directory.resolve("routes/sources/in-woo.test/ping.expected.txt")))
                .contains("Nothing came");
        Shared.PRODUCT.port(); // the tables are there when it has started
        try (var product = Product.idle(Shared.DATABASE, Shared.METRIKA.url())
                .in(directory)
                .start()) {
            var webhook = product.webhook(517);
            var form = "application/x-www-form-urlencoded";
            for (var ping : new String[] {"webhook_id=17", "webhook_id=17&x="}) {
                var answer = send(product, webhook, form, ping, null);
                var isPing = ping.equals("webhook_id=17");
                assertThat(answer.status()).as(answer.toString()).isEqualTo(isPing ? 200 : 403);
                assertThat(answer.body()).contains(isPing ? "It tries the address" : "X-WC-Webhook-Signature");
            }
            assertThat(send(product, webhook, "application/json", "{\"webhook_id\":17}", null)
                            .status())
                    .isEqualTo(200);
            var order = ORDER.formatted(31, 31, "completed");
            var stored = send(product, webhook, "application/json", order, signature(order));
            assertThat(stored.text("status")).as(stored.toString()).isEqualTo("accepted");
            assertThat(send(product, webhook, "application/json", order, null).status())
                    .isEqualTo(403);
            assertThat(send(product, webhook, "application/json", order, signature(order + " "))
                            .status())
                    .isEqualTo(403);
            for (int i = 0; i < 12; i++) {
                var open = ORDER.formatted(40 + i, 40 + i, "processing");
                assertThat(send(product, webhook, "application/json", open, signature(open))
                                .text("status"))
                        .isEqualTo("ignored");
            }
            assertThat(Shared.DATABASE.<Long>value("select count(*) from conversion where client_id = '17513600001'"))
                    .isEqualTo(1);
            assertThat(product.log()).doesNotContain("in a row were left out", "\tat ");
        }
    }

    private static String signature(String body) throws Exception {
        var mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec("KEY".getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        return Base64.getEncoder().encodeToString(mac.doFinal(body.getBytes(StandardCharsets.UTF_8)));
    }

    private static Answer send(Product product, TestWebhook webhook, String type, String body, String signature) {
        var request = product.request("/inbound/woo/%s?secret=%s".formatted(webhook.id(), webhook.secret()))
                .header("Content-Type", type);
        if (signature != null) {
            request.header("X-WC-Webhook-Signature", signature);
        }
        return product.send(request.POST(HttpRequest.BodyPublishers.ofString(body)));
    }
}
