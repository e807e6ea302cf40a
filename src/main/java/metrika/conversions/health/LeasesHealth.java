package metrika.conversions.health;

import java.time.Duration;
import java.util.Map;
import java.util.function.Supplier;

import org.apache.camel.health.HealthCheckResultBuilder;

/**
 * Down when the beat that renews the leases of uploads has stopped: each upload is then taken over by another process,
 * or by this one again, before it is sent.
 */
public final class LeasesHealth extends HealthOnly {

    private final Supplier<Duration> sinceBeat;
    private final Duration lease;

    /**
     * @param sinceBeat how long ago the last beat was
     * @param lease how long a lease holds without one
     */
    public LeasesHealth(Supplier<Duration> sinceBeat, Duration lease) {
        super("leases");
        this.sinceBeat = sinceBeat;
        this.lease = lease;
    }

    @Override
    protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
        var since = sinceBeat.get();
        if (since.compareTo(lease) < 0) {
            builder.up();
        } else {
            builder.message("leases have not been renewed for %d s (upload.lease is %d s): restart the process"
                            .formatted(since.toSeconds(), lease.toSeconds()))
                    .down();
        }
    }
}
