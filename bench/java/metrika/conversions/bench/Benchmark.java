package metrika.conversions.bench;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

import metrika.conversions.support.ClassArchive;
import metrika.conversions.support.Product;
import metrika.conversions.support.RestartableServer;
import metrika.conversions.support.TestDatabase;
import metrika.conversions.support.TestWebhook;

import static org.awaitility.Awaitility.await;

/**
 * What the product does on this machine, with the database, the load and a Metrika that only counts on it as well; each
 * figure beside the database's own limit, measured in the same run. {@code docs/performance.md} says what the letters
 * mean.
 */
final class Benchmark {

    /** Without the archive of its classes: a run lists those that it loads, to make the next archive of. */
    private static final Path JAR = Path.of("target", "metrika-conversions.jar").toAbsolutePath();

    static final int CONNECTIONS = 16;
    private static final int MANY_CONNECTIONS = 64;
    private static final int FIRST_SECONDS = 10;
    /** Of which the processor time is told. */
    private static final int MOST_THREADS = 6;

    private static final byte[] ASK = "GET /openapi.yaml HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
            .getBytes(StandardCharsets.US_ASCII);

    private final double seconds;
    private final double warmUp;
    private final Figures figures = new Figures();

    /**
     * @param seconds how long each load goes on
     * @param warmUp seconds of it before that are not measured: on two cores the JVM compiles for half a minute
     */
    Benchmark(double seconds, double warmUp) {
        this.seconds = seconds;
        this.warmUp = warmUp;
    }

    Figures figures() {
        return figures;
    }

    static Product.Builder product(TestDatabase database, String metrika) {
        var builder = Product.on(database, metrika);
        Stream.of(System.getProperty("product.java", "").split(" "))
                .filter(option -> !option.isBlank())
                .forEach(builder::java);
        return builder.jar(JAR)
                .with("limits.requests-per-minute", 1_000_000)
                .with("metrika.calls-at-once", 100)
                .with("metrika.calls-per-second", 10_000)
                .with("metrika.calls-per-day", 10_000_000)
                .java("-XX:TieredStopAtLevel=4")
                .java("-XX:-UseSerialGC");
    }

    static Product.Builder quiet(TestDatabase database, String metrika) {
        return product(database, metrika).with("upload.schedule", Product.NEVER).with("poll.schedule", Product.NEVER);
    }

    /** A: requests of one conversion. B: requests of a hundred and of a thousand. D: memory. */
    void intake(int heapMegabytes) throws Exception {
        try (var server = new RestartableServer().start();
                var metrika = new MetrikaSink();
                var product = quiet(server.database(), metrika.url())
                        .java("-Xmx" + heapMegabytes + "m")
                        .start()) {
            var webhook = product.webhook(1);
            var limits = new Limits(server.database().url(), UUID.fromString(webhook.id()));
            figures.add("D: resident, idle", resident(product), "MB");
            single(product, webhook, limits);
            many(product, webhook, limits, 100);
            many(product, webhook, limits, 1000);
            figures.add("D: resident, after A and B with -Xmx" + heapMegabytes + "m", resident(product), "MB");
        }
    }

    private void single(Product product, TestWebhook webhook, Limits limits) throws Exception {
        var first = Rounds.post(product, webhook, Load.body(1), CONNECTIONS, 0, FIRST_SECONDS);
        var rounds = single(product, webhook, limits, CONNECTIONS, "");
        figures.add(
                "A: in the first %d s after the start".formatted(FIRST_SECONDS),
                first.requestsPerSecond(),
                "requests/s",
                "when warm",
                rounds.product().requestsPerSecond());
        var each = rounds.perRequest(seconds);
        figures.add(
                "A: processor time of a request, product and PostgreSQL",
                each[0] + each[1],
                "ms",
                "PostgreSQL of a statement of the limit",
                rounds.perStatement(seconds));
        figures.add("A: of it PostgreSQL", each[1], "ms");
        rounds.perRequestByThread(seconds).stream()
                .limit(MOST_THREADS)
                .forEach(thread -> figures.add("A: of it " + thread.getKey(), thread.getValue(), "ms"));
        single(product, webhook, limits, MANY_CONNECTIONS, ", %d connections".formatted(MANY_CONNECTIONS));
    }

    private Rounds single(Product product, TestWebhook webhook, Limits limits, int connections, String suffix)
            throws Exception {
        var rounds = new Rounds(
                product,
                webhook,
                limits,
                1,
                connections,
                seconds,
                suffix.isEmpty() ? warmUp : 1,
                () -> limits.statements(connections, seconds / Rounds.COUNT));
        var load = rounds.product();
        figures.add(
                "A: requests of 1 conversion" + suffix,
                load.requestsPerSecond(),
                "requests/s",
                Limits.hasPgbench() ? "pgbench" : "JDBC",
                rounds.limit());
        figures.add("A: median" + suffix, load.medianMicros() / 1000.0, "ms");
        figures.add(
                "A: 99th percentile" + suffix,
                load.p99Micros() / 1000.0,
                "ms",
                "the median",
                load.medianMicros() / 1000.0);
        if (rounds.hasPeer()) {
            figures.add(
                    "A: the same, beside Fastify" + suffix,
                    load.requestsPerSecond(),
                    "requests/s",
                    "Fastify",
                    rounds.peer().requestsPerSecond());
        }
        return rounds;
    }

    private void many(Product product, TestWebhook webhook, Limits limits, int conversions) throws Exception {
        var rounds = new Rounds(
                product,
                webhook,
                limits,
                conversions,
                CONNECTIONS,
                seconds,
                warmUp,
                () -> limits.copyIn(seconds / Rounds.COUNT));
        var rate = rounds.product().requestsPerSecond() * conversions;
        figures.add("B: requests of " + conversions, rate, "conversions/s", "COPY", rounds.limit());
        if (rounds.hasPeer()) {
            figures.add(
                    "B: the same, beside Fastify",
                    rate,
                    "conversions/s",
                    "Fastify",
                    rounds.peer().requestsPerSecond() * conversions);
        }
    }

    /** C: from rows that wait to the file received. */
    void upload(int rows, int heapMegabytes) throws Exception {
        try (var server = new RestartableServer().start();
                var metrika = new MetrikaSink()) {
            var database = server.database();
            try (var product = product(database, metrika.url())
                    .java("-Xmx" + heapMegabytes + "m")
                    .start()) {
                var webhook = product.webhook(1);
                var limits = new Limits(database.url(), UUID.fromString(webhook.id()));
                var stored = new Stored(database);
                for (var run : new String[] {"first files", "next files"}) {
                    stored.waiting(UUID.fromString(webhook.id()), rows, 1000, false);
                    database.update("vacuum analyze");
                    var limit = limits.copyOut();
                    var before = metrika.rows();
                    var lastUpload = database.<Long>value("select coalesce(max(id), 0) from upload");
                    stored.release();
                    until(() -> metrika.rows() == before + rows);
                    var planned = database.<Double>value(
                            "select extract(epoch from min(created_at))::float8 * 1000 from upload " + "where id > ?",
                            lastUpload);
                    figures.add(
                            "C: " + run,
                            rows / ((metrika.lastReceivedMillis() - planned) / 1000),
                            "rows/s",
                            "COPY TO",
                            limit);
                    until(() -> database.<Long>value("select count(*) from upload where state <> 'completed'") == 0);
                }
                figures.add("D: resident, after C with -Xmx" + heapMegabytes + "m", resident(product), "MB");
            }
        }
    }

    /** E: from the start of the process to its first answer, on a database that is there. */
    void start(int times) throws Exception {
        try (var server = new RestartableServer().start();
                var metrika = new MetrikaSink()) {
            var product = quiet(server.database(), metrika.url());
            product.start().close();
            figures.add("E: start to first answer, the best of " + times, bestStart(product, times), "s");
            product.java("-XX:SharedArchiveFile=" + ClassArchive.of(JAR));
            figures.add("E: the same with an archive of its classes", bestStart(product, times), "s");
            product.java("-XX:TieredStopAtLevel=1");
            figures.add("E: the same with that and without the second compiler", bestStart(product, times), "s");
        }
    }

    private static double bestStart(Product.Builder builder, int times) {
        var best = Double.MAX_VALUE;
        for (int i = 0; i < times; i++) {
            var started = System.nanoTime();
            try (var product = builder.launch()) {
                until(() -> answers(product));
                best = Math.min(best, (System.nanoTime() - started) / 1e9);
            }
        }
        return best;
    }

    /** Asks with a bare connection, as one that shares two cores with the start. */
    private static boolean answers(Product product) {
        try (var socket = new Socket("127.0.0.1", product.port())) {
            socket.getOutputStream().write(ASK);
            return new String(socket.getInputStream().readNBytes(12), StandardCharsets.US_ASCII).equals("HTTP/1.1 200");
        } catch (IOException e) {
            if (!product.process().isAlive()) {
                throw new IllegalStateException("the product did not start:\n" + product.log());
            }
            return false; // it does not listen yet
        }
    }

    static void until(BooleanSupplier condition) {
        await().atMost(Duration.ofMinutes(20))
                .pollInterval(Duration.ofMillis(25))
                .until(condition::getAsBoolean);
    }

    /** Megabytes of a process that are in memory; where the system does not tell, 0. */
    private static double resident(Product product) throws IOException {
        var status = Path.of("/proc", String.valueOf(product.process().pid()), "status");
        if (!Files.isReadable(status)) {
            return 0;
        }
        return Files.readAllLines(status).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToDouble(line -> Double.parseDouble(line.replaceAll("[^0-9]", "")) / 1024)
                .sum();
    }
}
