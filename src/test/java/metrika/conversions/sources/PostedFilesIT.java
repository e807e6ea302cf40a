package metrika.conversions.sources;

import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import metrika.conversions.support.Answer;
import metrika.conversions.support.Product;
import metrika.conversions.support.Shared;
import metrika.conversions.support.TestWebhook;

import static org.assertj.core.api.Assertions.assertThat;

/** A route that takes files over HTTP, as docs/sources/files.md shows it: what it answers. */
class PostedFilesIT {

    @TempDir
    private Path directory;

    @Test
    void theSenderIsToldWhatIsRefusedAndWhatCannotBeRead() throws Exception {
        Product.copyProject(directory);
        var example = FilesPageIT.blocks("yaml", "id: in-partner");
        assertThat(example).hasSize(1);
        assertThat(example.get(0).lines()).hasSizeLessThanOrEqualTo(40);
        Files.writeString(directory.resolve("routes/sources/in-partner.camel.yaml"), example.get(0));
        Files.writeString(
                directory.resolve("application.properties"),
                "\n" + FilesPageIT.blocks("properties", "inbound.partner").get(0),
                StandardOpenOption.APPEND);
        Shared.PRODUCT.port(); // the tables are there when it has started
        try (var product = Product.idle(Shared.DATABASE, Shared.METRIKA.url())
                .in(directory)
                .start()) {
            var webhook = product.webhook(519);
            var csv = "number;visitor;paid;sum\nЯ-1;1.1;01.07.2025 12:00;5\nЯ-2;1.2;01.07.2025 12:00;free\n"
                    .getBytes(StandardCharsets.UTF_8);
            for (int times = 0; times < 2; times++) {
                var answer = post(product, webhook, "text/csv", csv);
                assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
                assertThat(answer.header("Content-Type")).isEqualTo("application/json");
                assertThat(answer.body())
                        .startsWith("{\"stored\":1,\"changed\":0,\"refused_count\":1,"
                                + "\"refused\":[{\"line\":3,\"field\":\"price\",\"reason\":\"price is 'free': ");
            }
            var xml = "<sales>\n<sale number='3' visitor='1.3' paid='01.07.2025 12:00'/></sales>";
            assertThat(post(product, webhook, "application/xml", xml).body())
                    .isEqualTo("{\"stored\":1,\"changed\":0,\"refused_count\":0,\"refused\":[]}");
            var allBad = post(product, webhook, "text/csv", "number,visitor,paid,sum\n4,1.4,soon,\n");
            assertThat(allBad.status()).isEqualTo(200);
            assertThat(allBad.body()).startsWith("{\"stored\":0,\"changed\":0,\"refused_count\":1,");
            var broken = post(product, webhook, "application/xml", "<sales>\n<sale number='5' visitor='1.5'></sales>");
            assertThat(broken.status()).as(broken.toString()).isEqualTo(400);
            assertThat(broken.text("detail")).isEqualTo("line 2: this is not XML to its end");
            var open = post(product, webhook, "text/csv", "number,visitor,paid,sum\n6,\"1.6\n");
            assertThat(open.status()).as(open.toString()).isEqualTo(400);
            assertThat(open.text("detail")).startsWith("line ");
            assertThat(Shared.DATABASE.<String>value(
                            "select string_agg(c.purchase_id, ', ' order by c.purchase_id)"
                                    + " from conversion c join batch b on b.id = c.batch_id where b.webhook_id = ?::uuid",
                            webhook.id()))
                    .isEqualTo("3, Я-1");
        }
    }

    private static Answer post(Product product, TestWebhook webhook, String type, String body) {
        return post(product, webhook, type, body.getBytes(StandardCharsets.UTF_8));
    }

    private static Answer post(Product product, TestWebhook webhook, String type, byte[] body) {
        return product.send(product.request("/inbound/partner/" + webhook.id() + "?secret=" + webhook.secret())
                .header("Content-Type", type)
                .POST(HttpRequest.BodyPublishers.ofByteArray(body)));
    }
}
