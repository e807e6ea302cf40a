package metrika.conversions.pull;

import java.time.Clock;
import java.util.Set;
import java.util.concurrent.Semaphore;

import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits in the midst of a pull whose server asks to be left alone for a while, as one that takes so many requests a
 * minute. The cursor stands where the pull began as long as there are pages: begun anew, it would come no further.
 */
final class PagePause {

    private static final Logger LOG = LoggerFactory.getLogger("metrika.conversions.routes");
    private static final Set<Integer> ASKED_TOO_OFTEN = Set.of(429, 503);
    /** Where the server does not say how long. */
    private static final long USUAL_SECONDS = 30;
    /** What is longer ends the pull. */
    private static final long MOST_SECONDS = 120;

    private static final long LOOK_MILLIS = 200;
    /** Of the threads on which all schedules run (application.properties), those that may wait at the same time. */
    static final int MOST_WAITS = 8;

    private static final Semaphore WAITS = new Semaphore(MOST_WAITS);

    private PagePause() {}

    /**
     * Waits, if that is worth it: once for a page that the server has named, or whose number was counted.
     *
     * @return whether to ask for the page again now
     */
    static boolean isWaited(Exchange exchange, PullRun pull, Clock clock) throws InterruptedException {
        var response = exchange.getMessage();
        var status = response.getHeader(Exchange.HTTP_RESPONSE_CODE, 0, Integer.class);
        if (pull == null || pull.page() == null || !ASKED_TOO_OFTEN.contains(status)) {
            return false;
        }
        var asked = RetryAfter.seconds(response.getHeader("Retry-After", String.class), clock);
        var seconds = asked == 0 ? USUAL_SECONDS : asked;
        if (seconds > MOST_SECONDS || !pull.mayWait() || !WAITS.tryAcquire()) {
            return false;
        }
        try {
            return isOver(exchange, pull, status, seconds);
        } finally {
            WAITS.release();
        }
    }

    /** Whether it has waited to the end: not where the process stops. */
    private static boolean isOver(Exchange exchange, PullRun pull, int status, long seconds)
            throws InterruptedException {
        LOG.info(
                "in-{}: it answers {} in the midst of its pages: the next one is asked for again after {} s",
                exchange.getVariable("source"),
                status,
                seconds);
        var end = System.nanoTime() + seconds * 1_000_000_000L;
        while (System.nanoTime() < end) {
            if (exchange.getContext().isStopping() || exchange.getContext().isStopped()) {
                return false;
            }
            pull.endRow(); // it is no pull that hangs: the lease is renewed
            Thread.sleep(LOOK_MILLIS);
        }
        return true;
    }
}
