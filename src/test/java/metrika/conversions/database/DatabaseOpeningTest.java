package metrika.conversions.database;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.aggregator.ArgumentsAccessor;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import metrika.conversions.settings.SettingException;
import metrika.conversions.support.Product;
import metrika.conversions.support.TestDatabase;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/**
 * A database that is not as it has to be is told in a line that says what can be done, without waiting where that is no
 * help.
 */
class DatabaseOpeningTest {

    private static final DatabaseAddress DB =
            new DatabaseAddress("jdbc:postgresql://db/metrika?password=secret", "camel", "secret");
    private static final Duration LONGER_THAN_A_TEST = Duration.ofMinutes(30);

    private static final String OF_ANOTHER_VERSION = "comment on table flyway_schema_history is 'another version'";

    private final TestDatabase database = TestDatabase.empty();
    /** Without the user that is in it. */
    private final String url = database.url().replaceFirst("\\?.*", "");

    private static void open(String url, String user, Duration patience) {
        new Migrations(DatabaseAddress.of(url, user, null), patience).run();
    }

    private static void assertRefused(String url, String user, Duration patience, String... told) {
        assertThatThrownBy(() -> open(url, user, patience))
                .isInstanceOf(SettingException.class)
                .satisfies(failure ->
                        assertThat(failure.getMessage()).contains(told).doesNotContain("\n", "secret"));
    }

    @Test
    void aUserOrDatabaseThatDoesNotExistIsNotWaitedFor() {
        assertRefused(
                url,
                "nobody-at-all",
                LONGER_THAN_A_TEST,
                "user 'nobody-at-all'",
                "database.user",
                "create role",
                "postgresql://localhost:");
        assertRefused(
                url.replaceFirst("test_\\d+", "none"),
                "postgres",
                LONGER_THAN_A_TEST,
                "no such database",
                "database.url",
                "create database");
    }

    @Test
    void aUserWhoMayNotMakeTablesIsToldHowTo() {
        database.update("create role may_read login");
        assertRefused(url, "may_read", LONGER_THAN_A_TEST, "user 'may_read'", "grant create on schema public");
        database.update("drop role may_read");
    }

    @ParameterizedTest
    @CsvSource({
        "28P01, the password is wrong",
        "28000, pg_hba.conf",
        "25006, standby",
        "08004, is a password given",
        "55P03, another session holds a table",
        "57014, took too long"
    })
    void whatDoesNotPassIsNamed(String state, String told) {
        var failure = new IllegalStateException(new SQLException("what it\nsays", state));
        var fault = DatabaseFault.of(failure, DB);
        assertThat(fault.canPass()).isFalse();
        assertThat(fault.message())
                .contains("postgresql://db/metrika", "camel", told, "what it says")
                .doesNotContain("secret", "\n");
    }

    @Test
    void aServerThatIsNotThereIsWaitedForAndThenNamed() {
        assertRefused(
                "postgresql://127.0.0.1:%d/metrika".formatted(Product.freePort()),
                "camel",
                Duration.ZERO,
                "does not answer",
                "database.url",
                "127.0.0.1");
        assertRefused("postgresql://none.invalid/metrika", "camel", Duration.ZERO, "no such host", "none.invalid");
        for (var state : List.of("57P03", "53300", "08006")) {
            var failure = new SQLException("later", state);
            assertThat(DatabaseFault.of(failure, DB).canPass()).isTrue();
        }
    }

    @Test
    void anOlderVersionDoesNotTouchTheTablesOfANewerOne() {
        open(database.url(), null, LONGER_THAN_A_TEST);
        database.update("""
            insert into flyway_schema_history
                   (installed_rank, version, description, type, script, installed_by, execution_time, success)
            values (999, '999', 'of a newer version', 'SQL', 'V999__of_a_newer_version.sql', 'postgres', 1, true)\
            """);
        assertRefused(database.url(), null, LONGER_THAN_A_TEST, "newer version", "V999", "Start that version");
        // Also where what this version left there says that all is done, or that something else was
        database.update(OF_ANOTHER_VERSION);
        assertRefused(database.url(), null, LONGER_THAN_A_TEST, "newer version", "V999");
        database.update("delete from flyway_schema_history where version = '999'");
        open(database.url(), null, LONGER_THAN_A_TEST);
    }

    @Test
    void aFunctionOfAnOlderVersionIsReplacedAndThatOfANewerOneIsNot() {
        open(database.url(), null, LONGER_THAN_A_TEST);
        database.update(
                "create or replace function utc_text(moment timestamptz) returns text language sql stable return 'as"
                        + " it was'");
        database.update("update flyway_schema_history set checksum = checksum + 1 where script = 'R__api_formats.sql'");
        database.update(OF_ANOTHER_VERSION);
        open(database.url(), null, LONGER_THAN_A_TEST);
        var written = "select utc_text(timestamptz '2025-07-01T12:00+03')";
        assertThat(database.<String>value(written)).isEqualTo("2025-07-01T09:00:00Z");

        // A newer version has applied its own after this one's
        database.update(
                "create or replace function utc_text(moment timestamptz) returns text language sql stable return 'as"
                        + " it will be'");
        database.update("""
            insert into flyway_schema_history
                   (installed_rank, description, type, script, checksum, installed_by, execution_time, success)
            values (999, 'api formats', 'SQL', 'R__api_formats.sql', 4711, 'postgres', 1, true)\
            """);
        database.update(OF_ANOTHER_VERSION);
        assertRefused(
                database.url(), null, LONGER_THAN_A_TEST, "newer version", "R__api_formats.sql", "Start that version");
        assertThat(database.<String>value(written)).isEqualTo("as it will be");
    }

    @Test
    void tablesOfASnapshotFromBeforeTheFirstReleaseAreRefused() {
        open(database.url(), null, LONGER_THAN_A_TEST);
        database.update(
                "update flyway_schema_history set script = 'V1__webhooks_batches_uploads.sql' where version = '1'");
        database.update("update flyway_schema_history set version = '12', script = 'V12__ledger.sql' where script ="
                + " 'R__ledger.sql'");
        assertRefused(
                database.url(),
                null,
                LONGER_THAN_A_TEST,
                "snapshot",
                "let that snapshot send",
                "empty database",
                "database.url");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ' ',
            value = {
                "jdbc:postgresql://db:5433/metrika jdbc:postgresql://db:5433/metrika",
                "jdbc:postgresql:metrika jdbc:postgresql:metrika",
                "jdbc:postgresql://db/metrika?user=a&sslmode=require"
                        + " jdbc:postgresql://db/metrika?user=a&sslmode=require",
                "postgres://me:p%40ss%2Fw+rd@db:5433/metrika jdbc:postgresql://db:5433/metrika me p@ss/w+rd",
                "postgresql://me@db/metrika?sslmode=require&connect_timeout=5 "
                        + "jdbc:postgresql://db/metrika?sslmode=require&connectTimeout=5 me",
                "jdbc:postgresql://me:it@a,b:5433/metrika jdbc:postgresql://a,b:5433/metrika me it",
                "postgresql:///metrika jdbc:postgresql:///metrika",
                "postgres://[::1]:5432/metrika jdbc:postgresql://[::1]:5432/metrika"
            })
    void anAddressIsTakenAsHostingCompaniesWriteIt(ArgumentsAccessor line) {
        var address = DatabaseAddress.of(line.getString(0), null, null);
        assertThat(address)
                .isEqualTo(new DatabaseAddress(
                        line.getString(1),
                        line.size() > 2 ? line.getString(2) : null,
                        line.size() > 3 ? line.getString(3) : null));
        assertThat(DatabaseAddress.of(line.getString(0), "you", "yours"))
                .as("what is said apart from it comes first")
                .isEqualTo(new DatabaseAddress(line.getString(1), "you", "yours"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "localhost:5432/metrika",
                "jdbc:mysql://db/metrika",
                "mysql://db/metrika",
                "postgres:/db/metrika",
                "postgres://me:p@ss@db/metrika",
                "postgres://me:p%zz@db/metrika",
                "http://db:5432/",
                "postgres://db:port/metrika"
            })
    void whatIsNoAddressOfAServerSaysHowOneIsWritten(String url) {
        assertThatThrownBy(() -> DatabaseAddress.of(url, null, null))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("jdbc:postgresql://HOST:5432/DATABASE")
                .hasMessageNotContainingAny("p@ss", "zz");
    }
}
