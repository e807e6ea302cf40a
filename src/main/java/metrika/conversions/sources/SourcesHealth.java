package metrika.conversions.sources;

import java.util.Map;
import java.util.stream.Collectors;

import org.apache.camel.health.HealthCheck;
import org.apache.camel.health.HealthCheckAware;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;

/**
 * Down while a source cannot be looked at, such as a partner's server. A part of health alone, not of readiness: a
 * partner's trouble must not take this process out of service for all others.
 */
public final class SourcesHealth extends AbstractHealthCheck {

    public SourcesHealth() {
        super("metrika-conversions", "sources");
    }

    @Override
    public boolean isLiveness() {
        return false;
    }

    @Override
    public boolean isReadiness() {
        return false;
    }

    @Override
    protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
        var down = getCamelContext().getRoutes().stream()
                .map(route -> route.getConsumer())
                .filter(consumer -> consumer instanceof HealthCheckAware aware
                        && aware.getHealthCheck() != null
                        && aware.getHealthCheck()
                                        .call(Map.of(HealthCheck.CHECK_KIND, HealthCheck.Kind.LIVENESS))
                                        .getState()
                                == HealthCheck.State.DOWN)
                .map(consumer -> consumer.getEndpoint().getEndpointBaseUri())
                .sorted()
                .collect(Collectors.joining(", "));
        if (down.isEmpty()) {
            builder.up();
        } else {
            builder.message("cannot be looked at: " + down)
                    .detail("sources", down)
                    .down();
        }
    }
}
