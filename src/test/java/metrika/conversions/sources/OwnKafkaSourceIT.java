package metrika.conversions.sources;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import metrika.conversions.auth.StoredWebhook;
import metrika.conversions.support.KafkaBroker;
import metrika.conversions.support.PageBlocks;
import metrika.conversions.support.Product;
import metrika.conversions.support.Shared;
import metrika.conversions.support.TestDatabase;
import metrika.conversions.support.TestWebhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** The source of docs/sources/kafka.md that has a mapping of its own, as it stands, and others of its kind. */
@Execution(ExecutionMode.SAME_THREAD) // one product for all
class OwnKafkaSourceIT {

    private static final TestDatabase DATABASE = TestDatabase.create();

    @TempDir
    private static Path folder;

    private static KafkaBroker kafka;
    private static TestWebhook webhook;
    private static Product product;

    private static String block(String language, String text) {
        return PageBlocks.with("docs/sources/kafka.md", language, text);
    }

    @BeforeAll
    static void start() throws Exception {
        kafka = new KafkaBroker(Files.createDirectories(folder.resolve("broker")));
        kafka.topic("clinic.bookings", 1);
        kafka.topic("clinic.drums", 1);
        Product.copyProject(folder);
        var route = block("yaml", "id: in-bookings");
        assertThat(route.lines().count()).isLessThanOrEqualTo(25);
        var settings = block("properties", "inbound.bookings.enabled");
        Files.writeString(folder.resolve("routes/sources/in-bookings.camel.yaml"), route);
        // One that handles what fails by itself, which the kamelet has to bear
        Files.writeString(
                folder.resolve("routes/sources/in-drums.camel.yaml"),
                route.replace("bookings", "drums").replace("on-error-kafka", "on-error-queue"));
        // What would lose the rest of a poll
        Files.writeString(folder.resolve("routes/sources/in-lossy.camel.yaml"), """
                - route:
                    id: in-lossy
                    description: Takes messages, and loses some
                    routeConfigurationId: on-error-queue
                    from:
                      uri: kafka:clinic.bookings
                      parameters: {batching: true, maxPollRecords: 10, allowManualCommit: true}
                      steps:
                        - setVariable: {name: webhook, constant: x}
                        - split:
                            stopOnException: true
                            method: {ref: kafkaMessages, method: messages}
                            steps:
                              - to: direct:store-message
                        - bean: {ref: kafkaMessages, method: commit}
                """);
        Files.writeString(
                folder.resolve("application.properties"),
                "\n" + settings + settings.replace("bookings", "drums"),
                StandardOpenOption.APPEND);
        webhook = StoredWebhook.ofDev(DATABASE, 747);
        product = Product.idle(DATABASE, Shared.METRIKA.url())
                .in(folder)
                .with("inbound.kafka.brokers", kafka.address())
                .with("inbound.bookings.webhook", webhook.id())
                .with("inbound.drums.webhook", webhook.id())
                .with("camel.component.kafka.sessionTimeoutMs", 3000)
                .with("camel.component.kafka.heartbeatIntervalMs", 500)
                .start();
    }

    @AfterAll
    static void stop() {
        try {
            if (product != null) { // which may not have started
                product.close();
            }
        } finally {
            kafka.close(); // a broker whose folder is gone ends the whole process
        }
    }

    private static String visit(String visitor, int id, String state) {
        return ("{\"after\": {\"id\": %d, \"state\": \"%s\", \"at\": \"2025-07-01 11:15\", \"sum\": 999,"
                        + " \"ym\": {\"cid\": \"%s\"}}}")
                .formatted(id, state, visitor);
    }

    private static long stored(String prefix) {
        return DATABASE.value("select count(*) from conversion where client_id like ?", prefix + "%");
    }

    private static void awaitDone(String topic) {
        await().until(() -> {
            assertThat(product.process().isAlive()).as(product.log()).isTrue();
            return kafka.lag(topic, 1, "metrika-conversions") == 0;
        });
    }

    private static void isActive(boolean isActive) {
        product.patch(TestWebhook.PATH + "/" + webhook.id(), "{\"is_active\": %s}".formatted(isActive));
    }

    /** Sends messages while nothing can be stored, so that they come in one poll. */
    private static void poll(String topic, String source) throws Exception {
        isActive(false);
        try {
            kafka.send(topic, 0, "k", visit(source + "-1", 1, "visited"));
            await().until(() -> product.log().contains("in-" + source + " is tried again: This webhook is disabled"));
            kafka.send(topic, 0, "k", "{\"after\": BROKEN-" + source);
            kafka.send(topic, 0, "k", (byte[]) null);
            kafka.send(topic, 0, "k", "[]");
            kafka.send(topic, 0, null, "5");
            kafka.send(topic, 0, "k", visit(source + "-2", 2, "planned"));
            kafka.send(topic, 0, "k", visit(source + "-3", 3, "visited").replace("999", "\"much\""));
            kafka.send(topic, 0, "k", visit(source + "-4", 4, "visited"));
            kafka.send(topic, 0, "k", visit(source + "-4", 4, "visited"));
            assertThat(kafka.lag(topic, 1, "metrika-conversions")).isEqualTo(9);
        } finally {
            isActive(true);
        }
        awaitDone(topic);
        assertThat(stored(source)).as(product.log()).isEqualTo(2);
        var refused = webhook.at(product).product().send(webhook.at(product).request("/refused?limit=100"));
        assertThat(refused.body())
                .contains("BROKEN-" + source, "much", "\"source\" : \"" + source + "\"")
                .doesNotContain(source + "-4");
        assertThat(refused.body().split("BROKEN-" + source, -1)).as("kept once").hasSize(2);
    }

    @Test
    void aBadMessageInTheMiddleOfAPollIsKeptAndTheOthersAreStored() throws Exception {
        poll("clinic.bookings", "bookings");
        assertThat(product.log()).doesNotContain("\tat org.apache.camel");
    }

    @Test
    void soItIsWhereTheRouteHandlesFailuresItself() throws Exception {
        poll("clinic.drums", "drums");
    }

    @Test
    void aRouteThatWouldLoseTheRestOfAPollIsNotStarted() {
        assertThat(product.log().lines().filter(line -> line.contains("The source in-lossy is not started")))
                .singleElement()
                .asString()
                .contains("in-lossy.camel.yaml, line 6: the routeConfiguration on-error-queue handles what fails");
    }
}
