package metrika.conversions.delivery;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** The threads that ask Metrika about uploads, each one counter after another. */
public final class PollerPool {

    /** Counters that may wait for each thread: more would only grow old in memory, while Metrika is slow. */
    private static final int WAITING_EACH = 50;

    private final ThreadPoolExecutor threads;

    /** @param max how many counters are asked about at the same time */
    public PollerPool(int max) {
        threads = new ThreadPoolExecutor(max, max, 60, TimeUnit.SECONDS, new LinkedBlockingQueue<>());
        threads.allowCoreThreadTimeOut(true);
    }

    /** The threads themselves. */
    public ExecutorService threads() {
        return threads;
    }

    /** How many counters more can be asked about now. */
    public int countIdle() {
        return Math.max(
                0,
                WAITING_EACH * threads.getMaximumPoolSize() - threads.getQueue().size());
    }
}
