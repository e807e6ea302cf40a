package metrika.conversions.access;

import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

import metrika.conversions.web.Problem;

/**
 * Holds each webhook to its requests a minute, over the last sixty seconds of this process. Only callers with the right
 * secret are counted, so a stranger cannot use up a sender's limit, and there is one counter for each webhook at most.
 */
public final class RateLimits {

    private static final int SECONDS = 60;

    private final Map<UUID, Window> windows = new ConcurrentHashMap<>();
    private final LongSupplier clock;

    public RateLimits() {
        this(() -> System.nanoTime() / 1_000_000_000L);
    }

    /** @param clock seconds that never go back */
    RateLimits(LongSupplier clock) {
        this.clock = clock;
    }

    /**
     * Counts a request.
     *
     * @throws Problem 429 when the webhook has had its requests of the last minute; it is then not counted
     */
    public void take(Webhook webhook) {
        var pause = windows.computeIfAbsent(webhook.id(), id -> new Window())
                .take(clock.getAsLong(), webhook.requestsPerMinute());
        if (pause > 0) {
            throw Problem.of(429, "More than %d requests in a minute: come again in %d s, or send more conversions in each"
                    .formatted(webhook.requestsPerMinute(), pause)).retryAfter(Duration.ofSeconds(pause));
        }
    }

    /** The requests of the last sixty seconds, counted by the second. */
    private static final class Window {

        private final int[] counts = new int[SECONDS];
        private final long[] seconds = new long[SECONDS];

        /** Counts a request, or answers after how many seconds the next one is free. */
        synchronized long take(long now, int limit) {
            var total = 0L;
            for (int i = 0; i < SECONDS; i++) {
                total += isRecent(i, now) ? counts[i] : 0;
            }
            if (total >= limit) {
                return pause(now, total - limit + 1);
            }
            var slot = (int) Math.floorMod(now, SECONDS);
            counts[slot] = isRecent(slot, now) ? counts[slot] + 1 : 1;
            seconds[slot] = now;
            return 0;
        }

        /** Seconds until so many of the counted requests are a minute old. */
        private long pause(long now, long tooMany) {
            var left = tooMany;
            for (long second = now - SECONDS + 1; second <= now; second++) {
                var slot = (int) Math.floorMod(second, SECONDS);
                if (isRecent(slot, now)) {
                    left -= counts[slot];
                }
                if (left <= 0) {
                    return second + SECONDS - now;
                }
            }
            return SECONDS;
        }

        private boolean isRecent(int slot, long now) {
            return counts[slot] > 0 && now - seconds[slot] < SECONDS;
        }
    }
}
