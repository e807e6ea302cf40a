package metrika.conversions;

import java.time.Clock;

import metrika.conversions.access.Access;
import metrika.conversions.access.RateLimits;
import metrika.conversions.access.TokenCipher;
import metrika.conversions.access.WebhookForm;
import metrika.conversions.access.Webhooks;
import metrika.conversions.database.Database;
import metrika.conversions.database.DatabaseHealth;
import metrika.conversions.delivery.Calls;
import metrika.conversions.delivery.Faults;
import metrika.conversions.delivery.Leases;
import metrika.conversions.delivery.Logins;
import metrika.conversions.delivery.MetrikaAnswers;
import metrika.conversions.delivery.Pollers;
import metrika.conversions.delivery.Senders;
import metrika.conversions.delivery.UploadContent;
import metrika.conversions.delivery.UploadForm;
import metrika.conversions.intake.BatchStore;
import metrika.conversions.intake.BatchWriter;
import metrika.conversions.intake.Bodies;
import metrika.conversions.intake.ConversionReader;
import metrika.conversions.intake.DryRun;
import metrika.conversions.web.AllowedHeaders;
import metrika.conversions.web.BatchPage;
import metrika.conversions.web.Parameters;
import metrika.conversions.web.Problems;
import org.apache.camel.spi.Registry;

/** The beans that the routes name, each under the name that it has there. */
final class Beans implements AutoCloseable {

    private final Database database;
    private final BatchWriter writer;
    private final Leases leases;
    private final Senders senders;
    private final Pollers pollers;

    Beans(Settings settings, Database database, int parallel, Registry registry) {
        this.database = database;
        var clock = Clock.systemUTC();
        var mostBytes = (int) settings.number("limits.body-bytes", 1, 1 << 30);
        var requests = (int) settings.number("limits.requests-per-minute", 1, 1_000_000);
        var cipher = new TokenCipher(settings.text("encryption.key"));
        var webhooks = new Webhooks(database.callers());
        writer = new BatchWriter(database.callers());
        leases = new Leases(settings.duration("upload.lease"));
        senders = new Senders(parallel);
        pollers = new Pollers(parallel);

        registry.bind("dataSource", database.callers());
        registry.bind("deliveryDatabase", database.delivery());
        registry.bind("databaseHealth", new DatabaseHealth(database.callers()));
        registry.bind("senders", senders);
        registry.bind("senderThreads", senders.threads());
        registry.bind("pollers", pollers);
        registry.bind("pollThreads", pollers.threads());

        registry.bind("apiHeaders", AllowedHeaders.ofApi());
        registry.bind("problems", new Problems());
        registry.bind("parameters", new Parameters());
        registry.bind("batchPage", new BatchPage());
        registry.bind("access", new Access(webhooks, settings.find("admin.token")));
        registry.bind("rateLimits", new RateLimits());
        registry.bind("webhookForm", new WebhookForm(cipher, requests, settings.duration("secret.grace")));

        registry.bind("bodies", new Bodies(mostBytes));
        registry.bind("batchStore", new BatchStore(
                new ConversionReader((int) settings.number("limits.conversions-per-request", 1, 1_000_000),
                        settings.duration("intake.max-future"), clock),
                settings.duration("upload.hold"), writer, webhooks, database.callers(), clock));
        registry.bind("dryRun", new DryRun());

        registry.bind("metrikaHeaders", AllowedHeaders.ofMetrika());
        registry.bind("logins", new Logins(cipher));
        registry.bind("leases", leases);
        registry.bind("calls", new Calls(leases, settings.duration("upload.lease"),
                settings.number("metrika.calls-at-once", 1, 1000), settings.number("metrika.calls-per-second", 1, 100_000),
                settings.number("metrika.calls-per-day", 25, 100_000_000)));
        registry.bind("uploadContent", new UploadContent(database.delivery()));
        registry.bind("uploadForm", new UploadForm(leases));
        registry.bind("metrikaAnswers", new MetrikaAnswers(clock));
        registry.bind("faults", new Faults());
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
        leases.releaseAll(database.delivery());
        writer.close();
    }
}
