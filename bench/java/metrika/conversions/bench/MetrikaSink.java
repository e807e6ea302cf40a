package metrika.conversions.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

/** A Metrika that takes files as fast as they come, counts their lines, and has processed each at once. */
final class MetrikaSink implements AutoCloseable {

    private final HttpServer server;
    private final java.util.concurrent.ExecutorService threads = Executors.newCachedThreadPool();
    private final AtomicLong ids = new AtomicLong(System.currentTimeMillis());
    private final Map<String, List<Long>> uploads = new ConcurrentHashMap<>();
    private final AtomicLong rows = new AtomicLong();
    private volatile long lastReceivedMillis;
    /** When lists were asked for, in milliseconds since 1970. */
    private final List<Long> asked = new CopyOnWriteArrayList<>();

    MetrikaSink() throws IOException {
        server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 100);
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** Conversions received. */
    long rows() {
        return rows.get();
    }

    /** When the last file was received whole, in milliseconds since 1970. */
    long lastReceivedMillis() {
        return lastReceivedMillis;
    }

    /** When the first list was asked for since {@link #forget}, in milliseconds since 1970. */
    long firstAskedMillis() {
        return asked.stream().mapToLong(Long::longValue).min().orElse(0);
    }

    void forget() {
        rows.set(0);
        asked.clear();
    }

    /** Takes an upload for known that was never sent. */
    void know(long counter, long upload) {
        uploads.computeIfAbsent(String.valueOf(counter), key -> new ArrayList<>())
                .add(upload);
    }

    private void answer(HttpExchange exchange) {
        try (exchange) {
            var counter = exchange.getRequestURI().getPath().split("/")[4];
            String answer;
            if (exchange.getRequestMethod().equals("POST")) {
                rows.addAndGet(rows(exchange.getRequestBody()));
                lastReceivedMillis = System.currentTimeMillis();
                var id = ids.incrementAndGet();
                know(Long.parseLong(counter), id);
                answer = "{\"uploading\": {\"id\": %d, \"status\": \"UPLOADED\"}}".formatted(id);
            } else {
                asked.add(System.currentTimeMillis());
                answer = uploads.getOrDefault(counter, List.of()).stream()
                        .map(id -> "{\"id\": %d, \"status\": \"PROCESSED\"}".formatted(id))
                        .collect(Collectors.joining(",", "{\"uploadings\": [", "]}"));
            }
            var bytes = answer.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, bytes.length);
            exchange.getResponseBody().write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Rows of the CSV in a form: between the names of its columns, after the part's blank line, and the boundary at the
     * end.
     */
    private static long rows(InputStream in) throws IOException {
        var buffer = new byte[64 * 1024];
        var ends = 0L;
        var isFile = false;
        var last = 0;
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
            for (int i = 0; i < read; i++) {
                if (isFile && buffer[i] == '\n') {
                    ends++;
                } else if (!isFile && buffer[i] == '\r' && last == '\n') {
                    isFile = true;
                }
                last = buffer[i];
            }
        }
        return ends - 4; // the blank line, the names, what ends the part, the boundary
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
