package metrika.conversions.guarantees;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

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

/**
 * A process killed with SIGKILL at each step of a delivery, and another one after it: exactly once, always. The steps
 * that stand for the others are in the normal suite, all of them in {@code -Pcrash}.
 */
@Execution(ExecutionMode.CONCURRENT) // each has what it starts to itself
class KilledProcessIT {

    private static final int CONVERSIONS = 1000;

    private final TestDatabase database = TestDatabase.create();
    private final Simulator metrika = Shared.metrika("crash");

    @AfterEach
    void close() {
        metrika.close();
    }

    private Product start() {
        return Product.on(database, metrika.url()).with("upload.settle", "PT2S").start();
    }

    private void restartAndSettle() {
        try (var again = start()) {
            Accounts.assertExactlyOnce(again, metrika, CONVERSIONS);
        }
    }

    @Test
    void afterMetrikaStoredAndBeforeItsAnswer() {
        inAPost(Point.BEFORE_ANSWER);
    }

    @ParameterizedTest
    @Tag("crash")
    @EnumSource(
            value = Point.class,
            names = {"BEFORE_BODY", "IN_BODY", "BEFORE_STORE"})
    void inAPost(Point point) {
        var product = start();
        metrika.fault(Fault.stall(point).on(Operation.UPLOAD).times(1));
        product.webhook(1).send(request(CONVERSIONS, "c"));
        await().atMost(Duration.ofSeconds(30)).until(() -> metrika.held() == 1);
        product.kill();
        metrika.release();
        restartAndSettle();
    }

    @Test
    @Tag("crash")
    void afterTheClaimAndBeforeThePost() throws SQLException {
        var product = start();
        var webhook = product.webhook(1);
        String login = database.value("select login from webhook");
        try (Connection connection = DriverManager.getConnection(database.url());
                var lock = connection.prepareStatement("select pg_advisory_lock(hashtextextended(?, 0))")) {
            lock.setString(1, login);
            lock.execute();
            webhook.send(request(CONVERSIONS, "c"));
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> database.<Long>value("select count(*) from upload where lease_expires_at is not null")
                            == 1);
            product.kill();
        }
        assertThat(metrika.uploads()).isEmpty();
        restartAndSettle();
    }

    @Test
    void afterTheAnswerAndBeforeItIsRecorded() throws SQLException {
        var product = start();
        metrika.fault(Fault.stall(Point.BEFORE_ANSWER).on(Operation.UPLOAD).times(1));
        product.webhook(1).send(request(CONVERSIONS, "c"));
        await().atMost(Duration.ofSeconds(30)).until(() -> metrika.held() == 1);
        try (Connection connection = DriverManager.getConnection(database.url());
                var lock = connection.createStatement()) {
            connection.setAutoCommit(false);
            lock.execute("select from upload for update");
            metrika.release();
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> !database.query("""
                        select from pg_stat_activity
                         where datname = current_database() and wait_event_type = 'Lock'
                           and query like '%Records the id that Metrika gave an upload%'\
                        """).isEmpty());
            product.kill();
            connection.rollback();
        }
        restartAndSettle();
    }

    @Test
    @Tag("crash")
    void inAPoll() {
        var product = start();
        metrika.fault(Fault.stall(Point.BEFORE_ANSWER).on(Operation.LIST).times(1));
        product.webhook(1).send(request(CONVERSIONS, "c"));
        await().atMost(Duration.ofSeconds(30)).until(() -> metrika.held() == 1);
        product.kill();
        metrika.release();
        restartAndSettle();
    }

    @Test
    @Tag("crash")
    void aStoppedProcessWhoseLeaseRanOutSendsNothingMore() throws Exception {
        TestWebhook webhook;
        try (var loader = Product.on(database, metrika.url())
                .with("upload.schedule", Product.NEVER)
                .start()) {
            webhook = loader.webhook(1);
            for (int i = 0; i < 20; i++) {
                webhook.send(request(CONVERSIONS, i + "-" + "x".repeat(200)));
            }
        }
        metrika.fault(Fault.stall(Point.IN_BODY).on(Operation.UPLOAD).times(1));
        var first = start();
        await().atMost(Duration.ofSeconds(30)).until(() -> metrika.held() == 1);
        signal(first, "STOP");
        try (var second = start()) {
            Accounts.assertExactlyOnce(second, metrika, 20L * CONVERSIONS);
            signal(first, "CONT");
            metrika.release();
            await().atMost(Duration.ofSeconds(30)).until(() -> first.log().contains("could not be sent"));
            webhook.at(second).batch(conversion());
            Accounts.assertExactlyOnce(second, metrika, 20L * CONVERSIONS + 1);
        } finally {
            first.kill();
        }
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
