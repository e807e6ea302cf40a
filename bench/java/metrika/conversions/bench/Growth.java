package metrika.conversions.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import metrika.conversions.support.Product;
import metrika.conversions.support.RestartableServer;
import metrika.conversions.support.TestDatabase;
import metrika.conversions.support.TestWebhook;

/**
 * F: the same work with ever more conversions stored, each figure beside the one with the fewest; then a backlog over
 * all webhooks.
 */
final class Growth {

    private static final int BUSY = 10;

    private final int webhooks;
    private final double seconds;
    private final double warmUp;
    private final Figures figures;
    private final Map<String, Double> first = new HashMap<>();

    Growth(int webhooks, double seconds, double warmUp, Figures figures) {
        this.webhooks = webhooks;
        this.seconds = seconds;
        this.warmUp = warmUp;
        this.figures = figures;
    }

    /** @param scales conversions stored, ascending */
    void run(List<Long> scales, int backlog) throws Exception {
        try (var server = new RestartableServer().start();
                var metrika = new MetrikaSink();
                var product = Benchmark.product(server.database(), metrika.url())
                        .java("-Xmx128m")
                        .start()) {
            var senders = new ArrayList<TestWebhook>();
            for (int i = 0; i < webhooks; i++) {
                senders.add(product.webhook(1000 + i));
            }
            var stored = new Stored(server.database());
            // Else the first figures, which the others are held against, would be those of a JVM that still compiles
            requests(product, senders.get(0));
            Benchmark.until(() -> isIdle(server.database()));
            for (var scale : scales) {
                stored.completed(scale - stored.count());
                measure(scale, product, senders, stored, server.database(), metrika);
            }
            drain(backlog, senders, stored, server.database(), metrika);
        }
    }

    private void measure(
            long scale,
            Product product,
            List<TestWebhook> senders,
            Stored stored,
            TestDatabase database,
            MetrikaSink metrika)
            throws Exception {
        var sender = senders.get(0);
        var load = requests(product, sender);
        slower("requests of 1 conversion", scale, 1000 / load.requestsPerSecond(), "ms a request");
        Benchmark.until(() -> isIdle(database));

        var batch = sender.batch(Load.body(1).replaceAll("^.*\\[|\\].*$", ""));
        Benchmark.until(() -> isIdle(database));
        var asked = Load.get(
                product.port(),
                sender.path() + "/status?batch_id=" + batch,
                sender.secret(),
                Benchmark.CONNECTIONS,
                warmUp / 2,
                seconds);
        slower("status calls", scale, 1000 / asked.requestsPerSecond(), "ms a call");

        // Each is done three times, and the quickest counts: a tick is short, and this machine has other things to do
        var upload = Double.MAX_VALUE;
        var poll = Double.MAX_VALUE;
        for (int i = 0; i < 3; i++) {
            upload = Math.min(upload, upload(senders.subList(0, BUSY), 1000, stored, database, metrika));
            poll = Math.min(poll, poll(senders.subList(0, BUSY), stored, database, metrika));
        }
        slower("an upload tick, 10,000 waiting", scale, upload, "ms");
        slower("a poll tick, 100 files under way", scale, poll, "ms");
    }

    private Load requests(Product product, TestWebhook sender) throws IOException {
        return Load.post(
                product.port(), sender.path(), sender.secret(), Load.body(1), Benchmark.CONNECTIONS, warmUp, seconds);
    }

    private void slower(String what, long scale, double millis, String unit) {
        var name = "F: %s, %,d stored".formatted(what, scale);
        var least = first.putIfAbsent(what, millis);
        if (least == null) {
            figures.add(name, millis, unit);
        } else {
            figures.add(name, millis, unit, "the fewest stored", least);
        }
    }

    /** @return milliseconds from the first file planned to the last one received */
    private static double upload(
            List<TestWebhook> senders, int each, Stored stored, TestDatabase database, MetrikaSink metrika) {
        for (var sender : senders) {
            stored.waiting(UUID.fromString(sender.id()), each, Math.min(each, 1000), false);
        }
        var before = metrika.rows();
        var last = database.<Long>value("select coalesce(max(id), 0) from upload");
        stored.release();
        Benchmark.until(() -> metrika.rows() == before + (long) each * senders.size());
        var received = metrika.lastReceivedMillis();
        var planned = database.<Double>value(
                "select extract(epoch from min(created_at))::float8 * 1000 from upload where id > ?", last);
        Benchmark.until(() -> isIdle(database));
        return received - planned;
    }

    /** @return milliseconds from the first question to the last answer recorded */
    private static double poll(List<TestWebhook> senders, Stored stored, TestDatabase database, MetrikaSink metrika) {
        var last = database.<Long>value("select coalesce(max(id), 0) from upload");
        var id = System.currentTimeMillis() * 1000;
        for (int i = 0; i < 100; i++, id++) {
            var counter = 1000 + i % senders.size();
            stored.sent(UUID.fromString(senders.get(i % senders.size()).id()), counter, id);
            metrika.know(counter, id);
        }
        metrika.forget();
        stored.ask();
        Benchmark.until(() -> isIdle(database));
        return database.<Double>value(
                        "select extract(epoch from max(updated_at))::float8 * 1000 from upload where id > ?", last)
                - metrika.firstAskedMillis();
    }

    private void drain(int rows, List<TestWebhook> senders, Stored stored, TestDatabase database, MetrikaSink metrika) {
        var millis = upload(senders, rows / senders.size(), stored, database, metrika);
        figures.add(
                "F: a backlog of %,d over %d webhooks".formatted(rows, senders.size()),
                rows / (millis / 1000),
                "rows/s");
    }

    private static boolean isIdle(TestDatabase database) {
        return database.<Boolean>value("""
            select not exists (select from upload where state in ('planned', 'uploaded', 'processing'))
               and not exists (select from batch where upload_id is null)\
            """);
    }
}
