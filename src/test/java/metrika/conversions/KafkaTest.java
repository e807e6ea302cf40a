package metrika.conversions;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import metrika.conversions.support.KafkaBroker;
import metrika.conversions.support.Product;
import metrika.conversions.support.Samples;
import metrika.conversions.support.Shared;
import metrika.conversions.support.TestDatabase;
import metrika.conversions.support.TestWebhook;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Messages of a real Kafka: each stored once, or in the dead-letter topic, whatever dies or is away on the way. */
class KafkaTest {

    private static final String TOPIC = "conversions";
    private static final String REFUSED = "conversions.refused";
    private static final String GROUP = "our-group";
    private static final int PARTITIONS = 3;
    private static final String WEBHOOK = UUID.randomUUID().toString();
    private static final String QUIET = "0 0 0 1 1 ? 2099";

    @TempDir
    private static Path directory;
    private static KafkaBroker kafka;
    private static final TestDatabase database = TestDatabase.create();
    private static Product.Builder builder;
    private static Product product;

    @BeforeAll
    static void start() throws Exception {
        kafka = new KafkaBroker(directory);
        kafka.topic(TOPIC, PARTITIONS);
        kafka.topic(REFUSED, 1);
        builder = Product.on(database, Shared.METRIKA.url()).with("upload.schedule", QUIET)
                .with("inbound.kafka.enabled", true)
                .with("inbound.kafka.webhook", WEBHOOK)
                .with("inbound.kafka.brokers", kafka.address())
                .with("inbound.kafka.topic", TOPIC)
                .with("inbound.kafka.group", GROUP)
                .with("inbound.kafka.consumers", 2)
                .with("limits.requests-per-minute", 1)
                .with("inbound.kafka.dead-letter-topic", REFUSED)
                .with("camel.component.kafka.sessionTimeoutMs", 3000)
                .with("camel.component.kafka.heartbeatIntervalMs", 500)
                .with("inbound.kafka.columns", "purchase_id=order.number");
        product = builder.start();
        // The first message comes before there is the webhook that it is for: that is no fault of the message.
        kafka.send(TOPIC, 1, "early", conversion("early"));
        await().atMost(Duration.ofSeconds(60)).until(() -> product.log().contains("There is no webhook '" + WEBHOOK + "'"));
        assertThat(kafka.messages(REFUSED)).isEmpty();
        database.update("update webhook set id = ?::uuid where id = ?::uuid", WEBHOOK, product.webhook(1).id());
        awaitDone();
        assertThat(stored("early")).isEqualTo(1);
    }

    @AfterAll
    static void stop() {
        product.close();
        kafka.close();
    }

    private static String conversion(String name) {
        return Samples.conversion("client_id", name, "order", Map.of("number", "of-" + name));
    }

    private static long stored(String prefix) {
        return database.value("select count(*) from conversion where client_id like ?", prefix + "%");
    }

    /** Waits until the group has no message left: the offsets are committed after what they stand for is done. */
    private static void awaitDone() {
        await().atMost(Duration.ofSeconds(60)).pollInterval(Duration.ofMillis(200)).until(() -> {
            assertThat(product.process().isAlive()).as(product.log()).isTrue();
            return kafka.lag(TOPIC, PARTITIONS, GROUP) == 0;
        });
    }

    private static List<ConsumerRecord<byte[], byte[]>> refused(String prefix) {
        return kafka.messages(REFUSED).stream()
                .filter(message -> new String(message.key(), StandardCharsets.UTF_8).startsWith(prefix)).toList();
    }

    private static String text(byte[] bytes) {
        return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
    }

    @Test
    void requestsAndConversionsAreStoredAndTheOthersRefusedWithTheReason() throws Exception {
        kafka.send(TOPIC, 0, "good-1", "{\"conversions\": [" + conversion("good-1") + "," + conversion("good-2") + "]}");
        var mixed = "{\"conversions\": [" + conversion("good-never") + "," + Samples.conversion("client_id", "good-never", "target", "") + "]}";
        kafka.send(TOPIC, 0, "bad-1", mixed);
        kafka.send(TOPIC, 0, "bad-2", "{\"client_id\": \"1\"");
        kafka.send(TOPIC, 1, "bad-3", null);
        kafka.send(TOPIC, 1, "bad-4", "");
        kafka.send(TOPIC, 1, "bad-5", "{\"conversions\": []}");
        kafka.send(TOPIC, 0, "good-3", conversion("good-3"));
        kafka.send(TOPIC, 1, "good-4", conversion("good-4"));
        awaitDone();
        assertThat(stored("good-")).isEqualTo(4);
        assertThat(database.<String>value("select purchase_id from conversion where client_id = 'good-4'")).isEqualTo("of-good-4");
        var refused = refused("bad-");
        assertThat(refused).hasSize(5).allSatisfy(message -> {
            assertThat(text(message.headers().lastHeader("problem").value())).contains("\"status\":400");
            assertThat(text(message.headers().lastHeader("source").value())).matches(TOPIC + ":[01]:[0-9]+");
        });
        assertThat(refused).filteredOn(message -> text(message.key()).equals("bad-1")).first().satisfies(message -> {
            assertThat(text(message.value())).as("as it came").isEqualTo(mixed);
            assertThat(text(message.headers().lastHeader("problem").value()))
                    .contains("1 of 2 conversions is invalid", "\"index\":1,\"field\":\"target\"");
        });
        assertThat(refused).filteredOn(message -> text(message.key()).equals("bad-3")).first()
                .satisfies(message -> assertThat(message.value()).isNull());
    }

    @Test
    void messagesWaitForAWebhookThatIsSwitchedOff() throws Exception {
        database.update("update webhook set is_active = false, version = version + 1 where id = ?::uuid", WEBHOOK);
        kafka.send(TOPIC, 0, "off-1", conversion("off-1"));
        await().until(() -> product.log().contains("in-kafka is tried again: This webhook is disabled"));
        assertThat(kafka.lag(TOPIC, PARTITIONS, GROUP)).isEqualTo(1);
        database.update("update webhook set is_active = true, version = version + 1 where id = ?::uuid", WEBHOOK);
        awaitDone();
        assertThat(stored("off-")).isEqualTo(1);
        assertThat(refused("off-")).isEmpty();
        assertThat(product.log()).as("one line, without a stack").doesNotContain("\tat ");
    }

    @Test
    @Tag("slow")
    void messagesWaitForTheDatabaseAsLongAsItTakes() throws Exception {
        var name = database.<String>value("select current_database()");
        var other = TestDatabase.create();
        var said = product.log().length();
        other.update("alter database " + name + " allow_connections false");
        try {
            other.query("select pg_terminate_backend(pid) from pg_stat_activity where datname = ?", name);
            for (int i = 0; i < 300; i++) {
                kafka.send(TOPIC, i % PARTITIONS, "away-" + i, conversion("away-" + i));
            }
            // The fourth line is of another reading of the topic: the tries in between take seven seconds.
            await().atMost(Duration.ofMinutes(2)).until(() -> product.log().substring(said).split("in-kafka is tried again: ", -1).length > 4);
            assertThat(product.log().substring(said)).contains("is not currently accepting connections");
            assertThat(kafka.lag(TOPIC, PARTITIONS, GROUP)).isEqualTo(300);
        } finally {
            other.update("alter database " + name + " allow_connections true");
        }
        awaitDone();
        assertThat(stored("away-")).isEqualTo(300);
        assertThat(database.<Long>value("select count(distinct client_id) from conversion where client_id like 'away-%'")).isEqualTo(300);
        assertThat(refused("away-")).isEmpty();
    }

    @Test
    @Tag("slow")
    void refusedMessagesWaitForTheTopicThatTheyGoTo() throws Exception {
        kafka.topic("late", 1);
        var webhook = Shared.PRODUCT.webhook(721);
        try (var late = burst("late", webhook).start()) {
            kafka.send("late", 0, "late-bad", "poison");
            kafka.send("late", 0, "late-good", Samples.conversion("client_id", "late-good"));
            await().until(() -> late.log().contains("refuse-message is tried again: ") || late.log().contains("Topic late.refused not present"));
            assertThat(late.log()).contains("Topic late.refused not present in metadata");
            assertThat(kafka.lag("late", 1, "late")).isEqualTo(2);
            kafka.topic("late.refused", 1);
            await().until(() -> kafka.lag("late", 1, "late") == 0);
            assertThat(kafka.messages("late.refused")).extracting(message -> text(message.key())).containsOnly("late-bad");
            assertThat(count(webhook)).isEqualTo(1);
        }
    }

    @Test
    @Tag("slow")
    void aBurstIsDrainedInLittleMemory() throws Exception {
        var messages = 50_000;
        var webhook = Shared.PRODUCT.webhook(722);
        kafka.topic("burst", PARTITIONS);
        kafka.topic("burst.refused", 1);
        for (int i = 0; i < messages; i++) {
            kafka.append("burst", i % PARTITIONS, "burst-" + i, Samples.conversion("client_id", "burst-" + i));
        }
        // And some that are as large as a broker lets them be, of many more conversions.
        var large = "{\"conversions\": [" + (Samples.conversion("client_id", "large", "note", "x".repeat(700)) + ",").repeat(999)
                + Samples.conversion("client_id", "large") + "]}";
        for (int i = 0; i < 100; i++) {
            kafka.append("burst", i % PARTITIONS, "large-" + i, large);
        }
        kafka.lag("burst", PARTITIONS, "burst");
        var started = System.nanoTime();
        try (var drained = burst("burst", webhook).java("-Xmx192m").start()) {
            await().atMost(Duration.ofMinutes(5)).until(() -> count(webhook) >= messages);
            System.out.printf("%d conversions in %d messages were drained in %.1f s from the start of the process%n", count(webhook),
                    messages, (System.nanoTime() - started) / 1e9);
            await().atMost(Duration.ofMinutes(5)).until(() -> kafka.lag("burst", PARTITIONS, "burst") == 0);
            System.out.printf("with 100 messages of 1000 conversions: %.1f s%n", (System.nanoTime() - started) / 1e9);
            assertThat(count(webhook)).isEqualTo(messages + 100_000);
            assertThat(drained.log()).doesNotContain("OutOfMemory", "is tried again");
        }
        assertThat(Shared.DATABASE.<Long>value("select count(distinct client_id) from conversion c join batch b on b.id = c.batch_id "
                + "where b.webhook_id = ?::uuid", webhook.id())).isEqualTo(messages + 1);
    }

    private static Product.Builder burst(String topic, TestWebhook webhook) {
        return Product.on(Shared.DATABASE, Shared.METRIKA.url()).with("upload.schedule", QUIET)
                .with("inbound.kafka.enabled", true)
                .with("inbound.kafka.webhook", webhook.id())
                .with("inbound.kafka.brokers", kafka.address())
                .with("inbound.kafka.topic", topic)
                .with("inbound.kafka.group", topic)
                .with("inbound.kafka.dead-letter-topic", topic + ".refused");
    }

    private static long count(TestWebhook webhook) {
        return Shared.DATABASE.value("select coalesce(sum(total), 0)::bigint from batch where webhook_id = ?::uuid", webhook.id());
    }

    @Test
    @Tag("crash")
    void aKillBetweenTheStoreAndTheOffsetLosesAndDoublesNothing() throws Exception {
        database.update("""
                create function hold_message() returns trigger language plpgsql as $$ begin
                  perform pg_advisory_xact_lock(4711) where new.total = 7; return new; end $$""");
        database.update("create trigger hold_message before insert on batch for each row execute function hold_message()");
        try (var connection = DriverManager.getConnection(database.url()); var lock = connection.createStatement()) {
            lock.execute("select pg_advisory_lock(4711)");
            for (int i = 0; i < 300; i++) {
                kafka.send(TOPIC, i % PARTITIONS, "kill-" + i, i % 50 == 49 ? "poison" : conversion("kill-" + i));
                if (i == 150) {
                    kafka.send(TOPIC, 0, "kill-seven", "{\"conversions\": [" + (conversion("seven") + ",").repeat(6) + conversion("seven") + "]}");
                }
            }
            await().atMost(Duration.ofSeconds(60)).until(() ->
                    !database.query("select from pg_locks where locktype = 'advisory' and not granted").isEmpty());
            product.kill();
        }
        // Its statement goes on without it, and commits: the message is stored, and its offset is not committed.
        await().atMost(Duration.ofSeconds(30)).until(() -> stored("seven") == 7);
        assertThat(kafka.lag(TOPIC, PARTITIONS, GROUP)).isPositive();
        product = builder.start();
        awaitDone();
        assertThat(stored("seven")).isEqualTo(7);
        assertThat(stored("kill-")).isEqualTo(294);
        assertThat(database.<Long>value("select count(distinct client_id) from conversion where client_id like 'kill-%'")).isEqualTo(294);
        assertThat(database.<Integer>value("select max(repeated) from batch")).as("messages came again").isPositive();
        assertThat(refused("kill-").stream().map(message -> text(message.key())).distinct().sorted().toList())
                .containsExactly("kill-149", "kill-199", "kill-249", "kill-299", "kill-49", "kill-99");
    }
}
