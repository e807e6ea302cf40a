package metrika.conversions.intake;

import java.lang.reflect.Proxy;
import java.sql.SQLException;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
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

    /** How many groups were being written at the same moment, at the most. */
    private int together(int expected, int... rows) throws Exception {
        var answers = new CountDownLatch(1);
        var begun = new CountDownLatch(expected);
        var underWay = new AtomicInteger();
        var most = new AtomicInteger();
        writer = new BatchWriter(
                database(() -> {
                    most.accumulateAndGet(underWay.incrementAndGet(), Math::max);
                    begun.countDown();
                    try {
                        answers.await(5, TimeUnit.SECONDS);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    underWay.decrementAndGet();
                    throw new SQLException("away", "08006");
                }),
                new RateLimits());
        var written = new ArrayList<CompletableFuture<WriteResult>>();
        for (var each : rows) {
            written.add(writer.write(batch(each, 1)));
        }
        assertThat(begun.await(4, TimeUnit.SECONDS)).isTrue();
        answers.countDown();
        for (var each : written) {
            assertThat(catchThrowable(each::join)).hasMessageContaining("away");
        }
        return most.get();
    }

    @Test
    void aBacklogIsWrittenByTwo() throws Exception {
        assertThat(together(2, 4000, 999, 1)).isEqualTo(2);
    }

    @Test
    void fewThatWaitAreWrittenTogetherInTheirTurn() throws Exception {
        assertThat(together(1, 1, 1, 1, 1, 500)).isEqualTo(1);
    }
}
