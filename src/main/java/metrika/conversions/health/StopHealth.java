package metrika.conversions.health;

import java.util.Map;

import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;

/** Not ready as soon as the process is told to stop, {@code shutdown.delay} before it takes no more requests. */
public final class StopHealth extends AbstractHealthCheck {

    private volatile boolean isStopping;

    public StopHealth() {
        super("metrika-conversions", "stop");
    }

    /** From now on nobody should send requests here. */
    public void stop() {
        isStopping = true;
    }

    @Override
    public boolean isLiveness() {
        return false;
    }

    @Override
    protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
        if (isStopping) {
            builder.message("the process is stopping").down();
        } else {
            builder.up();
        }
    }
}
