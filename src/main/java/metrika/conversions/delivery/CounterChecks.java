package metrika.conversions.delivery;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

import metrika.conversions.settings.SettingException;
import metrika.conversions.settings.Settings;

/**
 * The threads that ask Metrika about counters: those of the schedule, and those that somebody waits for. A Metrika that
 * hangs holds these and no others, and who finds none of them free is not kept waiting.
 */
public final class CounterChecks implements AutoCloseable {

    private static final String WAIT = "counter-check.wait";
    /** Questions of the schedule at the same moment: what is due can wait. */
    private static final int SCHEDULED = 2;
    /** Questions that somebody waits for at the same moment. */
    private static final int ASKED = 10;

    /** Connections to Metrika that all of them need. */
    public static final int THREADS = SCHEDULED + ASKED;

    private final PollerPool scheduled = new PollerPool(SCHEDULED);
    private final ThreadPoolExecutor asked =
            new ThreadPoolExecutor(0, ASKED, 60, TimeUnit.SECONDS, new SynchronousQueue<>());
    private final boolean isWaitedFor;

    /** @throws SettingException when a setting is not what it should be */
    public CounterChecks(Settings settings) {
        var wait = settings.text(WAIT);
        if (!wait.matches("[0-5]s")) {
            throw new SettingException("%s is '%s': 0s to 5s is expected".formatted(WAIT, settings.quote(WAIT, wait)));
        }
        isWaitedFor = !wait.equals("0s");
        settings.duration("counter-check.interval");
    }

    /** The threads of the schedule. */
    public ExecutorService scheduledThreads() {
        return scheduled.threads();
    }

    /** The threads of questions that somebody waits for. When all are busy, another one is rejected. */
    public ExecutorService askedThreads() {
        return asked;
    }

    /** How many counters more can be checked now. */
    public int countIdle() {
        return scheduled.countIdle();
    }

    /** Whether who creates or changes a webhook waits for the check of its counter. */
    public boolean isWaitedFor() {
        return isWaitedFor;
    }

    @Override
    public void close() {
        scheduled.threads().shutdownNow();
        asked.shutdownNow();
    }
}
