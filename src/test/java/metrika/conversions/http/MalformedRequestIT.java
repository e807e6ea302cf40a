package metrika.conversions.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;

import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.EdgeCasesMode;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.ShrinkingMode;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

import metrika.conversions.problem.Json;
import metrika.conversions.support.TestWebhook;
import metrika.conversions.support.Wire;

import static metrika.conversions.support.Samples.conversion;
import static metrika.conversions.support.Shared.DATABASE;
import static metrika.conversions.support.Shared.PRODUCT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Random requests, each broken in some way: what HTTP can still answer is answered with the problem that it is, and the
 * server is afterwards as it was. The same seed gives the same requests; jqwik prints it with a failure.
 */
class MalformedRequestIT {

    private static final String SEED = "4711";
    private static final int TRIES = 400;
    /**
     * Live bytes that a run may add: caches that fill, classes that load. Bodies of these requests would be many times
     * that.
     */
    private static final long MORE_BYTES = 8L << 20;

    private static TestWebhook webhook;
    private static long batches;
    private static long heap;
    private static int connections;

    /** Bytes to send, and what may come back: one of the statuses, or nothing but the end of the connection. */
    record Case(String what, byte[] bytes, Set<Integer> statuses, boolean mayBeDropped) {

        @Override
        public String toString() {
            return what + ", to be answered " + statuses + (mayBeDropped ? " or dropped" : "") + ": "
                    + new String(bytes, 0, Math.min(600, bytes.length), StandardCharsets.ISO_8859_1);
        }
    }

    @BeforeContainer
    static void before() throws Exception {
        webhook = PRODUCT.webhook(81_000);
        for (int i = 0; i < 20; i++) {
            webhook.send("{\"conversions\": [1]}");
        }
        batches = batches();
        connections = connections();
        heap = liveBytes();
    }

    @AfterContainer
    static void theServerIsAsItWas() throws Exception {
        await().atMost(Duration.ofSeconds(10))
                .untilAsserted(() -> assertThat(connections()).isLessThanOrEqualTo(connections));
        assertThat(batches()).as("batches stored").isEqualTo(batches);
        assertThat(webhook.batch(conversion())).isNotEmpty();
        assertThat(liveBytes()).isLessThan(heap + MORE_BYTES);
    }

    private static long batches() {
        return DATABASE.value("select count(*) from batch where webhook_id = ?::uuid", webhook.id());
    }

    /** Bytes of live objects in the product, after a full collection. */
    private static long liveBytes() throws IOException, InterruptedException {
        var process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                        String.valueOf(PRODUCT.process().pid()),
                        "GC.class_histogram")
                .redirectErrorStream(true)
                .start();
        var histogram = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        var total = Pattern.compile("(?m)^Total +[0-9]+ +([0-9]+)").matcher(histogram);
        assertThat(total.find()).as(histogram).isTrue();
        return Long.parseLong(total.group(1));
    }

    /** Connections that the product's port has; Linux tells them, elsewhere none are counted. */
    private static int connections() throws IOException {
        var port = ":%04X ".formatted(PRODUCT.port());
        var count = 0;
        for (var file : new String[] {"/proc/net/tcp", "/proc/net/tcp6"}) {
            if (Files.exists(Path.of(file))) {
                for (var line : Files.readAllLines(Path.of(file))) {
                    var fields = line.strip().split("\\s+");
                    // 01: established, 08: the client has closed, the server has not
                    if ((fields[1] + " ").endsWith(port) && (fields[3].equals("01") || fields[3].equals("08"))) {
                        count++;
                    }
                }
            }
        }
        return count;
    }

    @Property(tries = TRIES, seed = SEED, shrinking = ShrinkingMode.OFF, edgeCases = EdgeCasesMode.NONE)
    void isAnsweredWithTheProblemThatItIs(@ForAll("cases") Case request) throws IOException {
        try (var wire = new Wire(PRODUCT.port())) {
            wire.send(request.bytes());
            var answer = wire.rest();
            if (answer.isEmpty() && request.mayBeDropped()) {
                return;
            }
            assertThat(answer).matches("(?s)HTTP/1\\.[01] [0-9]{3} .*");
            var status = Integer.parseInt(answer.substring(9, 12));
            assertThat(request.statuses()).as(answer).contains(status);
            assertThat(answer)
                    .containsIgnoringCase("Content-Type: application/problem+json\r\n")
                    .doesNotContain("Exception", "metrika.conversions", "org.apache", "io.vertx", "io.netty", "java.");
            var document = Json.MAPPER.readTree(Wire.body(answer));
            assertThat(document.get("status").intValue()).isEqualTo(status);
            assertThat(document.get("type").textValue()).isEqualTo("about:blank");
            assertThat(document.get("title").textValue()).isNotBlank();
            assertThat(document.get("detail").textValue()).isNotBlank();
        }
    }

    @Provide
    Arbitrary<Case> cases() {
        return Arbitraries.oneOf(
                garbage(), paths(), methods(), headers(), bodies(), packed(), types(), queries(), secrets());
    }

    private static Arbitrary<Case> garbage() {
        // What follows is no request either: HTTP lets a server pass over blank lines, and wait for more
        var bytes = Arbitraries.bytes().array(byte[].class).ofMinSize(1).ofMaxSize(300);
        return bytes.map(each -> new Case(
                "garbage",
                concat(each, "\r\nx\r\n\r\n".getBytes(StandardCharsets.US_ASCII)),
                Set.of(400, 404, 405, 414, 431),
                true));
    }

    private static Arbitrary<Case> paths() {
        var part = Arbitraries.oneOf(
                Arbitraries.of(
                        "..",
                        ".",
                        "%2e%2e",
                        "%00",
                        "%2f",
                        "%zz",
                        "%",
                        "%c3%28",
                        "%ff",
                        ";",
                        "{webhook_id}",
                        "${body}",
                        "'or 1=1--",
                        "webhook",
                        "offline-conversions",
                        "status",
                        "batches"),
                Arbitraries.strings().withCharRange('!', '~').ofMaxLength(40).map(text -> text.replaceAll("[?#]", "")));
        return part.list()
                .ofMinSize(1)
                .ofMaxSize(6)
                .map(parts -> "/x/" + String.join("/", parts))
                .map(path -> http("path", "GET " + path, "", new byte[0], 400, 404));
    }

    private static Arbitrary<Case> methods() {
        var method = Arbitraries.oneOf(
                Arbitraries.of("PUT", "OPTIONS", "HEADX", "TRACE", "CONNECT", "PROPFIND", "get", "post"),
                Arbitraries.strings()
                        .withCharRange('A', 'Z')
                        .ofMinLength(1)
                        .ofMaxLength(20)
                        .filter(name -> !Set.of("GET", "POST", "PATCH", "DELETE", "HEAD")
                                .contains(name)));
        return method.map(each -> http("method", each + " " + webhook.path(), "", new byte[0], 405, 400));
    }

    private static Arbitrary<Case> headers() {
        var sized = "Content-Type: application/json\r\nX-Webhook-Secret: " + webhook.secret() + "\r\n";
        var broken = Arbitraries.of(
                "Content-Length: x",
                "Content-Length: -1",
                "Content-Length: 1, 2",
                "Content-Length: 0x10",
                "Transfer-Encoding: x",
                "Transfer-Encoding: chunked, chunked",
                "Host: again",
                "Bad Name: 1",
                "Folded: a\r\n b",
                ": none",
                "No-Colon",
                "Expect: x",
                "Na\0me: 1",
                "X: " + "a".repeat(9000),
                "Y: 1\r\n".repeat(101) + "Z: 1");
        var noise = Combinators.combine(
                        Arbitraries.strings()
                                .withCharRange('a', 'z')
                                .ofMinLength(1)
                                .ofMaxLength(10),
                        Arbitraries.strings().withCharRange(' ', '~').ofMaxLength(30))
                .as((name, value) -> "X-" + name + ": " + value + "\r\n");
        return Combinators.combine(broken, noise.list().ofMaxSize(5))
                .as((header, more) -> new Case(
                        "header",
                        ("POST " + webhook.path() + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + sized
                                        + String.join("", more) + header + "\r\n"
                                        + (header.contains("Content-Length") ? "" : "Content-Length: 0\r\n") + "\r\n")
                                .getBytes(StandardCharsets.ISO_8859_1),
                        Set.of(400, 417, 431),
                        false));
    }

    private static Arbitrary<byte[]> brokenJson() {
        var valid = "{\"conversions\": [" + conversion("price", 19.9, "currency", "RUB") + "]}";
        var cut = Arbitraries.integers().between(0, valid.length() - 2).map(at -> valid.substring(0, at));
        var nested = Combinators.combine(Arbitraries.integers().between(33, 5000), Arbitraries.of("[", "{\"a\":"))
                .as((depth, open) -> "{\"conversions\": " + open.repeat(depth));
        var number = Combinators.combine(
                        Arbitraries.of("price", "client_id"),
                        Arbitraries.of("9", "1e9", "-0.0", "1E+"),
                        Arbitraries.integers().between(20, 3000))
                .as((field, start, length) ->
                        "{\"conversions\": [{\"" + field + "\": " + start + "9".repeat(length) + "}]}");
        var typed = Combinators.combine(
                        Arbitraries.of("target", "date_time", "client_id", "price"),
                        Arbitraries.of(
                                "[]", "{}", "true", "[[1]]", "{\"a\": null}", "\"\\u0000\"", "\"\\ud800\"", "\"\""))
                .as((field, value) -> "{\"conversions\": [{\"" + field + "\": " + value + "}]}");
        var shape = Arbitraries.of(
                "",
                " ",
                "null",
                "true",
                "1",
                "\"\"",
                "[]",
                "{}",
                "{\"conversions\": 1}",
                "{\"conversions\": {}}",
                "{\"conversions\": []}",
                "{\"conversions\": [null]}",
                "{} {}",
                "{\"conversions\": [], \"conversions\": []}",
                "NaN",
                "{'a': 1}",
                "/* */ {}",
                "\0",
                "{\"conversions\": [" + "1,".repeat(2000) + "1]}");
        var text = Arbitraries.strings().ofMaxLength(200);
        var bytes = Arbitraries.bytes().array(byte[].class).ofMaxSize(200);
        var badUtf8 = bytes.map(each -> concat(
                "{\"conversions\": [{\"target\": \"".getBytes(StandardCharsets.UTF_8),
                concat(new byte[] {(byte) 0xc3, (byte) 0x28, (byte) 0xff}, each)));
        return Arbitraries.oneOf(
                Arbitraries.oneOf(List.of(cut, nested, number, typed, shape, text))
                        .map(each -> each.getBytes(StandardCharsets.UTF_8)),
                badUtf8,
                bytes);
    }

    private static Arbitrary<Case> bodies() {
        return brokenJson()
                .map(json -> http(
                        "body",
                        "POST " + webhook.path(),
                        secret() + "Content-Type: application/json\r\n",
                        json,
                        400,
                        415));
    }

    private static Arbitrary<Case> packed() {
        var cut = Combinators.combine(brokenJson(), Arbitraries.integers().between(0, 30))
                .as((json, less) -> {
                    var whole = gzip(json);
                    return java.util.Arrays.copyOf(whole, Math.max(0, whole.length - less));
                });
        var more = Combinators.combine(
                        brokenJson(),
                        Arbitraries.bytes().array(byte[].class).ofMinSize(1).ofMaxSize(50))
                .as((json, garbage) -> concat(gzip(json), garbage));
        return Arbitraries.oneOf(brokenJson(), cut, more)
                .map(body -> http(
                        "gzip",
                        "POST " + webhook.path(),
                        secret() + "Content-Type: application/json\r\nContent-Encoding: gzip\r\n",
                        body,
                        400,
                        415));
    }

    private static Arbitrary<Case> types() {
        var type = Arbitraries.of(
                "Content-Type: text/plain",
                "Content-Type: */*",
                "Content-Type: application/*",
                "Content-Type: ;",
                "Content-Type: multipart/form-data; boundary=x",
                "Content-Type: application/x-www-form-urlencoded",
                "X-None: 1",
                "Content-Type: application/json; charset=utf-16",
                "Content-Type: application/json; charset=nonsense",
                "Content-Type: application/json; charset=\"",
                "Content-Type: application/json\r\nContent-Encoding: br",
                "Content-Type: application/json\r\nContent-Encoding: gzip, gzip");
        return Combinators.combine(type, brokenJson())
                .as((header, body) ->
                        http("type", "POST " + webhook.path(), secret() + header + "\r\n", body, 400, 415));
    }

    private static Arbitrary<Case> queries() {
        var query = Arbitraries.oneOf(
                Arbitraries.of(
                        "",
                        "batch_id=",
                        "batch_id=%00",
                        "batch_id=%zz",
                        "batch_id=1-2-3-4-5",
                        "batch_id=00000000-0000-0000-0000-000000000000",
                        "batch_id=a&batch_id=b",
                        "=&=&",
                        "batch_id=%c3%28",
                        "CamelHttpResponseCode=200"),
                Arbitraries.strings()
                        .withCharRange('!', '~')
                        .ofMaxLength(60)
                        .map(text -> "batch_id=" + text.replace("#", "")));
        return query.map(
                each -> http("query", "GET " + webhook.path() + "/status?" + each, secret(), new byte[0], 400, 404));
    }

    private static Arbitrary<Case> secrets() {
        var secret = Arbitraries.oneOf(
                Arbitraries.of("", " ", "null", "undefined"),
                Arbitraries.strings().withCharRange('!', '~').ofMinLength(1).ofMaxLength(100));
        return Combinators.combine(secret, brokenJson())
                .as((each, body) -> http(
                        "secret",
                        "POST " + webhook.path(),
                        "X-Webhook-Secret: " + each + "\r\nContent-Type: application/json\r\n",
                        body,
                        403));
    }

    private static String secret() {
        return "X-Webhook-Secret: " + webhook.secret() + "\r\n";
    }

    private static Case http(String what, String start, String headers, byte[] body, Integer... statuses) {
        var head = start + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + headers + "Content-Length: "
                + body.length + "\r\n\r\n";
        return new Case(what, concat(head.getBytes(StandardCharsets.ISO_8859_1), body), Set.of(statuses), false);
    }

    private static byte[] concat(byte[] first, byte[] second) {
        var both = java.util.Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    private static byte[] gzip(byte[] bytes) {
        var packed = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(packed)) {
            gzip.write(bytes);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return packed.toByteArray();
    }
}
