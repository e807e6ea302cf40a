import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Measures what a stranger can learn from the time of an answer, and what a flood of strangers costs the right sender.
 * Starts the product from target/ in the profile dev, on a database and on ports of its own; run from the project's
 * root after mvn package. See bench/answer-times and bench/wrong-secret-flood.
 */
public final class Bench {

    private static final String PATH = "/webhook/offline-conversions";

    private final int port;
    private String webhook;
    private String secret;

    private Bench(int port) {
        this.port = port;
    }

    public static void main(String[] arguments) throws Exception {
        var directory = Files.createTempDirectory("bench");
        var port = freePort();
        var builder = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-jar",
                        "target/metrika-conversions.jar")
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("log").toFile());
        builder.environment().put("HTTP_PORT", String.valueOf(port));
        builder.environment().put("MANAGEMENT_PORT", String.valueOf(freePort()));
        builder.environment().put("DATA_DIRECTORY", directory.resolve("data").toString());
        builder.environment()
                .put("SIMULATOR_DIRECTORY", directory.resolve("simulator").toString());
        builder.environment().put("LIMITS_REQUESTS_PER_MINUTE", "1000000");
        builder.environment().put("UPLOAD_SCHEDULE", "0 0 0 1 1 ? 2099");
        var product = builder.start();
        Runtime.getRuntime().addShutdownHook(new Thread(product::destroy));
        try {
            for (int i = 0; !Files.readString(directory.resolve("log")).contains("Ready: "); i++) {
                if (i > 600 || !product.isAlive()) {
                    throw new IllegalStateException(
                            "the product did not start:\n" + Files.readString(directory.resolve("log")));
                }
                Thread.sleep(100);
            }
            var bench = new Bench(port);
            bench.createWebhook();
            switch (arguments[0]) {
                case "answer-times" -> bench.answerTimes(2000);
                case "wrong-secret-flood" -> bench.flood(10_000, 100);
                default -> throw new IllegalArgumentException(arguments[0]);
            }
        } finally {
            product.destroy();
            product.waitFor();
            try (var files = Files.walk(directory)) {
                files.sorted(Comparator.reverseOrder())
                        .forEach(file -> file.toFile().delete());
            }
        }
    }

    /** A connection that is kept, and one request after the other on it. */
    private final class Caller implements AutoCloseable {

        private final Socket socket = new Socket();
        private final InputStream in;
        private final OutputStream out;

        Caller() throws IOException {
            socket.setTcpNoDelay(true);
            socket.connect(new InetSocketAddress("127.0.0.1", port));
            in = new BufferedInputStream(socket.getInputStream());
            out = socket.getOutputStream();
        }

        /** Sends a request and reads its answer; the answer's status, and its body in {@code into}. */
        int call(byte[] request, StringBuilder into) throws IOException {
            out.write(request);
            out.flush();
            var head = until("\r\n\r\n");
            var length = head.toLowerCase().replaceAll("(?s).*content-length: ([0-9]+)\r.*", "$1");
            if (length.length() < 10) {
                keep(in.readNBytes(Integer.parseInt(length)), into);
            } else {
                for (int size = chunk(); size > 0; size = chunk()) {
                    keep(in.readNBytes(size), into);
                    until("\r\n");
                }
                until("\r\n");
            }
            return Integer.parseInt(head.substring(9, 12));
        }

        private int chunk() throws IOException {
            return Integer.parseInt(until("\r\n").strip(), 16);
        }

        private String until(String end) throws IOException {
            var text = new StringBuilder();
            while (text.length() < end.length()
                    || !text.substring(text.length() - end.length()).equals(end)) {
                var next = in.read();
                if (next < 0) {
                    throw new IOException("the connection ended: " + text);
                }
                text.append((char) next);
            }
            return text.toString();
        }

        private static void keep(byte[] part, StringBuilder into) {
            if (into != null) {
                into.append(new String(part, StandardCharsets.UTF_8));
            }
        }

        @Override
        public void close() throws IOException {
            socket.close();
        }
    }

    private static byte[] post(String path, String secret, String body) {
        return ("POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
                        + (secret == null ? "" : "X-Webhook-Secret: " + secret + "\r\n") + "Content-Length: "
                        + body.length() + "\r\n\r\n" + body)
                .getBytes(StandardCharsets.US_ASCII);
    }

    private void createWebhook() throws IOException {
        try (var caller = new Caller()) {
            var answer = new StringBuilder();
            caller.call(post(PATH, null, "{\"name\": \"bench\", \"counter_id\": 1, \"token\": \"bench\"}"), answer);
            webhook = answer.toString().replaceAll(".*\"webhook_id\":\"([^\"]+)\".*", "$1");
            secret = answer.toString().replaceAll(".*\"secret\":\"([^\"]+)\".*", "$1");
        }
    }

    private String conversion() {
        return "{\"conversions\": [{\"client_id\": \"1234567890\", \"target\": \"purchase\", \"date_time\":"
                + " \"2025-07-01T12:34:56\"}]}";
    }

    /** Interleaved, so that whatever else the machine does falls on all alike. */
    private void answerTimes(int calls) throws IOException {
        var names = List.of("unknown id", "wrong secret", "wrong length of secret", "no secret");
        var body = conversion();
        var requests = List.of(
                post(PATH + "/" + UUID.randomUUID(), secret, body),
                post(PATH + "/" + webhook, "x" + secret.substring(1).replace('a', 'b'), body),
                post(PATH + "/" + webhook, "short", body),
                post(PATH + "/" + webhook, null, body));
        var times = new long[requests.size()][calls];
        try (var caller = new Caller()) {
            for (int i = -calls; i < calls; i++) {
                for (int kind = 0; kind < requests.size(); kind++) {
                    // Each comes after each other one in turn
                    var which = (kind + Math.floorMod(i, requests.size())) % requests.size();
                    var start = System.nanoTime();
                    var status = caller.call(requests.get(which), null);
                    var took = System.nanoTime() - start;
                    if (status != 403) {
                        throw new IllegalStateException(names.get(which) + " is answered " + status);
                    }
                    if (i >= 0) {
                        times[which][i] = took;
                    }
                }
            }
        }
        System.out.printf("%-24s %10s %10s %10s%n", calls + " calls each, in us", "median", "p90", "p99");
        var medians = new ArrayList<Double>();
        for (int kind = 0; kind < names.size(); kind++) {
            Arrays.sort(times[kind]);
            medians.add(at(times[kind], 0.5));
            System.out.printf(
                    "%-24s %10.1f %10.1f %10.1f%n",
                    names.get(kind), at(times[kind], 0.5), at(times[kind], 0.9), at(times[kind], 0.99));
        }
        var least = medians.stream().min(Comparator.naturalOrder()).orElseThrow();
        var most = medians.stream().max(Comparator.naturalOrder()).orElseThrow();
        System.out.printf("the medians lie within %.1f %% of each other%n", 100 * (most / least - 1));
    }

    private void flood(int wrong, int connections) throws Exception {
        rightSender(new AtomicBoolean(), 3000);
        var alone = rightSender(new AtomicBoolean(), 3000);
        var left = new AtomicInteger(wrong);
        var flooding = new AtomicBoolean(true);
        var threads = new ArrayList<Thread>();
        var statuses = new AtomicInteger[600];
        Arrays.setAll(statuses, any -> new AtomicInteger());
        var start = System.nanoTime();
        for (int i = 0; i < connections; i++) {
            var thread = new Thread(() -> {
                var number = 0;
                try (var caller = new Caller()) {
                    while (left.getAndDecrement() > 0) {
                        statuses[
                                caller.call(
                                        post(
                                                PATH + "/" + webhook,
                                                "wrong-"
                                                        + Thread.currentThread().getId() + "-" + number++,
                                                conversion()),
                                        null)]
                                .incrementAndGet();
                    }
                } catch (IOException e) {
                    System.err.println(e.getMessage());
                }
            });
            threads.add(thread);
            thread.start();
        }
        var measuring = new ArrayList<long[]>();
        var right = new Thread(() -> {
            try {
                measuring.add(rightSender(flooding, Integer.MAX_VALUE));
            } catch (IOException e) {
                System.err.println(e.getMessage());
            }
        });
        right.start();
        for (var thread : threads) {
            thread.join();
        }
        var seconds = (System.nanoTime() - start) / 1e9;
        flooding.set(false);
        right.join();
        System.out.printf(
                "%d requests with a wrong secret on %d connections took %.1f s:", wrong, connections, seconds);
        for (int status = 0; status < statuses.length; status++) {
            if (statuses[status].get() > 0) {
                System.out.printf(" %d times %d", statuses[status].get(), status);
            }
        }
        System.out.printf("%n%-24s %8s %10s %10s %10s%n", "the right sender, in ms", "calls", "median", "p99", "max");
        for (var row : List.of(alone, measuring.get(0))) {
            System.out.printf(
                    "%-24s %8d %10.2f %10.2f %10.2f%n",
                    row == alone ? "alone" : "during the flood",
                    row.length,
                    at(row, 0.5) / 1000,
                    at(row, 0.99) / 1000,
                    at(row, 1) / 1000);
        }
        System.out.printf("p99 is %.1f times as long%n", at(measuring.get(0), 0.99) / at(alone, 0.99));
    }

    /** Sends so many requests, or as long as the flag is up, one after the other; their times in ns, sorted. */
    private long[] rightSender(AtomicBoolean going, int most) throws IOException {
        var times = new long[1024];
        var count = 0;
        try (var caller = new Caller()) {
            while (count < most && (most < Integer.MAX_VALUE || going.get())) {
                var start = System.nanoTime();
                var status = caller.call(post(PATH + "/" + webhook, secret, conversion()), null);
                if (status != 200) {
                    throw new IllegalStateException("the right sender is answered " + status);
                }
                if (count == times.length) {
                    times = Arrays.copyOf(times, 2 * count);
                }
                times[count++] = System.nanoTime() - start;
            }
        }
        times = Arrays.copyOf(times, count);
        Arrays.sort(times);
        return times;
    }

    /** A quantile of sorted times in ns, in us. */
    private static double at(long[] sorted, double quantile) {
        return sorted[Math.min(sorted.length - 1, (int) (quantile * sorted.length))] / 1000.0;
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
