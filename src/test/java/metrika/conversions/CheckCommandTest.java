package metrika.conversions;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import metrika.conversions.settings.SettingException;
import metrika.conversions.settings.Settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** The command check, as a team's continuous integration runs it. */
class CheckCommandTest {

    @TempDir
    private Path directory;

    /** In this process, on the routes of the project. */
    private static String check(int exit, String... arguments) throws Exception {
        var out = new ByteArrayOutputStream();
        var code = new CheckCommand(Settings.in(Path.of("")), new PrintStream(out, true, StandardCharsets.UTF_8))
                .run(CheckArguments.of(List.of(arguments)));
        assertThat(code).as(out.toString(StandardCharsets.UTF_8)).isEqualTo(exit);
        return out.toString(StandardCharsets.UTF_8);
    }

    private String sample(String name, String content) throws IOException {
        return Files.writeString(directory.resolve(name), content).toString();
    }

    @Test
    void theRoutesOfTheProductHaveNoFaults() throws Exception {
        assertThat(check(0)).isEqualTo("routes/: no faults\n");
    }

    @Test
    void aConnectorIsTriedOnASample() throws Exception {
        var good = sample("sample.csv", """
            Client ID;Target;DateTime;Price;Currency
            1.1;buy;01.07.2025 12:00;"1500,5";RUB
            1.2;;01.07.2025 12:00;1;RUB
            """);
        assertThat(check(4, "routes/sources/in-sftp-drop.camel.yaml", good))
                .contains(
                        "1 conversion, times without an offset taken for those of Europe/Moscow (zone in",
                                "2025-07-01T12:00:00+03:00 (2025-07-01T09:00:00Z): {\"ClientId\":\"1.1\"",
                        "line 3: target is required", "1.1,,,,buy,1751360400,1500.5,RUB")
                .doesNotContain("\tat ");
        assertThat(check(4, "routes/sources/in-folder-drop.camel.yaml", sample("bad.csv", "Client;Target\n1;buy\n")))
                .contains("The connector failed: bad.csv, line 1: no column is the date_time. The columns are: Client,"
                        + " Target");
        assertThat(check(0, "routes/api/api-send-conversions.camel.yaml", sample("request.http", """
            POST /webhook/offline-conversions/x HTTP/1.1
            Content-Type: application/json

            {"conversions": [{"user_id": "u", "target": "buy", "date_time": "2025-07-01T12:00:00Z"}]}\
            """)))
                .contains("1 conversion, ", ",u,,,buy,1751371200,,");
    }

    /** A page of a source that pulls has many rows, each a message of its own. */
    @Test
    void aRowOfAPageThatIsLeftOutIsNamedByItsPlace() throws Exception {
        assertThat(check(
                        0,
                        "routes/sources/in-bitrix24-deals.camel.yaml",
                        "routes/sources/in-bitrix24-deals.test/page.json"))
                .contains("Left out, since there is nothing to count:", "line 2: it has no client_id");
    }

    @Test
    void aMailIsTriedWithAllThatIsInIt() throws Exception {
        var mail = "From: anna@shop.example\n"
                + "Message-ID: <1@shop.example>\n"
                + "MIME-Version: 1.0\n"
                + "Content-Type: multipart/mixed; boundary=out\n\n"
                + "--out\n"
                + "Content-Type: text/plain\n\n"
                + "fwd\n"
                + "--out\n"
                + "Content-Type: message/rfc822\n\n"
                + "From: partner@partner.example\n"
                + "Content-Type: multipart/mixed; boundary=in\n"
                + "MIME-Version: 1.0\n\n"
                + "--in\n"
                + "Content-Disposition: attachment; filename=%s\n\n"
                + "client_id;target;date_time\n"
                + "1.1;buy;%s\n"
                + "--in--\n\n"
                + "--out--\n";
        assertThat(check(
                        0,
                        "routes/sources/in-mail.camel.yaml",
                        sample("good.eml", mail.formatted("export.csv", "2025-07-01T12:00:00Z"))))
                .contains("1 conversion, ", "1.1,,,,buy,1751371200,,");
        assertThat(check(
                        4,
                        "routes/sources/in-mail.camel.yaml",
                        sample("archive.eml", mail.formatted("export.rar", ""))))
                .contains(
                        "The connector failed: Mail <1@shop.example>: it has no attachment",
                        "but export.rar (an archive: attach the files in it, or a ZIP of them)");
        assertThat(check(
                        4,
                        "routes/sources/in-mail.camel.yaml",
                        sample("row.eml", mail.formatted("export.csv", "yesterday"))))
                .contains("line 2: date_time is 'yesterday'");
    }

    @Test
    void rowsOfABodyAreRefusedWithTheirLines() throws Exception {
        var shown = check(4, "routes/sources/in-till-csv.camel.yaml", sample("till.csv", """

            client_id,target,date_time

            1.1,buy,2025-07-01T12:00:00Z
            1.2,,yesterday
            """));
        assertThat(shown).contains("1 row is refused:", "  line 5: date_time is 'yesterday'", "; target is required");
    }

    @Test
    void anOrderThatWouldBeLeftOutIsToldSo() throws Exception {
        assertThat(check(0, "routes/sources/in-form.camel.yaml", sample("lead.form", "target=lead&purchase_id=7")))
                .contains(
                        "0 conversions, ",
                        "Left out, since there is nothing to count:",
                        "  line 1: it has no client_id, user_id or yclid: nobody could be found for it");
        assertThat(check(0, "routes/sources/in-till-xml.camel.yaml", sample("orders.xml", """
            <КоммерческаяИнформация>
              <Документ><Номер>7</Номер><ХозОперация>Возврат товара</ХозОперация></Документ>
            </КоммерческаяИнформация>\
            """)))
                .contains("  line 1: its ХозОперация is 'Возврат товара'");
    }

    @Test
    void whatStandsBeforeTheRowsOfXmlIsShownWithThem() throws Exception {
        var page = Files.readString(Path.of("docs/sources/files.md"));
        var part = page.substring(page.indexOf("### What stands before the rows"));
        var xml = part.replaceFirst("(?s).*?```xml\n(.*?)```.*", "$1");
        var lines = part.replaceFirst("(?s).*?```properties\n(.*?)```.*", "$1") + "inbound.folder-drop.enabled=true\n";
        assertThat(checkWith(0, lines, "in-folder-drop", sample("sales.xml", xml)))
                .contains("no faults", "1 conversion,", "1764399000123456789,,,29-15,purchase,1751355296,1500,RUB");
        assertThat(checkWith(4, lines, "in-folder-drop", sample("sales.xml", xml.replace("zone", "other"))))
                .contains("/export/head/zone is empty or not there");
    }

    private static final String SHOP = """
        - route:
            id: in-shop
            description: Takes orders of a shop
            from:
              uri: direct:shop
              steps:
                - setVariable:
                    name: order
                    expression:
                      jsonpath:
                        expression: $
                - setBody:
                    expression:
                      constant:
                        expression: select count(*) as webhooks from webhook
                - to:
                    uri: jdbc:reportsDatabase
                - log:
                    message: Order ${variable.order[id]}, ${body[0][webhooks]} webhooks
                - filter:
                    description: Paid ones
                    expression:
                      simple:
                        expression: ${variable.order[status]} == 'paid'
                    steps:
                      - setVariables:
                          variables:
                            - name: webhook
                              expression:
                                constant:
                                  expression: 8d5e957f-297f-40d6-b2a5-5a8a4a3ff0aa
                            - name: idempotency-key
                              expression:
                                simple:
                                  expression: shop-${variable.order[id]}
                      - setBody:
                          description: The conversion
                          expression:
                            jsonpath:
                              expression: $.conversion
                              source: variable:order
                      - to:
                          uri: direct:store-conversions
        """;

    /** A route that asks the database, leaves out and fails, as teams write them. */
    @Test
    void aRouteTellsWhatItDoesWithASample() throws Exception {
        var route = sample("in-shop.camel.yaml", SHOP);
        var order = "{\"id\": 7, \"status\": \"%s\"%s}";
        var conversion =
                ", \"conversion\": {\"user_id\": \"u\", \"target\": \"buy\", \"date_time\": \"2025-07-01T12:00:00Z\"}";
        assertThat(check(0, route, sample("paid.json", order.formatted("paid", conversion))))
                .contains(
                        "What the log steps say:\n  Order 7, 0 webhooks\n",
                        "for the webhook 8d5e957f-297f-40d6-b2a5-5a8a4a3ff0aa, with the idempotency key shop-7:\n"
                                + "  line 1: {\"user_id\":\"u\",",
                        "1 conversion, ");
        assertThat(check(0, route, sample("new.json", order.formatted("new", conversion))))
                .contains("The sample is ignored: the route ended at ")
                .contains("in-shop.camel.yaml, line " + line("filter:") + ": filter (Paid ones)");
        assertThat(check(4, route, sample("poor.json", order.formatted("paid", ""))))
                .contains("The connector failed: ")
                .contains("in-shop.camel.yaml, line " + line("- setBody:\n                  description")
                        + ": setBody (The conversion)");
    }

    /** What a message is known by decides whether it is stored once, and a hash says nothing. */
    @Test
    void whatTheKeyIsMadeOfIsTold() throws Exception {
        var route = """
                - route:
                    id: in-event
                    description: Takes events
                    errorHandler:
                      noErrorHandler: {}
                    from:
                      uri: kamelet:http-source
                      parameters:
                        name: event
                        columns: client_id=cid, purchase_id=number, target='buy', date_time='now'%s
                      steps:
                        - setVariable:
                            name: %s
                            simple: ${body[%s]}
                        - bean:
                            ref: rowMapper
                            method: map
                        - to:
                            uri: direct:store-orders
                """;
        var event = sample("event.http", """
                POST /inbound/event/WEBHOOK?secret=SECRET HTTP/1.1
                Content-Type: application/json

                {"id": "e-1", "number": "7", "cid": "1.1"}\
                """);
        assertThat(check(0, sample("in-event.camel.yaml", route.formatted("", "idempotency-key", "id")), event))
                .contains("(made of the variable idempotency-key):")
                .doesNotContain("is empty for this sample");
        assertThat(check(0, sample("in-event.camel.yaml", route.formatted("", "idempotency-key", "idd")), event))
                .contains(
                        "(made of purchase_id, target):",
                        "warning: the route sets the variable idempotency-key, and it is empty for this sample");
        assertThat(check(0, sample("in-event.camel.yaml", route.formatted(", key=id", "other", "id")), event))
                .contains("(made of the key of columns, 'e-1'):")
                .doesNotContain("is empty for this sample");
    }

    private static long line(String step) {
        return SHOP.substring(0, SHOP.indexOf(step)).lines().count();
    }

    @Test
    void whatTheSenderOfAnOrderGetsIsTold() throws Exception {
        assertThat(check(
                        0,
                        "routes/sources/in-form.camel.yaml",
                        sample("f.form", "target=lead&client_id=1.1&date_time=2025-07-01T12:00:00Z")))
                .contains("What the sender gets:\n  {\"batch_id\":");
    }

    @Test
    void messagesAreTriedWithoutABrokerOrTopics() throws Exception {
        var message = sample(
                "message.json",
                "{\"client_id\": \"1.1\", \"target\": \"buy\", \"date_time\": \"2025-07-01T12:00:00Z\"}");
        assertThat(check(0, "routes/sources/in-kafka.camel.yaml", message))
                .contains("1 conversion, ", "1.1,,,,buy,1751371200,,");
        assertThat(check(4, "routes/sources/in-kafka.camel.yaml", sample("poison.json", "{\"client_id\": \"1.1\"}")))
                .contains("target is required");
        assertThat(check(4, "routes/sources/in-kafka.camel.yaml", sample("broken.json", "no JSON")))
                .contains("The connector failed: Line 1 of the message");
    }

    @Test
    void headersOfAMessageAreBesideItsSample() throws Exception {
        var route = sample("in-tills.camel.yaml", """
            - route:
                id: in-tills
                description: Takes sales, each of the till that its topic names
                from:
                  uri: timer:tills
                  steps:
                    - setVariables:
                        variables:
                          - name: webhook
                            expression: {constant: {expression: "5f0e1c52-0000-4000-8000-000000000000"}}
                          - name: target
                            expression: {constant: {expression: purchase}}
                          - name: client_id
                            expression: {jsonpath: {expression: $.cid}}
                          - name: date_time
                            expression: {jsonpath: {expression: $.at}}
                          - name: purchase_id
                            expression: {simple: {expression: "${header.CamelMqttTopic}/${header.Касса}"}}
                    - bean:
                        description: Makes a conversion of it
                        ref: httpSource
                        method: createConversion
                    - to: {description: Stores it, uri: "direct:store-message"}
            """);
        var message = sample("sale.json", "{\"cid\": \"1.1\", \"at\": \"2025-07-01T12:00:00Z\"}");
        assertThat(check(4, route, message)).contains("purchase_id is '/'");
        sample("sale.headers.properties", "CamelMqttTopic = tills/7\nКасса=8\n");
        assertThat(check(0, route, message)).contains("1.1,,,tills/7/8,purchase,1751371200,,");
        var tests = Files.createDirectory(directory.resolve("in-tills.test"));
        for (var name : List.of("sale.json", "sale.headers.properties")) {
            Files.copy(directory.resolve(name), tests.resolve(name));
        }
        var report = directory.resolve("report.xml").toString();
        assertThat(check(0, "--tests", "--accept", "--junit", report, route))
                .contains("written in-tills.test/sale.json", "1 written, 0 failed");
        assertThat(tests.resolve("sale.expected.csv")).content().contains("tills/7/8");
        Files.delete(tests.resolve("sale.json"));
        Files.delete(tests.resolve("sale.expected.csv"));
        assertThatThrownBy(() -> check(0, "--tests", "--junit", report, route))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("sale.headers.properties: there is no sample of that name beside it");
    }

    /** With lines of settings besides those of the project. */
    private String checkWith(int exit, String lines, String... arguments) throws Exception {
        for (var file : List.of("application.properties", "application-dev.properties")) {
            Files.copy(Path.of(file), directory.resolve(file), StandardCopyOption.REPLACE_EXISTING);
        }
        Files.writeString(directory.resolve("application.properties"), "\n" + lines, StandardOpenOption.APPEND);
        var out = new ByteArrayOutputStream();
        var code = new CheckCommand(Settings.in(directory), new PrintStream(out, true, StandardCharsets.UTF_8))
                .run(CheckArguments.of(List.of(arguments)));
        assertThat(code).as(out.toString(StandardCharsets.UTF_8)).isEqualTo(exit);
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test
    void aSourceThatThereIsTwiceIsTold() throws Exception {
        assertThat(checkWith(3, "inbound.mail.type=folder-drop\ninbound.mail.enabled=true\n"))
                .contains(
                        "application.properties: inbound.mail.type is 'folder-drop', which makes a source of this name,"
                                + " and routes/sources/in-mail.camel.yaml is another one: remove one of them");
    }

    /** It said that there are no faults, and the source did not start. */
    @Test
    void aSourceOfSettingsIsCheckedAsAtTheStart() throws Exception {
        var bank = "inbound.bank.type=http-columns\ninbound.bank.enabled=true\ninbound.bank.signature=X-Sign\n";
        var lines = Files.readAllLines(Path.of("application.properties")).size() + 1;
        var wrong = bank + "inbound.bank.columns=target=A; price=B\n";
        assertThat(checkWith(3, wrong))
                .contains(
                        "application.properties, line %d: inbound.bank.columns (INBOUND_BANK_COLUMNS) cannot be read:"
                                        .formatted(lines + 4)
                                + " columns, character 9",
                        "1 fault");
        assertThat(checkWith(3, wrong, "in-bank")).contains("inbound.bank.columns");
        assertThat(checkWith(0, wrong, "routes/sources/in-mail.camel.yaml")).doesNotContain("inbound.bank");
        assertThat(checkWith(0, bank, "in-bank"))
                .contains("warning: in-bank would not start: inbound.bank.signature-secret"
                        + " (INBOUND_BANK_SIGNATURE_SECRET) is not set: with it the sender signs");
    }

    private static final String MAPPED = """
        - route:
            id: in-orders
            description: Takes orders, whose columns depend on what is in them
            from:
              uri: timer:orders
              steps:
                - setVariable: {name: webhook, constant: 5f0e1c52-0000-4000-8000-000000000000}
                - setVariable:
                    name: columns
                    simple: >-
                      %s
                - setBody:
                    expression:
                      method: {ref: rowMapper, method: map}
                - to: {uri: "direct:store-message"}
        """;

    private static final String ORDER = """
        {"Visitor": "1.1", "Event": "buy", "When": "2025-07-01T12:00:00Z", "Empty": null, "Items": [],
        "Sum. RUB": "5", "buyer": {"id": "7", "none": null}, "text": "{\\"cid\\": 1}"}""";

    private String warnings(String columns) throws Exception {
        var route = sample("in-orders.camel.yaml", MAPPED.formatted(columns + ", target=Event, date_time=When"));
        return check(0, route, sample("order.json", ORDER))
                .lines()
                .filter(line -> line.startsWith("warning: No row"))
                .map(line -> line.substring("warning: ".length()))
                .reduce("", (all, line) -> all + line + "\n");
    }

    @Test
    void aColumnThatNoRowHasIsWarnedOf() throws Exception {
        assertThat(warnings("${iif(${body} != null,client_id=Visitr,user_id=x)}"))
                .isEqualTo("No row of the sample has the column \"Visitr\", which client_id names; it has: Visitor,"
                        + " Event, When, Empty, Items, Sum. RUB, buyer, text\n");
        assertThat(warnings("client_id=buyer.idd|guest.id"))
                .isEqualTo("No row of the sample has the column \"buyer.idd\", which client_id names; it has:"
                        + " buyer.id, buyer.none\n");
        assertThat(warnings("client_id=text.cidd, only=Status('Paid')"))
                .contains("which client_id names; it has: text.cid\n", "\"Status\", which only names");
    }

    @Test
    void aColumnThatMayBeElsewhereIsNotWarnedOf() throws Exception {
        for (var columns : List.of(
                "client_id=Visitor, price=Sum. RUB",
                "client_id=cid|Visitor",
                "client_id=Visitor, user_id=customer",
                "user_id=customer unless client_id, client_id=Visitor",
                "client_id=Visitor, currency='RUB', price=Items.0.sum",
                "client_id=Visitor, price=Items[key='sum'].value",
                "client_id=Visitor, purchase_id=Empty.id",
                "client_id=Visitor, purchase_id=buyer.none.id",
                "client_id=Visitor, leave-out=Test('yes')",
                "client_id=Visitor, purchase_id=Kind('a'='b', *='c')",
                "client_id=Visitor, currency=Cur|'RUB'")) {
            assertThat(warnings(columns)).as(columns).isEmpty();
        }
    }

    /** Samples of tests may leave fields out. */
    @Test
    void testsDoNotWarnOfColumnsThatNoRowHas() throws Exception {
        assertThat(warnings("client_id=Visitr")).isNotEmpty();
        var tests = Files.createDirectory(directory.resolve("in-orders.test"));
        Files.copy(directory.resolve("order.json"), tests.resolve("order.json"));
        var report = directory.resolve("report.xml").toString();
        var route = directory.resolve("in-orders.camel.yaml").toString();
        assertThat(check(0, "--tests", "--accept", "--junit", report, route))
                .contains("written in-orders.test/order.json")
                .doesNotContain("No row of the sample");
    }

    @Test
    void columnsOfAnExpressionThatCannotBeReadAreToldWithTheStepThatReadsThem() throws Exception {
        var route =
                sample("in-orders.camel.yaml", MAPPED.formatted("${iif(${body} != null,client=Visitor,user_id=x)}"));
        assertThat(check(4, route, sample("order.json", ORDER)))
                .contains("The connector failed: columns names the field 'client'")
                .contains("in-orders.camel.yaml, line 12: setBody");
    }

    private static final String ASKS = """
        - route:
            id: in-asks
            description: Asks a CRM for what a message is about
            from:
              uri: timer:asks
              steps:
                - setVariable: {name: webhook, constant: 5f0e1c52-0000-4000-8000-000000000000}
                - setHeader: {name: CamelHttpMethod, constant: POST}
                - setHeader: {name: X-Api-Key, constant: hidden}
                - setHeaders:
                    headers:
                      - {name: Accept-Language, constant: ru}
                      - {name: Content-Type, constant: application/json}
                - choice:
                    when:
                      - simple: ${body} != null
                        steps:
                          - to:
                              uri: https://crm.example/orders%s
                          - unmarshal: {json: {}}
                - to: {uri: "direct:store-message"}
        """;

    private static final String CONVERSION =
            "{\"user_id\": \"u\", \"target\": \"buy\", \"date_time\": \"2025-07-01T12:00:00Z\"}";

    @Test
    void headersThatStayBehindAreWarnedOf() throws Exception {
        var route = sample("in-asks.camel.yaml", ASKS.formatted(""));
        assertThat(check(0, route))
                .contains("warning: " + route + ", line 18: the headers that the route sets stay behind"
                        + " (Accept-Language, X-Api-Key): give this step the parameter headerFilterStrategy:"
                        + " \"#pullHeaders\"");
        sample("order.json", "{}");
        sample("order.answer.json", CONVERSION);
        assertThat(check(0, route, directory.resolve("order.json").toString()))
                .contains("POST https://crm.example/orders\n")
                .doesNotContain("Accept-Language: ");
        assertThat(check(0, sample("in-asks.camel.yaml", ASKS.formatted("?headerFilterStrategy=#pullHeaders"))))
                .doesNotContain("stay behind");
        assertThat(check(
                        0,
                        sample(
                                "in-asks.camel.yaml",
                                ASKS.replace("X-Api-Key", "Authorization")
                                        .replace("Accept-Language", "CamelHttpQuery")
                                        .formatted(""))))
                .doesNotContain("stay behind");
    }

    @Test
    void whatGoesOutToAnotherServerIsShown() throws Exception {
        var route = sample("in-asks.camel.yaml", ASKS.formatted("?headerFilterStrategy=#pullHeaders"));
        sample("order.answer.json", CONVERSION);
        var rest = "x".repeat(2000);
        assertThat(check(0, route, sample("order.json", "{\"id\": 7, \"token\": \"hidden\", \"a\": \"" + rest + "\"}")))
                .contains("What is asked of other servers:\n  POST https://crm.example/orders\n")
                .contains("\n    Accept-Language: ru\n", "\n    X-Api-Key: ***\n")
                .containsOnlyOnce("Content-Type: application/json")
                .contains("\n    {\"id\": 7, \"token\": ***, \"a\": \"xxx", "xxx…\n")
                .doesNotContain("hidden", rest);
    }

    @Test
    void rowsThatARouteSplitsItselfAreToldOneByOne() throws Exception {
        var route = sample("in-parts.camel.yaml", """
            - route:
                id: in-parts
                description: Takes sales one by one
                from:
                  uri: timer:parts
                  steps:
                    - setVariable: {name: webhook, constant: 5f0e1c52-0000-4000-8000-000000000000}
                    - unmarshal: {json: {}}
                    - split:
                        simple: ${body}
                        steps:
                          - filter:
                              description: No tests
                              simple: ${body[test]} == null
                              steps:
                                - bean: {ref: rowMapper, method: map}
                                - to: {uri: "direct:store-message"}
            """);
        var row = ", \"target\": \"buy\", \"date_time\": \"2025-07-01T12:00:00Z\"}";
        assertThat(check(
                        0,
                        route,
                        sample(
                                "sales.json",
                                "[{\"user_id\": \"u\"" + row + ", {\"price\": 1" + row + ", {\"test\": true}]")))
                .contains("1 conversion, ")
                .containsSubsequence(
                        "Left out, since there is nothing to count:",
                        "  line 2: it has no client_id, user_id or yclid",
                        "What the route does not store:",
                        "  line 3: the route ended at",
                        "in-parts.camel.yaml, line 12: filter (No tests)")
                .doesNotContain("line 1: the route", "line 2: the route");
    }

    @Test
    void aRouteWithoutACallerIsToldWhereItsOrdersAreKept() throws Exception {
        var route = sample(
                "in-orders.camel.yaml",
                MAPPED.formatted("client_id=Visitor").replace("direct:store-message", "direct:store-orders"));
        assertThat(check(0, route))
                .contains("warning: " + route + ", line 5: nobody reads an answer, in which what is left out or refused"
                        + " would be: call direct:store-message in the place of direct:store-orders");
        assertThat(check(0, sample("in-orders.camel.yaml", MAPPED.formatted("client_id=Visitor"))))
                .doesNotContain("warning");
    }

    @Test
    void whatIsNotThereIsNamed() {
        assertThatThrownBy(() -> check(1, "routes/in-none.camel.yaml"))
                .isInstanceOf(SettingException.class)
                .hasMessageContainingAll("There is no file", "in-none.camel.yaml");
    }
}
