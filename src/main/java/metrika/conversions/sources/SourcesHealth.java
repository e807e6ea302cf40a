package metrika.conversions.sources;

import java.util.ArrayList;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

import org.apache.camel.health.HealthCheck;
import org.apache.camel.health.HealthCheckAware;
import org.apache.camel.health.HealthCheckResultBuilder;
import org.apache.camel.impl.health.AbstractHealthCheck;

/**
 * Down while a source could not be started, names a webhook that is not there, or cannot be looked at, such as a
 * partner's server. A part of health alone, not of readiness: the trouble of one must not take this process out of
 * service for all others.
 */
public final class SourcesHealth extends AbstractHealthCheck {

    private final LeftOutSources leftOut;
    private final SourceWebhooks webhooks;

    public SourcesHealth(LeftOutSources leftOut, SourceWebhooks webhooks) {
        super("metrika-conversions", "sources");
        this.webhooks = webhooks;
        this.leftOut = leftOut;
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
        var reasons = leftOut.reasons();
        var missing = new TreeMap<>(webhooks.missing());
        missing.keySet().removeAll(reasons.keySet());
        if (down.isEmpty() && reasons.isEmpty() && missing.isEmpty()) {
            builder.up();
            return;
        }
        var told = new ArrayList<String>();
        reasons.forEach((source, reason) -> told.add("%s is not started: %s".formatted(source, reason)));
        missing.forEach((source, fault) -> told.add("%s stores nothing: %s".formatted(source, fault)));
        var names = new ArrayList<>(reasons.keySet());
        names.addAll(missing.keySet());
        if (!down.isEmpty()) {
            told.add("cannot be looked at: " + down);
            names.add(down);
        }
        builder.message(String.join("; ", told))
                .detail("sources", String.join(", ", names))
                .down();
    }
}
