package metrika.conversions.check;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import javax.sql.DataSource;

import org.postgresql.util.PSQLException;

import metrika.conversions.database.StatementParameters;
import metrika.conversions.settings.ReadableFile;
import metrika.conversions.settings.SettingException;

/**
 * Statements that PostgreSQL refuses: each is prepared on a database with the product's tables, and not run. Not found
 * is what depends on the types of its parameters' values.
 */
public final class SqlCheck {

    private static final Pattern STATEMENT = Pattern.compile("\\bstatement: *[\"']?([A-Za-z0-9_/-]+)");
    /** SQLSTATE indeterminate_datatype: the driver will say what it is, from the value. */
    private static final String TYPE_COMES_WITH_VALUE = "42P18";
    /** Has PostgreSQL parse and plan a statement without running it. */
    private static final String PREPARE = "prepare checked as ";

    private static final String FORGET = "deallocate checked";

    private final DataSource database;

    /** @param database with the product's tables */
    public SqlCheck(DataSource database) {
        this.database = database;
    }

    /** What a route file has in it that reads or writes a data source. */
    public static Pattern useOf(String dataSource) {
        return Pattern.compile("(?:dataSource:\\s*[\"']?|jdbc:)%s\\b".formatted(Pattern.quote(dataSource)));
    }

    /** The files in {@code routes/sql} of the statements that route files name, those that are there. */
    public static List<Path> namedBy(Path routes, Collection<Path> files) {
        var found = new ArrayList<Path>();
        for (var file : files) {
            for (var line : text(file).lines().toList()) {
                var named = STATEMENT.matcher(line);
                while (named.find()) {
                    var sql = routes.resolve("sql").resolve(named.group(1) + ".sql");
                    if (Files.exists(sql) && !found.contains(sql)) {
                        found.add(sql);
                    }
                }
            }
        }
        return found;
    }

    /** Those of a folder that are not as they were shipped, which is how the product's own tests have prepared them. */
    public static List<Path> changed(Path folder, Collection<Path> files) {
        return files.stream()
                .filter(file -> !text(file).equals(shipped(folder.relativize(file))))
                .toList();
    }

    private static String shipped(Path file) {
        var name = "/statements/" + file.toString().replace('\\', '/');
        try (var stream = SqlCheck.class.getResourceAsStream(name)) {
            return stream == null ? null : new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /**
     * Prepares the statements of files.
     *
     * @throws SettingException when there is no database
     */
    public List<Finding> of(Collection<Path> files) {
        var findings = new ArrayList<Finding>();
        if (files.isEmpty()) {
            return findings;
        }
        try (var connection = database.getConnection()) {
            for (var file : files) {
                fault(connection, file).ifPresent(findings::add);
            }
            return findings;
        } catch (SQLException e) {
            throw new SettingException("The database for trials does not answer: " + e.getMessage());
        }
    }

    private static Optional<Finding> fault(Connection connection, Path file) throws SQLException {
        var sql = StatementParameters.numbered(text(file));
        try (var statement = connection.createStatement()) {
            statement.setEscapeProcessing(false);
            statement.execute(PREPARE + sql);
            statement.execute(FORGET);
            return Optional.empty();
        } catch (PSQLException e) {
            if (e.getServerErrorMessage() == null) {
                throw e;
            }
            if (TYPE_COMES_WITH_VALUE.equals(e.getSQLState())) {
                return Optional.empty();
            }
            var told = e.getServerErrorMessage();
            var prepared = PREPARE + sql;
            var before = prepared.substring(0, Math.max(0, Math.min(told.getPosition() - 1, prepared.length())));
            var hint = told.getHint() == null ? "" : ". " + told.getHint();
            return Optional.of(new Finding(
                    file,
                    1 + (int) before.chars().filter(sign -> sign == '\n').count(),
                    "PostgreSQL refuses the statement: " + told.getMessage() + hint));
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new SettingException("%s cannot be read: %s".formatted(file, ReadableFile.reason(file, e)));
        }
    }
}
