package metrika.conversions;

import java.util.List;

import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.component.kafka.KafkaEndpoint;
import org.apache.camel.component.kamelet.KameletEndpoint;
import org.apache.camel.model.Model;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.RouteTemplateDefinition;
import org.apache.camel.model.rest.RestDefinition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import metrika.conversions.auth.SignatureRule;
import metrika.conversions.settings.SettingException;

/** What loading a file has added to a running Camel, so that it can be taken out again, also when it ended half-way. */
final class RouteChanges {

    private static final Logger LOG = LoggerFactory.getLogger(RouteChanges.class);

    private final CamelContext context;
    private final Model model;
    private final List<RouteDefinition> routes;
    private final List<RouteTemplateDefinition> templates;
    private final List<RestDefinition> rests;
    private final List<Endpoint> endpoints;

    private RouteChanges(
            CamelContext context,
            List<RouteDefinition> routes,
            List<RouteTemplateDefinition> templates,
            List<RestDefinition> rests,
            List<Endpoint> endpoints) {
        this.context = context;
        this.model = context.getCamelContextExtension().getContextPlugin(Model.class);
        this.routes = routes;
        this.templates = templates;
        this.rests = rests;
        this.endpoints = endpoints;
    }

    /** All that there is. */
    static RouteChanges of(CamelContext context) {
        var model = context.getCamelContextExtension().getContextPlugin(Model.class);
        return new RouteChanges(
                context,
                List.copyOf(model.getRouteDefinitions()),
                List.copyOf(model.getRouteTemplateDefinitions()),
                List.copyOf(model.getRestDefinitions()),
                List.copyOf(context.getEndpoints()));
    }

    /** What has come since. */
    RouteChanges since() {
        var now = of(context);
        return new RouteChanges(
                context,
                without(now.routes, routes),
                without(now.templates, templates),
                without(now.rests, rests),
                without(now.endpoints, endpoints));
    }

    private static <T> List<T> without(List<T> now, List<T> before) {
        return now.stream()
                .filter(each -> before.stream().noneMatch(known -> known == each))
                .toList();
    }

    boolean hasRoutes() {
        return !routes.isEmpty();
    }

    boolean hasOperations() {
        return !rests.isEmpty();
    }

    /** @throws SettingException when a consumer of Kafka would fail at each poll, many times a second */
    void checkPolls() {
        for (var endpoint : endpoints) {
            if (endpoint instanceof KafkaEndpoint kafka
                    && kafka.getConfiguration().isBatching()
                    && kafka.getConfiguration().getMaxPollRecords() == null) {
                throw new SettingException(
                        "batching of messages of Kafka needs maxPollRecords, such as 500: without it the consumer fails"
                                + " at each poll");
            }
        }
    }

    /** @throws SettingException when a source over HTTP asks for a signature that nobody, or everybody, could make */
    void checkSignatures() {
        for (var endpoint : endpoints) {
            if (endpoint instanceof KameletEndpoint kamelet && "http-source".equals(kamelet.getTemplateId())) {
                var parameters = kamelet.getKameletProperties();
                var key = parameters.get("secretKey");
                var fault = SignatureRule.of(parameters)
                        .fault(key != null && !key.toString().isEmpty());
                if (fault != null) {
                    throw new SettingException(fault);
                }
            }
        }
    }

    /** Takes it all out again, with the routes that its kamelets have become. */
    void undo() {
        for (var route : routes) {
            attempt(() -> model.removeRouteDefinition(route));
        }
        for (var template : templates) {
            attempt(() -> model.removeRouteTemplateDefinition(template));
        }
        model.getRestDefinitions().removeAll(rests);
        for (var endpoint : endpoints) {
            if (endpoint instanceof KameletEndpoint) {
                attempt(() -> context.removeEndpoint(endpoint));
            }
        }
    }

    private interface Step {

        void go() throws Exception;
    }

    /** What cannot be taken out keeps the rest from being so no more than it keeps the product from running. */
    private static void attempt(Step step) {
        try {
            step.go();
        } catch (Exception e) {
            LOG.warn("A part of a source that was left out could not be removed", e);
        }
    }
}
