package metrika.conversions.http;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.Timer;

/** How many requests were answered, and how long each took, by method, path and status. */
final class RequestMetrics {

    /** The limits of the histogram: an answer takes some milliseconds, and ten seconds at the most. */
    private static final Duration[] LIMITS = {
        Duration.ofMillis(5),
        Duration.ofMillis(10),
        Duration.ofMillis(25),
        Duration.ofMillis(50),
        Duration.ofMillis(100),
        Duration.ofMillis(250),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofMillis(2500),
        Duration.ofSeconds(5),
        Duration.ofSeconds(10)
    };

    private static final Map<Answer, Timer> TIMERS = new ConcurrentHashMap<>();

    /** @param path as the router knows it, with names for what stands in it; so there are only so many of them */
    private record Answer(String method, String path, int status) {}

    private RequestMetrics() {}

    /**
     * A request was answered.
     *
     * @param method {@code ?} for what is none
     * @param path {@code -} where no route was found for it
     */
    static void record(String method, String path, int status, long nanos) {
        TIMERS.computeIfAbsent(new Answer(method, path, status), RequestMetrics::timer)
                .record(nanos, TimeUnit.NANOSECONDS);
    }

    private static Timer timer(Answer answer) {
        return Timer.builder("http.requests")
                .tag("method", answer.method)
                .tag("path", answer.path)
                .tag("status", String.valueOf(answer.status))
                .serviceLevelObjectives(LIMITS)
                .register(Metrics.globalRegistry);
    }
}
