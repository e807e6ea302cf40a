package metrika.conversions.auth;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** Turns at a fixed rate, for refusals: a flood of wrong secrets waits for its turns, and takes no thread for that. */
public final class Pace {

    private final long paceNanos;
    private final long maxNanos;
    /** When the next turn is, on the monotonic clock. */
    private final AtomicLong next = new AtomicLong(System.nanoTime());

    /**
     * @param pace between two turns
     * @param max the longest wait
     */
    public Pace(Duration pace, Duration max) {
        paceNanos = pace.toNanos();
        maxNanos = max.toNanos();
    }

    /** In how many nanoseconds the turn is of who comes now. */
    public long pause(long now) {
        var mine = next.getAndUpdate(turn -> turn - now > maxNanos ? turn : Math.max(turn - now, 0) + now + paceNanos);
        return Math.max(mine - now, 0);
    }

    /** Whether a pause is so long that its caller has no turn. */
    public boolean isTooLong(long pause) {
        return pause > maxNanos;
    }
}
