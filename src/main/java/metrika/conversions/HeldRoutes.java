package metrika.conversions;

import java.util.LinkedHashSet;
import java.util.Set;

import org.apache.camel.CamelContext;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.builder.RouteBuilderLifecycleStrategy;
import org.apache.camel.model.Model;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.SplitDefinition;
import org.apache.camel.model.language.MethodCallExpression;
import org.apache.camel.support.PatternHelper;

/** Has routes that are loaded into a running Camel wait for their start, and take no other's place. */
final class HeldRoutes implements RouteBuilderLifecycleStrategy {

    private final CamelContext context;
    private final boolean isOff;
    private final Set<String> routes = new LinkedHashSet<>();

    /** @param isOff whether templates alone are loaded, for other sources of their kind */
    HeldRoutes(CamelContext context, boolean isOff) {
        this.context = context;
        this.isOff = isOff;
    }

    /** The ids of the routes that are to be started. */
    Set<String> routes() {
        return routes;
    }

    @Override
    public void afterConfigure(RouteBuilder builder) {
        var added = builder.getRouteCollection().getRoutes();
        if (isOff) {
            added.clear();
        }
        added.forEach(this::hold);
        builder.getRouteTemplateCollection().getRouteTemplates().forEach(template -> {
            checkConfiguration(template.getRoute());
            template.getRoute().setAutoStartup("false");
        });
    }

    private void hold(RouteDefinition route) {
        var running = model().getRouteDefinition(route.getId());
        if (running != null) { // Camel would stop that one
            throw new IllegalArgumentException("the id %s is taken".formatted(route.getId()));
        }
        checkConfiguration(route);
        checkPolls(route);
        if (route.getAutoStartup() == null) {
            route.setAutoStartup("false");
            routes.add(route.getId());
        }
    }

    /** Without the one that it names, Camel would run a route and do something else with what fails. */
    private void checkConfiguration(RouteDefinition route) {
        var wanted = route.getRouteConfigurationId();
        if (wanted != null
                && model().getRouteConfigurationDefinitions().stream()
                        .noneMatch(found -> PatternHelper.matchPatterns(found.getId(), wanted.split(",")))) {
            throw new IllegalArgumentException("there is no route configuration " + wanted);
        }
    }

    /** What is handled ends a split that stops at it, and the rest of a poll of Kafka would be lost. */
    private void checkPolls(RouteDefinition route) {
        var splits = ProcessorDefinitionHelper.filterTypeInOutputs(route.getOutputs(), SplitDefinition.class).stream()
                .anyMatch(split -> "true".equals(split.getStopOnException())
                        && split.getExpression() instanceof MethodCallExpression call
                        && "kafkaMessages".equals(call.getRef()));
        var wanted = route.getRouteConfigurationId();
        if (splits
                && wanted != null
                && model().getRouteConfigurationDefinitions().stream()
                        .filter(found -> PatternHelper.matchPatterns(found.getId(), wanted.split(",")))
                        .flatMap(found -> found.getOnExceptions().stream())
                        .anyMatch(found -> found.getHandled() != null || found.getHandledPolicy() != null)) {
            throw new IllegalArgumentException(
                    "the routeConfiguration %s would end a poll of Kafka, and lose its rest".formatted(wanted));
        }
    }

    private Model model() {
        return context.getCamelContextExtension().getContextPlugin(Model.class);
    }
}
