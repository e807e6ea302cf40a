package metrika.conversions;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.Route;
import org.apache.camel.component.kamelet.KameletEndpoint;
import org.apache.camel.model.Model;
import org.apache.camel.spi.EndpointServiceLocation;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import metrika.conversions.check.FilesBelow;
import metrika.conversions.check.RouteCheck;
import metrika.conversions.check.SourceAddress;
import metrika.conversions.check.StepCheck;
import metrika.conversions.logging.LoggingConfig;
import metrika.conversions.settings.Settings;
import metrika.conversions.sources.LeftOutSources;
import metrika.conversions.sources.TemplatedSources;

/** Says of a source that does not run why, and where its server is: in the log, in health, and to its senders. */
final class SourceFaults {

    private static final Logger LOG = LoggerFactory.getLogger(SourceFaults.class);
    private static final Path FOLDER = Path.of("routes");
    private static final String HTTP = "platform-http:";

    private final CamelContext context;
    private final Settings settings;
    private final LeftOutSources leftOut;
    private final Map<String, List<Path>> files;
    private final SourceFaultText texts;

    /** @param files of each source, as they are at each moment */
    SourceFaults(CamelContext context, Settings settings, LeftOutSources leftOut, Map<String, List<Path>> files) {
        this.context = context;
        this.settings = settings;
        this.leftOut = leftOut;
        this.files = files;
        var registry = context.getRegistry();
        texts = new SourceFaultText(
                () -> new RouteCheck(FOLDER, CheckCommand.known(settings), CheckCommand.named(settings, registry)),
                file -> new StepCheck(registry, this::setting).of(FilesBelow.of(FOLDER, ".yaml"), List.of(file)));
    }

    /** Why a source cannot be loaded. To be asked before what was loaded of it is taken out again. */
    String ofLoading(String source, Throwable failure) {
        LOG.debug("{} is not loaded", source, failure);
        try {
            return withServer(source, texts.of(files.get(source), failure));
        } catch (RuntimeException e) { // of a file that is so broken that it cannot even be looked at
            LOG.debug("Why {} does not start cannot be looked up", source, e);
            return SourceFaultText.plain(failure);
        }
    }

    /** Why the routes of a source do not start, most often since their server is away. */
    String ofStart(String source, Throwable failure) {
        LOG.debug("{} is not started", source, failure);
        return withServer(source, texts.ofStart(files.get(source), failure));
    }

    /** Not all components say where their server is. */
    private String withServer(String source, String text) {
        var route = context.getRoute(source);
        var endpoint =
                route == null || route.getEndpoint() instanceof KameletEndpoint ? asked(source) : route.getEndpoint();
        var url = endpoint instanceof EndpointServiceLocation server ? server.getServiceUrl() : null;
        // Without its options, among which there may be a password
        var address = url == null ? "" : url.replaceFirst("\\?.*", "");
        return address.isEmpty() || text.contains(address) ? text : "%s (%s)".formatted(text, address);
    }

    /** What the kamelet of a source reads from, as far as it got; {@code null} when that is not known. */
    private Endpoint asked(String source) {
        var model = context.getCamelContextExtension().getContextPlugin(Model.class);
        var definition = model.getRouteDefinition(source);
        var kamelet = definition == null
                ? null
                : model.getRouteTemplateDefinition(
                        definition.getInput().getEndpointUri().replaceFirst("^kamelet:/*([^/?]+).*", "$1"));
        var component = kamelet == null
                ? HTTP
                : kamelet.getRoute().getInput().getEndpointUri().replaceFirst(":.*", ":");
        if (component.equals(HTTP)) {
            return null; // it reads from nobody
        }
        var read = context.getRoutes().stream()
                .filter(route -> context.getRouteController()
                        .getRouteStatus(route.getRouteId())
                        .isStarted())
                .map(Route::getEndpoint)
                .toList();
        return context.getEndpoints().stream()
                .filter(each -> each.getEndpointUri().startsWith(component) && !read.contains(each))
                .findFirst()
                .orElse(null);
    }

    /**
     * Tells of a source that does not run, unless that is known already.
     *
     * @param isTriedAgain whether it is without anything being done about it
     */
    void tell(String source, String reason, boolean isTriedAgain) {
        if (leftOut.has(source)) {
            return;
        }
        var shown = LoggingConfig.withoutSecrets(reason);
        leftOut.add(source, shown, address(source));
        LOG.error(
                "The source {} is not started, everything else is: {}{}",
                source,
                shown,
                isTriedAgain ? ". It is tried again every %d s".formatted(SourceRoutes.RETRY_SECONDS) : "");
    }

    /** Where senders reach a source; {@code null} when nobody does, or it is not known. */
    private String address(String source) {
        var name = source.replaceFirst("^in-", "");
        var kind = TemplatedSources.kinds(settings).get(name);
        // One that is lines of settings has the files of its template only once it is added, which a fault prevents
        return Stream.of(source, SourceFiles.id(kind == null ? name : kind))
                .flatMap(each -> files.getOrDefault(each, List.of()).stream())
                .map(file -> SourceAddress.of(
                        file, name, setting -> kind == null ? setting(setting) : parameter(name, kind, setting)))
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    /** What a placeholder of a template stands for. */
    private String parameter(String name, String kind, String parameter) {
        if (parameter.equals(TemplatedSources.SOURCE)) {
            return name;
        }
        var own = setting("inbound.%s.%s".formatted(name, parameter));
        var shared = own == null ? setting("inbound.%s.%s".formatted(kind, parameter)) : own;
        return shared == null ? setting(parameter) : shared;
    }

    /** What a further try has ended with: health shows it, the log has had its line. */
    void renew(String source, String reason) {
        leftOut.renew(source, LoggingConfig.withoutSecrets(reason));
    }

    /** {@code null} also for one that cannot be read. */
    String setting(String name) {
        return settings.fault(name) == null ? settings.find(name) : null;
    }
}
