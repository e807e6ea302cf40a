package metrika.conversions.auth;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashSet;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import metrika.conversions.support.Answer;
import metrika.conversions.support.Product;
import metrika.conversions.support.Shared;
import metrika.conversions.support.Signing;
import metrika.conversions.support.TestDatabase;
import metrika.conversions.support.TestWebhook;
import metrika.conversions.support.Wire;

import static metrika.conversions.support.Samples.conversion;
import static metrika.conversions.support.Samples.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Who is not to be let in costs little, learns nothing, and takes nothing from who is: a server that asks for tokens.
 */
class UnauthenticatedRequestThrottleIT {

    private static final String TOKEN = "0f1e2d3c4b5a69788796";
    private static final int BODY = 20_000;
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private static final ScheduledExecutorService STRANGER = Executors.newSingleThreadScheduledExecutor();

    private static Product product;
    private static TestWebhook webhook;
    private static TestWebhook signed;

    @BeforeAll
    static void start() {
        product = Product.idle(TestDatabase.create(), Shared.METRIKA.url())
                .with("admin.token", TOKEN)
                .with("limits.body-bytes", BODY)
                .with("limits.bodies-bytes", 2 * BODY)
                .start();
        webhook = create("secret");
        signed = create("standard-webhooks");
        STRANGER.scheduleWithFixedDelay(UnauthenticatedRequestThrottleIT::keepFresh, 0, 5, TimeUnit.MILLISECONDS);
    }

    @AfterAll
    static void stop() {
        STRANGER.shutdownNow();
        product.close();
    }

    private static TestWebhook create(String auth) {
        var answer = product.send(product.request(TestWebhook.PATH)
                .header("Authorization", "Bearer " + TOKEN)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(
                        "{\"name\": \"t\", \"counter_id\": 1, \"token\": \"t\", \"auth\": \"" + auth + "\"}")));
        assertThat(answer.status()).as("%s", answer).isEqualTo(201);
        return new TestWebhook(product, answer.text("webhook_id"), answer.text("secret"));
    }

    private static String head(String method, String path, String headers, int length) {
        return "%s %s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n%sContent-Length: %d\r\n\r\n"
                .formatted(method, path, headers, length);
    }

    /**
     * What is known of webhooks is fresh for a moment, 50 ms, after somebody was turned away: one stranger comes all
     * the time.
     */
    private static void keepFresh() {
        try {
            CLIENT.send(
                    product.request(webhook.path() + "/status")
                            .header("X-Webhook-Secret", "wrong")
                            .build(),
                    HttpResponse.BodyHandlers.discarding());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * What is answered to a request whose body does not come; empty where what is known was old, and it was let
     * further.
     */
    private static String answered(String text) {
        try (var wire = new Wire(product.port(), 1000)) {
            wire.send(text);
            return wire.rest();
        } catch (UncheckedIOException e) {
            return "";
        }
    }

    @ParameterizedTest
    @CsvSource({
        "POST, /webhook/offline-conversions/ID, 403",
        "POST, /webhook/offline-conversions/ID/, 403",
        "POST, //webhook/offline-conversions/ID, 403",
        "POST, /webhook//offline-conversions///ID, 403",
        "POST, /%77ebhook/offline%2dconversions/ID, 403",
        "POST, /x/../webhook/./offline-conversions/ID, 403",
        "POST, /webhook/offline-conversions/unknown, 403",
        "GET, /webhook/offline-conversions/ID/status, 403",
        "GET, /webhook/offline-conversions/ID/status/?batch_id=x, 403",
        "GET, /webhook/offline-conversions/ID/batches, 403",
        "POST, /webhook/offline-conversions/ID/erase, 403",
        "POST, /webhook/offline-conversions/ID/er%61se, 403",
        "DELETE, /webhook/offline-conversions/ID/batches/x, 403",
        "GET, /webhook/offline-conversions/ID/batches/x/conversions, 403",
        "POST, /webhook/offline-conversions, 401",
        "POST, /webhook/offline-conversions/, 401",
        "GET, /webhook/offline-conversions, 401",
        "GET, /webhook/offline-conversions/ID, 401",
        "PATCH, /webhook/offline-conversions/ID, 401",
        "DELETE, /webhook/offline-conversions/ID, 401",
        "POST, /webhook/offline-conversions/ID/secret, 401",
        "POST, /webhook/offline-conversions/ID/batches/x/retry, 401",
        "GET, /ledger, 401",
        "GET, /audit, 401"
    })
    void aStrangerIsTurnedAwayBeforeTheBodyIsRead(String method, String path, int status) {
        var request = head(method, path.replace("ID", webhook.id()), "X-Webhook-Secret: wrong\r\n", 1000)
                + "the rest never comes";
        var answer = await().atMost(Duration.ofSeconds(30)).until(() -> answered(request), text -> !text.isEmpty());
        assertThat(answer).startsWith("HTTP/1.1 " + status);
        assertThat(answer).containsIgnoringCase("Connection: close\r\n").contains("\"status\":" + status);
        assertThat(answer.contains("www-authenticate: Bearer") || answer.contains("WWW-Authenticate: Bearer"))
                .isEqualTo(status == 401);
    }

    @ParameterizedTest
    @CsvSource({
        "GET, /status?batch_id=x",
        "GET, /batches",
        "POST, /erase",
        "DELETE, /batches/x",
        "GET, /batches/x/conversions",
        "POST, ''"
    })
    void unknownWrongAndMissingHaveOneAnswer(String method, String path) {
        var answers = new HashSet<String>();
        for (int i = 0; i < 3; i++) { // from memory, and where the database is asked
            for (var id : new String[] {webhook.id(), signed.id(), "00000000-0000-4000-8000-000000000000", "x"}) {
                answers.add(told(method, id + path, request -> request));
                answers.add(told(method, id + path, request -> request.header("X-Webhook-Secret", "wrong")));
                answers.add(
                        told(method, id + path, request -> request.header("X-Webhook-Secret", webhook.secret() + "x")));
                answers.add(told(method, id + path, request -> request.header("webhook-signature", "x")));
                answers.add(told(
                        method,
                        id + path,
                        request -> request.header("webhook-id", "m")
                                .header("webhook-timestamp", "1")
                                .header("webhook-signature", "v1,AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")));
            }
        }
        assertThat(answers).hasSize(1).first().asString().startsWith("403 ");
    }

    private static String told(String method, String path, UnaryOperator<HttpRequest.Builder> credentials) {
        var answer = product.send(credentials.apply(product.request(TestWebhook.PATH + "/" + path)
                .header("Content-Type", "application/json")
                .header("X-Request-Id", "same")
                .method(method, HttpRequest.BodyPublishers.ofString("{}"))));
        return answer.status() + " " + new TreeMap<>(answer.response().headers().map()) + answer.body();
    }

    @Test
    void bodiesOfWhoSignsLeaveRoomToWhoIsLetIn() {
        var headers = "webhook-id: m\r\nwebhook-timestamp: 1\r\nwebhook-signature: v1,AAAA\r\n";
        try (var first = new Wire(product.port());
                var second = new Wire(product.port());
                var sender = new Wire(product.port())) {
            for (var stranger : new Wire[] {first, second}) {
                stranger.send(head("POST", webhook.path(), headers, BODY) + " ".repeat(BODY - 1));
            }
            assertThat(second.until("\r\n")).startsWith("HTTP/1.1 503");
            sender.send(head("POST", webhook.path(), "X-Webhook-Secret: " + webhook.secret() + "\r\n", BODY)
                    + request(1, "room-")
                    + " ".repeat(BODY - request(1, "room-").length()));
            assertThat(sender.until("\r\n")).startsWith("HTTP/1.1 200");
            assertThat(Signing.send(signed, "no-room", "{}" + " ".repeat(1000)).status())
                    .isEqualTo(503);
            first.send("x");
            assertThat(first.until("\r\n")).startsWith("HTTP/1.1 403");
        }
        Answer taken = await().until(
                        () -> Signing.send(signed, "room", request(1, "signed-")), answer -> answer.status() != 503);
        assertThat(taken.status()).as("%s", taken).isEqualTo(200);
    }

    /** Whatever has the form of no signature at all is judged by its secret, without its body. */
    @Test
    void whatIsNoSignatureTakesNoBody() {
        for (var none : new String[] {
            "webhook-signature: x\r\n",
            "webhook-signature: v1,AAAA\r\nwebhook-id: m\r\n",
            "webhook-signature: v1,AAAA\r\nwebhook-id: m\r\nwebhook-timestamp: soon\r\n"
        }) {
            var request = head("POST", webhook.path(), none, 1000);
            assertThat(await().atMost(Duration.ofSeconds(30)).until(() -> answered(request), text -> !text.isEmpty()))
                    .as(none)
                    .startsWith("HTTP/1.1 403");
        }
    }

    @Test
    void aRightRequestAfterAStrangersOnOneConnectionIsNotHarmed() {
        var body = "{\n \"conversions\": [" + conversion() + "]}";
        var right = head("POST", webhook.path(), "X-Webhook-Secret: " + webhook.secret() + "\r\n", body.length());
        var wrong = head("POST", webhook.path(), "X-Webhook-Secret: wrong\r\n", 10);
        for (int i = 0; i < 5; i++) {
            try (var wire = new Wire(product.port())) {
                wire.send(wrong + "0123456789");
                assertThat(wire.until("\"}"))
                        .as("with its body")
                        .startsWith("HTTP/1.1 403")
                        .doesNotContainIgnoringCase("Connection: close");
                wire.send(right);
                wire.send(body);
                assertThat(wire.until("accepted_count")).contains("HTTP/1.1 200");
            }
        }
    }

    /** What follows would be the rest of a body, or the next request: the connection says which, by its end. */
    @Test
    void aStrangerWhoseBodyIsStillToComeHasNoNextRequestOnTheConnection() {
        var answer = await().atMost(Duration.ofSeconds(30))
                .until(
                        () -> {
                            try (var wire = new Wire(product.port(), 1000)) {
                                wire.send(head("POST", webhook.path(), "X-Webhook-Secret: wrong\r\n", 10) + "01234");
                                var first = wire.until("\"}");
                                wire.send("56789"
                                        + head(
                                                "POST",
                                                webhook.path(),
                                                "X-Webhook-Secret: " + webhook.secret() + "\r\n",
                                                2));
                                wire.send("{}");
                                return first + wire.rest();
                            } catch (UncheckedIOException e) {
                                return "";
                            }
                        },
                        text -> !text.isEmpty());
        assertThat(answer)
                .startsWith("HTTP/1.1 403")
                .containsIgnoringCase("Connection: close\r\n")
                .containsOnlyOnce("HTTP/1.1 ");
    }
}
