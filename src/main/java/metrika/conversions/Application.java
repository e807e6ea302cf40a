package metrika.conversions;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.MainListenerSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import metrika.conversions.auth.EncryptionKeyRotation;
import metrika.conversions.auth.TokenEncryption;
import metrika.conversions.check.SourceKeys;
import metrika.conversions.check.UnknownSettings;
import metrika.conversions.database.Database;
import metrika.conversions.health.StopHealth;
import metrika.conversions.http.HttpApiServer;
import metrika.conversions.http.WebPages;
import metrika.conversions.logging.LoggingConfig;
import metrika.conversions.metrics.ProductMetrics;
import metrika.conversions.settings.Environment;
import metrika.conversions.settings.SettingException;
import metrika.conversions.settings.Settings;
import metrika.conversions.settings.SpoolDirectory;
import metrika.conversions.steps.SourceSteps;
import metrika.simulator.Simulator;
import metrika.simulator.SimulatorSettings;

/** Starts the product in the folder that holds {@code application.properties} and {@code routes/}. */
public final class Application {

    private static final Logger LOG = LoggerFactory.getLogger(Application.class);
    /** Requests that are worked on at the same moment; the others wait in line. */
    static final int WORKERS = 20;

    private static final int CALLER_CONNECTIONS = 5;

    private final Settings settings;
    private final StopHealth stopHealth = new StopHealth();
    private final Shutdown shutdown;

    private Beans beans;

    private Application(Settings settings) {
        this.settings = settings;
        shutdown = new Shutdown(settings.duration("shutdown.delay", Duration.ZERO, Duration.ofMinutes(5)), stopHealth);
    }

    /** Runs the product, until SIGTERM, or what {@link Help} lists, and ends with the exit codes that it names. */
    public static void main(String[] arguments) {
        var help = Help.answer(List.of(arguments));
        if (help != null) {
            System.out.print(help);
            return;
        }
        var wrong = Help.usageError(List.of(arguments));
        if (wrong != null) {
            System.err.print(wrong);
            System.exit(2);
        }
        try {
            var settings = Settings.in(Path.of(""));
            LoggingConfig.configure(settings);
            ExtensionJars.load();
            if (!Environment.hasLetters()) {
                LOG.warn(
                        "The locale of this process has no letters beyond {}: files with such letters in their names"
                                + " cannot be taken from a folder. Start it with LC_ALL=C.UTF-8",
                        Environment.fileNames());
            }
            switch (arguments.length == 0 ? "" : arguments[0]) {
                case "" -> new Application(settings).run();
                case "simulator" -> simulate(settings);
                case "re-encrypt" -> reencrypt(settings);
                default ->
                    System.exit(new CheckCommand(settings, out())
                            .run(CheckArguments.of(List.of(arguments).subList(1, arguments.length))));
            }
        } catch (Exception | Error e) { // also out of memory: a server that stays behind would answer 503 for ever
            var reason = reason(e);
            if (reason == null) {
                LOG.error("Not started", e);
            } else {
                LOG.error("Not started. {}", reason);
                LOG.debug("Not started", e);
            }
            System.exit(1);
        }
    }

    /** What a setting or a file is told to keep the start from, {@code null} when the failure is of another kind. */
    private static String reason(Throwable failure) {
        for (var cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SettingException) {
                return cause.getMessage();
            }
        }
        return failure instanceof IllegalArgumentException ? failure.getMessage() : null;
    }

    /** The standard output, in UTF-8 whatever the locale is. */
    private static PrintStream out() {
        return new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
    }

    private void run() throws Exception {
        try {
            StartupChecks.ofSettings(settings);
            RouteFiles.checkReadable();
            StartupChecks.checkManagementPort(settings);
            var parallel = (int) settings.number("upload.parallel", 1, 100);
            var metrics = shutdown.opened(new ProductMetrics());
            var spool = shutdown.opened(new SpoolDirectory()).path();
            var server = shutdown.opened(new HttpApiServer(settings, WORKERS));
            server.listen();
            var dashboard = dashboard();
            var database = shutdown.opened(new Database(settings, CALLER_CONNECTIONS, 2 * parallel + 3));
            var cipher = new TokenEncryption(settings.text("encryption.key"));
            var simulator = settings.find("metrika.url") == null && settings.isDev() ? simulator() : null;
            var main = new ProductMain(settings);
            main.override(simulator, server.url(), spool, parallel);
            main.addOverrideProperty(WebPages.SIMULATOR_URL, simulator == null ? "" : simulator);
            main.configure()
                    .addConfiguration(new ConversionsConfiguration(registry -> beans = shutdown.opened(new Beans(
                            settings, database.pools(), cipher, parallel, spool, Clock.systemUTC(), registry))));
            main.addMainListener(new MainListenerSupport() {
                @Override
                public void beforeConfigure(BaseMainSupport support) {
                    server.serve(support.getCamelContext());
                    metrics.bind(support.getCamelContext().getRegistry(), spool);
                    support.getCamelContext().getRegistry().bind("stopHealth", stopHealth);
                }

                @Override
                public void afterConfigure(BaseMainSupport support) {
                    var context = support.getCamelContext();
                    ProductMetrics.countOnce(context);
                    beans.watch(context);
                    context.getCamelContextExtension().addInterceptStrategy(new SourceSteps());
                    beans.guard(context, (int) settings.number("http.port", 1, 65535));
                    if (dashboard != null) {
                        server.leave("/dashboard", dashboard, context, beans.dashboard());
                    }
                    // Camel's profile dev traces: it holds copies of what passes, and reads whole files for that.
                    context.setBacklogTracingStandby(false);
                }
            });
            var isOfDashboard = new SourceFiles(Path.of("routes"))
                    .others().stream().collect(Collectors.partitioningBy(file -> file.startsWith("routes/dashboard")));
            main.leaveOutSources(isOfDashboard.get(false));
            onRoutes(main::init);
            // Called when the product's routes are there, and before any of them takes something in
            main.getCamelContext().addStartupListener((context, isStarted) -> {
                if (!isStarted) { // which it is for a source that comes later
                    beans.checkRoutes(context);
                }
            });
            database.await();
            new EncryptionKeyRotation(database.pools().callers(), cipher).check();
            shutdown.opened(main::stop);
            shutdown.opened(beans::stop);
            shutdown.opened(server::stopTaking);
            if (dashboard != null) {
                shutdown.opened(dashboard::stopTaking);
            }
            onRoutes(main::start);
            var sources = new SourceRoutes(main.getCamelContext(), settings, beans).start();
            if ("true".equals(settings.find("routes.reload"))) {
                main.getCamelContext().addService(new RouteReload(Path.of("routes"), settings, sources));
            }
            server.take();
            if (dashboard != null) { // whose routes keep no sender waiting
                onRoutes(() -> RouteFiles.load(main.getCamelContext(), isOfDashboard.get(true)));
                dashboard.take();
                LOG.info("For operators: {}/dashboard", dashboard.url());
            }
            warn();
            LOG.info(
                    "metrika-conversions {}, database {}, Metrika {}",
                    Help.version(),
                    database.describe(),
                    main.getCamelContext().resolvePropertyPlaceholders("{{metrika.url}}"));
            shutdown.ready();
            if (simulator != null) {
                LOG.warn(
                        "This is the profile dev, and NOTHING REACHES METRIKA: a simulator takes its place."
                                + " {}/simulator/ shows what it was sent",
                        simulator);
                LOG.warn("In operation: CAMEL_MAIN_PROFILE=prod, which asks for a database and secrets;"
                        + " docs/deployment.md");
            }
            LOG.info("Ready: {} (profile {})", server.url(), settings.profile());
            ReleasedMemory.onceIdle();
        } catch (Exception e) {
            shutdown.close();
            throw e;
        }
    }

    /** Of what keeps nothing from running, when requests are taken already: it reads all routes once more. */
    private void warn() {
        new UnknownSettings(Path.of("routes")).in(settings.files()).forEach(finding -> LOG.warn("{}", finding));
        new SourceKeys(Path.of("routes"))
                .ofSwitchedOn(name -> settings.fault(name) == null ? settings.find(name) : null)
                .forEach(finding -> LOG.warn("{}", finding));
    }

    /**
     * The server of the dashboard. {@code null} where there is to be none, or its address is taken, as by another
     * process on this machine: that keeps nobody from sending conversions.
     */
    private HttpApiServer dashboard() throws InterruptedException {
        if (!settings.flag("dashboard.enabled")) {
            return null;
        }
        var dashboard = shutdown.opened(HttpApiServer.ofDashboard(settings));
        try {
            dashboard.listen();
            return dashboard;
        } catch (SettingException e) {
            LOG.warn("There is no dashboard: {}", e.getMessage());
            return null;
        }
    }

    private interface Step {
        void go() throws Exception;
    }

    /** Does what fails when a route cannot run, and then tells which. */
    private void onRoutes(Step step) throws Exception {
        try {
            step.go();
        } catch (Exception e) {
            var explained = RouteFiles.explain(settings, e);
            if (explained == null) {
                throw e;
            }
            LOG.debug("The routes do not start", e);
            throw explained;
        }
    }

    private String simulator() {
        return shutdown.opened(started(settings)).url();
    }

    private static Simulator started(Settings settings) {
        var simulator = new Simulator(SimulatorSettings.of(settings::find));
        try {
            return simulator.start();
        } catch (IllegalStateException e) {
            throw new SettingException(
                    "%s (simulator.host, simulator.port, simulator.directory): %s. simulator.port=0 takes any "
                                    .formatted(
                                            e.getMessage(),
                                            e.getCause() == null
                                                    ? ""
                                                    : e.getCause().getMessage())
                            + "port that is free");
        }
    }

    private static void reencrypt(Settings settings) throws Exception {
        StartupChecks.check(settings);
        try (var database = new Database(settings, 1, 1)) {
            var cipher = new TokenEncryption(settings.text("encryption.key"));
            var count = new EncryptionKeyRotation(database.pools().callers(), cipher).reencrypt();
            LOG.info(
                    "Encrypted with the first key of encryption.key: what is stored of {} webhooks, of which {} were"
                            + " not so before. The other keys are not needed any more",
                    count.webhooks(),
                    count.renewed());
        }
    }

    private static void simulate(Settings settings) {
        StartupChecks.checkSimulator("The command simulator");
        var simulator = started(settings);
        Runtime.getRuntime().addShutdownHook(new Thread(simulator::close, "shutdown"));
        LOG.info(
                "Metrika is simulated: metrika.url is {}, and {}/simulator/ shows what it was sent",
                simulator.url(),
                simulator.url());
    }
}
