package metrika.conversions.http;

import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.Route;
import org.apache.camel.model.BeanDefinition;
import org.apache.camel.model.ChoiceDefinition;
import org.apache.camel.model.FilterDefinition;
import org.apache.camel.model.Model;
import org.apache.camel.model.OnExceptionDefinition;
import org.apache.camel.model.ProcessDefinition;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.ToDefinition;
import org.apache.camel.model.WhenDefinition;
import org.apache.camel.model.language.VariableExpression;
import org.apache.camel.support.LifecycleStrategySupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import metrika.conversions.steps.NonBlocking;

/**
 * Says which routes wait for nothing, so that the event loop that has read a request may run its route: without the way
 * to a worker and back, a request takes half the processor time. It is read from the routes as they are, so that a step
 * that somebody adds, and that may wait, sends the route to the workers again.
 */
final class NonBlockingRoutes extends LifecycleStrategySupport {

    private static final Logger LOG = LoggerFactory.getLogger(NonBlockingRoutes.class);
    private static final String DIRECT = "direct:";
    /** The variable of an option in the query: what depends on it is not done for a request without a query. */
    private static final String OPTION = "dry-run";

    private final CamelContext context;
    private final Model model;
    /** What was found out, or is being so. */
    private final Map<Endpoint, CompletableFuture<Boolean>> known = new ConcurrentHashMap<>();

    NonBlockingRoutes(CamelContext context) {
        this.context = context;
        model = context.getCamelContextExtension().getContextPlugin(Model.class);
        context.addLifecycleStrategy(this);
    }

    /**
     * Whether no step waits that a request to an endpoint comes to, when it has no query. {@code false} while that is
     * being found out: Camel's model is locked as long as a route is added, which no event loop may wait for.
     */
    boolean answer(Endpoint endpoint) {
        return known.computeIfAbsent(endpoint, this::find).getNow(false);
    }

    private CompletableFuture<Boolean> find(Endpoint endpoint) {
        return CompletableFuture.supplyAsync(() -> findOut(endpoint)).exceptionally(failure -> {
            LOG.warn("{} is answered by workers", endpoint, failure);
            return false;
        });
    }

    /** The same, once it is known. */
    boolean findOut(Endpoint endpoint) {
        var route = context.getRoutes().stream()
                .filter(each -> each.getConsumer().getEndpoint() == endpoint) // the route's own is the REST DSL's
                .findFirst()
                .map(each -> model.getRouteDefinition(each.getRouteId()));
        if (route.isEmpty()) {
            return false; // it may have been taken out meanwhile
        }
        var waiting = firstThatWaits(route.get().getOutputs());
        LOG.debug("{} is answered by workers if this may wait: {}", endpoint, waiting);
        return waiting == null;
    }

    @Override
    public void onRoutesAdd(Collection<Route> routes) {
        known.clear(); // of which one may have been edited
    }

    /** {@code null} when there is none. */
    private ProcessorDefinition<?> firstThatWaits(List<ProcessorDefinition<?>> steps) {
        for (var step : steps) {
            var waiting = waitingIn(step);
            if (waiting != null) {
                return waiting;
            }
        }
        return null;
    }

    private ProcessorDefinition<?> waitingIn(ProcessorDefinition<?> step) {
        if (step instanceof BeanDefinition bean) {
            return isNonBlocking(bean.getRef(), bean.getMethod()) ? null : step;
        }
        if (step instanceof ProcessDefinition processor) {
            return isNonBlocking(processor.getRef(), "process") ? null : step;
        }
        if (step instanceof ToDefinition to) {
            var called = called(to.getUri());
            return called == null ? step : firstThatWaits(called.getOutputs());
        }
        if (step instanceof ChoiceDefinition choice) {
            var isOfOptions = choice.getWhenClauses().stream().allMatch(NonBlockingRoutes::isOption);
            return !isOfOptions
                    ? step
                    : choice.getOtherwise() == null
                            ? null
                            : firstThatWaits(choice.getOtherwise().getOutputs());
        }
        if (step instanceof FilterDefinition filter && isNever(filter)) {
            return null;
        }
        return step instanceof OnExceptionDefinition failed ? firstThatWaits(failed.getOutputs()) : step;
    }

    private boolean isNonBlocking(String bean, String method) {
        var found =
                bean == null || method == null ? null : context.getRegistry().lookupByName(bean);
        return found != null
                && Arrays.stream(found.getClass().getMethods())
                        .filter(each -> each.getName().equals(method) && !each.isBridge())
                        .findFirst()
                        .map(each -> each.isAnnotationPresent(NonBlocking.class))
                        .orElse(false);
    }

    private RouteDefinition called(String uri) {
        return !uri.startsWith(DIRECT)
                ? null
                : model.getRouteDefinitions().stream()
                        .filter(route -> route.getInput() != null
                                && uri.equals(route.getInput().getUri()))
                        .findFirst()
                        .orElse(null);
    }

    private static boolean isOption(WhenDefinition when) {
        return when.getExpression() instanceof VariableExpression variable && OPTION.equals(variable.getExpression());
    }

    /** A step that a setting switches off. */
    private boolean isNever(FilterDefinition filter) {
        return filter.getExpression() != null
                && "false"
                        .equals(context.resolvePropertyPlaceholders(
                                filter.getExpression().getExpression()));
    }
}
