package metrika.conversions.routes;

import java.time.LocalDate;
import java.time.ZoneOffset;
import javax.sql.DataSource;

import org.apache.camel.BindToRegistry;
import org.apache.camel.Produce;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.test.main.junit5.CamelMainTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.postgresql.ds.PGSimpleDataSource;

import metrika.conversions.database.RepeatingJdbc;
import metrika.conversions.logging.RouteFailureLogger;
import metrika.conversions.sources.ScheduledSources;
import metrika.conversions.support.TestDatabase;

import static org.assertj.core.api.Assertions.assertThat;

/** Each run indexes all days that are over and have no indexes yet, and ends. */
@CamelMainTest(
        replaceRouteFromWith = "index-ended-days=direct:run",
        properties = {
            "camel.main.routesIncludePattern="
                    + "file:routes/maintenance/index-ended-days.camel.yaml,file:routes/errors/on-error-schedule.camel.yaml"
        })
class IndexEndedDaysTest {

    private static final TestDatabase DATABASE = TestDatabase.create();

    @Produce
    private ProducerTemplate caller;

    @BindToRegistry("jdbc")
    private final RepeatingJdbc jdbc = new RepeatingJdbc();

    @BindToRegistry("scheduledSources")
    private final ScheduledSources sources = new ScheduledSources();

    @BindToRegistry("routeFailureLogger")
    private final RouteFailureLogger failures = new RouteFailureLogger();

    @BindToRegistry("deliveryDatabase")
    private static DataSource database() {
        var database = new PGSimpleDataSource();
        database.setUrl(DATABASE.url());
        return database;
    }

    @Test
    @Timeout(60) // a loop that does not end
    void allDaysThatAreOverAreIndexed() {
        DATABASE.query("select * from create_partitions(1)");
        var today = LocalDate.now(ZoneOffset.UTC);
        for (int ago = 1; ago <= 3; ago++) {
            DATABASE.update("""
                    create table %s partition of conversion for values from (min_batch_id('%s')) to (min_batch_id('%s'))\
                    """.formatted(
                            "conversion_" + today.minusDays(ago).toString().replace("-", ""),
                            today.minusDays(ago),
                            today.minusDays(ago - 1)));
        }
        caller.requestBody("direct:run", "");
        assertThat(DATABASE.<Long>value("""
                        select count(*) from generate_series(0, 3) as ago
                         where is_indexed((now() at time zone 'UTC')::date - ago)\
                        """)).as("all but today").isEqualTo(3);
    }
}
