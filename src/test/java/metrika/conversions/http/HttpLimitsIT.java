package metrika.conversions.http;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.zip.GZIPOutputStream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import metrika.conversions.support.Answer;
import metrika.conversions.support.Product;
import metrika.conversions.support.Shared;
import metrika.conversions.support.TestDatabase;
import metrika.conversions.support.TestWebhook;
import metrika.conversions.support.Wire;

import static metrika.conversions.support.Samples.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What a caller can use up is bounded, and bounded before the work is done: a server of narrow limits, from the
 * outside.
 */
class HttpLimitsIT {

    private static final int BODY = 20_000;
    private static final int CONNECTIONS = 20;
    private static final String POST = "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";

    private static Product product;
    private static int management;
    private static TestWebhook webhook;

    @BeforeAll
    static void start() {
        management = Product.freePort();
        product = Product.idle(TestDatabase.create(), Shared.METRIKA.url())
                .with("management.port", management)
                .with("http.trusted-proxies", "127.0.0.1")
                .with("http.proxy-headers", "forwarded")
                .with("limits.body-bytes", BODY)
                .with("limits.bodies-bytes", BODY)
                .with("limits.url-bytes", 1000)
                .with("limits.header-bytes", 2000)
                .with("limits.headers", 30)
                .with("limits.request-time", "PT1S")
                .with("limits.idle-time", "PT2S")
                .with("limits.connections", CONNECTIONS)
                .start();
        // The first request to a cold process may take longer than its limit
        webhook = await().ignoreExceptionsInstanceOf(UncheckedIOException.class)
                .until(() -> product.webhook(1), created -> true);
    }

    @AfterAll
    static void stop() {
        product.close();
    }

    private static String post() {
        return POST.formatted(webhook.path()) + "X-Webhook-Secret: " + webhook.secret() + "\r\n";
    }

    private static String exchange(String text) {
        return Wire.exchange(product.port(), text);
    }

    private static void assertProblem(String answer, int status) {
        assertThat(answer)
                .matches("(?s)HTTP/1\\.[01] " + status + " .*")
                .containsIgnoringCase("Content-Type: application/problem+json")
                .containsIgnoringCase("Connection: close")
                .containsIgnoringCase("X-Request-Id: ")
                .contains("\"status\":" + status);
    }

    @Test
    void aBodyThatSaysItIsTooLargeIsRefusedUnread() {
        assertProblem(exchange(post() + "Content-Length: " + (BODY + 1) + "\r\n\r\n"), 413);
        assertProblem(exchange(post() + "Content-Length: 99999999999\r\nExpect: 100-continue\r\n\r\n"), 413);
    }

    @Test
    void aBodyThatDoesNotSayHowLargeItIsIsCutOff() {
        try (var wire = new Wire(product.port())) {
            wire.send(post() + "Transfer-Encoding: chunked\r\n\r\n");
            var chunk = "1000\r\n" + " ".repeat(0x1000) + "\r\n";
            for (int i = 0; i < 6; i++) {
                wire.send(chunk);
            }
            assertProblem(wire.until("limits.body-bytes"), 413);
            await().atMost(Duration.ofSeconds(10)).until(() -> !wire.send(chunk));
        }
    }

    @Test
    void aRefusedBodyIsNotReadForEver() {
        try (var wire = new Wire(product.port())) {
            wire.send("POST /nothing HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n");
            assertThat(wire.until("There is nothing at")).startsWith("HTTP/1.1 404 ");
            await().atMost(Duration.ofSeconds(10)).until(() -> !wire.send("1000\r\n" + " ".repeat(0x1000) + "\r\n"));
        }
    }

    /** @param sent bytes that have come of a body that is to be as long as all may be: room is taken for all of it */
    @ParameterizedTest
    @ValueSource(ints = {1, BODY - 1})
    void allBodiesTogetherHaveALimit(int sent) {
        try (var holding = new Wire(product.port())) {
            holding.send(post() + "Content-Length: " + BODY + "\r\n\r\n" + " ".repeat(sent));
            Answer full = await().until(() -> webhook.send("{}" + " ".repeat(1000)), answer -> answer.status() != 400);
            assertThat(full.status()).isEqualTo(503);
            assertThat(full.header("Retry-After")).isEqualTo("1");
            assertProblem(holding.until("limits.request-time"), 408);
        }
        await().atMost(Duration.ofSeconds(10))
                .until(() ->
                        webhook.send(request(1, "after-%d-".formatted(sent))).status() == 200);
    }

    @Test
    void headersAndTheFirstLineHaveLimits() {
        assertProblem(exchange("GET /" + "a".repeat(1000) + " HTTP/1.1\r\nHost: localhost\r\n\r\n"), 414);
        assertProblem(exchange("GET / HTTP/1.1\r\nHost: localhost\r\nX: " + "a".repeat(2000) + "\r\n\r\n"), 431);
        assertProblem(exchange("GET / HTTP/1.1\r\nHost: localhost\r\n" + "X: a\r\n".repeat(30) + "\r\n"), 431);
    }

    @Test
    void aTrickledRequestIsCutOff() {
        try (var wire = new Wire(product.port());
                var quiet = new Wire(product.port())) {
            wire.send("GET / HTTP/1.1\r\nX-Slow: ");
            await().pollInterval(Duration.ofMillis(200))
                    .atMost(Duration.ofSeconds(10))
                    .until(() -> !wire.send("a"));
            assertProblem(wire.rest(), 408);
            assertThat(quiet.rest()).as("a connection without a request").isEmpty();
        }
        try (var wire = new Wire(product.port())) {
            wire.send(post() + "Content-Length: 1000\r\n\r\n");
            await().pollInterval(Duration.ofMillis(200))
                    .atMost(Duration.ofSeconds(10))
                    .until(() -> !wire.send(" "));
            assertProblem(wire.rest(), 408);
        }
    }

    @Test
    void connectionsAboveTheLimitAreClosedAndTheOthersGoOn() {
        var get = "GET /openapi.yaml HTTP/1.1\r\nHost: localhost\r\n\r\n";
        var open = new ArrayList<Wire>();
        try {
            var answered = true;
            while (answered && open.size() < 2 * CONNECTIONS) {
                var wire = new Wire(product.port());
                wire.send(get);
                open.add(wire);
                answered = !wire.until("\r\n").isEmpty();
            }
            assertThat(answered).as("the last one").isFalse();
            assertThat(open.size() - 1).isLessThanOrEqualTo(CONNECTIONS).isGreaterThan(CONNECTIONS / 2);
            open.get(open.size() - 2).until("application/yaml");
            open.get(open.size() - 2).send(get);
            assertThat(open.get(open.size() - 2).until("HTTP/1.1 200 OK")).contains("HTTP/1.1 200 OK");
            assertThat(product.log()).contains("limits.connections");
            try (var other = new Wire(management)) {
                other.send("GET /observe/health/live HTTP/1.1\r\nHost: localhost\r\n\r\n");
                assertThat(other.until("\r\n"))
                        .as("health has places of its own")
                        .startsWith("HTTP/1.1 200");
            }
        } finally {
            open.forEach(Wire::close);
        }
        await().atMost(Duration.ofSeconds(10))
                .until(() -> exchange(get.replace("\r\n\r\n", "\r\nConnection: close\r\n\r\n"))
                        .startsWith("HTTP/1.1 200"));
    }

    @Test
    void whatServersCouldReadInDifferentWaysIsRefused() {
        assertProblem(exchange(post() + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 400);
        assertProblem(exchange(post() + "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n0\r\n\r\n"), 400);
        assertProblem(exchange(post() + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} "), 400);
        assertProblem(exchange(post() + "Content-Length: +2\r\n\r\n{}"), 400);
        assertProblem(exchange(post() + "Content-Length : 2\r\n\r\n{}"), 400);
        assertProblem(exchange(post() + "Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"), 400);
        assertProblem(exchange(post() + "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"), 400);
        assertProblem(
                exchange(post() + "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n"), 400);
        assertProblem(
                exchange(post().replace("HTTP/1.1", "HTTP/1.0") + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 400);
        assertProblem(exchange("GET / HTTP/1.1\r\nHost: localhost\r\nX-Folded: a\r\n b\r\n\r\n"), 400);
        assertProblem(exchange("GET / HTTP/1.1\r\n\r\n"), 400);
        assertProblem(exchange("GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"), 400);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET / HTTP/1.1\r\n",
                "GET / HTTP/1.1\r\nHost: a:b\r\n",
                "GET / HTTP/1.0\r\nHost: a:b\r\n",
                "OPTIONS * HTTP/1.1\r\nHost: localhost\r\n",
                "GET foo HTTP/1.1\r\nHost: localhost\r\n",
                "CONNECT localhost:80 HTTP/1.1\r\nHost: localhost:80\r\n",
                "POST foo HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n"
            })
    void whatNamesNoPlaceHereIsAnsweredOnceAndEndsTheConnection(String head) {
        var id = "odd-" + Math.abs(head.hashCode());
        var answer = exchange(head + "X-Request-Id: " + id + "\r\n\r\n");
        assertProblem(answer, 400);
        assertThat(answer)
                .containsOnlyOnce("HTTP/1.")
                .containsIgnoringCase("X-Request-Id: " + id + "\r\n")
                .containsIgnoringCase("X-Content-Type-Options: nosniff\r\n")
                .containsIgnoringCase("Cache-Control: no-store\r\n");
        await().atMost(Duration.ofSeconds(10)).until(() -> product.log().contains("[" + id + "]"));
    }

    @Test
    void aPipelinedHeadIsReadAsStrictly() {
        var folded = "GET / HTTP/1.1\r\nHost: localhost\r\nX-Folded: a\r\n b\r\n\r\n";
        var body = request(1, "pipelined-");
        for (var first : new String[] {
            "GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n",
            post() + "Content-Length: " + body.length() + "\r\n\r\n" + body,
            post() + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
        }) {
            try (var wire = new Wire(product.port())) {
                wire.send(first + folded.substring(0, 40));
                wire.until("\r\n\r\n");
                wire.send(folded.substring(40));
                assertThat(wire.rest()).as(first).contains("HTTP/1.1 400 ", "a header goes on on the next line");
            }
            assertThat(exchange(first + folded))
                    .as(first)
                    .contains("HTTP/1.1 400 ", "a header goes on on the next line");
        }
        assertThat(exchange(post() + "Content-Length: " + body.length() + "\r\n\r\n"
                        + body.replace("{\"conv", "{\n\"conv").substring(0, body.length())
                        + "GET /nothing HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"))
                .as("a line of a body")
                .contains("HTTP/1.1 404 ");
    }

    @Test
    void pathsThatAreWrittenInOtherWaysAreTheSame() {
        for (var path : new String[] {
            "//webhook/offline-conversions", "/%77ebhook/offline-conversions/", "/x/../webhook//offline-conversions"
        }) {
            var answer = exchange("PUT " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            assertProblem(answer, 405);
            assertThat(answer).as(path).containsIgnoringCase("Allow: GET, POST\r\n");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "zz\r\n{}\r\n0\r\n\r\n",
                "-1\r\n{}\r\n",
                "ffffffffffffffff\r\n{}",
                "2\r\n{}xx0\r\n\r\n",
                "2;\n{}\r\n0\r\n\r\n"
            })
    void aBodyInBrokenChunksEndsTheConnectionAndStoresNothing(String chunks) {
        var answer = exchange(post() + "Transfer-Encoding: chunked\r\n\r\n" + chunks);
        assertThat(answer)
                .satisfiesAnyOf(
                        text -> assertThat(text).isEmpty(),
                        text -> assertProblem(text, 400),
                        text -> assertProblem(text, 408));
    }

    @Test
    void expectIsUnderstood() {
        try (var wire = new Wire(product.port())) {
            var body = request(1, "expected-");
            wire.send(post() + "Connection: close\r\nContent-Length: " + body.length()
                    + "\r\nExpect: 100-continue\r\n\r\n");
            assertThat(wire.until("\r\n\r\n")).startsWith("HTTP/1.1 100 Continue");
            wire.send(body);
            assertThat(wire.rest()).startsWith("HTTP/1.1 200 ");
        }
        assertProblem(exchange(post() + "Content-Length: 2\r\nExpect: 200-ok\r\n\r\n"), 417);
    }

    private static byte[] gzip(String text) throws IOException {
        var packed = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(packed)) {
            gzip.write(text.getBytes(StandardCharsets.UTF_8));
        }
        return packed.toByteArray();
    }

    private static Answer sendPacked(byte[]... parts) throws IOException {
        var body = new ByteArrayOutputStream();
        for (var part : parts) {
            body.write(part);
        }
        return product.send(webhook.request("")
                .header("Content-Type", "application/json")
                .header("Content-Encoding", "gzip")
                .POST(HttpRequest.BodyPublishers.ofByteArray(body.toByteArray())));
    }

    @Test
    void gzipIsUnpackedToTheLimitAndAllOfItHasToBeGzip() throws IOException {
        var json = request(2, "packed-");
        assertThat(sendPacked(gzip(json)).status()).isEqualTo(200);
        assertThat(sendPacked(gzip(json.substring(0, 30)), gzip(json.substring(30)))
                        .status())
                .as("two members")
                .isEqualTo(200);
        assertThat(sendPacked(gzip(" ".repeat(10_000_000))).status())
                .as("a bomb")
                .isEqualTo(413);
        assertThat(sendPacked(gzip(json), gzip(" ".repeat(10_000_000))).status())
                .as("a bomb in the second")
                .isEqualTo(413);
        for (var garbage : new String[] {"x", "garbage of some length, longer than a header and a trailer"}) {
            assertThat(sendPacked(gzip(json), garbage.getBytes(StandardCharsets.UTF_8))
                            .status())
                    .as(garbage)
                    .isEqualTo(400);
        }
        var half = gzip(json);
        assertThat(sendPacked(java.util.Arrays.copyOf(half, half.length / 2)).status())
                .as("half of one")
                .isEqualTo(400);
    }

    @Test
    void jsonIsReadToADepthAndNumbersToALength() {
        for (var value : new String[] {
            "[".repeat(40) + "]".repeat(40),
            "{\"a\":".repeat(40) + "1" + "}".repeat(40),
            "1".repeat(200),
            "-1." + "0".repeat(200),
            "1e" + "9".repeat(200)
        }) {
            var answer = webhook.send("{\"conversions\": [{\"price\": " + value + "}]}");
            assertThat(answer.status()).as("%s", answer).isEqualTo(400);
            assertThat(answer.text("detail")).as(value).containsAnyOf("levels deep", "digits");
            assertThat(product.patch(webhook.path(), "{\"counter_id\": " + value + "}")
                            .status())
                    .as(value)
                    .isEqualTo(400);
        }
        assertThat(webhook.send("{\"" + "n".repeat(2000) + "\": 1}").text("detail"))
                .contains("name");
    }

    @Test
    void theManagementPortHasLimitsAndTellsNothing() {
        assertThat(Wire.exchange(management, "GET / HTTP/1.1\r\nX: " + "a".repeat(10_000) + "\r\n\r\n"))
                .contains("HTTP/1.1 4");
        for (var path : new String[] {"/", "/observe/info", "/observe/%zz", "/q/dev", "/observe/health/x/y"}) {
            var answer = Wire.exchange(
                    management, "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
            assertThat(answer)
                    .as(path)
                    .startsWith("HTTP/1.1 4")
                    .doesNotContainIgnoringCase("camel")
                    .doesNotContainIgnoringCase("vert")
                    .doesNotContain("Exception", "\tat ", "4.18", "17.0");
        }
        try (var wire = new Wire(management)) {
            wire.send("GET / HTTP/1.1\r\nX-Slow: ");
            await().pollInterval(Duration.ofMillis(300))
                    .atMost(Duration.ofSeconds(15))
                    .until(() -> !wire.send("a"));
        }
        var metrics = Wire.exchange(management, "GET /observe/metrics HTTP/1.0\r\n\r\n");
        assertThat(metrics)
                .startsWith("HTTP/1.")
                .doesNotContain("4.18.0", System.getProperty("java.version"), webhook.secret());
    }

    @Test
    void forwardedIsReadWhereTheProxiesWriteIt() {
        assertThat(TrustedProxiesIT.from(
                        product,
                        "Forwarded",
                        "for=198.51.100.1;proto=http, For=\"[2001:db8::7]:80\";proto=https",
                        "X-Forwarded-For",
                        "203.0.113.7"))
                .isEqualTo("2001:db8:0:0:0:0:0:7");
        assertThat(product.send(product.request("/").header("Forwarded", "proto=https"))
                        .header("Strict-Transport-Security"))
                .isNotEmpty();
    }

    @Test
    void everyAnswerHasAnIdAndTheHeadersOfEveryAnswer() {
        for (var path :
                new String[] {"/openapi.yaml", "/nothing", TestWebhook.PATH, webhook.path() + "/status", "/%zz"}) {
            var answer = Wire.exchange(
                    product.port(),
                    "GET %s HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: Mine-1._\r\nConnection: close\r\n\r\n"
                            .formatted(path));
            assertThat(answer)
                    .as(path)
                    .containsIgnoringCase("X-Request-Id: Mine-1._\r\n")
                    .containsIgnoringCase("Cache-Control: no-store\r\n")
                    .containsIgnoringCase("X-Content-Type-Options: nosniff\r\n")
                    .containsIgnoringCase("Referrer-Policy: no-referrer\r\n")
                    .containsIgnoringCase("Content-Security-Policy: default-src 'none'")
                    .doesNotContainIgnoringCase("\r\nStrict-Transport")
                    .doesNotContainIgnoringCase("\r\nServer:");
        }
        for (var id : new String[] {"a b", "<script>", "a".repeat(65), "a\tb", "ü", "1, 2"}) {
            var answer = Wire.exchange(
                    product.port(),
                    "GET / HTTP/1.1\r\nHost: localhost\r\nX-Request-Id: " + id + "\r\nConnection: close\r\n\r\n");
            assertThat(answer)
                    .as(id)
                    .containsPattern("(?i)X-Request-Id: [0-9a-f]{24}\r\n")
                    .doesNotContain(id + "\r\n");
        }
        await("the line of a request follows its answer")
                .until(() -> product.log().contains("[Mine-1._]"));
    }
}
