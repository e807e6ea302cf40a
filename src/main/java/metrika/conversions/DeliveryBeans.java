package metrika.conversions;

import java.sql.SQLException;
import java.time.Clock;
import javax.sql.DataSource;

import org.apache.camel.spi.Registry;

import metrika.conversions.auth.TokenEncryption;
import metrika.conversions.database.Pools;
import metrika.conversions.delivery.CallPermits;
import metrika.conversions.delivery.CopyCsvMarshaller;
import metrika.conversions.delivery.CounterChecks;
import metrika.conversions.delivery.DeliveryTraces;
import metrika.conversions.delivery.FailureRecorder;
import metrika.conversions.delivery.GoalCreation;
import metrika.conversions.delivery.Leases;
import metrika.conversions.delivery.MetrikaAuthorization;
import metrika.conversions.delivery.MetrikaResponseParser;
import metrika.conversions.delivery.PollerPool;
import metrika.conversions.delivery.RetryJobs;
import metrika.conversions.delivery.SenderPool;
import metrika.conversions.delivery.UploadMultipart;
import metrika.conversions.delivery.UploadWriteTimeout;
import metrika.conversions.http.HeaderAllowList;
import metrika.conversions.settings.Settings;
import metrika.conversions.tracing.Traces;

/** The beans that routes name which speak to Metrika, each under the name that it has there. */
final class DeliveryBeans implements AutoCloseable {

    private final DataSource leaseDatabase;
    private final Leases leases;
    private final SenderPool senders;
    private final PollerPool pollers;
    private final RetryJobs retryJobs = new RetryJobs();
    private final CounterChecks counters;
    private final UploadWriteTimeout uploadWriteTimeout;

    DeliveryBeans(
            Settings settings,
            Pools pools,
            TokenEncryption cipher,
            int parallel,
            Clock clock,
            Traces traces,
            Registry registry) {
        leaseDatabase = pools.leases();
        leases = new Leases(settings.duration("upload.lease"));
        senders = new SenderPool(parallel);
        pollers = new PollerPool(parallel);
        counters = new CounterChecks(settings);
        uploadWriteTimeout = new UploadWriteTimeout(settings.duration("metrika.response-timeout"));
        registry.bind("senderPool", senders);
        registry.bind("senderThreads", senders.threads());
        registry.bind("pollerPool", pollers);
        registry.bind("pollThreads", pollers.threads());
        registry.bind("retryJobs", retryJobs);
        registry.bind("counterChecks", counters);
        registry.bind("counterCheckThreads", counters.scheduledThreads());
        registry.bind("askedCheckThreads", counters.askedThreads());
        registry.bind("uploadWriteTimeout", uploadWriteTimeout);
        registry.bind("metrikaHeaders", HeaderAllowList.ofMetrika());
        registry.bind("metrikaAuthorization", new MetrikaAuthorization(cipher));
        registry.bind("leases", leases);
        registry.bind("callPermits", new CallPermits(leases));
        registry.bind("copyCsvMarshaller", new CopyCsvMarshaller());
        registry.bind("uploadMultipart", new UploadMultipart(leases));
        registry.bind("metrikaResponseParser", new MetrikaResponseParser(clock));
        registry.bind("failureRecorder", new FailureRecorder());
        registry.bind("goalCreation", new GoalCreation());
        registry.bind("deliveryTraces", new DeliveryTraces(traces));
    }

    Leases leases() {
        return leases;
    }

    /** From now on no upload is begun, and no slice of a job. */
    void stop() {
        senders.stop();
        retryJobs.stop();
    }

    /** Ends what calls Metrika. */
    void end() {
        senders.threads().shutdownNow();
        pollers.threads().shutdownNow();
        counters.close();
        uploadWriteTimeout.close();
    }

    /** Gives back what this process has claimed, which waits for a database that stands still no longer than a beat. */
    @Override
    public void close() throws SQLException {
        leases.releaseAll(leaseDatabase);
    }
}
