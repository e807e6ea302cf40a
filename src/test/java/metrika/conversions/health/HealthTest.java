package metrika.conversions.health;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.quartz.QuartzComponent;
import org.apache.camel.health.HealthCheck;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

import metrika.conversions.settings.Settings;
import metrika.conversions.support.TestDatabase;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Each check is DOWN, and says what to do, when what it watches has died. */
class HealthTest {

    private static HealthCheck.Result call(HealthCheck check) {
        return check.call(Map.of());
    }

    private static void assertDown(HealthCheck check, String... words) {
        var result = call(check);
        assertThat(result.getState()).isEqualTo(HealthCheck.State.DOWN);
        assertThat(result.getMessage())
                .hasValueSatisfying(told -> assertThat(told).contains(words));
    }

    private static void assertUp(HealthCheck check) {
        assertThat(call(check).getState()).isEqualTo(HealthCheck.State.UP);
    }

    @Test
    void leasesThatAreNotRenewed() {
        assertUp(new LeasesHealth(() -> Duration.ofSeconds(59), Duration.ofMinutes(1)));
        assertDown(new LeasesHealth(() -> Duration.ofSeconds(60), Duration.ofMinutes(1)), "60 s", "upload.lease");
    }

    @Test
    void aProcessThatIsStopping() {
        var health = new StopHealth();
        assertUp(health);
        health.stop();
        assertDown(health, "stopping");
        assertThat(health.isReadiness()).isTrue();
        assertThat(health.isLiveness()).isFalse();
    }

    @Test
    void aDiskThatIsFull() {
        var settings = Settings.in(Path.of(""));
        assertUp(new DiskHealth(settings, Path.of("target")));
        assertDown(new DiskHealth(settings, Path.of("target"), Long.MAX_VALUE), "target", "MB left", "free space");
    }

    @Test
    void daysThatAreMissingAndDaysThatAreLate() {
        var database = TestDatabase.create();
        var source = new PGSimpleDataSource();
        source.setURL(database.url());
        var health = new DaysHealth(source, Settings.in(Path.of("")));
        database.query("select create_partitions(14)");
        assertUp(health);
        database.query("select drop_empty_partition(name) from conversion_partition"
                + " where from_id > min_batch_id((now() at time zone 'UTC')::date + 5)");
        assertDown(health, "only 5 days", "create-partitions");
        database.query("select create_partitions(14)");
        database.update("create table conversion_old partition of conversion for values from (?) to (?)"
                .replaceFirst("\\?", "'00000000-0000-0000-0000-000000000000'")
                .replaceFirst("\\?", "'015c0000-0000-0000-0000-000000000000'"));
        assertDown(health, "retention", "purge-conversions");
    }

    @Test
    void aDatabaseThatDoesNotAnswer() {
        var nowhere = new PGSimpleDataSource();
        nowhere.setURL("jdbc:postgresql://127.0.0.1:1/none");
        assertDown(new DaysHealth(nowhere, Settings.in(Path.of(""))), "does not answer");
    }

    @Test
    void aScheduleThatDoesNotFire() throws Exception {
        try (var context = new DefaultCamelContext()) {
            context.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from("quartz:often?cron=0/1+*+*+*+*+?").routeId("often").to("mock:fired");
                }
            });
            context.start();
            var health = new SchedulesHealth();
            health.setCamelContext(context);
            assertUp(health);
            var scheduler =
                    context.getComponent("quartz", QuartzComponent.class).getScheduler();
            scheduler.deleteJob(scheduler
                    .getJobKeys(org.quartz.impl.matchers.GroupMatcher.anyGroup())
                    .iterator()
                    .next());
            await().untilAsserted(() -> assertDown(health, "often", "Restart"));
        }
    }
}
