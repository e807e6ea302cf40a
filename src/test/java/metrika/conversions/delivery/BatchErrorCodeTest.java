package metrika.conversions.delivery;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Holds statements and the Russian page to the tables of codes; the other pages are made from them. */
class BatchErrorCodeTest {

    /** A code where a statement writes it, or gives it as a reason. */
    private static final Pattern WRITTEN = Pattern.compile(
            "(?:problem|batch_error)\\('([^']*)'|'code' is distinct from '([^']*)'" + "|reason := '([^']*)'");

    private static final Pattern CLASS = Pattern.compile(":\\?(?:\\w+\\.)?outcome (?:=|<>) '([^']*)'");
    private static final Pattern CODE = Pattern.compile("`([a-z0-9_]+)`");

    private static Set<String> names(Enum<?>[] constants) {
        return Arrays.stream(constants).map(Enum::toString).collect(Collectors.toCollection(TreeSet::new));
    }

    private static List<String> statements() throws IOException {
        try (var files = Stream.concat(
                Files.walk(Path.of("routes/sql")), Files.walk(Path.of("src/main/resources/db/migration")))) {
            return files.filter(file -> file.toString().endsWith(".sql"))
                    .map(BatchErrorCodeTest::read)
                    .toList();
        }
    }

    private static Set<String> found(Pattern pattern, List<String> texts) {
        return texts.stream()
                .flatMap(text -> pattern.matcher(text).results())
                .flatMap(match -> Stream.iterate(1, i -> i <= match.groupCount(), i -> i + 1)
                        .map(match::group))
                .filter(code -> code != null)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void statementsWriteTheCodesOfTheTable() throws IOException {
        assertThat(found(WRITTEN, statements()))
                .isSubsetOf(names(BatchErrorCode.values()))
                .contains("linkage_failure", "expired", "quota_at_once");
    }

    @Test
    void statementsAskForTheClassesOfTheTable() throws IOException {
        assertThat(found(CLASS, statements()))
                .isSubsetOf(names(MetrikaErrorClass.values()))
                .contains("access-lost");
    }

    /** The page of a language that has the table of codes: each row is code, meaning, what to do. */
    private static List<String[]> rows(String page) {
        var text = read(Path.of(page));
        var section =
                text.substring(Math.max(text.indexOf("\n## Codes in errors"), text.indexOf("\n## Коды в errors")) + 1);
        return section.substring(0, section.indexOf("\n## "))
                .lines()
                .filter(line -> line.startsWith("| `"))
                .map(line -> line.replaceAll("^\\| | \\|$", "").split(" \\| "))
                .filter(row -> row.length == 3)
                .toList();
    }

    private static List<String[]> rows(BatchErrorCode code, String page) {
        return rows(page).stream()
                .filter(row -> CODE.matcher(row[0])
                        .results()
                        .anyMatch(found -> found.group(1).equals(code.toString())))
                .toList();
    }

    @ParameterizedTest
    @EnumSource
    void theRussianPageForOperatorsHasIt(BatchErrorCode code) {
        assertThat(rows(code, "docs/ru/operations.md")).as("rows of %s", code).hasSize(1);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new IllegalStateException(file.toString(), e);
        }
    }
}
