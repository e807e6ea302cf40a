package metrika.conversions.sources;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;

import org.apache.camel.health.HealthCheck;
import org.apache.camel.health.HealthCheckAware;
import org.apache.camel.health.HealthCheckResultBuilder;

import metrika.conversions.database.ArrayText;
import metrika.conversions.health.HealthOnly;

/**
 * Down while a source could not be started, names a webhook that is not there, cannot be looked at, such as a partner's
 * server, or fails at its schedule. A part of health alone, not of readiness: the trouble of one must not take this
 * process out of service for all others.
 */
public final class SourcesHealth extends HealthOnly {

    private final LeftOutSources leftOut;
    private final SourceWebhooks webhooks;
    private final ScheduledSources scheduled;
    private final UUID process = UUID.randomUUID();

    /** @param scheduled those with a schedule of their own */
    public SourcesHealth(LeftOutSources leftOut, SourceWebhooks webhooks, ScheduledSources scheduled) {
        super("sources");
        this.webhooks = webhooks;
        this.leftOut = leftOut;
        this.scheduled = scheduled;
    }

    @Override
    protected void doCall(HealthCheckResultBuilder builder, Map<String, Object> options) {
        var troubles = troubles();
        if (troubles.isEmpty()) {
            builder.up();
            return;
        }
        builder.message(troubles.entrySet().stream()
                        .map(each -> each.getKey() + " " + each.getValue())
                        .collect(Collectors.joining("; ")))
                .detail("sources", String.join(", ", troubles.keySet()))
                .down();
    }

    /** The row {@code troubles} of {@code record-source-troubles.sql}: the sources in trouble, and why, as arrays. */
    public Map<String, Object> read() {
        var troubles = troubles();
        return Map.of(
                "process", process,
                "sources",
                        ArrayText.of(troubles.keySet().stream()
                                .map(source -> source.replaceFirst("^in-", ""))
                                .toList()),
                "reasons", ArrayText.of(troubles.values()));
    }

    /** What is wrong, by source; of one that cannot be looked at by its address. */
    private Map<String, String> troubles() {
        var troubles = new LinkedHashMap<String, String>();
        leftOut.reasons().forEach((source, reason) -> troubles.put(source, "is not started: " + reason));
        new TreeMap<>(webhooks.missing())
                .forEach((source, fault) -> troubles.putIfAbsent(source, "stores nothing: " + fault));
        scheduled
                .troubles()
                .forEach((source, reason) -> troubles.putIfAbsent(source, "failed at its last run: " + reason));
        getCamelContext().getRoutes().stream()
                .map(route -> route.getConsumer())
                .filter(consumer -> consumer instanceof HealthCheckAware aware
                        && aware.getHealthCheck() != null
                        && aware.getHealthCheck()
                                        .call(Map.of(HealthCheck.CHECK_KIND, HealthCheck.Kind.LIVENESS))
                                        .getState()
                                == HealthCheck.State.DOWN)
                .map(consumer -> consumer.getEndpoint().getEndpointBaseUri())
                .sorted()
                .forEach(address -> troubles.put(address, "cannot be looked at"));
        return troubles;
    }
}
