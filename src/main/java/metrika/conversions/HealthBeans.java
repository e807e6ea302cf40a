package metrika.conversions;

import java.nio.file.Path;

import org.apache.camel.spi.Registry;

import metrika.conversions.database.DatabaseHealth;
import metrika.conversions.database.Pools;
import metrika.conversions.delivery.Leases;
import metrika.conversions.health.DaysHealth;
import metrika.conversions.health.DiskHealth;
import metrika.conversions.health.LeasesHealth;
import metrika.conversions.health.SchedulesHealth;
import metrika.conversions.intake.BatchWriter;
import metrika.conversions.intake.WriterHealth;
import metrika.conversions.settings.Settings;

/**
 * The checks of {@code /observe/health} of what can die in a running process; those of sources are with the sources.
 */
final class HealthBeans {

    private HealthBeans() {}

    static void bind(Registry registry, Settings settings, Pools pools, BatchWriter writer, Leases leases, Path spool) {
        registry.bind("databaseHealth", new DatabaseHealth(pools.status()));
        registry.bind("writerHealth", new WriterHealth(writer));
        registry.bind("schedulesHealth", new SchedulesHealth());
        registry.bind("leasesHealth", new LeasesHealth(leases::sinceBeat, settings.duration("upload.lease")));
        registry.bind("daysHealth", new DaysHealth(pools.status(), settings));
        registry.bind("diskHealth", new DiskHealth(settings, spool));
    }
}
