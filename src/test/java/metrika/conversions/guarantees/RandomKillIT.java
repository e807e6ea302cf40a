package metrika.conversions.guarantees;

import java.time.Duration;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReferenceArray;

import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

import metrika.conversions.support.Accounts;
import metrika.conversions.support.Load;
import metrika.conversions.support.Product;
import metrika.conversions.support.RestartableServer;
import metrika.conversions.support.Shared;
import metrika.conversions.support.TestWebhook;
import metrika.simulator.Fault;
import metrika.simulator.FaultBody;
import metrika.simulator.Operation;
import metrika.simulator.Point;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Two processes on one database under load. Processes are killed, PostgreSQL is restarted and Metrika fails, at random
 * moments: nothing is missing, nothing is doubled. The seed is printed, and taken from {@code -Dcrash.seed}.
 */
@Order(1) // it takes long
class RandomKillIT {

    private static final Duration LONG = Duration.ofSeconds(90);

    private final Random random;
    private final long seed;

    RandomKillIT() {
        seed = Long.getLong("crash.seed", System.nanoTime());
        random = new Random(seed);
    }

    @Test
    void aFewKills() {
        run(2, 1);
    }

    @Test
    @Tag("crash")
    void manyKills() {
        run(60, 3);
    }

    private void run(int kills, int senders) {
        var products = new AtomicReferenceArray<Product>(2);
        try (var server = new RestartableServer().start();
                var metrika = Shared.metrika("random")) {
            var database = server.database();
            var builder = Product.on(database, metrika.url()).with("upload.settle", "PT2S");
            products.set(0, builder.start());
            products.set(
                    1,
                    builder.with("http.port", Product.freePort())
                            .with("management.port", Product.freePort())
                            .start());
            var webhook = products.get(0).webhook(1);
            try (var load = new Load(senders, () -> webhook.at(products.get(Math.abs((int) System.nanoTime() % 2))))) {
                for (int kill = 1; kill <= kills; kill++) {
                    var goal = load.batches() + 1 + random.nextInt(40);
                    await().atMost(LONG).pollInterval(Duration.ofMillis(20)).until(() -> load.batches() >= goal);
                    metrika.fault(fault());
                    if (kill % 8 == 2) {
                        server.close();
                        assertAnsweredWhileAway(webhook.at(products.get(0)));
                        server.start();
                    } else {
                        var victim = random.nextInt(2);
                        products.get(victim).kill();
                        products.set(
                                victim,
                                builder.with("http.port", products.get(victim).port())
                                        .with("management.port", Product.freePort())
                                        .start());
                    }
                }
                load.close();
                metrika.clearFaults();
                await().atMost(Duration.ofSeconds(180))
                        .pollInterval(Duration.ofSeconds(1))
                        .until(() -> {
                            database.update("update upload set next_attempt_at = clock() where state = 'planned' and"
                                    + " next_attempt_at > clock() and"
                                    + " lease_expires_at"
                                    + " is null"); // the pauses have grown with every kill
                            return database.<Long>value("select count(*) from batch_status where status <> 'completed'")
                                    == 0;
                        });
                Accounts.assertExactlyOnce(products.get(0), metrika, load.conversions());
                LoggerFactory.getLogger(RandomKillIT.class)
                        .info(
                                "{} kills, seed {}: {} batches, {} conversions, {} files, 0 missing, " + "0 doubled",
                                kills,
                                seed,
                                load.batches(),
                                load.conversions(),
                                metrika.uploads().size());
            }
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError("seed " + seed, e);
        } finally {
            for (int i = 0; i < 2; i++) {
                if (products.get(i) != null) {
                    products.get(i).kill();
                }
            }
        }
    }

    private static void assertAnsweredWhileAway(TestWebhook webhook) {
        var began = System.nanoTime();
        var answer = webhook.product().send(webhook.request("/batches"));
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
        assertThat(Integer.parseInt(answer.header("Retry-After"))).isPositive();
        assertThat(Duration.ofNanos(System.nanoTime() - began))
                .as("promised: an answer within 10 s")
                .isLessThan(Duration.ofSeconds(10));
    }

    private Fault fault() {
        return switch (random.nextInt(6)) {
            case 0 -> Fault.error(503, "backend_error", "Backend error").on(Operation.UPLOAD);
            case 1 -> Fault.error(429, "quota_parallel_requests", "Too many").on(Operation.ANY);
            case 2 -> Fault.close(Point.BEFORE_ANSWER).on(Operation.UPLOAD);
            case 3 -> Fault.close(Point.IN_BODY).on(Operation.UPLOAD);
            case 4 -> Fault.missingId().on(Operation.UPLOAD);
            default -> Fault.error(502, FaultBody.HTML).on(Operation.ANY);
        };
    }
}
