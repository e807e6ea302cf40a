package metrika.conversions;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

import metrika.conversions.access.StoredTokens;
import metrika.conversions.access.TokenCipher;
import metrika.conversions.database.Database;
import metrika.conversions.log.Logs;
import metrika.conversions.simulator.Simulator;
import metrika.conversions.simulator.SimulatorSettings;
import metrika.conversions.web.WebServer;
import org.apache.camel.CamelContext;
import org.apache.camel.main.BaseMainSupport;
import org.apache.camel.main.Main;
import org.apache.camel.main.MainListenerSupport;
import org.apache.camel.main.SimpleMainShutdownStrategy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts the product in the folder that holds {@code application.properties} and {@code routes/}. */
public final class Application {

    private static final Logger LOG = LoggerFactory.getLogger(Application.class);
    private static final String METRIKA = "https://api-metrika.yandex.net";
    /** Requests that are worked on at the same moment; the others wait in line. */
    static final int WORKERS = 20;
    private static final int CALLER_CONNECTIONS = 5;
    private static final Duration STOPS = Duration.ofSeconds(14);
    /** The exit code of a process that SIGTERM has ended. */
    private static final int STOPPED = 143;

    private final Settings settings;
    /** What has been opened, to be closed in the opposite order. */
    private final Deque<AutoCloseable> open = new ArrayDeque<>();

    private Beans beans;
    private volatile boolean isReady;

    private Application(Settings settings) {
        this.settings = settings;
    }

    /**
     * Without arguments runs the product, until SIGTERM; {@code simulator} runs the simulator of Metrika alone;
     * {@code re-encrypt} encrypts what is stored with the first key of {@code encryption.key}, and ends;
     * {@code check [route file [sample]]} checks routes, see {@link CheckCommand}.
     * Exit codes: 0 done, 143 stopped by SIGTERM, 1 did not start or not all is done, 2 wrong arguments; of {@code check}: 0, 3
     * and 4 too.
     */
    public static void main(String[] arguments) {
        try {
            var settings = Settings.in(Path.of(""));
            Logs.configure(settings);
            if (arguments.length == 0) {
                new Application(settings).run();
            } else if (arguments.length == 1 && arguments[0].equals("simulator")) {
                simulate(settings);
            } else if (arguments.length == 1 && arguments[0].equals("re-encrypt")) {
                reencrypt(settings);
            } else if (arguments.length <= 3 && arguments[0].equals("check")) {
                System.exit(new CheckCommand(settings, System.out).run(List.of(arguments).subList(1, arguments.length)));
            } else {
                LOG.error("Unknown arguments {}. Without arguments the product runs; 'simulator' runs the simulator of Metrika; "
                        + "'re-encrypt' encrypts what is stored with the first key of encryption.key; "
                        + "'check [ROUTE-FILE [SAMPLE]]' checks routes", List.of(arguments));
                System.exit(2);
            }
        } catch (SettingException | IllegalArgumentException e) {
            LOG.error("Not started. {}", e.getMessage());
            System.exit(1);
        } catch (Exception | Error e) { // also out of memory: a server that stays behind would answer 503 for ever
            LOG.error("Not started", e);
            System.exit(1);
        }
    }

    private void run() throws Exception {
        Runtime.getRuntime().addShutdownHook(new Thread(this::stop, "shutdown"));
        try {
            Preflight.check(settings);
            Preflight.checkSources(settings);
            Preflight.checkSpans(settings);
            Preflight.checkRules(settings);
            Preflight.checkManagementPort(settings);
            var parallel = (int) settings.number("upload.parallel", 1, 100);
            var server = opened(new WebServer(settings, WORKERS));
            server.listen();
            var database = opened(new Database(settings, CALLER_CONNECTIONS, 2 * parallel + 3));
            var cipher = new TokenCipher(settings.text("encryption.key"));
            var metrika = settings.find("metrika.url");
            var spool = opened(new SpoolDirectory()).path();
            var main = main(metrika != null ? metrika : settings.isDev() ? simulator() : METRIKA, spool, parallel);
            main.addMainListener(new MainListenerSupport() {
                @Override
                public void beforeConfigure(BaseMainSupport support) {
                    var context = support.getCamelContext();
                    beans = opened(new Beans(settings, database.pools(), cipher, parallel, spool,
                            context.getRegistry()));
                    server.serve(context);
                    beans.guard(context, (int) settings.number("http.port", 1, 65535));
                }

                @Override
                public void afterConfigure(BaseMainSupport support) {
                    // Camel's profile dev traces: it holds copies of what passes, and reads whole files for that.
                    support.getCamelContext().setBacklogTracingStandby(false);
                }
            });
            main.init();
            database.await();
            new StoredTokens(database.pools().callers(), cipher).check();
            if ("true".equals(settings.find("routes.reload"))) {
                main.getCamelContext().addService(new RouteReload(Path.of("routes"), settings));
            }
            opened(main::stop);
            opened(beans::stop);
            opened(server::stopTaking);
            main.start();
            if (main.getCamelContext().getRoutes().isEmpty()) {
                throw new SettingException("There is no route in %s/*.camel.yaml: start from the folder that holds routes/, which "
                        .formatted(Path.of("routes").toAbsolutePath()) + "has to be a folder itself, since links to one are not followed");
            }
            server.take();
            LOG.info("metrika-conversions {}, database {}, Metrika {}", version(), database.describe(),
                    main.getCamelContext().resolvePropertyPlaceholders("{{metrika.url}}"));
            isReady = true;
            LOG.info("Ready: {} (profile {})", server.url(), settings.profile());
        } catch (Exception e) {
            close();
            throw e;
        }
    }

    private Main main(String metrika, Path spool, int parallel) {
        var main = new Main() {
            @Override
            protected void configurePropertiesService(CamelContext context) throws Exception {
                // Columns have names in all scripts. Camel would read the files as Latin-1.
                context.getPropertiesComponent().setEncoding("UTF-8");
                super.configurePropertiesService(context);
            }

            @Override
            protected void modelineRoutes(CamelContext context) {
                // Camel would read all routes an additional time for settings in their comments, which are not a thing here.
            }
        };
        // The profile's file is named too: Camel itself adds it only to its own default location.
        main.setPropertyPlaceholderLocations("file:application-%s.properties;optional=true,file:application.properties"
                .formatted(settings.profile()));
        main.configure().setProfile(settings.profile());
        main.addOverrideProperty("metrika.url", metrika);
        // One for each that may call: a sender that waited for a connection would do so with a lease and a call of its login.
        main.addOverrideProperty("camel.component.http.connectionsPerRoute", String.valueOf(2 * parallel));
        main.addOverrideProperty("camel.component.http.maxTotalConnections", String.valueOf(2 * parallel));
        main.addOverrideProperty("spool.directory", spool.toString());
        main.addOverrideProperty("camel.main.streamCachingSpoolDirectory", spool.toString());
        // Stopping is our own business: what the routes use is closed after them. Camel's own way installs its shutdown hook
        // even when that is disabled, and then each of the two may wait for the other.
        main.setShutdownStrategy(new SimpleMainShutdownStrategy());
        return main;
    }

    private String simulator() {
        var simulator = opened(new Simulator(SimulatorSettings.of(settings::find)));
        simulator.start();
        LOG.info("Metrika is simulated: {}/simulator/ shows what it was sent", simulator.url());
        return simulator.url();
    }

    private synchronized <T extends AutoCloseable> T opened(T closeable) {
        open.push(closeable);
        return closeable;
    }

    /** The version that was built, or that it is one that was not. */
    private static String version() {
        var version = Application.class.getPackage().getImplementationVersion();
        return version == null ? "of the sources" : version;
    }

    /** Stops in time, also where the database stands still: any process may end at any moment, and nothing is lost. */
    private void stop() {
        var limit = new Thread(() -> {
            try {
                Thread.sleep(STOPS.toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
            LOG.warn("Stopped without waiting any longer, as for a database that does not answer");
            Runtime.getRuntime().halt(STOPPED);
        }, "stop-limit");
        limit.setDaemon(true);
        limit.start();
        if (isReady) {
            LOG.info("Stopping: nothing new is begun, and what is under way is finished or handed back");
        }
        close();
        if (isReady) {
            LOG.info("Stopped");
        }
    }

    /** Closes what is open, the last first. A failure keeps nothing else from being closed. */
    private void close() {
        for (var closeable = next(); closeable != null; closeable = next()) {
            try {
                closeable.close();
            } catch (Exception e) {
                LOG.warn("Not closed cleanly: {}", closeable.getClass().getSimpleName(), e);
            }
        }
    }

    private synchronized AutoCloseable next() {
        return open.poll();
    }

    private static void reencrypt(Settings settings) throws Exception {
        Preflight.check(settings);
        try (var database = new Database(settings, 1, 1)) {
            var cipher = new TokenCipher(settings.text("encryption.key"));
            var count = new StoredTokens(database.pools().callers(), cipher).reencrypt();
            LOG.info("Encrypted with the first key of encryption.key: what is stored of {} webhooks, of which {} were not so before. "
                    + "The other keys are not needed any more", count.webhooks(), count.renewed());
        }
    }

    private static void simulate(Settings settings) {
        var simulator = new Simulator(SimulatorSettings.of(settings::find));
        Runtime.getRuntime().addShutdownHook(new Thread(simulator::close, "shutdown"));
        simulator.start();
        LOG.info("Metrika is simulated: metrika.url is {}, and {}/simulator/ shows what it was sent", simulator.url(), simulator.url());
    }
}
