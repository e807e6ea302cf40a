package metrika.conversions.sources;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

import org.apache.camel.component.paho.mqtt5.PahoMqtt5Component;
import org.eclipse.paho.mqttv5.client.MqttClient;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import metrika.conversions.auth.StoredWebhook;
import metrika.conversions.support.MqttBroker;
import metrika.conversions.support.PageBlocks;
import metrika.conversions.support.Product;
import metrika.conversions.support.Shared;
import metrika.conversions.support.TestDatabase;
import metrika.conversions.support.TestWebhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** The source of docs/sources/queue.md as it stands, with its component in ext/, and a real broker. */
@Execution(ExecutionMode.SAME_THREAD) // one source for all
class QueueSourceIT {

    private static final String TOPIC = "tills/sales";
    private static final int AWAY = Product.freePort();
    private static final TestDatabase DATABASE = TestDatabase.create();
    private static final String NAME = DATABASE.value("select current_database()::text");
    private static final TestDatabase OTHER = TestDatabase.create();

    @TempDir
    private static Path folder;

    private static MqttBroker broker;
    private static TestWebhook webhook;
    private static Product product;

    private static String block(String language, String text) {
        return PageBlocks.with("docs/sources/queue.md", language, text);
    }

    private static void putIntoExt(Class<?> type) throws Exception {
        var jar = Path.of(jar(type));
        Files.copy(jar, Files.createDirectories(folder.resolve("ext")).resolve(jar.getFileName()));
    }

    private static URI jar(Class<?> type) throws URISyntaxException {
        return type.getProtectionDomain().getCodeSource().getLocation().toURI();
    }

    @BeforeAll
    static void start() throws Exception {
        Product.copyProject(folder);
        putIntoExt(PahoMqtt5Component.class);
        putIntoExt(MqttClient.class);
        var route = block("yaml", "id: in-tills");
        assertThat(route.lines().count()).isLessThanOrEqualTo(40);
        Files.writeString(folder.resolve("routes/sources/in-tills.camel.yaml"), route);
        Files.writeString(folder.resolve("routes/sources/in-drums.camel.yaml"), route.replace("tills", "drums"));
        Files.writeString(
                folder.resolve("application.properties"),
                "\n" + block("properties", "inbound.tills.enabled")
                        + block("properties", "inbound.tills.enabled").replace("tills", "drums"),
                StandardOpenOption.APPEND);
        broker = new MqttBroker(folder.resolve("broker"));
        webhook = StoredWebhook.ofDev(DATABASE, 741);
        product = builder().start();
    }

    private static Product.Builder builder() {
        return Product.idle(DATABASE, Shared.METRIKA.url())
                .in(folder)
                .with("inbound.tills.webhook", webhook.id())
                .with("inbound.tills.broker", broker.address())
                .with("inbound.drums.webhook", webhook.id())
                .with("inbound.drums.broker", "tcp://127.0.0.1:" + AWAY);
    }

    @AfterAll
    static void stop() throws Exception {
        product.close();
        broker.close();
    }

    private static String sale(String visitor, String number, String sum) {
        return ("{\"number\": \"%s\", \"state\": \"paid\", \"visitor\": {\"cid\": \"%s\"},"
                        + " \"at\": \"2025-07-01T12:34:56+03:00\", \"sum\": %s}")
                .formatted(number, visitor, sum);
    }

    private static long stored(String prefix) {
        return DATABASE.value("select count(*) from conversion where client_id like ?", prefix + "%");
    }

    private static String refused() {
        var answer = webhook.at(product).product().send(webhook.at(product).request("/refused?limit=100"));
        assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
        return answer.body();
    }

    private static void awaitAcknowledged() {
        await().until(() -> {
            assertThat(product.process().isAlive()).as(product.log()).isTrue();
            return broker.waiting() == 0;
        });
    }

    private static void block(boolean isAway) {
        OTHER.update("alter database %s allow_connections %s".formatted(NAME, !isAway));
        OTHER.query("select pg_terminate_backend(pid) from pg_stat_activity where datname = ?", NAME);
    }

    @Test
    void whatCanNeverBeStoredIsKeptAndToldAndTheOthersGoOn() throws Exception {
        broker.send(TOPIC, sale("mq-now-good", "A-1", "10.5"));
        await().until(() -> stored("mq-now-good") == 1);
        broker.send(TOPIC, sale("mq-now-good", "A-1", "10.5"));
        broker.send(TOPIC, sale("mq-now-good", "A-1", "99"));
        broker.send(TOPIC, "{\"number\": \"A-2");
        broker.send(TOPIC, "{\"number\": \"Öl\"}".getBytes(Charset.forName("windows-1251")));
        broker.send(TOPIC, "[" + sale("mq-now-mixed", "A-3", "1") + "," + sale("mq-now-bad", "A-4", "\"much\"") + "]");
        broker.send(TOPIC, sale("mq-now-good-2", "A-5", "5"));
        broker.send(TOPIC, sale("mq-now-new", "A-6", "5").replace("paid", "new"));
        awaitAcknowledged();
        assertThat(stored("mq-now-")).isEqualTo(3);
        assertThat(DATABASE.<String>value("select price::text from conversion where client_id = 'mq-now-good'"))
                .isEqualTo("10.5");
        assertThat(refused())
                .contains("A-4", "much", "A-2", "it came before with another time, price or other values", "99")
                .contains("\"source\" : \"tills\"")
                .doesNotContain("A-5", "A-6");
        assertThat(product.observe("metrics").lines())
                .filteredOn(line -> line.startsWith("conversions_left_out_total{") && line.contains("\"tills\""))
                // What another test left behind may be among them, or come twice: MQTT delivers at least once
                .anyMatch(line -> line.matches(".*unreadable.* [2-9]\\.0"))
                .anyMatch(line -> line.matches(".*invalid.* [2-9]\\.0"));
        assertThat(product.log().lines().filter(line -> line.contains("cannot be stored, the last for: ")))
                .singleElement()
                .asString()
                .contains(
                        "WARN",
                        "in-tills: 1 message for webhook " + webhook.id(),
                        webhook.path() + "/refused has",
                        "it cannot be read or mapped");
        assertThat(product.log()).doesNotContain("\tat ", "A-2");
    }

    @Test
    void whatOursIsAwayForWaitsUnacknowledgedAlsoForTheNextProcess() throws Exception {
        awaitAcknowledged();
        block(true);
        try {
            broker.send(TOPIC, sale("mq-away-1", "B-1", "1"));
            broker.send(TOPIC, "{\"number\": \"B-2");
            await().until(() -> product.log().contains("in-tills is tried again: ")
                    && product.log().contains("keep-message is tried again: "));
            assertThat(broker.waiting()).isEqualTo(2);
        } finally {
            block(false);
        }
        awaitAcknowledged();
        assertThat(stored("mq-away-")).isEqualTo(1);
        assertThat(refused()).containsPattern("B-2.{0,80}Line 1 of the message").doesNotContain("SQL");

        block(true);
        try {
            var before = product.log().length();
            broker.send(TOPIC, sale("mq-away-2", "B-3", "1"));
            broker.send(TOPIC, "{\"number\": \"B-4");
            await().until(() -> product.log().substring(before).contains("in-tills is tried again: ")
                    && product.log().substring(before).contains("keep-message is tried again: "));
            product.close();
            assertThat(broker.waiting()).isEqualTo(2);
        } finally {
            block(false);
        }
        product = builder().start();
        broker.drop("metrika-conversions"); // see "After a restart" of the page
        awaitAcknowledged();
        assertThat(stored("mq-away-")).isEqualTo(2);
        assertThat(refused()).contains("B-4");
    }

    @Test
    void aBrokerThatIsAwayIsNamedAndHealthHasTheLastReason() throws Exception {
        var told = "The source in-drums is not started, everything else is: routes/sources/in-drums.camel.yaml";
        assertThat(product.log().lines().filter(line -> line.contains(told)))
                .singleElement()
                .asString()
                .contains("Connection refused", " (tcp://127.0.0.1:" + AWAY + ")");
        assertThat(product.health()).contains("Connection refused", ":" + AWAY);
        try (var server = new ServerSocket(AWAY, 1, InetAddress.getLoopbackAddress())) {
            var hangingUp = new Thread(() -> {
                while (!server.isClosed()) {
                    try (var caller = server.accept()) {
                        caller.getOutputStream().flush();
                    } catch (IOException e) {
                        return; // it is over
                    }
                }
            });
            hangingUp.start();
            await().until(() -> !product.health().contains("Connection refused"));
            assertThat(product.health()).contains("in-drums is not started", ":" + AWAY);
        }
        assertThat(product.log().split("in-drums is not started", -1)).hasSize(2);
    }
}
