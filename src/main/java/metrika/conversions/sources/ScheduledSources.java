package metrika.conversions.sources;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.NamedNode;
import org.apache.camel.Route;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.spi.RoutePolicy;
import org.apache.camel.spi.RoutePolicyFactory;
import org.apache.camel.support.RoutePolicySupport;

import metrika.conversions.logging.LoggingConfig;

/**
 * Which sources with a schedule of their own failed at their last run: {@code on-error-schedule} says so, and the end
 * of a run that it has said nothing of takes it back. Routes of the product's own schedules are no sources.
 */
public final class ScheduledSources implements RoutePolicyFactory {

    /** What the ids of the routes of sources begin with. */
    private static final String SOURCE = "in-";

    private static final String CONFIGURATION = "on-error-schedule";
    /** The property of a run that has failed. */
    private static final String RUN_FAILED = "metrika.run-failed";

    private final Map<String, String> troubles = new ConcurrentHashMap<>();

    /** For {@code on-error-schedule}: notes that a run of a source has failed. */
    public void fail(Exchange exchange, @ExchangeProperty(Exchange.EXCEPTION_CAUGHT) Throwable failure) {
        exchange.setProperty(RUN_FAILED, true);
        var route = exchange.getFromRouteId();
        if (route != null && route.startsWith(SOURCE)) {
            troubles.put(route, LoggingConfig.withoutSecrets(LoggingConfig.reason(failure)));
        }
    }

    /** Why they failed, by the ids of their routes. */
    Map<String, String> troubles() {
        return new TreeMap<>(troubles);
    }

    /** Of a source whose failures are told here. */
    @Override
    public RoutePolicy createRoutePolicy(CamelContext context, String id, NamedNode route) {
        return id.startsWith(SOURCE)
                        && route instanceof RouteDefinition definition
                        && CONFIGURATION.equals(definition.getRouteConfigurationId())
                ? new EndOfRuns()
                : null;
    }

    private final class EndOfRuns extends RoutePolicySupport {

        @Override
        public void onExchangeDone(Route route, Exchange exchange) {
            if (exchange.getProperty(RUN_FAILED) == null) {
                troubles.remove(route.getRouteId());
            }
        }

        @Override
        public void onRemove(Route route) {
            troubles.remove(route.getRouteId());
        }
    }
}
