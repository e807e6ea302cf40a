package metrika.conversions.metrics;

import java.util.ResourceBundle;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.config.MeterFilter;

/**
 * What each metric of the product means, from {@code metric-descriptions.properties}: the help of
 * {@code /observe/metrics}.
 */
final class MetricDescriptions {

    private static final ResourceBundle TEXTS = ResourceBundle.getBundle("metric-descriptions");

    private MetricDescriptions() {}

    /**
     * @param name in Micrometer's way, with dots
     * @return {@code null} for a metric of a library
     */
    static String of(String name) {
        return TEXTS.containsKey(name) ? TEXTS.getString(name) : null;
    }

    /** Describes what is registered without a description. */
    static MeterFilter filter() {
        return new MeterFilter() {
            @Override
            public Meter.Id map(Meter.Id id) {
                var text = id.getDescription() == null ? of(id.getName()) : null;
                return text == null
                        ? id
                        : new Meter.Id(
                                id.getName(),
                                io.micrometer.core.instrument.Tags.of(id.getTags()),
                                id.getBaseUnit(),
                                text,
                                id.getType());
            }
        };
    }
}
