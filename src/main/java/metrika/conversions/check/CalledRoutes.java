package metrika.conversions.check;

import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.apache.camel.CamelContext;
import org.apache.camel.model.Model;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.SendDefinition;
import org.apache.camel.support.PluginHelper;

/** Loads the routes that a connector calls, so that it can be run alone. */
public final class CalledRoutes {

    private static final String DIRECT = "direct:";

    private CalledRoutes() {}

    /**
     * Loads, from the files of a folder, each route that is called and not there, and what it calls in turn. One that
     * has no file is left to whoever calls it.
     *
     * @param context not started yet
     * @param called by others than routes
     */
    public static void load(CamelContext context, Path folder, Collection<String> called) throws Exception {
        var model = context.getCamelContextExtension().getContextPlugin(Model.class);
        var tried = new HashSet<String>();
        for (var missing = missing(model, called, tried); !missing.isEmpty(); missing = missing(model, called, tried)) {
            for (var name : missing) {
                var file = file(folder, name);
                if (file.isPresent()) {
                    load(context, file.get());
                }
            }
            tried.addAll(missing);
        }
    }

    /** Loads the routes of a file. */
    static void load(CamelContext context, Path file) throws Exception {
        PluginHelper.getRoutesLoader(context)
                .loadRoutes(PluginHelper.getResourceLoader(context).resolveResource("file:" + file.toAbsolutePath()));
    }

    /** The file of a route. */
    private static Optional<Path> file(Path folder, String route) {
        var name = route + RouteCheck.ROUTE;
        return FilesBelow.of(folder, name).stream()
                .filter(file -> file.getFileName().toString().equals(name))
                .findFirst();
    }

    private static Set<String> missing(Model model, Collection<String> called, Set<String> tried) {
        var begun = model.getRouteDefinitions().stream()
                .map(route -> route.getInput().getEndpointUri())
                .collect(Collectors.toSet());
        var sent = routes(model)
                .flatMap(route ->
                        ProcessorDefinitionHelper.filterTypeInOutputs(route.getOutputs(), SendDefinition.class)
                                .stream())
                .map(send -> send.getEndpointUri())
                .filter(uri -> uri != null && uri.startsWith(DIRECT))
                .map(uri -> uri.substring(DIRECT.length()));
        return Stream.concat(called.stream(), sent)
                .filter(name -> !begun.contains(DIRECT + name) && !tried.contains(name))
                .collect(Collectors.toSet());
    }

    private static Stream<RouteDefinition> routes(Model model) {
        return Stream.concat(
                model.getRouteDefinitions().stream(),
                model.getRouteTemplateDefinitions().stream().map(template -> template.getRoute()));
    }
}
