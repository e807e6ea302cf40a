package metrika.conversions.metrics;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.ResourceBundle;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import metrika.conversions.support.Accounts;
import metrika.conversions.support.Product;
import metrika.conversions.support.Shared;
import metrika.conversions.support.TestDatabase;
import metrika.conversions.support.TestWebhook;
import metrika.simulator.Fault;
import metrika.simulator.Operation;
import metrika.simulator.Point;
import metrika.simulator.Simulator;
import metrika.simulator.SimulatorSettings;

import static metrika.conversions.support.Samples.conversion;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** What {@code /observe/metrics} shows is what {@code docs/operations.md} explains, and counts what happened. */
class MetricsIT {

    private static final Pattern ROW = Pattern.compile("(?m)^\\| `([a-z_]+)` \\|");
    /** What libraries show, each under a prefix of its own. */
    private static final Pattern OF_LIBRARIES = Pattern.compile("(camel|jvm|process|system|hikaricp)_.*");
    /** What a timer or a histogram shows beside its sum. */
    private static final Pattern PART = Pattern.compile("_(bucket|count|sum|max)$");

    /** The webhook of the files, which is not there at first. */
    private static final String OF_FILES = "00000000-0000-4000-8000-000000000001";

    private static final String SOME_OF_EACH = """
        with webhook as (select id from webhook limit 1), told as (
          insert into event (type, data) values ('incident.opened', '{}') returning id
        ), waiting as (
          insert into event_delivery (event_id, channel) select id, 'mail' from told
        ), given_up as (
          insert into event_delivery (event_id, channel, state, next_attempt_at) select id, 'telegram', 'given_up', null from told
        ), pulled as (
          insert into source_cursor (source, format, position, pulled_at) values ('crm', 'text', '', now())
        )
        insert into tally_change (webhook_id, hour, source, outcome, code, quantity)
        select id, now(), '', 'failed', 'http_400', 2 from webhook
        """;

    private static Set<String> documented(String page) throws IOException {
        var text = Files.readString(Path.of(page));
        var section = text.substring(text.indexOf("| --- | --- | --- | --- |"));
        return ROW.matcher(section.substring(0, section.indexOf("\n\n")))
                .results()
                .map(row -> row.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> shown(Product product) {
        return product.observe("metrics")
                .lines()
                .filter(line -> !line.startsWith("#"))
                .map(line -> PART.matcher(line.replaceFirst("[ {].*", "")).replaceFirst(""))
                .filter(name -> !OF_LIBRARIES.matcher(name).matches())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void eachIsExplainedAndEachThatIsExplainedIsShown(@TempDir Path folder) throws IOException {
        var database = TestDatabase.create();
        Files.writeString(
                folder.resolve("of-nobody.csv"), """
            client_id,target,date_time
            1.1,purchase,%s
            """.formatted(Instant.now().truncatedTo(ChronoUnit.SECONDS)));
        try (var metrika = Shared.metrika("metrics");
                var product = Product.on(database, metrika.url())
                        .with("inbound.form.enabled", true)
                        .with("inbound.cloudpayments.enabled", true)
                        .with("inbound.cloudpayments.secret", "sesame")
                        .with("inbound.folder-drop.enabled", true)
                        .with("inbound.folder-drop.webhook", OF_FILES)
                        .with("inbound.folder-drop.directory", folder)
                        .with("inbound.folder-drop.delay", "1s")
                        .with("inbound.folder-drop.min-age", "1s")
                        .start()) {
            var webhook = product.webhook(1);
            webhook.batch("{\"client_id\": \"1.1\", \"target\": \"purchase\", \"date_time\": \"%s\"}"
                    .formatted(Instant.now().truncatedTo(ChronoUnit.SECONDS)));
            var again = "{\"conversions\": [{\"client_id\": \"1.1\", \"target\": \"call\", \"date_time\": \"%s\"}]}"
                    .formatted(Instant.now().truncatedTo(ChronoUnit.SECONDS));
            assertThat(webhook.send(again, "key").body())
                    .isEqualTo(webhook.send(again, "key").body());
            assertThat(webhook.send("{\"conversions\": [{\"target\": \"purchase\"}]}")
                            .status())
                    .isEqualTo(400);
            database.update(SOME_OF_EACH);
            var explained = documented("docs/operations.md");
            await().pollInterval(Duration.ofMillis(500))
                    .untilAsserted(() ->
                            assertThat(product.metric("conversions_completed")).isEqualTo(2));
            product.send(product.request("/inbound/form/" + webhook.id() + "?secret=" + webhook.secret())
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .POST(HttpRequest.BodyPublishers.ofString("purchase_id=12C&target=lead"))); // of nobody: left out
            product.send(product.request("/inbound/cloudpayments/" + webhook.id() + "?secret=" + webhook.secret())
                    .header("Content-Type", "application/json")
                    .header("Content-HMAC", "Zm9yZ2Vk")
                    .POST(HttpRequest.BodyPublishers.ofString("{}")));
            assertThat(product.observe("metrics"))
                    .contains("source_signatures_refused_total{source=\"cloudpayments\"} 1.0");
            assertThat(product.log())
                    .contains(
                            "in-cloudpayments: 1 request was refused with 403", "the key, inbound.cloudpayments.secret")
                    .doesNotContain("sesame");
            assertThat(product.metric("conversions_received_total")).isEqualTo(3);
            assertThat(product.metric("conversions_duplicate_total")).isEqualTo(1);
            assertThat(product.metric("conversions_refused_total")).isEqualTo(1);
            assertThat(product.metric("conversions_sent_total")).isEqualTo(2);
            assertThat(product.metric("uploads_total"))
                    .as("uploaded and completed, of one or two files")
                    .isIn(2.0, 4.0);
            assertThat(product.observe("metrics"))
                    .contains("conversions_received_total{source=\"api\"} 3.0")
                    .contains("metrika_calls_seconds_count{operation=\"post-upload\",status=\"200\"} ")
                    .containsPattern(
                            "http_requests_seconds_count\\{method=\"POST\",path=\"[^\"]*webhook_id\",status=\"400\"} 1");

            await().untilAsserted(() -> assertThat(product.observe("metrics"))
                    .as("the file cannot be stored: its webhook is not there")
                    .contains("source_errors_total{code=\"http_404\",source=\"folder-drop\"} "));
            database.update(
                    "update webhook set id = ?::uuid where id = ?::uuid",
                    OF_FILES,
                    product.webhook(2).id());
            await().untilAsserted(() -> assertThat(product.observe("metrics"))
                    .contains("source_files_total{outcome=\"done\",source=\"folder-drop\"} 1.0"));
            await().pollInterval(Duration.ofMillis(500))
                    .untilAsserted(() -> assertThat(shown(product)).isEqualTo(explained));
            assertThat(documented("docs/ru/operations.md")).isEqualTo(explained);
            assertThat(product.observe("metrics").lines().filter(line -> line.startsWith("# HELP ")))
                    .filteredOn(line -> explained.contains(line.split(" ")[2]))
                    .as("each has a help")
                    .allMatch(line -> line.split(" ").length > 4);
            assertThat(product.observe("metrics").lines())
                    .as("a source goes by one name in all of them")
                    .noneMatch(line -> line.contains("source=\"in-"));
        }
    }

    /** A bad day in a minute: what the metrics say of it is what Metrika and the senders have seen. */
    @Test
    void eachCounterIsWhatMetrikaAndTheSendersHaveCounted() {
        var settings = SimulatorSettings.defaults()
                .withDirectory(Path.of("target", "simulators", "day-" + System.nanoTime()))
                .withStep(Duration.ZERO)
                .withAgeLimit(Duration.ofDays(10))
                .withGoals("purchase");
        try (var metrika = new Simulator(settings).start();
                var product = Product.on(TestDatabase.create(), metrika.url()).start()) {
            metrika.fault(Fault.error(400, "invalid_parameter", "No")
                    .on(Operation.UPLOAD)
                    .counter(2));
            metrika.fault(
                    Fault.error(503, "backend_error", "Oh").on(Operation.UPLOAD).counter(3));
            metrika.fault(Fault.close(Point.BEFORE_ANSWER).on(Operation.UPLOAD).counter(4));
            metrika.fault(Fault.error(429, "quota_requests_by_ip", "Slower")
                    .on(Operation.UPLOAD)
                    .counter(5));
            metrika.fault(
                    Fault.error(500, "backend_error", "Oh").on(Operation.LIST).counter(6));
            metrika.fault(Fault.close(Point.BEFORE_BODY).on(Operation.LIST).counter(7));
            var old = Instant.now()
                    .minus(15, ChronoUnit.DAYS)
                    .truncatedTo(ChronoUnit.SECONDS)
                    .toString();
            var batches = new LinkedHashMap<String, TestWebhook>();
            var refused = new TestWebhook[1];
            for (int counter = 1; counter <= 7; counter++) {
                var webhook = product.webhook(counter);
                if (counter == 2) {
                    refused[0] = webhook;
                }
                var body = "{\"conversions\": [%s, %s, %s]}"
                        .formatted(
                                conversion("purchase_id", "a" + counter),
                                conversion("purchase_id", "b" + counter, "date_time", old),
                                conversion("purchase_id", "c" + counter, "target", "no-goal"));
                batches.put(webhook.send(body, "key").text("batch_id"), webhook);
                assertThat(webhook.send(body, "key").status()).isEqualTo(200);
                assertThat(webhook.send("{\"conversions\": [{\"target\": \"purchase\"}]}")
                                .status())
                        .isEqualTo(400);
            }
            batches.forEach(
                    (batch, webhook) -> webhook.awaitStatus(batch, webhook == refused[0] ? "error" : "completed"));
            await().pollInterval(Duration.ofMillis(500)).untilAsserted(() -> {
                Accounts.assertCallsCounted(product, metrika);
                Accounts.assertLinked(product, metrika);
                assertThat(metrika.uploads()).hasSize(6);
                var sums = Map.of(
                        "conversions_received_total", 42.0,
                        "conversions_duplicate_total", 21.0,
                        "conversions_accepted_total", 21.0,
                        "conversions_refused_total", 7.0,
                        "conversions_sent_total", 18.0,
                        "conversions_completed", 18.0,
                        "conversions_error", 3.0,
                        "conversions_waiting", 0.0,
                        "conversions_in_flight", 0.0);
                sums.forEach((metric, number) ->
                        assertThat(product.metric(metric)).as(metric).isEqualTo(number));
                assertThat(product.observe("metrics"))
                        .contains("conversions_failed_total{code=\"invalid_parameter\"} 3.0")
                        .contains("uploads_total{outcome=\"uploaded\"} 6.0")
                        .contains("uploads_total{outcome=\"completed\"} 6.0")
                        .contains("uploads_total{outcome=\"error\"} 1.0");
            });
            assertThat(metrika.callCounters().get(Operation.UPLOAD)).containsKeys(0, 200, 400, 429, 503);
            assertThat(product.metric("conversions_unlinked_total")).isPositive();
            Accounts.assertBalanced(product);
        }
    }

    @Test
    void eachThatIsDescribedIsExplained() throws IOException {
        var explained = documented("docs/operations.md");
        assertThat(ResourceBundle.getBundle("metric-descriptions").keySet())
                .allMatch(name -> explained.stream().anyMatch(each -> each.startsWith(name.replace('.', '_'))))
                .hasSameSizeAs(explained);
    }
}
