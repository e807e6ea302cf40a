package metrika.conversions.sources;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import metrika.conversions.support.Answer;
import metrika.conversions.support.Drops;
import metrika.conversions.support.Product;
import metrika.conversions.support.Receiver;
import metrika.conversions.support.Shared;
import metrika.conversions.support.TestWebhook;

import static metrika.conversions.support.Samples.conversion;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Sources that cannot run, each in a way of its own, beside good ones: they are left out, and told of. */
@Execution(ExecutionMode.SAME_THREAD) // one product for all, whose log grows
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Order(1) // it takes long
class BadSourcesIT {

    private static final String ROUTE = """
            - route:
                id: in-%1$s
                description: Takes what is planted here
                routeConfigurationId: %2$s
                precondition: "{{inbound.%1$s.enabled}}"
                from:
                  uri: %3$s
                  steps:
                    - setVariable:
                        name: webhook
                        expression:
                          constant:
                            expression: "5f0e1c52-0000-0000-0000-000000000000"
                    - %4$s
            """;
    private static final String STORE = "to: direct:store-file";
    /** What the line of each says, as a pattern. */
    private static final Map<String, String> TOLD = new TreeMap<>(Map.ofEntries(
            Map.entry("in-component", "in-component.camel.yaml, line 7: .*nosuch"),
            Map.entry("in-option", "in-option.camel.yaml, line 7: .*minimumAge"),
            Map.entry("in-bean", "in-bean.camel.yaml, line 1[0-9]: .*nobody"),
            Map.entry("in-expression", "in-expression.camel.yaml, line 1[0-9]: .*nosuchfunction"),
            Map.entry("in-refusing", "in-refusing.camel.yaml: .*not-here"),
            Map.entry("in-target", "in-target.camel.yaml, line 1[0-9]: no route .* direct:nowhere"),
            Map.entry("in-configuration", "in-configuration.camel.yaml, line 4: .*on-error-nowhere"),
            Map.entry("in-database", "data-source.shop.url is no address that a driver here takes"),
            Map.entry(
                    "in-double",
                    "in-double.camel.yaml, line 2: .*the id store-file is taken by .*store-file.camel.yaml"),
            Map.entry("in-bytes", "in-bytes.camel.yaml: it is not UTF-8"),
            Map.entry("in-text", "in-text.camel.yaml, line 1: a list of routes is expected"),
            Map.entry("in-form", "in-form.camel.yaml, line [0-9]+: "),
            Map.entry(
                    "in-retailcrm",
                    "in-retailcrm.camel.yaml, line [0-9]+: .*inbound.retailcrm.nothing.* is no setting"),
            Map.entry("in-bitrix24", "inbound.bitrix24.bad-rows .* is 'skip': refuse, leave-out or log is expected"),
            Map.entry("in-folder-drop", "in-folder-drop.camel.yaml, line [0-9]+: .*columnz"),
            Map.entry("in-north", "its template in-folder-drop: .*in-folder-drop.camel.yaml, line [0-9]+: "),
            Map.entry("in-booking", "inbound.booking.columns .*, at client_id: "),
            Map.entry("in-signed", "inbound.signed.signature-secret .* is not set"),
            Map.entry("in-acme", "inbound.acme.type is 'ftp-drop': there is no route template in-ftp-drop"),
            Map.entry(
                    "in-mail", "inbound.mail.host .* is not set: inbound.mail.enabled is true.*inbound.mail.password"),
            Map.entry(
                    "in-twice",
                    "inbound.twice.type is 'folder-drop', which makes a source of this name, and"
                            + " routes/sources/in-twice.camel.yaml is another one: remove one of them"),
            Map.entry("in-pair", "in-pair.camel.yaml, line 2: .*the id in-pair is taken by .*in-pair.camel.yaml"),
            Map.entry("in-kafka", "in-kafka.camel.yaml: .*bootstrap.* \\(nowhere.invalid:9092\\)")));

    private static final String NO_WEBHOOK = "5f0e1c52-0000-4000-8000-000000000000";

    @TempDir
    private static Path folder;

    /** Whom the source in-sheet asks each second. */
    private static final Receiver SHEETS = new Receiver();

    private static Product product;
    private static TestWebhook webhook;

    @BeforeAll
    static void start() throws IOException {
        Product.copyProject(folder);
        plant("component", "on-error-source", "nosuch:thing", STORE);
        plant("option", "on-error-source", "file:in?minimumAge=5", STORE);
        plant("bean", "on-error-source", "timer:bean", "bean: {ref: nobody, method: hide}");
        plant(
                "expression",
                "on-error-source",
                "timer:simple",
                "setBody: {expression: {simple: {expression: \"${nosuchfunction}\"}}}");
        plant("refusing", "on-error-source", "file:not-here?autoCreate=false&startingDirectoryMustExist=true", STORE);
        plant("target", "on-error-source", "timer:target?delay=1", "to: direct:nowhere");
        plant("configuration", "on-error-nowhere", "timer:configuration", STORE);
        plant("database", "on-error-source", "timer:database", "to: jdbc:shop");
        plant(
                "double",
                "on-error-source",
                "timer:double",
                STORE,
                text -> text.replace("id: in-double", "id: store-file"));
        plant(
                "good",
                "on-error-source",
                "kamelet:folder-drop?directory=good&delay=100&minAge=100",
                STORE,
                text -> text.replace("5f0e1c52-0000-0000-0000-000000000000", "{{inbound.good.webhook}}"));
        plant("off", "on-error-source", "nosuch:thing", STORE);
        SHEETS.answer(500, "{}", null);
        plant("sheet", "on-error-schedule", "quartz:sheet?cron=*+*+*+*+*+?", "to: " + SHEETS.url() + "/sheet");
        plant("twice", "on-error-source", "timer:twice", STORE);
        plant(
                "nobody",
                "on-error-source",
                "kamelet:folder-drop?directory=nobody",
                STORE,
                text -> text.replace("5f0e1c52-0000-0000-0000-000000000000", "{{inbound.nobody.webhook}}"));
        plant("pair", "on-error-source", "timer:pair", STORE);
        Files.createDirectory(folder.resolve("routes/more"));
        Files.writeString(folder.resolve("routes/more/in-pair.camel.yaml"), Files.readString(source("in-pair")));
        edit("in-folder-drop", "    route:\n", "    route:\n      columnz: x\n");
        Files.writeString(source("in-comments"), "# - route:\n#     id: in-comments\n");
        Files.write(source("in-bytes"), new byte[] {'-', ' ', -1});
        Files.writeString(source("in-text"), "route:\n  id: in-text\n");
        edit("in-form", "    from:\n", "  from:\n");
        edit(
                "in-retailcrm",
                "        name: retailcrm\n",
                "        name: retailcrm\n        badRows: \"{{inbound.retailcrm.nothing}}\"\n");
        webhook = Shared.PRODUCT.webhook(731);
        var lines = new StringBuilder(
                "\ninbound.off.enabled=false\ninbound.twice.type=folder-drop\ninbound.twice.webhook=x\n"
                        + "inbound.twice.directory=twice\n"
                        + "inbound.nobody.webhook=" + NO_WEBHOOK
                        + "\ninbound.acme.type=ftp-drop\ninbound.north.type=folder-drop\n"
                        + "inbound.north.webhook=x\ninbound.north.directory=north\n"
                        + "inbound.acme.webhook=x\n"
                        + "inbound.booking.type=http-columns\ninbound.booking.columns=client_id\n"
                        + "inbound.signed.type=http-columns\ninbound.signed.signature=X-Sign\n"
                        + "data-source.shop.url=jdbc:nosuch:shop\ninbound.good.webhook=" + webhook.id() + "\n"
                        + "inbound.off.password={{file:not-here}}\n");
        for (var source : List.of(
                "component",
                "option",
                "bean",
                "expression",
                "refusing",
                "target",
                "configuration",
                "database",
                "double",
                "good",
                "sheet",
                "acme",
                "booking",
                "signed",
                "twice",
                "pair",
                "nobody",
                "north")) {
            lines.append("inbound.%s.enabled=true%n".formatted(source));
        }
        Files.writeString(folder.resolve("application.properties"), lines, StandardOpenOption.APPEND);
        product = Product.idle(Shared.DATABASE, Shared.METRIKA.url())
                .in(folder)
                .with("routes.reload", true)
                .with("inbound.form.enabled", true)
                .with("inbound.retailcrm.enabled", true)
                .with("inbound.bitrix24.enabled", true)
                .with("inbound.bitrix24.bad-rows", "skip")
                .with("inbound.yookassa.enabled", true)
                .with("inbound.mail.enabled", true)
                .with("inbound.kafka.enabled", true)
                .with("inbound.kafka.webhook", webhook.id())
                .with("inbound.kafka.brokers", "nowhere.invalid:9092")
                .with("inbound.kafka.topic", "conversions")
                .with("inbound.kafka.dead-letter-topic", "refused")
                .start();
    }

    @AfterAll
    static void stop() {
        SHEETS.close();
        if (product != null) {
            product.close();
        }
    }

    private static void plant(String name, String configuration, String uri, String step) throws IOException {
        plant(name, configuration, uri, step, text -> text);
    }

    private static void plant(String name, String configuration, String uri, String step, UnaryOperator<String> edit)
            throws IOException {
        Files.writeString(source("in-" + name), edit.apply(ROUTE.formatted(name, configuration, uri, step)));
    }

    private static void edit(String source, String old, String text) throws IOException {
        var file = source(source);
        var before = Files.readString(file);
        assertThat(before).contains(old);
        Files.writeString(file, before.replace(old, text));
    }

    private static Path source(String name) {
        return folder.resolve("routes/sources/%s.camel.yaml".formatted(name));
    }

    private static List<String> errors() {
        return product.log().lines().filter(line -> line.contains(" ERROR ")).toList();
    }

    @Test
    void theLogHasOneLineOfEach() {
        TOLD.forEach((source, told) -> assertThat(errors())
                .filteredOn(line -> line.contains("The source " + source + " is not started"))
                .singleElement()
                .asString()
                .containsPattern(told)
                .doesNotContainPattern("\\b(java|org|com|metrika)\\.[a-z.]+[A-Z]|Exception"));
        assertThat(errors()).hasSameSizeAs(TOLD.keySet());
        assertThat(product.log()).doesNotContain("\tat ");
    }

    @Test
    void healthHasEachWithItsReasonAndReadinessStaysUp() {
        var health = product.health();
        assertThat(health).contains("\"DOWN\"").doesNotContainPattern("\\b(java|org|com)\\.[a-z.]+[A-Z]");
        TOLD.forEach((source, told) ->
                assertThat(health).containsPattern(Pattern.quote(source + " is not started: ") + ".{0,80}"));
        assertThat(health).contains("{{inbound.retailcrm.nothing}} is no setting");
        for (var kind : List.of("health/ready", "health/live")) {
            assertThat(product.observe(kind)).as(kind).contains("\"UP\"").doesNotContain("DOWN");
        }
    }

    @Test
    void aWebhookThatIsNotThereIsToldOf() {
        var told = "there is no webhook %s: create one, and correct inbound.nobody.webhook (INBOUND_NOBODY_WEBHOOK)"
                .formatted(NO_WEBHOOK);
        assertThat(product.log().lines().filter(line -> line.contains("in-nobody")))
                .singleElement()
                .asString()
                .contains("WARN", told);
        assertThat(product.health())
                .contains("in-nobody stores nothing: " + told)
                .doesNotContain("in-north stores nothing", "in-good stores nothing");
    }

    @Test
    void aBadSourceOverHttpAsksItsSendersToComeAgain() {
        for (var source : List.of("form", "retailcrm", "bitrix24", "booking", "signed")) {
            var answer = send(source, "client_id=1.1");
            assertThat(answer.status()).as(answer.toString()).isEqualTo(503);
            assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
            assertThat(answer.header("Retry-After")).isEqualTo("60");
            assertThat(answer.text("detail"))
                    .contains("The source " + source + " could not be started", "log", "health");
            assertThat(answer.body()).doesNotContain("\tat ", "java.", "Exception", "routes/");
        }
        assertThat(send("nobody", "client_id=1.1").status()).isEqualTo(404);
        assertThat(send("till-csv", "client_id=1.1").status())
                .as("one that is off")
                .isEqualTo(404);
    }

    @Test
    void aScheduledSourceIsInTroubleUntilARunEndsWell() {
        var told = Pattern.compile("in-sheet failed at its last run: \\S+127.0.0.1:\\d+ answered with status 500");
        await().until(() -> told.matcher(product.health()).find());
        SHEETS.answer(200, "{}", null);
        await().until(() -> !product.health().contains("in-sheet"));
    }

    @Test
    void everythingElseRuns() throws IOException {
        assertThat(webhook.at(product).batch(conversion())).isNotEmpty();
        var paid = send(
                "yookassa",
                "{\"type\": \"notification\", \"event\": \"payment.canceled\", \"object\": {\"id\": \"1\"}}");
        assertThat(paid.status()).as(paid.toString()).isEqualTo(200);
        Drops.put(
                folder.resolve("good"),
                "good.csv",
                "client_id,target,date_time\n1.1,buy,2025-07-01T12:00:00Z\n".getBytes());
        assertThat(Drops.awaitMoved(product, folder.resolve("good"), "good.csv"))
                .isEqualTo(".done");
    }

    @Test
    @Order(Integer.MAX_VALUE - 1)
    void aSourceWhoseServerHasComeIsStarted() throws IOException {
        Files.createDirectory(folder.resolve("not-here"));
        await().atMost(Duration.ofSeconds(90)).until(() -> product.log().contains("The source in-refusing is started"));
        assertThat(product.health()).doesNotContain("in-refusing");
        assertThat(errors())
                .as("nothing more is said of those that still cannot")
                .hasSameSizeAs(TOLD.keySet());
    }

    /** In development: once it is put right, it runs, and its senders are answered by it. */
    @Test
    @Order(Integer.MAX_VALUE)
    void aSourceThatIsPutRightIsTakenOver() throws IOException {
        edit("in-retailcrm", "        badRows: \"{{inbound.retailcrm.nothing}}\"\n", "");
        await().until(() -> product.log().contains("in-retailcrm.camel.yaml is taken over"));
        assertThat(send("retailcrm", "number=1&target=buy&client_id=1.1&date=2025-07-01+12:00:00")
                        .status())
                .isEqualTo(200);
        assertThat(product.health()).doesNotContain("in-retailcrm");
        edit("in-option", "minimumAge", "minimalAge");
        await().until(() -> product.log().contains("minimalAge"));
        assertThat(product.health()).contains("minimalAge");
    }

    private static Answer send(String source, String body) {
        return product.send(product.request(
                        "/inbound/%s/%s?secret=%s".formatted(source, webhook.id(), webhook.secret()))
                .header("Content-Type", body.startsWith("{") ? "application/json" : "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString(body)));
    }
}
