package metrika.conversions.support;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import kafka.tools.StorageTool;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Time;
import org.slf4j.LoggerFactory;

import static org.awaitility.Awaitility.await;

/** A real Kafka, broker and controller in one, with one producer. */
public final class KafkaBroker implements AutoCloseable {

    private final int port = Product.freePort();
    private final KafkaRaftServer server;
    private final KafkaProducer<byte[], byte[]> producer;

    /** @param directory for its logs and its settings */
    public KafkaBroker(Path directory) throws IOException {
        // Until it is set up, which another thread may be at, SLF4J gives loggers of its own.
        await().until(() -> LoggerFactory.getILoggerFactory() instanceof LoggerContext);
        for (var noisy : List.of("kafka", "state.change.logger")) {
            ((Logger) LoggerFactory.getLogger(noisy)).setLevel(Level.OFF);
        }
        var controller = Product.freePort();
        var settings = new Properties();
        settings.putAll(Map.of(
                "process.roles",
                "broker,controller",
                "node.id",
                "1",
                "controller.quorum.voters",
                "1@127.0.0.1:" + controller,
                "listeners",
                "PLAINTEXT://127.0.0.1:%d,CONTROLLER://127.0.0.1:%d".formatted(port, controller),
                "controller.listener.names",
                "CONTROLLER",
                "log.dirs",
                directory.resolve("kafka").toString(),
                "auto.create.topics.enable",
                "false",
                "offsets.topic.replication.factor",
                "1",
                "offsets.topic.num.partitions",
                "1",
                "group.min.session.timeout.ms",
                "1000"));
        settings.put("group.initial.rebalance.delay.ms", "0");
        var file = directory.resolve("server.properties");
        try (var writer = Files.newBufferedWriter(file)) {
            settings.store(writer, null);
        }
        var said = new ByteArrayOutputStream();
        var status = StorageTool.execute(
                new String[] {"format", "-t", Uuid.randomUuid().toString(), "-c", file.toString()},
                new PrintStream(said, true, StandardCharsets.UTF_8));
        if (status != 0) {
            throw new IllegalStateException(said.toString(StandardCharsets.UTF_8));
        }
        server = new KafkaRaftServer(KafkaConfig.fromProps(settings), Time.SYSTEM);
        server.startup();
        producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", address()), new ByteArraySerializer(), new ByteArraySerializer());
    }

    public String address() {
        return "127.0.0.1:" + port;
    }

    /** Makes a topic. */
    public void topic(String name, int partitions) throws ExecutionException, InterruptedException {
        try (var admin = admin()) {
            admin.createTopics(List.of(new NewTopic(name, partitions, (short) 1)))
                    .all()
                    .get();
        }
    }

    /** Has a message appended, some time after this returns. */
    public void append(String topic, int partition, String key, String value) {
        producer.send(new ProducerRecord<>(topic, partition, bytes(key), bytes(value)));
    }

    /** Appends a message, and returns when it is. */
    public void send(String topic, int partition, String key, String value)
            throws ExecutionException, InterruptedException {
        send(topic, partition, key, bytes(value));
    }

    /** The same, of what may be no text. */
    public void send(String topic, int partition, String key, byte[] value)
            throws ExecutionException, InterruptedException {
        producer.send(new ProducerRecord<>(topic, partition, bytes(key), value)).get();
    }

    /** How many messages of a topic a consumer group has not yet done with. */
    public long lag(String topic, int partitions, String group) throws ExecutionException, InterruptedException {
        try (var admin = admin();
                var consumer = consumer()) {
            var all = new ArrayList<TopicPartition>();
            for (int i = 0; i < partitions; i++) {
                all.add(new TopicPartition(topic, i));
            }
            var committed = admin.listConsumerGroupOffsets(group)
                    .partitionsToOffsetAndMetadata()
                    .get();
            return consumer.endOffsets(all).entrySet().stream()
                    .mapToLong(end -> end.getValue()
                            - (committed.get(end.getKey()) == null
                                    ? 0
                                    : committed.get(end.getKey()).offset()))
                    .sum();
        }
    }

    /** All messages of a topic of one partition. */
    public List<ConsumerRecord<byte[], byte[]>> messages(String topic) {
        try (var consumer = consumer()) {
            var partition = List.of(new TopicPartition(topic, 0));
            consumer.assign(partition);
            consumer.seekToBeginning(partition);
            var end = consumer.endOffsets(partition).get(partition.get(0));
            var messages = new ArrayList<ConsumerRecord<byte[], byte[]>>();
            while (messages.size() < end) {
                consumer.poll(Duration.ofSeconds(1)).forEach(messages::add);
            }
            return messages;
        }
    }

    @Override
    public void close() {
        producer.close();
        server.shutdown();
        server.awaitShutdown();
    }

    private Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", address()));
    }

    private KafkaConsumer<byte[], byte[]> consumer() {
        return new KafkaConsumer<>(
                Map.of("bootstrap.servers", address()), new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    private static byte[] bytes(String text) {
        return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
    }
}
