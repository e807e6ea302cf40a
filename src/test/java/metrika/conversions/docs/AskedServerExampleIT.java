package metrika.conversions.docs;

import java.net.InetSocketAddress;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

import com.sun.net.httpserver.HttpServer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import metrika.conversions.support.Answer;
import metrika.conversions.support.PageBlocks;
import metrika.conversions.support.Product;
import metrika.conversions.support.Shared;
import metrika.conversions.support.TestWebhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** The source of docs/connectors.md that asks the sender's server for what it is told of. */
class AskedServerExampleIT {

    private static final String DEAL = "{\"result\":{\"ID\":\"%s\",\"STAGE_ID\":\"%s\",\"OPPORTUNITY\":\"15900.00\","
            + "\"CURRENCY_ID\":\"RUB\",\"DATE_MODIFY\":\"2025-11-29T18:20:%s+03:00\","
            + "\"UF_CRM_YM_CLIENT_ID\":\"1764400000123456789\"}}";

    @TempDir
    private Path directory;

    /** What the CRM answers to a number; 404 to others. */
    private final Map<String, String> deals = new ConcurrentHashMap<>();

    private final List<String> asked = new CopyOnWriteArrayList<>();

    private HttpServer crm() throws Exception {
        var server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        server.createContext("/", exchange -> {
            var posted = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            asked.add(exchange.getRequestMethod() + " " + exchange.getRequestURI()
                    + (posted.isEmpty()
                            ? ""
                            : " " + posted + " " + exchange.getRequestHeaders().getFirst("X-Client")));
            var deal = deals.get(
                    posted.isEmpty()
                            ? exchange.getRequestURI().getQuery().replace("id=", "")
                            : posted.replaceFirst(".*\"id\": \"([^\"]*)\".*", "$1"));
            var status = deal == null ? 404 : deal.isEmpty() ? 503 : 200;
            var body = (deal == null ? "{}" : deal).getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("X-Of-Crm", "1");
            exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        return server;
    }

    private static Answer tell(Product product, TestWebhook webhook, String deal, String token) throws Exception {
        return tell("deals", product, webhook, deal, token);
    }

    private static Answer tell(String source, Product product, TestWebhook webhook, String deal, String token)
            throws Exception {
        return product.send(
                product.request("/inbound/%s/%s?secret=%s".formatted(source, webhook.id(), webhook.secret()))
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(HttpRequest.BodyPublishers.ofString(
                                "event=ONCRMDEALUPDATE&data[FIELDS][ID]=%s&ts=1764490000%s".formatted(deal, token))));
    }

    private static Answer tell(Product product, TestWebhook webhook, String deal) throws Exception {
        return tell(product, webhook, deal, "&auth[domain]=x&auth[application_token]=s3cr3t-app-token");
    }

    @Test
    void itIsTestedByAnswersThatAreRecorded() throws Exception {
        Product.copyProject(directory);
        Files.writeString(
                directory.resolve("routes/sources/in-deals.camel.yaml"),
                PageBlocks.with("docs/connectors.md", "yaml", "id: in-deals"));
        var commands = new PageCommands(directory);
        assertThat(commands.bash(PageBlocks.with("docs/connectors.md", "bash", "in-deals.test"), ""))
                .contains(
                        "1234567890123,,,4711,deal_won,1751362496,1500.00,RUB",
                        "columns leaves it out, by an empty cell in deal.result.STAGE_ID");

        var check = "java -jar target/metrika-conversions.jar check routes/sources/in-deals.camel.yaml"
                + " routes/sources/in-deals.test/";
        assertThat(commands.bash(check + "won.http", ""))
                .contains("What is asked of other servers:", "GET https://crm.example/rest/1/KEY/crm.deal.get?id=4711");
        Files.writeString(directory.resolve("routes/sources/in-deals.test/gone.answer.http"), "HTTP/1.1 500 Oops\n\n");
        assertThat(commands.bash(check + "gone.http || [ $? = 4 ]", ""))
                .contains("The connector failed: GET https://crm.example/rest/1/KEY/crm.deal.get: it answers 500."
                        + " Who sent the message is answered 503");
    }

    @Test
    void whatTheFirstAnswerNamesIsAskedForNext() throws Exception {
        Product.copyProject(directory);
        Files.writeString(
                directory.resolve("routes/sources/in-leads.camel.yaml"),
                PageBlocks.with("docs/connectors.md", "yaml", "id: in-leads"));
        Files.writeString(
                directory.resolve("application.properties"),
                "\ninbound.leads.enabled=true\ninbound.leads.api-key=K\ninbound.leads.rest-url=https://crm.example\n",
                StandardOpenOption.APPEND);
        var tests = Files.createDirectory(directory.resolve("routes/sources/in-leads.test"));
        var lead = """
            {"id": 4711, "contact_id": 99, "stage": {"code": "%s"}, "closed_at": 1751362496,
             "budget": {"amount": 15900.10, "currency": "RUB"}}""";
        for (var stage : List.of("sold", "lost")) {
            Files.writeString(tests.resolve(stage + ".http"), """
                POST /inbound/leads/WEBHOOK?secret=SECRET HTTP/1.1
                Content-Type: application/x-www-form-urlencoded

                id=4711""");
            Files.writeString(tests.resolve(stage + ".answer.json"), lead.formatted(stage));
        }
        Files.writeString(tests.resolve("sold.answer2.json"), """
            {"fields": [{"code": "PHONE", "values": []}, {"code": "ym_client_id", "values": [{"value": "176440"}]}]}""");
        var commands = new PageCommands(directory);
        assertThat(commands.bash(
                        "java -jar target/metrika-conversions.jar check --tests --accept"
                                + " routes/sources/in-leads.camel.yaml\ncat routes/sources/in-leads.test/*.expected.*",
                        ""))
                .contains("2 written, 0 failed", "176440,,,4711,lead_sold,1751362496,15900.10,RUB");
        Files.move(tests.resolve("sold.answer2.json"), tests.resolve("lost.answer2.json"));
        assertThat(commands.bash(
                        "java -jar target/metrika-conversions.jar check routes/sources/in-leads.camel.yaml"
                                + " routes/sources/in-leads.test/sold.http || [ $? = 4 ]",
                        ""))
                .contains("no answer is recorded to request 2, GET https://crm.example/contacts/99: put it beside the"
                        + " sample, as sold.answer2.json");
        Files.copy(tests.resolve("lost.answer2.json"), tests.resolve("sold.answer2.json"));
        assertThat(commands.bash(
                        "java -jar target/metrika-conversions.jar check --tests routes/sources/in-leads.camel.yaml"
                                + " || [ $? = 4 ]",
                        ""))
                .contains("FAILED in-leads.test/lost.http", "lost.answer2.json is never asked for");
        assertThat(commands.bash(
                        "java -jar target/metrika-conversions.jar check routes/sources/in-leads.camel.yaml"
                                + " routes/sources/in-leads.test/sold.http",
                        ""))
                .contains("GET https://crm.example/leads/4711", "GET https://crm.example/contacts/99");
    }

    @Test
    void aDealIsAskedForAndCountedOnce() throws Exception {
        Product.copyProject(directory);
        var example = PageCommands.blocks("yaml").stream()
                .filter(block -> block.contains("id: in-deals"))
                .toList();
        assertThat(example).hasSize(1);
        assertThat(example.get(0).lines()).hasSizeLessThanOrEqualTo(40);
        Files.writeString(directory.resolve("routes/sources/in-deals.camel.yaml"), example.get(0));
        Files.writeString(
                directory.resolve("routes/sources/in-asked.camel.yaml"),
                example.get(0).replace("deals", "asked").replace("crm.deal.get?id={data.FIELDS.ID})\"\n", """
                                crm.deal.get)"
                                              body: 'RAW({"id": "{data.FIELDS.ID}", "of": {"a": {} } })'
                                              headers: "RAW(X-Client: a, b)"
                                """));
        var crm = crm();
        for (var source : List.of("deals", "asked")) {
            Files.writeString(
                    directory.resolve("application.properties"),
                    "\ninbound.%1$s.enabled=true\ninbound.%1$s.token=s3cr3t-app-token\ninbound.%1$s.rest-url=http://127.0.0.1:%2$d/rest/1/k3y4567890abcdef\n"
                            .formatted(source, crm.getAddress().getPort()),
                    StandardOpenOption.APPEND);
        }
        Shared.PRODUCT.port(); // the tables are there when it has started
        try (var product = Product.idle(Shared.DATABASE, Shared.METRIKA.url())
                .in(directory)
                .start()) {
            var webhook = product.webhook(515);
            deals.put("4711", DEAL.formatted("4711", "WON", "11"));
            var taken = tell(product, webhook, "4711");
            assertThat(taken.status()).as(taken.toString()).isEqualTo(200);
            assertThat(taken.text("status")).isEqualTo("accepted");
            assertThat(asked).containsExactly("GET /rest/1/k3y4567890abcdef/crm.deal.get?id=4711");
            assertThat(tell(product, webhook, "4711").body()).as("as it was").isEqualTo(taken.body());

            deals.put("4711", DEAL.formatted("4711", "WON", "12"));
            deals.put("4712", DEAL.formatted("4712", "NEW", "12"));
            for (var ignored : Map.of("4711", "known", "4712", "no_purchase", "4713", "no_purchase")
                    .entrySet()) {
                var answer = tell(product, webhook, ignored.getKey());
                assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
                assertThat(answer.text("status")).isEqualTo("ignored");
                assertThat(answer.body()).contains(ignored.getValue());
                assertThat(answer.header("X-Of-Crm")).isEmpty();
            }
            assertThat(Shared.DATABASE.<Long>value(
                            "select count(*) from refused_row where webhook_id = ?::uuid", webhook.id()))
                    .isZero();

            for (var token : List.of("", "&auth[application_token]=", "&auth[application_token]=s3cr3t")) {
                var forged = tell(product, webhook, "4711", token);
                assertThat(forged.status()).as(token).isEqualTo(403);
                assertThat(forged.text("detail"))
                        .contains("The token in the field auth.application_token is missing or wrong");
            }

            deals.put("4714", "");
            assertAway(tell(product, webhook, "4714"));
            deals.put("4716", "<html>Please log in</html>");
            assertAway(tell(product, webhook, "4716"));
            tell(product, webhook, "4717%26cmd%3Dx");
            assertThat(asked).last().isEqualTo("GET /rest/1/k3y4567890abcdef/crm.deal.get?id=4717%26cmd%3Dx");

            deals.put("4721\\", DEAL.formatted("4721", "WON", "11"));
            assertThat(tell("asked", product, webhook, "4721\"", "&auth[application_token]=s3cr3t-app-token")
                            .text("status"))
                    .isEqualTo("accepted");
            assertThat(asked)
                    .last()
                    .isEqualTo(
                            "POST /rest/1/k3y4567890abcdef/crm.deal.get {\"id\": \"4721\\\"\", \"of\": {\"a\": {} } } a, b");
            crm.stop(0);
            assertAway(tell(product, webhook, "4715"));
            await().until(() -> product.log().split("is answered 503").length > 3);
            assertThat(product.log())
                    .contains("in-deals: GET http://127.0.0.1:%d/rest/1/***/crm.deal.get: it answers 503"
                            .formatted(crm.getAddress().getPort()))
                    .contains("its answer is no JSON")
                    .doesNotContain("k3y4567890abcdef", "s3cr3t", "\tat ");
        }
    }

    private static void assertAway(Answer answer) {
        assertThat(answer.status()).as(answer.toString()).isEqualTo(503);
        assertThat(answer.header("Retry-After")).isEqualTo("30");
        assertThat(answer.text("detail"))
                .contains("A server that has to be asked about this", "send the same request again");
    }
}
