package metrika.conversions;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

import javax.sql.DataSource;

import metrika.conversions.access.Access;
import metrika.conversions.access.Admins;
import metrika.conversions.access.AuditPage;
import metrika.conversions.access.RateLimits;
import metrika.conversions.access.Strangers;
import metrika.conversions.access.TokenCipher;
import metrika.conversions.access.WebhookForm;
import metrika.conversions.access.Webhooks;
import metrika.conversions.database.DatabaseHealth;
import metrika.conversions.database.Pools;
import metrika.conversions.database.RepeatingJdbc;
import metrika.conversions.delivery.BodyWatch;
import metrika.conversions.delivery.Calls;
import metrika.conversions.delivery.ConversionCsv;
import metrika.conversions.delivery.Faults;
import metrika.conversions.delivery.Leases;
import metrika.conversions.delivery.Logins;
import metrika.conversions.delivery.Looks;
import metrika.conversions.delivery.MetrikaAnswers;
import metrika.conversions.delivery.Pollers;
import metrika.conversions.delivery.Polls;
import metrika.conversions.delivery.Senders;
import metrika.conversions.delivery.UploadContent;
import metrika.conversions.delivery.UploadForm;
import metrika.conversions.intake.BatchStore;
import metrika.conversions.intake.BatchWriter;
import metrika.conversions.intake.Bodies;
import metrika.conversions.intake.ConversionReader;
import metrika.conversions.intake.DryRun;
import metrika.conversions.intake.ErasureForm;
import metrika.conversions.intake.RuleSettings;
import metrika.conversions.intake.WriterHealth;
import metrika.conversions.log.Trouble;
import metrika.conversions.sources.CommerceMl;
import metrika.conversions.sources.Forms;
import metrika.conversions.sources.KafkaMessages;
import metrika.conversions.sources.MailFiles;
import metrika.conversions.sources.MappedRows;
import metrika.conversions.sources.SourceFiles;
import metrika.conversions.sources.SourceTrouble;
import metrika.conversions.sources.SourcesHealth;
import metrika.conversions.web.AllowedHeaders;
import metrika.conversions.web.BatchPage;
import metrika.conversions.web.Pages;
import metrika.conversions.web.Parameters;
import metrika.conversions.web.Problems;
import metrika.conversions.web.Proxies;
import metrika.conversions.web.WebServer;
import org.apache.camel.CamelContext;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.apache.camel.dsl.support.SourceLoader;
import org.apache.camel.spi.Registry;

/** The beans that the routes name, each under the name that it has there. */
final class Beans implements AutoCloseable {

    /** Messages of Kafka that are stored at the same moment, and so may share a statement. */
    private static final int KAFKA_MESSAGES = 32;

    /** Requests of which the database is asked what is known of them at the same moment, and those that may wait for it. */
    private static final int LOOKUPS = 8;
    private static final int MOST_LOOKUPS = 200;

    private final DataSource leaseDatabase;
    private final BatchWriter writer;
    private final Leases leases;
    private final Senders senders;
    private final Pollers pollers;
    private final BodyWatch bodyWatch;
    private final Settings settings;
    private final Access access;
    /** On which routes go on when their conversions are stored. */
    private final ExecutorService storedThreads = Executors.newFixedThreadPool(Application.WORKERS);
    private final ExecutorService lookupThreads = new ThreadPoolExecutor(LOOKUPS, LOOKUPS, 0, TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(MOST_LOOKUPS));
    private final ExecutorService kafkaThreads = Executors.newFixedThreadPool(KAFKA_MESSAGES);

    /**
     * @param spool a folder of this process alone
     */
    Beans(Settings settings, Pools pools, TokenCipher cipher, int parallel, Path spool, Registry registry) {
        this.settings = settings;
        leaseDatabase = pools.leases();
        var callers = pools.callers();
        var delivery = pools.delivery();
        var clock = Clock.systemUTC();
        var mostBytes = (int) settings.number("limits.body-bytes", 1, 1 << 30);
        var requests = (int) settings.number("limits.requests-per-minute", 1, 1_000_000);
        var mostConversions = (int) settings.number("limits.conversions-per-request", 1, 1_000_000);
        var limits = new RateLimits();
        var webhooks = new Webhooks(pools.status(), cipher, limits::keep);
        writer = new BatchWriter(pools.writer(), limits);
        leases = new Leases(settings.duration("upload.lease"));
        senders = new Senders(parallel);
        pollers = new Pollers(parallel);

        // Camel's own reads route files in the encoding of the locale
        registry.bind("sourceLoader", (SourceLoader) resource -> {
            try (var stream = resource.getInputStream()) {
                return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
            }
        });
        registry.bind("dataSource", callers);
        registry.bind("statusDatabase", pools.status());
        registry.bind("reportsDatabase", pools.reports());
        registry.bind("deliveryDatabase", delivery);
        registry.bind("erasureDatabase", pools.erasures());
        registry.bind("leaseDatabase", leaseDatabase);
        registry.bind("jdbc", new RepeatingJdbc());
        registry.bind("databaseHealth", new DatabaseHealth(pools.status()));
        registry.bind("writerHealth", new WriterHealth(writer));
        registry.bind("sourcesHealth", new SourcesHealth());
        registry.bind("sourceTrouble", new SourceTrouble());
        registry.bind("trouble", new Trouble());
        registry.bind("senders", senders);
        registry.bind("senderThreads", senders.threads());
        registry.bind("pollers", pollers);
        registry.bind("pollThreads", pollers.threads());

        registry.bind("apiHeaders", AllowedHeaders.ofApi());
        registry.bind("sourceHeaders", AllowedHeaders.ofSources());
        registry.bind("pages", new Pages());
        registry.bind("problems", new Problems());
        registry.bind("parameters", new Parameters());
        registry.bind("batchPage", new BatchPage());
        var proxies = new Proxies(settings);
        access = new Access(webhooks, new Admins(settings.find("admin.token"), settings.find("admin.tokens")),
                settings.duration("signature.tolerance"), proxies::from, proxies::isLocal, clock);
        registry.bind("access", access);
        registry.bind("webhooks", webhooks);
        registry.bind("rateLimits", limits);
        registry.bind("auditPage", new AuditPage());
        registry.bind("webhookForm", new WebhookForm(cipher, requests, settings.duration("secret.grace"),
                settings.timeZone("webhooks.default-time-zone")));

        var bodies = new Bodies(mostBytes);
        registry.bind("bodies", bodies);
        var forms = new Forms(bodies, mostConversions, clock);
        registry.bind("forms", forms);
        registry.bind("commerceMl", new CommerceMl(forms));
        var store = new BatchStore(
                new ConversionReader(mostConversions, RuleSettings.of(settings), clock),
                settings.duration("upload.hold"), writer, webhooks, limits, callers, clock, storedThreads, lookupThreads);
        registry.bind("batchStore", store);
        registry.bind("rows", new MappedRows());
        registry.bind("kafkaMessages", new KafkaMessages());
        registry.bind("kafkaThreads", kafkaThreads);
        registry.bind("sourceFiles", new SourceFiles(store, spool));
        registry.bind("mailFiles", new MailFiles(spool, false));
        registry.bind("dryRun", new DryRun());
        registry.bind("erasureForm", new ErasureForm());

        bodyWatch = new BodyWatch(settings.duration("metrika.response-timeout"));
        registry.bind("bodyWatch", bodyWatch);
        registry.bind("metrikaHeaders", AllowedHeaders.ofMetrika());
        registry.bind("logins", new Logins(cipher));
        registry.bind("leases", leases);
        registry.bind("calls", new Calls(leases, settings.duration("upload.lease"),
                settings.number("metrika.calls-at-once", 1, 1000), settings.number("metrika.calls-per-second", 1, 100_000),
                settings.number("metrika.calls-per-day", 25, 100_000_000)));
        registry.bind("conversionCsv", new ConversionCsv());
        registry.bind("uploadContent", new UploadContent(delivery));
        registry.bind("uploadForm", new UploadForm(leases));
        registry.bind("metrikaAnswers", new MetrikaAnswers(clock));
        registry.bind("looks", new Looks(settings.text("upload.settle")));
        registry.bind("faults", new Faults(settings.text("upload.settle"), settings.text("poll.give-up")));
        var relink = settings.find("upload.relink");
        registry.bind("polls", new Polls(relink == null ? "" : relink));
    }

    /** Has strangers turned away before the routes that {@link WebServer#serve} will make. */
    void guard(CamelContext context, int port) {
        var name = VertxPlatformHttpRouter.getRouterNameFromPort(port);
        var router = context.getRegistry().lookupByNameAndType(name, VertxPlatformHttpRouter.class);
        router.route().handler(new Strangers(access, source -> "true".equals(settings.find("inbound." + source + ".enabled")),
                router.vertx()));
    }

    /** From now on no upload is begun. */
    void stop() {
        senders.stop();
    }

    /** Gives back what this process has claimed. To be called when the routes have stopped. */
    @Override
    public void close() throws Exception {
        senders.threads().shutdownNow();
        pollers.threads().shutdownNow();
        bodyWatch.close();
        kafkaThreads.shutdownNow();
        storedThreads.shutdownNow();
        lookupThreads.shutdownNow();
        leases.releaseAll(leaseDatabase); // which waits for a database that stands still no longer than a beat
        writer.close();
    }
}
