package metrika.conversions.metrics;

import java.util.HashSet;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tag;
import io.micrometer.core.instrument.Tags;
import org.apache.camel.Variable;

import metrika.conversions.problem.Json;

/**
 * Shows the metrics that are made from tables: the rows of {@code current_metrics} in {@code R__tally_metrics.sql}. A
 * metric is added there, and described in {@code metric-descriptions.properties}.
 */
public final class CollectedMetrics {

    private record Series(String name, Tags tags) {}

    /** A series as it is shown, with its last value as the bits of a double. */
    private record Shown(AtomicLong bits, Meter meter) {}

    private final MeterRegistry registry;
    private final Map<Series, Shown> shown = new ConcurrentHashMap<>();

    public CollectedMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    /**
     * Shows what was collected, and nothing else of what was collected before.
     *
     * @param collected what {@code collect-metrics.sql} answers: a JSON list of objects with {@code name} (in
     *     Micrometer's way, with dots), {@code type} ({@code counter} or {@code gauge}), {@code tags} and {@code value}
     */
    public void show(@Variable("collected") String collected) throws JsonProcessingException {
        var present = new HashSet<Series>();
        for (var metric : Json.MAPPER.readTree(collected)) {
            var tags = Tags.empty();
            for (var tag : metric.path("tags").properties()) {
                tags = tags.and(Tag.of(tag.getKey(), tag.getValue().asText()));
            }
            var series = new Series(metric.path("name").asText(), tags);
            present.add(series);
            shown.computeIfAbsent(series, first -> register(first, metric))
                    .bits
                    .set(Double.doubleToLongBits(metric.path("value").asDouble()));
        }
        shown.entrySet().removeIf(entry -> {
            var isGone = !present.contains(entry.getKey());
            if (isGone) {
                registry.remove(entry.getValue().meter);
            }
            return isGone;
        });
    }

    private Shown register(Series series, JsonNode metric) {
        var bits = new AtomicLong();
        var description = MetricDescriptions.of(series.name);
        return new Shown(
                bits,
                "counter".equals(metric.path("type").asText())
                        ? FunctionCounter.builder(series.name, bits, value -> Double.longBitsToDouble(value.get()))
                                .description(description)
                                .tags(series.tags)
                                .register(registry)
                        : Gauge.builder(series.name, bits, value -> Double.longBitsToDouble(value.get()))
                                .description(description)
                                .tags(series.tags)
                                .strongReference(true)
                                .register(registry));
    }
}
