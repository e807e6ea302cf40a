package metrika.conversions.guarantees;

import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import metrika.conversions.support.Accounts;
import metrika.conversions.support.Product;
import metrika.conversions.support.Shared;
import metrika.conversions.support.TestDatabase;
import metrika.conversions.support.TestWebhook;
import metrika.simulator.Fault;
import metrika.simulator.Operation;
import metrika.simulator.Point;
import metrika.simulator.Simulator;

import static metrika.conversions.support.Samples.conversion;
import static metrika.conversions.support.Samples.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** What a process, or a thread of it, that stops for a while does to the others, and what it does when it goes on. */
@Tag("crash")
class FrozenProcessIT {

    private final TestDatabase database = TestDatabase.create();
    private final Simulator metrika = Shared.metrika("stalled");

    @AfterEach
    void close() {
        metrika.close();
    }

    private Product.Builder product() {
        return Product.on(database, metrika.url()).with("upload.settle", "PT1S");
    }

    @Test
    void aSenderWhoseLeaseWentToAnotherOfTheSameProcessSendsNothingMore() {
        TestWebhook webhook;
        try (var loader = product().with("upload.schedule", Product.NEVER).start()) {
            webhook = loader.webhook(1);
            // More than the buffers of a connection take
            for (int i = 0; i < 80; i++) {
                assertThat(webhook.send(request(1000, i + "-" + "x".repeat(240)))
                                .status())
                        .isEqualTo(200);
            }
        }
        metrika.fault(Fault.stall(Point.IN_BODY).on(Operation.UPLOAD).times(1));
        try (var product = product().start()) {
            await().atMost(Duration.ofSeconds(30)).until(() -> metrika.held() == 1);
            // As after a pause of the whole process, or while the database is away: the lease ends, and is claimed
            // again.
            await().atMost(Duration.ofSeconds(30))
                    .pollInterval(Duration.ofMillis(20))
                    .until(() -> {
                        database.update("update upload set lease_expires_at = clock() - interval '10 seconds' where"
                                + " claim_number = 1");
                        return database.<Integer>value("select claim_number from upload") > 1;
                    });
            Accounts.assertExactlyOnce(product, metrika, 80_000);
            metrika.release();
            await().atMost(Duration.ofSeconds(30)).until(() -> product.log().contains("could not be sent"));
            webhook.at(product).batch(conversion());
            Accounts.assertExactlyOnce(product, metrika, 80_001);
        }
    }

    @Test
    void aProcessThatStopsInTheMidstOfAStatementHoldsUpNoOther() throws Exception {
        TestWebhook webhook;
        var first = product().start();
        try (Connection connection = DriverManager.getConnection(database.url());
                var lock = connection.createStatement()) {
            webhook = first.webhook(1);
            connection.setAutoCommit(false);
            lock.execute("select from recent_calls for update");
            webhook.send(request(10, "first"));
            await().atMost(Duration.ofSeconds(30)).until(() -> waiting("'active'", "Lock") == 1);
            signal(first, "STOP");
            connection.rollback(); // now it is the stopped process that holds the lock
            await().atMost(Duration.ofSeconds(30)).until(() -> waiting("'idle in transaction'", "Client") == 1);
        }
        try (var second = product().start()) {
            Accounts.assertExactlyOnce(second, metrika, 10);
            signal(first, "CONT");
            webhook.at(second).send(request(10, "second"));
            Accounts.assertExactlyOnce(second, metrika, 20);
        } finally {
            first.kill();
        }
    }

    private long waiting(String state, String event) {
        return database.<Long>value(
                "select count(*) from pg_stat_activity where datname = current_database() and state = " + state
                        + " and wait_event_type = '" + event
                        + "' and query like '%acquire_call_permit%' and pid <> pg_backend_pid()");
    }

    private static void signal(Product product, String signal) throws Exception {
        assertThat(new ProcessBuilder(
                                "kill",
                                "-" + signal,
                                String.valueOf(product.process().pid()))
                        .start()
                        .waitFor())
                .isZero();
    }
}
