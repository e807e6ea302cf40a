package metrika.conversions;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.apache.camel.Route;
import org.apache.camel.component.kamelet.KameletEndpoint;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.apache.camel.support.RouteWatcherReloadStrategy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import metrika.conversions.check.FilesBelow;
import metrika.conversions.check.RouteCheck;
import metrika.conversions.settings.ReadableFile;
import metrika.conversions.settings.Settings;

/**
 * Lets an edited route take effect. Camel's own way stops the running route before it knows whether the new one can be
 * started, and leaves behind what a kamelet of the old one had begun; here a route that cannot run changes nothing.
 */
final class RouteReload extends RouteWatcherReloadStrategy {

    private static final Logger LOG = LoggerFactory.getLogger(RouteReload.class);

    private final Path folder;
    private final Settings settings;
    private final SourceRoutes sources;
    /** What was last running, by file. */
    private final Map<Path, String> running = new HashMap<>();

    RouteReload(Path folder, Settings settings, SourceRoutes sources) {
        super(folder.toString());
        this.folder = folder;
        this.sources = sources;
        this.settings = settings;
        setPattern("*" + RouteCheck.ROUTE);
        setRecursive(true);
        setRemoveAllRoutes(false);
    }

    @Override
    protected void doStart() throws Exception {
        for (var file : FilesBelow.of(folder, RouteCheck.ROUTE)) {
            if (ReadableFile.fault(file) == null) {
                running.put(file.toAbsolutePath(), Files.readString(file));
            }
        }
        super.doStart();
    }

    @Override
    protected void onRouteReload(Collection<Resource> resources, boolean removeEverything) {
        for (var resource : resources == null ? List.<Resource>of() : resources) {
            var file = Path.of(resource.getURI()).toAbsolutePath();
            try {
                if (!Files.exists(file)) {
                    LOG.warn("{} is gone: its route runs until the next start", file.getFileName());
                } else if (!Files.readString(file).equals(running.get(file))) {
                    if (sources.isLeftOut(below(file))) {
                        running.put(file, Files.readString(file));
                        sources.again(below(file));
                    } else {
                        reload(file, resource);
                    }
                }
            } catch (IOException e) {
                LOG.error("{} cannot be read, its route runs on as it was: {}", file.getFileName(), e.getMessage());
            }
        }
    }

    private void reload(Path file, Resource resource) throws IOException {
        var check = new RouteCheck(
                folder,
                CheckCommand.known(settings),
                CheckCommand.named(settings, getCamelContext().getRegistry()));
        var findings = check.one(below(file));
        if (!findings.isEmpty()) {
            findings.forEach(finding -> LOG.error("{}", finding));
            LOG.error("{} was not taken over, its route runs on as it was", file.getFileName());
            return;
        }
        var text = Files.readString(file);
        // One folder has one watcher: the old route's kamelet ends first.
        endKamelets(getCamelContext().getRoutes().stream()
                .filter(route -> isOf(file, route))
                .toList());
        try {
            super.onRouteReload(List.of(resource), false);
            running.put(file, text);
            LOG.info("{} is taken over", file.getFileName());
        } catch (RuntimeException e) {
            LOG.error("{}", check.explain(below(file), e));
            endKamelets(List.of());
            restore(file);
        }
    }

    /** A file as findings name it: from the folder of the routes on. */
    private Path below(Path file) {
        return folder.resolve(folder.toAbsolutePath().relativize(file));
    }

    private static boolean isOf(Path file, Route route) {
        return route.getId().equals(file.getFileName().toString().replace(RouteCheck.ROUTE, ""));
    }

    private void restore(Path file) {
        var before = running.get(file);
        if (before == null) {
            LOG.error("{} was not taken over", file.getFileName());
            return;
        }
        try {
            PluginHelper.getRoutesLoader(getCamelContext())
                    .updateRoutes(List.of(ResourceHelper.fromString("file:" + file, before)));
            LOG.error("{} was not taken over, its route runs on as it was", file.getFileName());
        } catch (Exception e) {
            LOG.error("{} was not taken over, and its route cannot be brought back: restart", file.getFileName(), e);
        }
    }

    /** Ends what kamelets began for routes that are not there any more, or are about to go. */
    private void endKamelets(List<Route> leaving) {
        var context = getCamelContext();
        var used = context.getRoutes().stream()
                .filter(route -> !leaving.contains(route))
                .map(Route::getEndpoint)
                .toList();
        for (var endpoint : List.copyOf(context.getEndpoints())) {
            if (endpoint instanceof KameletEndpoint kamelet
                    && !kamelet.getEndpointUri().matches("kamelet:/*(source|sink)\\b.*")
                    && !used.contains(endpoint)) {
                try {
                    context.getRouteController().stopRoute(kamelet.getRouteId());
                    context.removeRoute(kamelet.getRouteId());
                    context.removeEndpoint(endpoint);
                } catch (Exception e) {
                    LOG.warn("The kamelet {} was not ended cleanly", kamelet.getTemplateId(), e);
                }
            }
        }
    }
}
