package metrika.conversions.guarantees;

import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import metrika.conversions.support.Accounts;
import metrika.conversions.support.Answer;
import metrika.conversions.support.Product;
import metrika.conversions.support.RestartableServer;
import metrika.conversions.support.Shared;
import metrika.conversions.support.TestWebhook;
import metrika.simulator.Fault;
import metrika.simulator.Operation;
import metrika.simulator.Point;
import metrika.simulator.Simulator;

import static metrika.conversions.support.Samples.conversion;
import static metrika.conversions.support.Samples.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * PostgreSQL is stopped, or stands still, under many requests: each is answered in time, and all goes on afterwards.
 */
@Order(1) // it takes long
class DatabaseOutageIT {

    /** More than the product has threads for. */
    private static final int CALLERS = 100;

    private static final Duration PROMISED = Duration.ofSeconds(10);

    private static RestartableServer server;
    private static Simulator metrika;
    private static Product product;
    private static long counters;
    /** Conversions that were answered 200. */
    private static long accepted;

    @BeforeAll
    static void start() {
        server = new RestartableServer().start();
        metrika = Shared.metrika("away");
        product = Product.on(server.database(), metrika.url())
                .with("inbound.amocrm-deals.enabled", true)
                .with("inbound.amocrm-deals.webhook", UUID.randomUUID())
                .with("inbound.amocrm-deals.url", metrika.url())
                .with("inbound.amocrm-deals.status", 142)
                .with("inbound.amocrm-deals.token", "t")
                .with("inbound.amocrm-deals.schedule", "* * * * * ?")
                .start();
    }

    @AfterAll
    static void aStopWaitsForNoFrozenServer() throws Exception {
        try (var leaves = server;
                var metrika = DatabaseOutageIT.metrika) {
            // An upload is under way, which the process would give back
            metrika.fault(Fault.stall(Point.IN_BODY).on(Operation.UPLOAD).times(1));
            var webhook = product.webhook(++counters);
            webhook.batch(conversion());
            await().until(() -> metrika.held() == 1);
            leaves.signal("STOP");
            try {
                assertThat(webhook.send(request(5, "while-away")).status()).isEqualTo(503);
                product.close(); // which waits for 20 seconds
            } finally {
                leaves.signal("CONT");
            }
            assertThat(product.process().exitValue()).isEqualTo(143);
        }
    }

    @Test
    @Tag("crash")
    void stopped() throws Exception {
        check(RestartableServer::close, RestartableServer::start);
    }

    @Test
    void schedulesSayInALineWhyTheyDidNotRun() throws Exception {
        var before = product.log().length();
        server.close();
        try {
            for (var schedule : List.of("plan-uploads", "poll-uploads", "out-callback", "in-amocrm-deals")) {
                var line = Pattern.compile(" WARN .*" + schedule + " is tried again: .*Connection to \\S+ refused");
                await().until(() ->
                        line.matcher(product.log().substring(before)).find());
            }
            assertThat(product.log().substring(before))
                    .doesNotContain(" ERROR ", "DefaultErrorHandler ", "quartz.CamelJob ");
        } finally {
            server.start();
        }
        var webhook = await().ignoreExceptionsInstanceOf(IllegalStateException.class)
                .until(() -> product.webhook(++counters), created -> true);
        await().until(() -> webhook.send(request(1, "back")).status() == 200);
        accepted++;
        Accounts.assertExactlyOnce(product, metrika, accepted);
    }

    @Test
    void frozen() throws Exception {
        check(server -> server.signal("STOP"), server -> server.signal("CONT"));
    }

    private interface Act {
        void on(RestartableServer server) throws Exception;
    }

    private static void check(Act leaves, Act returns) throws Exception {
        var webhook = product.webhook(++counters);
        webhook.send(request(5, "before"));
        Accounts.assertExactlyOnce(product, metrika, accepted + 5);

        leaves.on(server);
        try {
            assertEachIsAnsweredInTime(List.of(
                    () -> product.send(webhook.request("/batches")),
                    () -> webhook.send(request(5, "while-away"), "while-away"),
                    () -> product.send(webhook.request("/status?batch_id=00000000-0000-7000-8000-000000000000")),
                    () -> product.get("/ledger"),
                    () -> product.send(product.request(TestWebhook.PATH)
                            .header("Content-Type", "application/json")
                            .POST(HttpRequest.BodyPublishers.ofString(
                                    "{\"name\": \"n\", \"counter_id\": 1, \"token\": \"t\"}")))));
        } finally {
            returns.on(server);
        }

        // The same request goes through now, whatever became of it before, and its key keeps it from being doubled
        await().atMost(Duration.ofSeconds(30))
                .until(
                        () -> webhook.send(request(5, "while-away"), "while-away")
                                .status(),
                        status -> status == 200 || status == 409);
        await().atMost(Duration.ofSeconds(30))
                .until(() -> webhook.send(request(5, "after")).status() == 200);
        accepted += 15;
        Accounts.assertExactlyOnce(product, metrika, accepted);
        assertThat(product.process().isAlive()).isTrue();
    }

    private static void assertEachIsAnsweredInTime(List<Supplier<Answer>> requests) {
        var pool = Executors.newFixedThreadPool(CALLERS);
        try {
            var began = System.nanoTime();
            var answers = IntStream.range(0, CALLERS)
                    .mapToObj(i -> CompletableFuture.supplyAsync(
                            () -> requests.get(i % requests.size()).get(), pool))
                    .toList();
            for (var answer : answers) {
                assertThat(answer.join().status()).isEqualTo(503);
                assertThat(answer.join().header("Content-Type")).isEqualTo("application/problem+json");
                assertThat(Integer.parseInt(answer.join().header("Retry-After")))
                        .isPositive();
            }
            assertThat(Duration.ofNanos(System.nanoTime() - began))
                    .as("until the last of them had its answer")
                    .isLessThan(PROMISED);
        } finally {
            pool.shutdownNow();
        }
    }
}
