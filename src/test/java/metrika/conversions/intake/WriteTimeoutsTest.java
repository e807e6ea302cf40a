package metrika.conversions.intake;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import static java.util.concurrent.TimeUnit.HOURS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Who is not kept waiting for the database any longer. */
class WriteTimeoutsTest {

    private final LinkedBlockingQueue<WriteRequest> waiting = new LinkedBlockingQueue<>();
    private final WriteTimeouts timeouts = new WriteTimeouts(waiting, Duration.ofMinutes(1));

    @AfterEach
    void close() {
        timeouts.close();
    }

    private static WriteRequest since(long hours) {
        return new WriteRequest(null, new CompletableFuture<>(), System.nanoTime() + HOURS.toNanos(hours));
    }

    @Test
    void whoHasWaitedForTooLongIsTold() {
        var early = since(-1);
        var alsoEarly = since(-1);
        var late = since(0);
        waiting.addAll(List.of(early, alsoEarly, late));
        await().until(() -> early.outcome().isCompletedExceptionally()
                && alsoEarly.outcome().isCompletedExceptionally());
        assertThat(late.outcome()).isNotDone();
    }

    @Test
    void soAreThoseOfAStatementThatHangs() {
        var early = since(-1);
        var late = since(0);
        timeouts.writing(List.of(late, early));
        await().until(() -> early.outcome().isCompletedExceptionally());
        assertThat(late.outcome()).isNotDone();
    }
}
