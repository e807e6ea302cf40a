package metrika.conversions.guarantees;

import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

import metrika.conversions.support.Answer;
import metrika.conversions.support.TestWebhook;

import static metrika.conversions.support.Samples.conversion;
import static metrika.conversions.support.Samples.request;
import static metrika.conversions.support.Shared.DATABASE;
import static metrika.conversions.support.Shared.PRODUCT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Statements that do not come to an end: what needs them is answered in time, and what does not, as ever. */
@Isolated // it locks tables that all have, and says how soon there is an answer
class HangingStatementsIT {

    private static final int CALLERS = 100;
    private static final Duration PROMISED = Duration.ofSeconds(10);
    private static final Duration SOON = Duration.ofSeconds(3);

    private final TestWebhook webhook = PRODUCT.webhook(73);
    private final TestWebhook neighbour = PRODUCT.webhook(74);
    private final String batch = webhook.batch(conversion());
    private final ExecutorService pool = Executors.newFixedThreadPool(2 * CALLERS);

    @AfterEach
    void stop() {
        pool.shutdownNow();
    }

    @Test
    void ofALockedTable() throws SQLException {
        for (var table : List.of("batch", "conversion", "request_window", "webhook")) {
            try (var holder = DriverManager.getConnection(DATABASE.url());
                    var statement = holder.createStatement()) {
                holder.setAutoCommit(false);
                statement.execute("lock table %s in access exclusive mode".formatted(table));
                var senders = all(
                        CALLERS,
                        () -> webhook.send(request(100, "x"), UUID.randomUUID().toString()));
                var status = all(20, () -> PRODUCT.send(webhook.request("/status?batch_id=" + batch)));
                var description = all(20, () -> PRODUCT.get("/openapi.yaml"));
                assertUnavailable(senders, PROMISED);
                for (var answer : status) {
                    assertThat(answer.join().took())
                            .as("status, %s locked", table)
                            .isLessThan(SOON);
                    assertThat(answer.join().answer().status())
                            .as("%s locked", table)
                            .isEqualTo(Set.of("batch", "webhook").contains(table) ? 503 : 200);
                }
                assertThat(status)
                        .as("have threads of their own")
                        .allMatch(answer -> !answer.join().answer().body().contains("(intake)")
                                && !answer.join().answer().body().contains("(changes)"));
                description.forEach(
                        answer -> assertThat(answer.join().answer().status()).isEqualTo(200));
                holder.rollback();
            }
            await().until(() -> webhook.send(request(1, "after")).status() == 200);
        }
    }

    @Test
    void ofTheWriterAsWhereTheLogCannotBeWritten() throws Exception {
        var backends =
                DATABASE.query("""
                    select pid::text from pg_stat_activity
                     where datname = current_database() and application_name = 'metrika-conversions writer'\
                    """).stream().map(row -> (String) row.get("pid")).toList();
        assertThat(backends).isNotEmpty();
        signal("STOP", backends);
        try {
            var senders = all(
                    CALLERS,
                    () -> webhook.send(request(100, "x"), UUID.randomUUID().toString()));
            var status = all(50, () -> PRODUCT.send(webhook.request("/status?batch_id=" + batch)));
            for (var answer : status) {
                assertThat(answer.join().answer().status())
                        .as("%s", answer.join().answer())
                        .isEqualTo(200);
                assertThat(answer.join().took()).isLessThan(SOON);
            }
            for (var answer : senders) {
                assertThat(answer.join().answer().status())
                        .as("%s", answer.join().answer())
                        .isIn(200, 503);
                assertThat(answer.join().took()).isLessThan(PROMISED);
            }
        } finally {
            signal("CONT", backends);
        }
        await().until(() -> webhook.send(request(1, "after")).status() == 200);
    }

    private static void signal(String name, List<String> processes) throws Exception {
        var command = new ArrayList<>(List.of("kill", "-" + name));
        command.addAll(processes);
        assertThat(new ProcessBuilder(command).start().waitFor()).isZero();
    }

    @Test
    void ofOneWebhookThatIsHeld() throws SQLException {
        try (var holder = DriverManager.getConnection(DATABASE.url());
                var statement = holder.createStatement()) {
            holder.setAutoCommit(false);
            statement.execute("""
                insert into batch (id, webhook_id, total, oldest_event_at, ready_at, idempotency_key)
                values (gen_random_uuid(), '%s', 0, clock(), clock(), 'held')\
                """.formatted(webhook.id()));
            var held = all(30, () -> webhook.send(request(1, "x"), "held"));
            var others = all(
                    CALLERS,
                    () -> neighbour.send(request(1, "x"), UUID.randomUUID().toString()));
            for (var answer : others) {
                assertThat(answer.join().answer().status())
                        .as("%s", answer.join().answer())
                        .isEqualTo(200);
                assertThat(answer.join().took()).isLessThan(SOON);
            }
            assertUnavailable(held, PROMISED);
            holder.rollback();
        }
        await().until(() -> webhook.send(request(1, "x"), "held").status() == 200);
    }

    @Test
    void ofRepeatedRequestsWhoseBatchIsHeld() throws SQLException {
        var body = request(1, "x");
        webhook.send(body, "repeated");
        try (var holder = DriverManager.getConnection(DATABASE.url());
                var statement = holder.createStatement()) {
            holder.setAutoCommit(false);
            statement.execute("select from batch where webhook_id = '%s' and idempotency_key = 'repeated' for update"
                    .formatted(webhook.id()));
            var repeated = all(CALLERS, () -> webhook.send(body, "repeated"));
            var others = all(CALLERS, () -> neighbour.send(request(1, "x")));
            for (var answer : others) {
                assertThat(answer.join().answer().status())
                        .as("%s", answer.join().answer())
                        .isEqualTo(200);
                assertThat(answer.join().took()).isLessThan(SOON);
            }
            assertUnavailable(repeated, PROMISED);
            holder.rollback();
        }
        await().until(() -> webhook.send(body, "repeated").status() == 200);
    }

    @Test
    void ofReports() throws SQLException {
        try (var holder = DriverManager.getConnection(DATABASE.url());
                var statement = holder.createStatement()) {
            holder.setAutoCommit(false);
            statement.execute("lock table audit in access exclusive mode");
            var reports = all(10, () -> PRODUCT.get("/audit"));
            for (int i = 0; i < 5; i++) {
                for (var answer : all(20, () -> neighbour.send(request(1, "x")))) {
                    assertThat(answer.join().answer().status()).isEqualTo(200);
                    assertThat(answer.join().took()).isLessThan(SOON);
                }
                assertThat(PRODUCT.send(webhook.request("/status?batch_id=" + batch))
                                .status())
                        .isEqualTo(200);
                assertThat(PRODUCT.get(webhook.path()).status()).isEqualTo(200);
            }
            assertUnavailable(reports, PROMISED);
            assertThat(reports)
                    .as("those that found no thread")
                    .anyMatch(answer -> answer.join().answer().body().contains("(reports)"));
            assertThat(reports)
                    .as("those that found one")
                    .anyMatch(answer -> !answer.join().answer().body().contains("(reports)"));
            assertThat(neighbour.send("{\"conversions\": []}").status())
                    .as("a busy pool is no absent database")
                    .isEqualTo(400);
            holder.rollback();
        }
        await().until(() -> PRODUCT.get("/audit").status() == 200);
    }

    private record Timed(Answer answer, Duration took) {}

    /** All at the same moment. */
    private List<CompletableFuture<Timed>> all(int count, Supplier<Answer> request) {
        var answers = new ArrayList<CompletableFuture<Timed>>();
        for (int i = 0; i < count; i++) {
            answers.add(CompletableFuture.supplyAsync(
                    () -> {
                        var began = System.nanoTime();
                        var answer = request.get();
                        return new Timed(answer, Duration.ofNanos(System.nanoTime() - began));
                    },
                    pool));
        }
        return answers;
    }

    private static void assertUnavailable(List<CompletableFuture<Timed>> answers, Duration within) {
        for (var timed : answers) {
            var answer = timed.join().answer();
            assertThat(answer.status()).as("%s", answer).isEqualTo(503);
            assertThat(Integer.parseInt(answer.header("Retry-After"))).isPositive();
            assertThat(timed.join().took()).isLessThan(within);
        }
    }
}
