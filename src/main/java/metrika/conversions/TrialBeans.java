package metrika.conversions;

import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.ZoneId;
import java.util.Base64;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;

import org.apache.camel.spi.Registry;

import metrika.conversions.api.RequestBodyDecoder;
import metrika.conversions.api.SendAdmission;
import metrika.conversions.auth.BodySignature;
import metrika.conversions.auth.TokenEncryption;
import metrika.conversions.auth.Webhook;
import metrika.conversions.check.DryRunBatchStore;
import metrika.conversions.check.PermissiveAuthenticator;
import metrika.conversions.check.RecordedCalls;
import metrika.conversions.database.Pools;
import metrika.conversions.database.ScratchDatabase;
import metrika.conversions.intake.CheckConversions;
import metrika.conversions.intake.ConversionReader;
import metrika.conversions.intake.ConversionStore;
import metrika.conversions.intake.RuleSettings;
import metrika.conversions.intake.StoreConversions;
import metrika.conversions.settings.Settings;
import metrika.conversions.settings.SpoolDirectory;
import metrika.conversions.sources.DroppedFiles;
import metrika.conversions.sources.FileImportSteps;
import metrika.conversions.sources.LeftOutMetrics;
import metrika.conversions.sources.MailImportSteps;
import metrika.conversions.sources.QueueMessages;
import metrika.conversions.sources.RefusedOrders;
import metrika.conversions.sources.RowMapper;
import metrika.conversions.sources.TriedFiles;
import metrika.conversions.sources.UnmetColumns;

/**
 * The beans that routes name, for connectors that are tried: with everyone let in, and an empty database for those that
 * ask it something.
 */
final class TrialBeans implements AutoCloseable {

    private static final int KEY_BYTES = 32;

    private final Settings settings;
    private final Clock clock;
    private final Registry registry;
    private final SpoolDirectory spool;
    private final Beans beans;
    private final BodySignature signature;
    private final ScratchDatabase database = new ScratchDatabase();

    TrialBeans(Settings settings, Clock clock, Registry registry) throws Exception {
        this.settings = settings;
        this.clock = clock;
        this.registry = registry;
        spool = new SpoolDirectory();
        // What is tried meets no token that is stored: any key will do.
        var cipher = new TokenEncryption(Base64.getEncoder().encodeToString(new byte[KEY_BYTES]));
        var tables = database.dataSource();
        var none = noDatabase(); // what runs without being asked for
        var pools = new Pools(none, none, tables, tables, tables, tables, none);
        beans = new Beans(settings, pools, cipher, 1, spool.path(), clock, registry);
        signature = registry.lookupByNameAndType("bodySignature", BodySignature.class);
        var calls = new RecordedCalls(cipher.encryptCallbackKey(new UUID(0, 0), new byte[KEY_BYTES]));
        registry.bind(RecordedCalls.BEAN, calls);
        ChannelBeans.bindCalls(calls, cipher, clock, registry);
    }

    Registry registry() {
        return registry;
    }

    /** An empty database with the product's tables. */
    DataSource database() {
        return database.dataSource();
    }

    /** Why databases of the settings cannot be had, by their names. */
    Map<String, String> databaseFaults() {
        return beans.databaseFaults();
    }

    /** A folder for what is on its way. */
    Path spool() {
        return spool.path();
    }

    /** A store that keeps nothing, for one conversion or for all of a connector's. */
    DryRunBatchStore dryRun(Webhook webhook) {
        return new DryRunBatchStore(
                new ConversionReader(
                        (int) settings.number("limits.conversions-per-request", 1, 1_000_000),
                        RuleSettings.of(settings),
                        clock),
                webhook);
    }

    /** A webhook that stands for whichever a source names. */
    static Webhook webhook(ZoneId zone) {
        return new Webhook(new UUID(0, 0), 0, zone, Integer.MAX_VALUE, true, 0, null);
    }

    /** From now on conversions go to a store, as those of a webhook. */
    void storeIn(ConversionStore store, Webhook webhook) {
        storeIn(store, webhook, new UnmetColumns());
    }

    /**
     * The same.
     *
     * @param unmet sees which columns rows have
     */
    void storeIn(ConversionStore store, Webhook webhook, UnmetColumns unmet) {
        var admission = new PermissiveAuthenticator(webhook, signature);
        var bodies = registry.lookupByNameAndType("requestBodyDecoder", RequestBodyDecoder.class);
        var imports = new FileImportSteps(store, spool.path(), unmet);
        var replaced = Map.ofEntries(
                Map.entry("storeConversions", new StoreConversions(store)),
                Map.entry("checkConversions", new CheckConversions(store)),
                Map.entry("refusedOrders", new RefusedOrders(store)),
                Map.entry("queueMessages", new QueueMessages(store, new LeftOutMetrics())),
                Map.entry("fileImportSteps", imports),
                Map.entry("rowMapper", new RowMapper(clock, unmet)),
                Map.entry("droppedFiles", new DroppedFiles(imports, new TriedFiles(), spool.path())),
                Map.entry("mailImportSteps", new MailImportSteps(spool.path(), true)),
                Map.entry("authenticator", admission),
                Map.entry("sendAdmission", new SendAdmission(admission::authorizeSending, sample -> {}, bodies)),
                Map.entry("bodySignature", admission),
                Map.entry("rateLimits", admission));
        replaced.forEach((name, bean) -> {
            registry.unbind(name); // a registry keeps several beans of one name, by their types
            registry.bind(name, bean);
        });
    }

    @Override
    public void close() throws Exception {
        try (spool;
                database) {
            beans.close();
        }
    }

    /** Whatever asks it is told that there is none. */
    private static DataSource noDatabase() {
        return (DataSource) Proxy.newProxyInstance(
                TrialBeans.class.getClassLoader(), new Class<?>[] {DataSource.class}, (proxy, method, arguments) -> {
                    throw new SQLException("a trial has no database");
                });
    }
}
