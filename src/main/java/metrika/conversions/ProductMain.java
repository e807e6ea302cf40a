package metrika.conversions;

import java.nio.file.Path;
import java.util.Collection;
import java.util.stream.Collectors;

import org.apache.camel.CamelContext;
import org.apache.camel.component.properties.PropertiesComponent;
import org.apache.camel.main.Main;
import org.apache.camel.main.SimpleMainShutdownStrategy;

import metrika.conversions.delivery.CounterChecks;
import metrika.conversions.settings.Settings;

/** Camel's main with the settings of the product, as Java sees them. */
final class ProductMain extends Main {

    private static final String METRIKA = "https://api-metrika.yandex.net";
    private final Settings settings;

    ProductMain(Settings settings) {
        this.settings = settings;
        // The profile's file is named too: Camel itself adds it only to its own default location.
        setPropertyPlaceholderLocations("file:application-%s.properties;optional=true,file:application.properties"
                .formatted(settings.profile()));
        configure().setProfile(settings.profile());
        addOverrideProperty("camel.main.profile", settings.profile());
        // Stopping is the product's own business: what the routes use is closed after them. Camel's own way installs
        // its
        // shutdown hook even when that is disabled, and then each of the two may wait for the other.
        setShutdownStrategy(new SimpleMainShutdownStrategy());
    }

    /**
     * Sets what is known at the start alone.
     *
     * @param simulator the address of the simulator that takes Metrika's place, or {@code null}
     * @param url where the API is reached on this machine
     * @param spool a folder of this process alone
     * @param parallel uploads at the same time
     */
    void override(String simulator, String url, Path spool, int parallel) {
        var metrika = settings.find("metrika.url");
        addOverrideProperty("metrika.url", simulator != null ? simulator : metrika != null ? metrika : METRIKA);
        // One for each that may call: a sender that waited for a connection would do so with a lease and a call of its
        // login.
        addOverrideProperty(
                "camel.component.http.connectionsPerRoute", String.valueOf(2 * parallel + CounterChecks.THREADS));
        addOverrideProperty(
                "camel.component.http.maxTotalConnections", String.valueOf(2 * parallel + CounterChecks.THREADS));
        HttpTimeouts.of(settings).forEach(this::addOverrideProperty);
        var publicUrl = settings.find("public.url");
        addOverrideProperty("public.url", publicUrl == null ? url : publicUrl.replaceFirst("/+$", ""));
        addOverrideProperty("spool.directory", spool.toString());
        addOverrideProperty("camel.main.streamCachingSpoolDirectory", spool.toString());
    }

    /**
     * Has Camel load the routes of the product alone, and be told nothing of a source that cannot be read: sources are
     * loaded one by one, by {@link SourceRoutes}.
     *
     * @param files of the product's own routes
     */
    void leaveOutSources(Collection<Path> files) {
        addOverrideProperty(
                "camel.main.routesIncludePattern",
                files.stream().map(file -> "file:" + file).collect(Collectors.joining(",")));
        SourceSettings.unresolved(settings).forEach(name -> addOverrideProperty(name, ""));
        SourceSettings.faults(settings)
                .keySet()
                .forEach(name -> addOverrideProperty("inbound.%s.enabled".formatted(name), "false"));
    }

    @Override
    protected void configurePropertiesService(CamelContext context) throws Exception {
        // Columns have names in all scripts. Camel would read the files as Latin-1.
        context.getPropertiesComponent().setEncoding("UTF-8");
        super.configurePropertiesService(context);
        settings.repair((PropertiesComponent) context.getPropertiesComponent());
    }

    /** Called when Camel has set what it has watched in its own profile dev: nothing of it is told anywhere. */
    @Override
    protected void configureMainListener(CamelContext context) throws Exception {
        configure()
                .withMessageHistory(false)
                .withLoadStatisticsEnabled(false)
                .withEndpointRuntimeStatisticsEnabled(false)
                .withInflightRepositoryBrowseEnabled(false)
                .withDevConsoleEnabled(false)
                .withCamelEventsTimestampEnabled(false)
                .withStartupRecorder("false");
        configure().tracerConfig().setStandby(false);
        super.configureMainListener(context);
    }

    @Override
    protected void modelineRoutes(CamelContext context) {
        // Camel would read all routes an additional time for settings in their comments, which are not a thing here.
    }
}
