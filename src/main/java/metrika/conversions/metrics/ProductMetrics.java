package metrika.conversions.metrics;

import java.nio.file.Path;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Metrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import org.apache.camel.CamelContext;
import org.apache.camel.component.micrometer.MicrometerConstants;
import org.apache.camel.component.micrometer.routepolicy.MicrometerRoutePolicyFactory;
import org.apache.camel.spi.Registry;

import metrika.conversions.settings.SpoolDirectory;

/**
 * Where the metrics of this process are kept: what any class counts in Micrometer's global registry, what Camel counts
 * by route, and what {@link CollectedMetrics} shows.
 */
public final class ProductMetrics implements AutoCloseable {

    /** The routes of a request with conversions, which {@code http_requests} counts. */
    private static final String BY_REQUEST = "send-conversions,api-send-conversions,store-conversions";

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);

    public ProductMetrics() {
        registry.config().meterFilter(MetricDescriptions.filter());
        Metrics.addRegistry(registry);
    }

    /**
     * Has Camel count in it too, and answer with it at {@code /observe/metrics}.
     *
     * @param spool where files are on their way: how much is there, and how much room for more
     */
    public void bind(Registry beans, Path spool) {
        beans.bind(MicrometerConstants.METRICS_REGISTRY_NAME, registry);
        Gauge.builder("spool.bytes", spool, SpoolDirectory::bytes)
                .strongReference(true)
                .register(Metrics.globalRegistry);
        Gauge.builder("spool.free.bytes", spool, folder -> folder.toFile().getUsableSpace())
                .strongReference(true)
                .register(Metrics.globalRegistry);
    }

    /** Has Camel not count what is counted by request already, on the way that every request takes. */
    public static void countOnce(CamelContext context) {
        context.getRoutePolicyFactories().stream()
                .filter(MicrometerRoutePolicyFactory.class::isInstance)
                .map(MicrometerRoutePolicyFactory.class::cast)
                .forEach(factory -> factory.getPolicyConfiguration().setExcludePattern(BY_REQUEST));
    }

    @Override
    public void close() {
        Metrics.removeRegistry(registry);
        registry.close();
    }
}
