package metrika.conversions.database;

import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

import metrika.conversions.support.Product;
import metrika.conversions.support.TestDatabase;
import org.junit.jupiter.api.Test;

import static metrika.conversions.support.Samples.conversion;
import static org.assertj.core.api.Assertions.assertThat;

/** Tables are made and brought up to date at a start, by the scripts of this version; those that they have made are trusted. */
class MigrationsTest {

    private static final String MARK = "select obj_description('flyway_schema_history'::regclass, 'pg_class')";

    private final TestDatabase database = TestDatabase.create();

    private Product start() {
        return Product.on(database, "http://127.0.0.1:1").start();
    }

    @Test
    void scriptsAreGoneThroughAgainWhenAnotherVersionWasThere() throws Exception {
        try (var product = start()) {
            product.webhook(1).batch(conversion());
        }
        var mark = database.<String>value(MARK);
        assertThat(mark).contains("V1__webhooks_batches_uploads.sql ", "V8__days_of_conversions.sql ");

        // Whoever goes through the scripts is to find one that is not what it was
        database.update("update flyway_schema_history set checksum = checksum + 1 where version = '1'");
        try (var product = start()) {
            assertThat(product.webhook(2).batch(conversion())).as("the scripts are left alone").isNotEmpty();
        }
        database.update("comment on table flyway_schema_history is 'another version'");
        var refused = Product.on(database, "http://127.0.0.1:1").launch();
        assertThat(refused.process().waitFor()).isEqualTo(1);
        assertThat(refused.log()).contains("Not started", "cannot be opened or brought up to date", "checksum mismatch for migration version 1");

        database.update("update flyway_schema_history set checksum = checksum - 1 where version = '1'");
        start().close();
        assertThat(database.<String>value(MARK)).isEqualTo(mark);
        assertThat(database.<Long>value("select count(*) from conversion")).isEqualTo(2);
    }

    @Test
    void daysToComeHaveTheirTablesAtEachStart() {
        start().close();
        var day = "conversion_" + LocalDate.now(ZoneOffset.UTC).plusDays(10).format(DateTimeFormatter.BASIC_ISO_DATE);
        database.update("drop table " + day);
        start().close();
        assertThat(database.<Boolean>value("select to_regclass(?) is not null", day)).isTrue();
    }
}
