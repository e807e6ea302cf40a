package metrika.conversions.delivery;

import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

import org.apache.camel.Variable;

/** The threads that send uploads, each one upload after another. */
public final class SenderPool {

    private final ThreadPoolExecutor threads;
    private volatile boolean stopping;

    /** @param max how many uploads are sent at the same time */
    public SenderPool(int max) {
        threads = new ThreadPoolExecutor(max, max, 60, TimeUnit.SECONDS, new LinkedBlockingQueue<>());
        threads.allowCoreThreadTimeOut(true);
    }

    /** The threads themselves. */
    public ExecutorService threads() {
        return threads;
    }

    /** How many have nothing to do. */
    public int countIdle() {
        return stopping
                ? 0
                : Math.max(
                        0,
                        threads.getMaximumPoolSize()
                                - threads.getActiveCount()
                                - threads.getQueue().size());
    }

    /**
     * Whether a sender goes on.
     *
     * @param claimed what it has claimed at its last attempt; {@code null} before its first
     */
    public boolean shouldContinue(@Variable("claimed") List<?> claimed) {
        return (claimed == null || !claimed.isEmpty()) && !stopping;
    }

    /** From now on nothing is begun; what is under way goes on. */
    public void stop() {
        stopping = true;
    }
}
