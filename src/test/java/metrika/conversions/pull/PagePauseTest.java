package metrika.conversions.pull;

import java.time.Clock;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionService;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.Executors;

import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** Whoever waits for an API holds a thread of the schedules, which the product's own need too. */
class PagePauseTest {

    private static PullRun atSecondPage() {
        var pull = new PullRun(1, CursorFormat.NUMBER, "100", null, "", Clock.systemUTC());
        pull.endPage(List.of(110), "2", 0, false);
        return pull;
    }

    @Test
    void onlySoManyPullsWaitAtTheSameTime() throws Exception {
        var threads = Executors.newCachedThreadPool();
        CompletionService<Boolean> ended = new ExecutorCompletionService<>(threads);
        try (var camel = new DefaultCamelContext()) {
            camel.start();
            Callable<Boolean> wait = () -> {
                var exchange = new DefaultExchange(camel);
                exchange.getMessage().setHeader(Exchange.HTTP_RESPONSE_CODE, 429);
                exchange.getMessage().setHeader("Retry-After", "100");
                return PagePause.isWaited(exchange, atSecondPage(), Clock.systemUTC());
            };
            for (int i = 0; i <= PagePause.MOST_WAITS; i++) {
                ended.submit(wait);
            }
            assertThat(ended.take().get()).as("the one too many ends at once").isFalse();
            assertThat(ended.poll()).as("the others wait").isNull();
            camel.stop();
            for (int i = 0; i < PagePause.MOST_WAITS; i++) {
                assertThat(ended.take().get()).as("the process stops").isFalse();
            }
        } finally {
            threads.shutdownNow();
        }
    }
}
