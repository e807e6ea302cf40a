package metrika.conversions.sources;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;

import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import metrika.conversions.support.KafkaBroker;
import metrika.conversions.support.Product;
import metrika.conversions.support.Samples;
import metrika.conversions.support.Shared;
import metrika.conversions.support.TestDatabase;
import metrika.conversions.support.TestWebhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Messages of a real Kafka: each stored once, or in the dead-letter topic, whatever dies or is away on the way. */
class KafkaSourceIT {

    private static final String TOPIC = "conversions";
    private static final int PARTITIONS = 3;

    @TempDir
    private static Path directory;

    private static KafkaBroker kafka;
    private static TestWebhook webhook;
    private static Product product;

    @BeforeAll
    static void start() throws Exception {
        kafka = new KafkaBroker(directory);
        webhook = Shared.PRODUCT.webhook(
                "{\"name\": \"kafka\", \"counter_id\": 701, \"token\": \"t701\", \"requests_per_minute\": 1}");
        kafka.topic(TOPIC, PARTITIONS);
        kafka.topic(TOPIC + ".refused", 1);
        product = builder(Shared.DATABASE, TOPIC, webhook.id())
                .with("inbound.kafka.consumers", 2)
                .with("inbound.kafka.columns", "purchase_id=order.number")
                .start();
    }

    private static Product.Builder builder(TestDatabase database, String topic, String webhook) {
        return Product.idle(database, Shared.METRIKA.url())
                .with("inbound.kafka.enabled", true)
                .with("inbound.kafka.webhook", webhook)
                .with("inbound.kafka.brokers", kafka.address())
                .with("inbound.kafka.topic", topic)
                .with("inbound.kafka.group", topic)
                .with("inbound.kafka.dead-letter-topic", topic + ".refused")
                .with("camel.component.kafka.sessionTimeoutMs", 3000)
                .with("camel.component.kafka.heartbeatIntervalMs", 500);
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

    private static String conversion(String name) {
        return Samples.conversion("client_id", name, "order", Map.of("number", "of-" + name));
    }

    private static long stored(TestDatabase database, String what, String prefix) {
        return database.value("select count(" + what + ") from conversion where client_id like ?", prefix + "%");
    }

    private static long stored(String prefix) {
        return stored(Shared.DATABASE, "*", prefix);
    }

    /** Waits until a group has no message left: the offsets are committed after what they stand for is done. */
    private static void awaitDone(Product product, String topic) {
        await().atMost(Duration.ofMinutes(3))
                .pollInterval(Duration.ofMillis(200))
                .until(() -> {
                    assertThat(product.process().isAlive()).as(product.log()).isTrue();
                    return kafka.lag(topic, PARTITIONS, topic) == 0;
                });
    }

    private static List<ConsumerRecord<byte[], byte[]>> refused(String topic, String prefix) {
        return kafka.messages(topic + ".refused").stream()
                .filter(message -> new String(message.key(), StandardCharsets.UTF_8).startsWith(prefix))
                .toList();
    }

    private static String text(byte[] bytes) {
        return bytes == null ? null : new String(bytes, StandardCharsets.UTF_8);
    }

    @Test
    void requestsAndConversionsAreStoredAndTheOthersRefusedWithTheReason() throws Exception {
        kafka.send(
                TOPIC,
                0,
                "good-1",
                "{\"conversions\": [" + conversion("kafka-good-1") + "," + conversion("kafka-good-2") + "]}");
        var mixed = "{\"conversions\": [" + conversion("kafka-good-never") + ","
                + Samples.conversion("client_id", "kafka-good-never", "target", "") + "]}";
        kafka.send(TOPIC, 0, "bad-1", mixed);
        kafka.send(TOPIC, 0, "bad-2", "{\"client_id\": \"1\"");
        kafka.send(TOPIC, 1, "bad-3", (String) null);
        kafka.send(TOPIC, 1, "bad-4", "");
        kafka.send(TOPIC, 1, "bad-5", "{\"conversions\": []}");
        // As large as a broker takes by default, and not made of one letter, since there is to be room for the reason
        var large = new Random(7)
                .ints(1_040_000, 'a', 'z')
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
        kafka.send(TOPIC, 2, "bad-6", large);
        kafka.send(TOPIC, 2, "bad-7", conversion("kafka-good-Öл").getBytes(Charset.forName("windows-1251")));
        kafka.send(TOPIC, 0, "good-3", conversion("kafka-good-3"));
        kafka.send(TOPIC, 1, "good-4", conversion("kafka-good-4"));
        awaitDone(product, TOPIC);
        assertThat(stored("kafka-good-")).isEqualTo(4);
        assertThat(Shared.DATABASE.<String>value("select purchase_id from conversion where client_id = 'kafka-good-4'"))
                .isEqualTo("of-kafka-good-4");
        var refused = refused(TOPIC, "bad-");
        assertThat(refused).hasSize(7).allSatisfy(message -> {
            assertThat(text(message.headers().lastHeader("problem").value())).contains("\"status\":400");
            assertThat(text(message.headers().lastHeader("source").value())).matches(TOPIC + ":[012]:[0-9]+");
        });
        assertThat(refused)
                .filteredOn(message -> text(message.key()).equals("bad-1"))
                .first()
                .satisfies(message -> {
                    assertThat(text(message.value())).as("as it came").isEqualTo(mixed);
                    assertThat(text(message.headers().lastHeader("problem").value()))
                            .contains("1 of 2 conversions is invalid", "\"index\":1,\"field\":\"target\"");
                });
        assertThat(refused)
                .filteredOn(message -> text(message.key()).equals("bad-3"))
                .first()
                .satisfies(message -> assertThat(message.value()).isNull());
        assertThat(refused)
                .filteredOn(message -> text(message.key()).equals("bad-6"))
                .first()
                .satisfies(message -> assertThat(text(message.value())).isEqualTo(large));
        assertThat(refused)
                .filteredOn(message -> text(message.key()).equals("bad-7"))
                .first()
                .satisfies(message -> assertThat(
                                text(message.headers().lastHeader("problem").value()))
                        .contains("not text in UTF-8"));
        assertThat(product.log()).contains("cannot be stored and was sent to " + TOPIC + ".refused");
    }

    @Test
    void messagesWaitForAWebhookThatIsSwitchedOff() throws Exception {
        Shared.PRODUCT.patch(TestWebhook.PATH + "/" + webhook.id(), "{\"is_active\": false}");
        try {
            kafka.send(TOPIC, 2, "off-1", conversion("kafka-off-1"));
            await().until(() -> product.log().contains("in-kafka is tried again: This webhook is disabled"));
            assertThat(kafka.lag(TOPIC, PARTITIONS, TOPIC)).isPositive();
        } finally {
            Shared.PRODUCT.patch(TestWebhook.PATH + "/" + webhook.id(), "{\"is_active\": true}");
        }
        awaitDone(product, TOPIC);
        assertThat(stored("kafka-off-")).isEqualTo(1);
        assertThat(refused(TOPIC, "off-")).isEmpty();
        assertThat(product.log()).as("a line, without a stack").doesNotContain("\tat org.apache.camel");
    }

    /** A product on a database of its own, with the webhook of its messages and their topics. */
    private static Product.Builder own(TestDatabase database, String topic) throws Exception {
        kafka.topic(topic, PARTITIONS);
        try (var first = Product.on(database, Shared.METRIKA.url()).start()) {
            return builder(database, topic, first.webhook(1).id());
        }
    }

    @Test
    @Tag("slow")
    void messagesWaitForTheDatabaseAsLongAsItTakes() throws Exception {
        var database = TestDatabase.create();
        var other = TestDatabase.create();
        var name = database.<String>value("select current_database()::text");
        kafka.topic("away.refused", 1);
        try (var waiting = own(database, "away").start()) {
            other.update("alter database " + name + " allow_connections false");
            try {
                other.query("select pg_terminate_backend(pid) from pg_stat_activity where datname = ?", name);
                for (int i = 0; i < 300; i++) {
                    kafka.send("away", i % PARTITIONS, "away-" + i, i % 100 == 99 ? "poison" : conversion("away-" + i));
                }
                // The tries of one reading take seven seconds and what the database is waited for; the fifth line is of
                // another.
                await().atMost(Duration.ofMinutes(3))
                        .until(() -> waiting.log().split("in-kafka is tried again: ", -1).length > 5);
                assertThat(waiting.log()).contains("is not currently accepting connections");
                assertThat(kafka.lag("away", PARTITIONS, "away")).isEqualTo(300);
            } finally {
                other.update("alter database " + name + " allow_connections true");
            }
            awaitDone(waiting, "away");
            assertThat(stored(database, "*", "away-")).isEqualTo(297);
            assertThat(stored(database, "distinct client_id", "away-")).isEqualTo(297);
            assertThat(refused("away", "away-").stream()
                            .map(message -> text(message.key()))
                            .distinct())
                    .hasSize(3);
        }
    }

    @Test
    @Tag("slow")
    void messagesWaitForAWebhookAndForTheTopicThatTheRefusedGoTo() throws Exception {
        kafka.topic("late", PARTITIONS);
        var database = TestDatabase.create();
        var id = UUID.randomUUID().toString();
        try (var late = builder(database, "late", id).start()) {
            kafka.send("late", 0, "late-bad", "poison");
            kafka.send("late", 0, "late-good", conversion("late-good"));
            await().until(() -> late.log().contains("in-kafka is tried again: There is no webhook '" + id + "'"));
            database.update(
                    "update webhook set id = ?::uuid where id = ?::uuid",
                    id,
                    late.webhook(1).id());
            await().until(() -> late.log().contains("Topic late.refused not present in metadata"));
            assertThat(kafka.lag("late", PARTITIONS, "late")).isEqualTo(2);
            kafka.topic("late.refused", 1);
            awaitDone(late, "late");
            assertThat(kafka.messages("late.refused"))
                    .extracting(message -> text(message.key()))
                    .containsOnly("late-bad");
            assertThat(stored(database, "*", "late-good")).isEqualTo(1);
        }
    }

    @Test
    @Tag("slow")
    void aBurstIsDrainedInLittleMemory() throws Exception {
        var database = TestDatabase.create();
        var messages = 50_000;
        kafka.topic("burst.refused", 1);
        var builder = own(database, "burst").with("inbound.kafka.consumers", 3).java("-Xmx192m");
        for (int i = 0; i < messages; i++) {
            kafka.append("burst", i % PARTITIONS, "burst-" + i, Samples.conversion("client_id", "burst-" + i));
        }
        // And some that are as large as a broker lets them be by default
        var large = "{\"conversions\": ["
                + (Samples.conversion("client_id", "large", "note", "x".repeat(700)) + ",").repeat(999)
                + Samples.conversion("client_id", "large") + "]}";
        for (int i = 0; i < 300; i++) {
            kafka.append("burst", i % PARTITIONS, "large-" + i, large);
        }
        var started = System.nanoTime();
        try (var drained = builder.start()) {
            var ready = System.nanoTime();
            await().atMost(Duration.ofMinutes(5)).until(() -> total(database) >= messages);
            var small = System.nanoTime();
            awaitDone(drained, "burst");
            System.out.printf(
                    "started in %.1f s; %d messages of one conversion drained in %.1f s; 300 of 1000 conversions in"
                            + " %.1f s more%n",
                    (ready - started) / 1e9, messages, (small - ready) / 1e9, (System.nanoTime() - small) / 1e9);
            assertThat(total(database)).isEqualTo(messages + 300_000);
            assertThat(drained.log()).doesNotContain("OutOfMemory", "is tried again");
        }
        assertThat(stored(database, "distinct client_id", "")).isEqualTo(messages + 1);
    }

    private static long total(TestDatabase database) {
        return database.value("select coalesce(sum(total), 0)::bigint from batch");
    }

    @Test
    @Tag("crash")
    void aKillBetweenTheStoreAndTheOffsetLosesAndDoublesNothing() throws Exception {
        var database = TestDatabase.create();
        kafka.topic("kill.refused", 1);
        var builder = own(database, "kill");
        database.update("""
            create function hold_message() returns trigger language plpgsql as $$ begin
              perform pg_advisory_xact_lock(4711) where new.total = 7; return new; end $$\
            """);
        database.update(
                "create trigger hold_message before insert on batch for each row execute function hold_message()");
        try (var connection = DriverManager.getConnection(database.url());
                var lock = connection.createStatement()) {
            lock.execute("select pg_advisory_lock(4711)");
            var killed = builder.start();
            for (int i = 0; i < 300; i++) {
                kafka.send("kill", i % PARTITIONS, "kill-" + i, i % 50 == 49 ? "poison" : conversion("kill-" + i));
                if (i == 150) {
                    kafka.send(
                            "kill",
                            0,
                            "kill-seven",
                            "{\"conversions\": [" + (conversion("seven") + ",").repeat(6) + conversion("seven") + "]}");
                }
            }
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> !database.query("select from pg_locks where locktype = 'advisory' and not granted")
                            .isEmpty());
            killed.kill();
        }
        // Its statement goes on without it, and commits: the message is stored, and its offset is not committed.
        await().atMost(Duration.ofSeconds(30)).until(() -> stored(database, "*", "seven") == 7);
        assertThat(kafka.lag("kill", PARTITIONS, "kill")).isPositive();
        try (var again = builder.start()) {
            awaitDone(again, "kill");
        }
        assertThat(stored(database, "*", "seven")).isEqualTo(7);
        assertThat(stored(database, "*", "kill-")).isEqualTo(294);
        assertThat(stored(database, "distinct client_id", "kill-")).isEqualTo(294);
        assertThat(database.<Integer>value("select max(repeated) from batch"))
                .as("messages came again")
                .isPositive();
        assertThat(refused("kill", "kill-").stream()
                        .map(message -> text(message.key()))
                        .distinct()
                        .sorted()
                        .toList())
                .containsExactly("kill-149", "kill-199", "kill-249", "kill-299", "kill-49", "kill-99");
    }
}
