package metrika.conversions.database;

import java.time.Duration;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

import org.junit.jupiter.api.Test;

import metrika.conversions.settings.SettingException;
import metrika.conversions.support.TestDatabase;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * Tables are made and brought up to date at a start, by the scripts of this version; those that they have made are
 * trusted.
 */
class MigrationsTest {

    private static final String MARK = "select obj_description('flyway_schema_history'::regclass, 'pg_class')";

    private final TestDatabase database = TestDatabase.empty();

    /** What a start does before anything else. */
    private void start() {
        new Migrations(DatabaseAddress.of(database.url(), null, null), Duration.ZERO).run();
    }

    @Test
    void scriptsAreGoneThroughAgainWhenAnotherVersionWasThere() {
        start();
        database.update("""
            insert into webhook (id, name, counter_id, token, login, time_zone, requests_per_minute, secret_hash)
            values (gen_random_uuid(), 'w', 1, '', '', 'UTC', 60, '')\
            """);
        var mark = database.<String>value(MARK);
        assertThat(mark).contains("V1__schema.sql ", "R__batch_status.sql ");

        // Whoever goes through the scripts is to find one that is not what it was
        database.update("update flyway_schema_history set checksum = checksum + 1 where version = '1'");
        start(); // the scripts are left alone
        database.update("comment on table flyway_schema_history is 'another version'");
        assertThatThrownBy(this::start)
                .isInstanceOf(SettingException.class)
                .hasMessageContainingAll(
                        "cannot be opened or brought up to date", "checksum mismatch for migration version 1");

        database.update("update flyway_schema_history set checksum = checksum - 1 where version = '1'");
        start();
        assertThat(database.<String>value(MARK)).isEqualTo(mark);
        assertThat(database.<Long>value("select count(*) from webhook")).isEqualTo(1);
    }

    @Test
    void daysToComeHaveTheirTablesAtEachStart() {
        start();
        var day = "conversion_" + LocalDate.now(ZoneOffset.UTC).plusDays(10).format(DateTimeFormatter.BASIC_ISO_DATE);
        database.update("drop table " + day);
        start();
        assertThat(database.<Boolean>value("select to_regclass(?) is not null", day))
                .isTrue();
    }
}
