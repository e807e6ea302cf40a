package metrika.conversions.pull;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.stream.Collectors;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

import metrika.conversions.problem.Json;

/** A REST API of orders that a source pulls: real HTTP, and what it answers is the test's. */
final class ShopApi implements AutoCloseable {

    /** An answer. */
    record Page(int status, Map<String, String> headers, String body) {}

    private final HttpServer server;
    private final List<String> asked = new CopyOnWriteArrayList<>();
    private volatile Function<HttpExchange, Page> answer;

    /** @param answer what it says to a request */
    ShopApi(Function<HttpExchange, Page> answer) {
        this.answer = answer;
        try {
            server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.setExecutor(Executors.newCachedThreadPool());
        server.createContext("/", this::handle);
        server.start();
    }

    void answer(Function<HttpExchange, Page> other) {
        answer = other;
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** The queries that it was asked, one after the other, with the credentials. */
    List<String> asked() {
        return asked;
    }

    private void handle(HttpExchange exchange) throws IOException {
        var headers = exchange.getRequestHeaders();
        asked.add(exchange.getRequestURI() + " " + headers.getFirst("Authorization") + " "
                + headers.getFirst("X-Api-Key"));
        var page = answer.apply(exchange);
        page.headers().forEach(exchange.getResponseHeaders()::add);
        var bytes = page.body().getBytes(StandardCharsets.UTF_8);
        try (exchange) {
            exchange.sendResponseHeaders(page.status(), bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    static Page ok(Object body) {
        return new Page(200, Map.of("Content-Type", "application/json"), Json.write(body));
    }

    static Page status(int status, String... headers) {
        var named = new TreeMap<String, String>();
        for (int i = 0; i < headers.length; i += 2) {
            named.put(headers[i], headers[i + 1]);
        }
        return new Page(status, named, "<html>no JSON</html>");
    }

    /** The parameters of a request. */
    static Map<String, String> query(HttpExchange exchange) {
        return List.of(exchange.getRequestURI().getQuery().split("&")).stream()
                .map(pair -> pair.split("=", 2))
                .collect(Collectors.toMap(pair -> pair[0], pair -> pair[1]));
    }

    /** Orders with ids from one number to another, each changed a minute after the one before. */
    static List<Map<String, Object>> orders(int from, int to) {
        var orders = new ArrayList<Map<String, Object>>();
        for (int id = from; id <= to; id++) {
            orders.add(order(id));
        }
        return orders;
    }

    static Map<String, Object> order(int id) {
        return new TreeMap<>(
                Map.of("id", id, "visitor", "1." + id, "sum", "100.00", "changed", 1_700_000_000L + 60L * id));
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
