package metrika.conversions;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import metrika.conversions.health.StopHealth;

/**
 * Ends the process in time, also where the database stands still: any process may end at any moment, and nothing is
 * lost. First it is not ready, for {@code shutdown.delay}, while it goes on to take requests; then what is open is
 * closed, the last first.
 */
final class Shutdown implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Shutdown.class);
    /** How long closing takes at the most. */
    private static final Duration LIMIT = Duration.ofSeconds(14);
    /** The exit code of a process that SIGTERM has ended. */
    private static final int STOPPED = 143;

    private final Duration delay;
    private final StopHealth health;
    private final Deque<AutoCloseable> open = new ArrayDeque<>();
    private volatile boolean isReady;

    Shutdown(Duration delay, StopHealth health) {
        this.delay = delay;
        this.health = health;
        Runtime.getRuntime().addShutdownHook(new Thread(this::stop, "shutdown"));
    }

    /** Has something closed that was opened. */
    synchronized <T extends AutoCloseable> T opened(T closeable) {
        open.push(closeable);
        return closeable;
    }

    /** The process takes requests: from now on its end is told, and waits for those who still send to it. */
    void ready() {
        isReady = true;
    }

    private void stop() {
        if (isReady) {
            drain();
            LOG.info("Stopping: nothing new is begun, and what is under way is finished or handed back");
        }
        var limit = new Thread(
                () -> {
                    if (sleep(LIMIT)) {
                        LOG.warn("Stopped without waiting any longer, as for a database that does not answer");
                        Runtime.getRuntime().halt(STOPPED);
                    }
                },
                "stop-limit");
        limit.setDaemon(true);
        limit.start();
        close();
        if (isReady) {
            LOG.info("Stopped");
        }
    }

    private void drain() {
        health.stop();
        if (!delay.isZero()) {
            LOG.info("Not ready any more; stopping in {} s (shutdown.delay)", delay.toSeconds());
            sleep(delay);
        }
    }

    private static boolean sleep(Duration time) {
        try {
            Thread.sleep(time.toMillis());
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Closes what is open. A failure keeps nothing else from being closed. */
    @Override
    public void close() {
        for (var closeable = next(); closeable != null; closeable = next()) {
            try {
                closeable.close();
            } catch (Exception e) {
                LOG.warn("Not closed cleanly: {}", closeable.getClass().getSimpleName(), e);
            }
        }
    }

    private synchronized AutoCloseable next() {
        return open.poll();
    }
}
