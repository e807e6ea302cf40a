package metrika.conversions;

import java.nio.file.Path;
import java.time.Clock;

import org.apache.camel.spi.PredicateExceptionFactory;
import org.apache.camel.spi.Registry;

import metrika.conversions.api.RequestBodyDecoder;
import metrika.conversions.auth.BodySignature;
import metrika.conversions.auth.SignatureRefusals;
import metrika.conversions.intake.ConversionStore;
import metrika.conversions.pull.RestLookup;
import metrika.conversions.settings.Settings;
import metrika.conversions.sources.CommerceMl;
import metrika.conversions.sources.DroppedFiles;
import metrika.conversions.sources.FileImportSteps;
import metrika.conversions.sources.FolderPollStrategy;
import metrika.conversions.sources.HttpBodies;
import metrika.conversions.sources.HttpBodyReader;
import metrika.conversions.sources.HttpSource;
import metrika.conversions.sources.KafkaMessages;
import metrika.conversions.sources.LeftOutMetrics;
import metrika.conversions.sources.MailImportSteps;
import metrika.conversions.sources.MailText;
import metrika.conversions.sources.QueueMessages;
import metrika.conversions.sources.RefusedOrders;
import metrika.conversions.sources.RowMapper;
import metrika.conversions.sources.TriedFiles;
import metrika.conversions.steps.FailedCheck;

/** The beans that check, read, map and keep what sources take in: over HTTP, from queues, as files and mails. */
final class SourceBeans {

    private SourceBeans() {}

    /**
     * Binds them.
     *
     * @param maxConversions of a request
     * @param store where conversions go
     * @param spool a folder of this process alone
     */
    static void bind(
            Registry registry,
            Settings settings,
            Clock clock,
            RequestBodyDecoder bodies,
            int maxConversions,
            ConversionStore store,
            Path spool) {
        var leftOut = new LeftOutMetrics();
        registry.bind("httpSource", new HttpSource(clock, leftOut));
        var httpBodies = new HttpBodies(bodies, maxConversions);
        registry.bind(
                "bodySignature",
                new BodySignature(
                        clock,
                        httpBodies::form,
                        new SignatureRefusals(source -> SourceSettings.signature(settings, source))));
        var commerceMl = new CommerceMl(httpBodies);
        registry.bind("commerceMl", commerceMl);
        registry.bind("mailText", new MailText());
        registry.bind("httpBodyReader", new HttpBodyReader(httpBodies, commerceMl));
        var rowMapper = new RowMapper(clock);
        registry.bind("rowMapper", rowMapper);
        registry.bind("failedCheck", PredicateExceptionFactory.class, FailedCheck.factory());
        registry.bind("restLookup", new RestLookup(rowMapper, clock));
        registry.bind("refusedOrders", new RefusedOrders(store));
        registry.bind("queueMessages", new QueueMessages(store, leftOut));
        registry.bind("kafkaMessages", new KafkaMessages());
        var imports = new FileImportSteps(store, spool);
        registry.bind("fileImportSteps", imports);
        var tried = new TriedFiles();
        registry.bind("triedFiles", tried);
        registry.bind("folderPollStrategy", new FolderPollStrategy());
        registry.bind("droppedFiles", new DroppedFiles(imports, tried, spool));
        registry.bind("mailImportSteps", new MailImportSteps(spool, false));
    }
}
