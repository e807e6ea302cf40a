package metrika.conversions.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;

/** What the pages name is there: links, settings, variables and tests; and the Russian pages keep up. */
class PagesKeepTheirWordTest {

    private static final Path README = Path.of("README.md");
    private static final Path RUSSIAN = Path.of("docs/ru");
    private static final String FENCES = "(?ms)^```.*?^```$";
    private static final int LONGEST_README = 150;
    private static final Pattern ROW =
            Pattern.compile("^\\| `([a-z]+\\.[a-z.-]+)` \\| (?:`(.*?)` )?\\| (?:(?:`(.*?)` )?\\|)?.*");
    /** What looks like the variable of a setting and is none: of docker-compose.yml, the system, CRMs and Kafka. */
    private static final Set<String> OTHER_VARIABLES = Set.of(
            "PUBLISHED_PORT",
            "GRAFANA_PASSWORD",
            "LC_ALL",
            "_YM_UID",
            "SASL_SSL",
            "SASL_PLAINTEXT",
            "LINKAGE_FAILURE",
            "INBOUND_ACME_PASSWORD",
            "SIGNING_SECRET",
            "UF_CRM_YM_CLIENT_ID",
            "MOVED_TIME",
            "CURRENCY_ID",
            "STAGE_ID",
            "DATE_MODIFY");
    /** Pages that are made from files, or for developers. */
    private static final Set<String> ENGLISH_ONLY = Set.of("routes.md", "performance.md");
    /** What looks like a setting and is none: packages of Java, and a setting of Kafka's. */
    private static final Set<String> NO_SETTINGS =
            Set.of("metrika.conversions", "metrika.conversions.routes", "metrika.simulator", "retention.ms");

    static List<Path> pages() throws IOException {
        try (var top = Files.list(Path.of(""));
                var docs = Files.walk(Path.of("docs"))) {
            return Stream.concat(top, docs)
                    .filter(file -> file.toString().endsWith(".md"))
                    .sorted()
                    .toList();
        }
    }

    static List<Path> russianPages() throws IOException {
        return pages().stream().filter(page -> page.startsWith(RUSSIAN)).toList();
    }

    private static Stream<MatchResult> matches(String regex, String text) {
        return Pattern.compile(regex, Pattern.MULTILINE).matcher(text).results();
    }

    /** The text without blocks of code. */
    private static String prose(Path page) throws IOException {
        return Files.readString(page).replaceAll(FENCES, "");
    }

    private static List<String> links(Path page) throws IOException {
        return matches("\\]\\(([^):']+)\\)", prose(page))
                .map(link -> link.group(1))
                .toList();
    }

    private static Path target(Path page, String link) {
        var file = link.replaceFirst("#.*", "");
        return file.isEmpty() ? page : page.resolveSibling(file).normalize();
    }

    /** The anchors that GitHub gives headings. */
    private static List<String> anchors(Path page) throws IOException {
        return matches("^#+ (.+)$", prose(page))
                .map(heading -> heading.group(1)
                        .toLowerCase(Locale.ROOT)
                        .replaceAll("[^\\p{L}\\p{N}_ -]", "")
                        .replace(' ', '-'))
                .toList();
    }

    private static List<SettingsTable.Setting> settings() throws IOException {
        return Stream.concat(
                        SettingsTable.read(Path.of("application.properties")).stream(),
                        SettingsTable.read(Path.of("application-dev.properties")).stream())
                .toList();
    }

    private static Set<String> names() throws IOException {
        return settings().stream().map(SettingsTable.Setting::name).collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void theReadmeIsShort() throws IOException {
        assertThat(Files.readAllLines(README)).hasSizeLessThanOrEqualTo(LONGEST_README);
    }

    @ParameterizedTest
    @MethodSource("pages")
    void linksLeadSomewhere(Path page) throws IOException {
        for (var link : links(page)) {
            var target = target(page, link);
            assertThat(target).as("%s: %s", page, link).exists();
            if (link.contains("#")) {
                assertThat(anchors(target)).as("%s: %s", page, link).contains(link.replaceFirst(".*#", ""));
            }
        }
    }

    @Test
    void everyPageCanBeReachedFromTheReadme() throws IOException {
        var reached = new TreeSet<Path>();
        var next = new ArrayDeque<>(List.of(README));
        while (!next.isEmpty()) {
            var page = next.remove();
            if (reached.add(page)) {
                for (var link : links(page)) {
                    var target = target(page, link);
                    if (target.toString().endsWith(".md")) {
                        next.add(target);
                    }
                }
            }
        }
        assertThat(reached).containsAll(pages());
    }

    /** Those of the product: a name that is made up for an example begins with inbound. and is in a block of code. */
    @ParameterizedTest
    @MethodSource("pages")
    void settingsAreThoseOfTheProduct(Path page) throws IOException {
        var known = names();
        var groups = known.stream()
                .filter(name -> !name.startsWith("camel.") && !name.startsWith("data."))
                .map(name -> name.replaceFirst("\\..*", ""))
                .collect(Collectors.toSet());
        assertThat(matches("`([a-z]+)(\\.[a-z-]+)+`", prose(page))
                        .filter(name -> groups.contains(name.group(1)))
                        .map(name -> name.group().replace("`", ""))
                        .filter(name -> !name.startsWith("inbound.acme.") && !NO_SETTINGS.contains(name)))
                .as("%s", page)
                .allMatch(known::contains);
    }

    @ParameterizedTest
    @MethodSource("pages")
    void variablesAreThoseOfSettings(Path page) throws IOException {
        var text = Files.readString(page);
        // And those that the page has its reader write
        var known = Stream.concat(
                        names().stream(),
                        matches("(?m)^[a-z][a-z0-9.-]+(?==)", text).map(MatchResult::group))
                .map(name -> name.toUpperCase(Locale.ROOT).replaceAll("[.-]", "_"))
                .collect(Collectors.toSet());
        known.addAll(OTHER_VARIABLES);
        assertThat(matches("\\b_?[A-Z]+(?:_[A-Z]+)+\\b", text).map(MatchResult::group))
                .as("%s", page)
                .allMatch(known::contains);
    }

    /** In tables that are written by hand: the default of a setting, and if there is such a column, that of dev. */
    @ParameterizedTest
    @MethodSource("pages")
    void defaultsAreThoseOfTheProduct(Path page) throws IOException {
        var base = SettingsTable.read(Path.of("application.properties")).stream()
                .collect(Collectors.toMap(SettingsTable.Setting::name, SettingsTable.Setting::value));
        var dev = SettingsTable.read(Path.of("application-dev.properties")).stream()
                .collect(Collectors.toMap(SettingsTable.Setting::name, SettingsTable.Setting::value));
        var hasDev = false;
        int rows = 0;
        for (var line : Files.readAllLines(page)) {
            if (line.startsWith("| --- |")) {
                continue;
            }
            if (line.startsWith("| ") && !line.startsWith("| `")) {
                hasDev = line.contains("`dev`");
            }
            var row = ROW.matcher(line);
            if (!row.matches() || !base.containsKey(row.group(1)) && !dev.containsKey(row.group(1))) {
                continue;
            }
            var name = row.group(1);
            rows++;
            if (!base.containsKey(name)) {
                assertThat(List.of(String.valueOf(row.group(2)), String.valueOf(row.group(3))))
                        .as("%s: %s", page, name)
                        .contains(dev.get(name));
                continue;
            }
            assertThat(row.group(2) == null ? "" : row.group(2))
                    .as("%s: %s", page, name)
                    .isEqualTo(base.get(name));
            if (hasDev) {
                assertThat(row.group(3)).as("%s: %s in dev", page, name).isEqualTo(dev.get(name));
            }
        }
        assertThat(rows)
                .as("%s: rows that were compared", page)
                .isGreaterThanOrEqualTo(page.endsWith("configuration.md") ? 50 : 0);
    }

    @Test
    void everySettingSaysWhatItIs() throws IOException {
        var shared = Set.of("poll.schedule", "upload.settle"); // in dev one comment is for all that is short
        assertThat(settings())
                .filteredOn(SettingsTable.Setting::isOurs)
                .filteredOn(setting -> !shared.contains(setting.name()))
                .allSatisfy(setting ->
                        assertThat(setting.comment()).as(setting.name()).isNotEmpty());
    }

    @ParameterizedTest
    @MethodSource("pages")
    void testsThatAreNamedAreThere(Path page) throws IOException {
        try (var files = Files.walk(Path.of("src/test/java"))) {
            var there = files.map(file -> file.getFileName().toString().replace(".java", ""))
                    .collect(Collectors.toSet());
            var named = matches(
                            "\\[([A-Za-z0-9, ]+(?:Test|IT)[^\\]]*)\\](?!\\()",
                            prose(page).replaceAll("\\s+", " "))
                    .flatMap(brackets -> matches("\\b[A-Z][A-Za-z0-9]+(?:Test|IT)\\b", brackets.group(1)))
                    .map(MatchResult::group);
            assertThat(named).as("%s", page).allMatch(there::contains);
        }
    }

    @Test
    void theArchitectureListsThePackages() throws IOException {
        try (var packages =
                Files.list(Path.of("src/main/java/metrika/conversions")).filter(Files::isDirectory)) {
            var listed = prose(Path.of("docs/architecture.md")).replaceFirst("(?s).*\n## Packages\n", "");
            assertThat(matches("^\\| `([a-z]+)` \\|", listed).map(row -> row.group(1)))
                    .containsExactlyInAnyOrderElementsOf(
                            packages.map(file -> file.getFileName().toString()).toList());
        }
    }

    @Test
    void thePageOfTheApiExplainsEveryCodeOfAConversion() throws IOException {
        var described = Files.readString(Path.of("src/main/resources/openapi.yaml"));
        var page = prose(Path.of("docs/api.md"));
        assertThat(codes(page, "Errors")).isEqualTo(codesOf(described, "ConversionsProblem"));
        assertThat(codes(page, "Warnings")).isEqualTo(codesOf(described, "Warnings"));
    }

    @Test
    void thePageOfConnectorsNamesBeansAndMethodsThatAreThere() throws IOException {
        var code = new StringBuilder();
        try (var files = Files.walk(Path.of("src/main/java/metrika/conversions"))) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                code.append(Files.readString(file));
            }
        }
        var beans = section(prose(Path.of("docs/connectors.md")), "Beans");
        var rows = matches("^\\| `(\\w+)` \\| (`.*?`) \\|", beans).toList();
        assertThat(rows).hasSizeGreaterThan(5).allSatisfy(row -> {
            assertThat(code).contains('"' + row.group(1) + '"');
            assertThat(matches("`(\\w+)`", row.group(2)))
                    .allSatisfy(method -> assertThat(code).containsPattern("public .* " + method.group(1) + "\\("));
        });
    }

    private static String section(String page, String heading) {
        return page.replaceFirst("(?s).*\n## " + heading + "\n", "").replaceFirst("(?s)\n## .*", "");
    }

    /** In the first column of a section's tables. */
    private static Set<String> codes(String page, String section) {
        return matches("^\\| (`.*?`) \\|", section(page, section))
                .flatMap(row -> matches("`([a-z_0-9]+)`", row.group(1)))
                .map(code -> code.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    /** The first list of values of a schema. */
    private static Set<String> codesOf(String described, String schema) {
        var list = described
                .replaceFirst("(?s).*\n    " + schema + ":\n", "")
                .replaceFirst("(?s).*?\n +enum:\n", "")
                .replaceFirst("(?s)\n +[a-z]+:.*", "");
        return matches("- ([a-z_0-9]+)$", list)
                .map(code -> code.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void everyPageForUsersIsThereInRussian() throws IOException {
        var english = pages().stream()
                .filter(page -> page.startsWith("docs") && !page.startsWith(RUSSIAN))
                .map(Path.of("docs")::relativize)
                .map(RUSSIAN::resolve)
                .toList();
        assertThat(russianPages())
                .contains(RUSSIAN.resolve(README))
                .containsAll(english.stream()
                        .filter(page ->
                                !ENGLISH_ONLY.contains(page.getFileName().toString()))
                        .toList());
    }

    /** A code, a status, a field or a method that a table of the English page explains. */
    @ParameterizedTest
    @MethodSource("russianPages")
    void aRussianPageExplainsWhatItsEnglishOneDoes(Path page) throws IOException {
        if (!page.endsWith("configuration.md")) { // theRussianPagesNameEverySetting: some are on pages of sources there
            assertThat(explained(page)).containsAll(explained(english(page)));
        }
    }

    private static Set<String> explained(Path page) throws IOException {
        return matches("^\\| (`(?:[^|\\\\]|\\\\.)*) \\|", prose(page))
                .flatMap(cell -> matches("`[^`]+`", cell.group(1)))
                .map(MatchResult::group)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Path english(Path page) {
        var same = RUSSIAN.relativize(page);
        return same.equals(README) ? README : Path.of("docs").resolve(same);
    }

    @ParameterizedTest
    @MethodSource("russianPages")
    void aRussianPageHasTheCommandsOfItsEnglishOne(Path page) throws IOException {
        assertThat(commands(page)).isEqualTo(commands(english(page)));
    }

    /** Blocks of commands, without their comments. */
    private static List<String> commands(Path page) throws IOException {
        return matches("^```(?:bash|properties|sql)\n((?s:.*?))^```$", Files.readString(page))
                .map(block -> block.group(1).replaceAll("(?m) +# .*$", ""))
                .toList();
    }

    @Test
    void theRussianPagesNameEverySetting() throws IOException {
        var text = new StringBuilder();
        for (var page : russianPages()) {
            text.append(Files.readString(page));
        }
        assertThat(settings())
                .filteredOn(SettingsTable.Setting::isOurs)
                .allSatisfy(setting -> assertThat(text).as(setting.name()).contains("`" + setting.name() + "`"));
    }
}
