package metrika.conversions.tracing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

/** A collector of OpenTelemetry: takes spans by OTLP over HTTP, and reads of its protobuf what the tests look at. */
final class Collector implements AutoCloseable {

    /** A span as it came; {@code links} are the ids of traces. */
    record Received(
            String trace,
            String id,
            String parent,
            String name,
            Map<String, String> attributes,
            List<String> links,
            boolean isFailed) {}

    private static final int LENGTH_DELIMITED = 2;

    private final HttpServer server;
    private final List<byte[]> bodies = new CopyOnWriteArrayList<>();

    Collector() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        server.createContext("/v1/traces", this::take);
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/v1/traces";
    }

    private void take(HttpExchange exchange) throws IOException {
        bodies.add(exchange.getRequestBody().readAllBytes());
        exchange.getResponseHeaders().set("Content-Type", "application/x-protobuf");
        exchange.sendResponseHeaders(200, -1);
        exchange.close();
    }

    /** All that came, as text: for what must not be in it. */
    String text() {
        var text = new StringBuilder();
        bodies.forEach(body -> text.append(new String(body, StandardCharsets.ISO_8859_1)));
        return text.toString();
    }

    List<Received> spans() {
        var spans = new ArrayList<Received>();
        for (var body : bodies) {
            for (var resource : fields(body, 1)) {
                for (var scope : fields(resource, 2)) {
                    fields(scope, 2).forEach(span -> spans.add(span(span)));
                }
            }
        }
        return spans;
    }

    private static Received span(byte[] span) {
        var attributes = new TreeMap<String, String>();
        for (var attribute : fields(span, 9)) {
            var value = fields(attribute, 2).get(0);
            attributes.put(
                    text(fields(attribute, 1)),
                    value[0] == 10
                            ? text(fields(value, 1))
                            : String.valueOf(varint(ByteBuffer.wrap(value, 1, value.length - 1))));
        }
        var parent = fields(span, 4);
        return new Received(
                hex(fields(span, 1).get(0)),
                hex(fields(span, 2).get(0)),
                parent.isEmpty() ? "" : hex(parent.get(0)),
                text(fields(span, 5)),
                attributes,
                fields(span, 13).stream()
                        .map(link -> hex(fields(link, 1).get(0)))
                        .toList(),
                attributes.containsKey("error.type"));
    }

    private static String text(List<byte[]> field) {
        return new String(field.get(0), StandardCharsets.UTF_8);
    }

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    /** The values of a field of a message, each a text, bytes or a message. */
    private static List<byte[]> fields(byte[] message, int number) {
        var found = new ArrayList<byte[]>();
        var buffer = ByteBuffer.wrap(message);
        while (buffer.hasRemaining()) {
            var key = varint(buffer);
            switch ((int) (key & 7)) {
                case 0 -> varint(buffer);
                case 1 -> buffer.getLong();
                case LENGTH_DELIMITED -> {
                    var value = new byte[(int) varint(buffer)];
                    buffer.get(value);
                    if (key >> 3 == number) {
                        found.add(value);
                    }
                }
                case 5 -> buffer.getInt();
                default -> throw new IllegalStateException("no protobuf");
            }
        }
        return found;
    }

    private static long varint(ByteBuffer buffer) {
        var value = 0L;
        for (int shift = 0; ; shift += 7) {
            var next = buffer.get();
            value |= (long) (next & 0x7f) << shift;
            if (next >= 0) {
                return value;
            }
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
