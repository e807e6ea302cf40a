package metrika.conversions.check;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.postgresql.ds.PGSimpleDataSource;

import metrika.conversions.support.TestDatabase;

import static org.assertj.core.api.Assertions.assertThat;

/** Statements are prepared on a real PostgreSQL with the product's tables. */
class SqlCheckTest {

    private static final Path SQL = Path.of("routes", "sql");
    private static final TestDatabase DATABASE = TestDatabase.create();

    @TempDir
    private Path folder;

    private static List<Finding> check(List<Path> files) {
        var database = new PGSimpleDataSource();
        database.setUrl(DATABASE.url());
        return new SqlCheck(database).of(files);
    }

    @Test
    void theStatementsOfTheProductAreTaken() {
        var files = FilesBelow.of(SQL, ".sql");
        assertThat(files).hasSizeGreaterThan(50);
        assertThat(check(files)).isEmpty();
    }

    /** Each line of the source is a part of the statement; the last says at which line what is wrong. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                """
                select id
                  frm upload
                line 2: PostgreSQL refuses the statement: syntax error at or near "upload"
                """,
                """
                select count(*)
                  from uploads
                line 2: PostgreSQL refuses the statement: relation "uploads" does not exist
                """,
                """
                -- What is its colour?
                select id,
                       colour from webhook where name = 'what?'
                line 3: PostgreSQL refuses the statement: column "colour" does not exist
                """,
                """
                select id from webhook
                 where id = :?id::uid
                line 2: PostgreSQL refuses the statement: type "uid" does not exist
                """,
                """
                update upload
                   set state = :?{{upload.state}}::text
                 where ident = :?upload.id::bigint
                line 3: PostgreSQL refuses the statement: column "ident" does not exist
                """,
            })
    void aFaultIsToldWithItsLine(String sample) throws IOException {
        var end = sample.indexOf("line ");
        var file = Files.writeString(folder.resolve("own.sql"), sample.substring(0, end));
        assertThat(check(List.of(file)))
                .singleElement()
                .hasToString(file + ", " + sample.substring(end).strip());
    }

    @Test
    void theStatementsThatARouteNamesAreFound() throws IOException {
        Files.createDirectories(folder.resolve("sql/shop"));
        var own = Files.writeString(folder.resolve("sql/shop/orders.sql"), "select 1");
        var route = Files.writeString(
                folder.resolve("in-shop.camel.yaml"),
                "parameters:\n  statement: shop/orders\n  other: {statement: \"shop/none\"}\n");
        assertThat(SqlCheck.namedBy(folder, List.of(route))).containsExactly(own);
    }

    @Test
    void whatIsAsShippedIsNotTriedAgain() throws IOException {
        var changed = Files.writeString(folder.resolve("own.sql"), "select 1");
        assertThat(SqlCheck.changed(SQL, FilesBelow.of(SQL, ".sql"))).isEmpty();
        assertThat(SqlCheck.changed(folder, List.of(changed))).containsExactly(changed);
    }
}
