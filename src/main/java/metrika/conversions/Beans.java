package metrika.conversions;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

import io.micrometer.core.instrument.Metrics;
import org.apache.camel.CamelContext;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.apache.camel.dsl.support.SourceLoader;
import org.apache.camel.spi.Registry;

import metrika.conversions.api.CursorRequest;
import metrika.conversions.api.DryRunResponse;
import metrika.conversions.api.ErasureRequest;
import metrika.conversions.api.GoalRequest;
import metrika.conversions.api.PageQuery;
import metrika.conversions.api.RequestBodyDecoder;
import metrika.conversions.api.RequestParameters;
import metrika.conversions.api.RetryRequest;
import metrika.conversions.api.SendAdmission;
import metrika.conversions.api.WebhookRequest;
import metrika.conversions.auth.AdminTokens;
import metrika.conversions.auth.ApiSecurity;
import metrika.conversions.auth.Authenticator;
import metrika.conversions.auth.RateLimits;
import metrika.conversions.auth.TokenEncryption;
import metrika.conversions.auth.UnauthenticatedRequestThrottle;
import metrika.conversions.auth.WebhookRepository;
import metrika.conversions.dashboard.DashboardAccess;
import metrika.conversions.dashboard.DashboardFilters;
import metrika.conversions.dashboard.DashboardForms;
import metrika.conversions.dashboard.DashboardPages;
import metrika.conversions.database.Pools;
import metrika.conversions.database.RepeatingJdbc;
import metrika.conversions.database.StreamingDataSource;
import metrika.conversions.http.HeaderAllowList;
import metrika.conversions.http.HttpApiServer;
import metrika.conversions.http.TrustedProxies;
import metrika.conversions.http.WebPages;
import metrika.conversions.intake.BatchStore;
import metrika.conversions.intake.BatchTraces;
import metrika.conversions.intake.BatchWriter;
import metrika.conversions.intake.CheckConversions;
import metrika.conversions.intake.ConversionEditor;
import metrika.conversions.intake.ConversionReader;
import metrika.conversions.intake.KnownGoals;
import metrika.conversions.intake.ReadConversions;
import metrika.conversions.intake.RefusalTally;
import metrika.conversions.intake.RuleSettings;
import metrika.conversions.intake.StoreConversions;
import metrika.conversions.logging.RouteFailureLogger;
import metrika.conversions.metrics.CollectedMetrics;
import metrika.conversions.problem.ProblemMapper;
import metrika.conversions.pull.DataSources;
import metrika.conversions.pull.PullHealth;
import metrika.conversions.pull.PullSteps;
import metrika.conversions.pull.PulledRows;
import metrika.conversions.pull.RestPull;
import metrika.conversions.pull.SourceTokens;
import metrika.conversions.settings.Settings;
import metrika.conversions.sources.LeftOutSources;
import metrika.conversions.sources.ScheduledSources;
import metrika.conversions.sources.SourceFailureLogger;
import metrika.conversions.sources.SourceWebhooks;
import metrika.conversions.sources.SourcesHealth;
import metrika.conversions.tracing.Traces;

/** The beans that the routes name, each under the name that it has there. */
final class Beans implements AutoCloseable {

    /** Messages of Kafka that are stored at the same moment, and so may share a statement. */
    private static final int KAFKA_MESSAGES = 32;

    /** Requests that ask the database what is known of them at the same moment, and those that may wait for it. */
    private static final int LOOKUPS = 8;

    private static final int MAX_LOOKUPS = 200;

    private final BatchWriter writer;
    private final DeliveryBeans deliveries;
    private final Settings settings;
    private final ApiSecurity security = new ApiSecurity();
    private final LeftOutSources leftOut = new LeftOutSources();
    private final ScheduledSources scheduledSources = new ScheduledSources();
    private final SourceWebhooks sourceWebhooks;
    private final Authenticator access;
    private final DashboardAccess dashboard;
    /** On which routes go on when their conversions are stored, and orders begin that are stored side by side. */
    private final ExecutorService storedThreads = Executors.newFixedThreadPool(Application.WORKERS);

    private final ExecutorService lookupThreads =
            new ThreadPoolExecutor(LOOKUPS, LOOKUPS, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(MAX_LOOKUPS));
    private final DataSources dataSources;
    private final ChannelBeans channels;
    /** {@code null} when there are none. */
    private final Traces traces;

    private final ExecutorService kafkaThreads = Executors.newFixedThreadPool(KAFKA_MESSAGES);

    /**
     * @param spool a folder of this process alone
     * @param clock of everything but the database, which has its own
     */
    Beans(
            Settings settings,
            Pools pools,
            TokenEncryption cipher,
            int parallel,
            Path spool,
            Clock clock,
            Registry registry) {
        this.settings = settings;
        var callers = pools.callers();
        var maxBytes = (int) settings.number("limits.body-bytes", 1, 1 << 30);
        var requests = (int) settings.number("limits.requests-per-minute", 1, 1_000_000);
        var maxConversions = (int) settings.number("limits.conversions-per-request", 1, 1_000_000);
        var limits = new RateLimits();
        var webhooks = new WebhookRepository(pools.status(), cipher, limits::keep);
        sourceWebhooks = new SourceWebhooks(settings, webhooks);
        writer = new BatchWriter(pools.writer(), limits);
        traces = Traces.of(settings);
        if (traces != null) {
            registry.bind("traces", traces);
        }
        deliveries = new DeliveryBeans(settings, pools, cipher, parallel, clock, traces, registry);
        var goals = new KnownGoals(pools.status(), settings.duration("counter-check.goals-age"), clock);

        // Camel's own reads route files in the encoding of the locale
        registry.bind("sourceLoader", (SourceLoader) resource -> {
            try (var stream = resource.getInputStream()) {
                return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
            }
        });
        pools.bind(registry);
        registry.bind("streamingDatabase", new StreamingDataSource(pools.delivery()));
        registry.bind("jdbc", new RepeatingJdbc());
        HealthBeans.bind(registry, settings, pools, writer, deliveries.leases(), spool);
        registry.bind("scheduledSources", scheduledSources);
        registry.bind("sourcesHealth", new SourcesHealth(leftOut, sourceWebhooks, scheduledSources));
        registry.bind("sourceFailureLogger", new SourceFailureLogger());
        registry.bind("routeFailureLogger", new RouteFailureLogger());
        registry.bind("knownGoals", goals);

        registry.bind("apiHeaders", HeaderAllowList.ofApi());
        registry.bind("sourceHeaders", HeaderAllowList.ofSources());
        registry.bind("webPages", new WebPages());
        registry.bind("problemMapper", new ProblemMapper());
        registry.bind("requestParameters", new RequestParameters());
        registry.bind("pageQuery", new PageQuery());
        var proxies = new TrustedProxies(settings);
        var admins = new AdminTokens(settings.find("admin.token"), settings.find("admin.tokens"));
        var pages = new DashboardPages();
        dashboard = new DashboardAccess(admins, pools.status(), proxies, pages);
        registry.bind("dashboardHeaders", HeaderAllowList.ofDashboard());
        registry.bind("dashboardPages", pages);
        registry.bind("dashboardForms", new DashboardForms());
        registry.bind("dashboardFilters", new DashboardFilters());
        access = new Authenticator(
                security,
                webhooks,
                admins,
                settings.duration("signature.tolerance"),
                proxies::from,
                proxies::isLocal,
                clock);
        registry.bind("authenticator", access);
        registry.bind("webhookRepository", webhooks);
        registry.bind("rateLimits", limits);
        registry.bind(
                "webhookRequest",
                new WebhookRequest(
                        cipher,
                        requests,
                        settings.duration("secret.grace"),
                        settings.timeZone("webhooks.default-time-zone"),
                        settings.flag(NotifySettings.ALLOW_PRIVATE)));

        var bodies = new RequestBodyDecoder(maxBytes);
        registry.bind("requestBodyDecoder", bodies);
        registry.bind("sendAdmission", new SendAdmission(access::authorizeSending, limits::countRequest, bodies));
        registry.bind("conversionEditor", new ConversionEditor(maxConversions));
        var refusals = new RefusalTally();
        registry.bind("refusalTally", refusals);
        registry.bind("collectedMetrics", new CollectedMetrics(Metrics.globalRegistry));
        var store = new BatchStore(
                new ConversionReader(maxConversions, RuleSettings.of(settings), clock, goals),
                settings.duration("upload.hold"),
                writer,
                webhooks,
                limits,
                callers,
                clock,
                storedThreads,
                lookupThreads,
                refusals);
        registry.bind("readConversions", new ReadConversions(maxConversions));
        registry.bind("checkConversions", new CheckConversions(store));
        var batchTraces = traces == null ? null : new BatchTraces(traces, callers);
        registry.bind("storeConversions", new StoreConversions(store, batchTraces));
        SourceBeans.bind(registry, settings, clock, bodies, maxConversions, store, spool);
        var pulls = new PullSteps(clock);
        registry.bind("pullSteps", pulls);
        registry.bind("pulledRows", new PulledRows());
        registry.bind("restPull", new RestPull(clock));
        registry.bind("sourceTokens", new SourceTokens(clock));
        registry.bind("pullHealth", new PullHealth(pulls, pools.status()));
        dataSources = new DataSources(settings, registry);
        channels = new ChannelBeans(settings, pools.status(), cipher, clock, registry);
        registry.bind("kafkaThreads", kafkaThreads);
        registry.bind("storedThreads", storedThreads);
        registry.bind("dryRunResponse", new DryRunResponse());
        registry.bind("erasureRequest", new ErasureRequest());
        registry.bind("cursorRequest", new CursorRequest());
        registry.bind("goalRequest", new GoalRequest());
        registry.bind("retryRequest", new RetryRequest());
        registry.bind("pullHeaders", HeaderAllowList.ofPulledSources());
    }

    /**
     * Has strangers, and those who send to a source that does not run, turned away before the routes that
     * {@link HttpApiServer#serve} will make.
     */
    void guard(CamelContext context, int port) {
        var name = VertxPlatformHttpRouter.getRouterNameFromPort(port);
        var router = context.getRegistry().lookupByNameAndType(name, VertxPlatformHttpRouter.class);
        router.route().handler(leftOut);
        router.route()
                .handler(new UnauthenticatedRequestThrottle(
                        security,
                        access,
                        source -> "true".equals(settings.find("inbound." + source + ".enabled")),
                        router.vertx()));
    }

    /** Has the ends of runs of sources noted, on the routes that are made from now on. */
    void watch(CamelContext context) {
        context.addRoutePolicyFactory(scheduledSources);
    }

    /** Who may see the pages for operators. */
    DashboardAccess dashboard() {
        return dashboard;
    }

    LeftOutSources leftOut() {
        return leftOut;
    }

    SourceWebhooks sourceWebhooks() {
        return sourceWebhooks;
    }

    /** Why other databases that settings name cannot be had, by their names. */
    Map<String, String> databaseFaults() {
        return dataSources.faults();
    }

    /** Checks that what the product's routes call is there, and takes over who may call. */
    void checkRoutes(CamelContext context) {
        RouteFiles.checkTargets(context);
        readSecurity(context);
    }

    /**
     * Takes over who may call which operation. To be called when all routes are there.
     *
     * @throws metrika.conversions.settings.SettingException when an operation does not say it
     */
    void readSecurity(CamelContext context) {
        security.read(context);
    }

    /** From now on no upload is begun. */
    void stop() {
        deliveries.stop();
    }

    /** Gives back what this process has claimed. To be called when the routes have stopped. */
    @Override
    public void close() throws Exception {
        deliveries.end();
        kafkaThreads.shutdownNow();
        storedThreads.shutdownNow();
        lookupThreads.shutdownNow();
        deliveries.close();
        dataSources.close();
        channels.close();
        writer.close();
        if (traces != null) {
            traces.close();
        }
    }
}
