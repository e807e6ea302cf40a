package metrika.conversions.intake;

import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;

import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.Timer;

/** What the writer does: how long requests wait for it, and how many it writes at once. */
final class WriterMetrics {

    private final Timer waits = Metrics.timer("writer.wait");
    private final DistributionSummary groups = Metrics.summary("writer.group.requests");

    /** @param waiting how many conversions wait at the moment */
    WriterMetrics(IntSupplier waiting) {
        Gauge.builder("writer.waiting.conversions", waiting::getAsInt)
                .strongReference(true)
                .register(Metrics.globalRegistry);
    }

    /** A request was answered, one way or the other. */
    void waited(long nanos) {
        waits.record(nanos, TimeUnit.NANOSECONDS);
    }

    /** Requests are written by one statement. */
    void group(int requests) {
        groups.record(requests);
    }
}
