package metrika.conversions.docs;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import metrika.conversions.support.Answer;
import metrika.conversions.support.Drops;
import metrika.conversions.support.Product;
import metrika.conversions.support.Shared;
import metrika.conversions.support.TestWebhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** docs/connectors.md, followed line by line in a copy of the project; and connectors edited while they run. */
@Execution(ExecutionMode.CONCURRENT) // each has what it starts to itself
@Order(1) // it takes long
class ConnectorsPageIT {

    private static final String START = "java -jar target/metrika-conversions.jar\n";

    @TempDir
    private Path directory;

    private static List<String> blocks(String language) throws IOException {
        return PageCommands.blocks(language);
    }

    private String bash(String script, String webhook) throws IOException, InterruptedException {
        return new PageCommands(directory).bash(script, webhook);
    }

    @Test
    void aConnectorOfOnesOwnWorksAtTheFirstStartAndIsReloaded() throws Exception {
        Product.copyProject(directory);
        Files.createDirectory(directory.resolve("docs"));
        Files.copy(
                Path.of("docs/connector-template.camel.yaml"), directory.resolve("docs/connector-template.camel.yaml"));
        var webhook = Shared.PRODUCT.webhook(511);
        var commands = blocks("bash");
        var start = commands.indexOf(START);
        assertThat(start).isEqualTo(3);
        var shown = bash(String.join("", commands.subList(0, start)), webhook.id());
        assertThat(shown)
                .contains(
                        "routes/sources/in-leads.camel.yaml: no faults",
                        "2 conversions",
                        "1234567890.1234567890,,,,purchase,1751373240,1500.00,RUB");
        var builder = Product.idle(Shared.DATABASE, Shared.METRIKA.url())
                .in(directory)
                .with("routes.reload", true);
        try (var product = builder.start()) {
            bash(commands.get(start + 1), webhook.id());
            var leads = directory.resolve("data/leads");
            assertThat(Drops.awaitMoved(product, leads, "leads.json")).isEqualTo(".done");
            assertThat(product.log()).contains("File leads.json is .done: 2 conversions stored, 0 rows refused");
            assertThat(Shared.DATABASE.<Long>value(
                            "select count(*) from conversion c join batch b on b.id = c.batch_id "
                                    + "where b.webhook_id = ?::uuid and c.currency = 'RUB'",
                            webhook.id()))
                    .isEqualTo(2);
            reload(product, leads);
        }
        var last = commands.get(start + 2);
        assertThat(last).contains("in-acme");
        assertThat(bash(last, webhook.id()))
                .contains("routes/sources/in-sftp-drop.camel.yaml: no faults", "1.1,,,,buy,1751371200,,");
    }

    @Test
    void aSourceOverHttpIsMadeOfATemplateAndTested() throws Exception {
        Product.copyProject(directory);
        var commands = blocks("bash").stream()
                .filter(block -> block.contains("in-shop"))
                .toList();
        assertThat(commands).hasSize(1);
        assertThat(bash(commands.get(0), "")).contains("1234567890.1234567890,,,,order_paid,1751373296,1500,RUB");
    }

    @Test
    void aSourceThatCarriesNoTimeIsStoredOnceByItsKey() throws Exception {
        Product.copyProject(directory);
        var example = blocks("yaml").stream()
                .filter(block -> block.contains("id: in-site"))
                .toList();
        assertThat(example).hasSize(1);
        Files.writeString(directory.resolve("routes/sources/in-site.camel.yaml"), example.get(0));
        Files.writeString(
                directory.resolve("application.properties"),
                "\ninbound.site.enabled=true\n",
                StandardOpenOption.APPEND);
        Shared.PRODUCT.port(); // the tables are there when it has started
        var builder = Product.idle(Shared.DATABASE, Shared.METRIKA.url()).in(directory);
        try (var product = builder.start()) {
            var webhook = product.webhook(512);
            var first = lead(product, webhook, "77:1");
            assertThat(first.status()).as(first.toString()).isEqualTo(200);
            assertThat(first.text("status")).isEqualTo("accepted");
            var second = Instant.now().getEpochSecond();
            await().until(() -> Instant.now().getEpochSecond() > second);
            var again = lead(product, webhook, "77:1");
            assertThat(again.status()).as(again.toString()).isEqualTo(200);
            assertThat(again.body()).isEqualTo(first.body());
            var other = lead(product, webhook, "77:2");
            assertThat(other.text("batch_id")).isNotEqualTo(first.text("batch_id"));
            assertThat(product.log()).doesNotContain("has no key");
        }
    }

    @Test
    void aSenderThatSignsGetsTheAnswerThatItExpects() throws Exception {
        Product.copyProject(directory);
        var example = blocks("yaml").stream()
                .filter(block -> block.contains("id: in-bank"))
                .toList();
        assertThat(example).hasSize(1);
        Files.writeString(directory.resolve("routes/sources/in-bank.camel.yaml"), example.get(0));
        Files.writeString(
                directory.resolve("application.properties"),
                "\ninbound.bank.enabled=true\ninbound.bank.secret=k+y&\n",
                StandardOpenOption.APPEND);
        assertThat(bash(START.strip() + " check routes/sources/in-bank.camel.yaml", ""))
                .contains("in-bank.camel.yaml: no faults");
        Shared.PRODUCT.port(); // the tables are there when it has started
        try (var product = Product.idle(Shared.DATABASE, Shared.METRIKA.url())
                .in(directory)
                .start()) {
            var webhook = product.webhook(513);
            var body =
                    "{\"order\":\"A-7\",\"details\":\"{\\\"cid\\\":\\\"1751360000123\\\"}\",\"paid\":1751362496,\"sum\":10.5}";
            var mac = Mac.getInstance("HmacSHA512");
            mac.init(new SecretKeySpec("k+y&".getBytes(StandardCharsets.UTF_8), "HmacSHA512"));
            var signature = HexFormat.of().formatHex(mac.doFinal(body.getBytes(StandardCharsets.UTF_8)));
            var answer = payment(product, webhook, body, signature);
            assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
            assertThat(answer.body()).isEqualTo("OKA-7");
            assertThat(answer.header("Content-Type")).isEqualTo("text/plain; charset=utf-8");
            assertThat(
                            Shared.DATABASE.<Long>value(
                                    "select count(*) from conversion where client_id = '1751360000123' and purchase_id = 'A-7'"))
                    .isEqualTo(1);
            assertThat(payment(product, webhook, body.replace("10.5", "99.5"), signature)
                            .status())
                    .isEqualTo(403);
            assertThat(product.log()).doesNotContain("k+y&");
        }
    }

    private static Answer payment(Product product, TestWebhook webhook, String body, String signature) {
        return product.send(product.request("/inbound/bank/" + webhook.id() + "?secret=" + webhook.secret())
                .header("Content-Type", "application/json")
                .header("X-Signature", signature)
                .POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    private static Answer lead(Product product, TestWebhook webhook, String number) {
        return product.send(product.request("/inbound/site/" + webhook.id() + "?secret=" + webhook.secret())
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString("cid=1234567890.1&tranid=" + number)));
    }

    private void reload(Product product, Path leads) throws IOException {
        var route = directory.resolve("routes/sources/in-leads.camel.yaml");
        var good = Files.readString(route);
        var line = "{\"visitor\": {\"cid\": \"reload-%s\"}, \"event\": \"buy\", \"at\": \"2025-07-01 12:00\", \"name\":"
                + " \"named\"}";
        for (var broken : List.of(
                good.replace("setVariable", "setVaraible"),
                good.replace("minAge", "minimumAge"),
                good.replace("{{inbound.leads.webhook}}", "{{inbound.leads.webhok}}"),
                good.replace("\"{{inbound.leads.webhook}}\"", "{{inbound.leads.webhook}}"),
                good.replace(
                        "constant:\n                expression: \"{{inbound.leads.webhook}}\"",
                        "simple:\n                expression: ${nosuchfunction}"))) {
            assertThat(broken).isNotEqualTo(good);
            var before = product.log().length();
            Files.writeString(route, broken);
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> product.log().substring(before).contains("runs on as it was"));
            assertThat(product.log().substring(before)).containsPattern("in-leads.camel.yaml, line [0-9]+: ");
        }
        var name = "after-broken.json";
        Drops.put(leads, name, line.formatted("1").getBytes());
        assertThat(Drops.awaitMoved(product, leads, name)).isEqualTo(".done");

        // Another mapping, and another folder: the kamelet that watched the first one ends.
        var moved = directory.resolve("data/moved");
        Files.writeString(
                route,
                good.replace("target=event", "target=name").replace("{{inbound.leads.directory}}", "data/moved"));
        await().atMost(Duration.ofSeconds(30)).until(() -> Files.exists(moved));
        Drops.put(moved, "edited.json", line.formatted("2").getBytes());
        Drops.put(leads, "left.json", line.formatted("3").getBytes());
        assertThat(Drops.awaitMoved(product, moved, "edited.json")).isEqualTo(".done");
        assertThat(Shared.DATABASE.<String>value("select target from conversion where client_id = 'reload-2'"))
                .isEqualTo("named");
        assertThat(leads.resolve("left.json")).exists();
        assertThat(product.log()).doesNotContain("No consumers available");
    }

    @Test
    void theExampleOfMessagesIsARoute() throws Exception {
        Product.copyProject(directory);
        var example = blocks("yaml").get(0);
        Files.writeString(directory.resolve("routes/in-example.camel.yaml"), example);
        Files.writeString(
                directory.resolve("application.properties"),
                "\ninbound.example.enabled=true\ninbound.example.webhook=\n",
                StandardOpenOption.APPEND);
        Files.writeString(
                directory.resolve("message.json"),
                "[{\"visitor\": {\"cid\": \"c-1\"}, \"event\": \"buy\", \"at\": \"01.07.2025 12:00\"}]");
        assertThat(bash(START.strip() + " check routes/in-example.camel.yaml message.json", ""))
                .contains("1 conversion,", "c-1,,,,buy,1751371200,,");
    }
}
