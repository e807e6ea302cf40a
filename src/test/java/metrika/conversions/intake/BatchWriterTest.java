package metrika.conversions.intake;

import java.lang.reflect.Proxy;
import java.sql.SQLException;
import java.time.ZoneOffset;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.sql.DataSource;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import metrika.conversions.auth.RateLimits;
import metrika.conversions.auth.Webhook;
import metrika.conversions.problem.ProblemException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

/** What the writer does without a database. */
class BatchWriterTest {

    private interface Connecting {
        Object connect() throws SQLException;
    }

    private BatchWriter writer;

    @AfterEach
    void close() throws InterruptedException {
        writer.close();
    }

    private static DataSource database(Connecting connecting) {
        return (DataSource) Proxy.newProxyInstance(
                BatchWriterTest.class.getClassLoader(),
                new Class<?>[] {DataSource.class},
                (proxy, method, arguments) -> connecting.connect());
    }

    private static NewBatch batch(int rows, Integer requestsInWindow) {
        var conversions = new Conversions(rows);
        for (int i = 0; i < rows; i++) {
            conversions.add(new Object[] {"1", null, null, null, "t", 1L, null, null}, true);
        }
        var webhook = new Webhook(UUID.randomUUID(), 1, ZoneOffset.UTC, 60, true, 0, null);
        return new NewBatch(
                UUID.randomUUID(), webhook, requestsInWindow, conversions, 0, "api", null, null, null, null);
    }

    @Test
    void whatIsBrokenIsToldAndSeenAndTheThreadGoesOn() throws Exception {
        var isBroken = new boolean[] {true};
        writer = new BatchWriter(
                database(() -> {
                    if (isBroken[0]) {
                        throw new OutOfMemoryError("as a test has it");
                    }
                    throw new SQLException("away", "08006");
                }),
                new RateLimits());
        assertThat(writer.trouble()).isEmpty();
        for (int i = 0; i < 3; i++) {
            var told = catchThrowable(() -> writer.write(batch(1, 1)).join());
            assertThat(told.getCause()).isInstanceOfSatisfying(ProblemException.class, problem -> {
                assertThat(problem.status()).isEqualTo(503);
                assertThat(problem.headers()).containsKey("Retry-After");
            });
            assertThat(writer.trouble())
                    .hasValueSatisfying(trouble -> assertThat(trouble).contains("OutOfMemoryError"));
        }
        isBroken[0] = false;
        assertThat(catchThrowable(() -> writer.write(batch(1, 1)).join()).getCause())
                .as("the thread goes on")
                .hasMessage("away");
    }

    @Test
    void whoFindsNoRoomIsToldSoAtOnce() throws Exception {
        var answers = new CountDownLatch(1);
        writer = new BatchWriter(
                database(() -> {
                    try {
                        answers.await(30, TimeUnit.SECONDS);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    throw new SQLException("away", "08006");
                }),
                new RateLimits(),
                10);
        var first = writer.write(batch(11, 1));
        var second = writer.write(batch(1, 1));
        assertThat(second).isCompletedExceptionally();
        var told = catchThrowable(second::join);
        assertThat(told).isInstanceOf(CompletionException.class);
        assertThat(((ProblemException) told.getCause()).status()).isEqualTo(503);
        assertThat(((ProblemException) told.getCause()).headers()).containsEntry("Retry-After", "1");
        answers.countDown();
        assertThat(catchThrowable(first::join).getCause()).hasMessage("away");
        assertThat(catchThrowable(() -> writer.write(batch(1, 1)).join()).getCause())
                .as("there is room again")
                .hasMessage("away");
    }
}
