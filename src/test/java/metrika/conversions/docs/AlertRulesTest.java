package metrika.conversions.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/** The alerts and the dashboard ask for metrics that there are, and the alerts fire when they should. */
class AlertRulesTest {

    private static final Path FOLDER = Path.of("docs", "observability");
    private static final List<String> TESTS = List.of("rules.test.yml", "rules-by-day.test.yml");
    private static final Pattern ALERT = Pattern.compile("(?m)^      - alert: (\\w+)$");
    private static final Pattern TESTED = Pattern.compile("(?m)^        alertname: (\\w+)$");
    /** A metric of the product in an expression: a name before a label, a range or a bracket. */
    private static final Pattern METRIC = Pattern.compile(
            "\\b((?:webhook|webhooks|conversions|uploads|metrika|source|incidents|notifications|http|writer|leases|spool)"
                    + "_[a-z_]*?)(?:_bucket|_count|_sum)?(?=[\\[{)\"]| [><]| \\+|\\\\\")");

    private static Set<String> named(Pattern pattern, String text) {
        return pattern.matcher(text)
                .results()
                .map(found -> found.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @ParameterizedTest
    @ValueSource(strings = {"rules.yml", "dashboard.json"})
    void theMetricsAreExplained(String file) throws IOException {
        var page = Files.readString(Path.of("docs", "operations.md"));
        var asked = named(
                METRIC,
                Stream.of(Files.readString(FOLDER.resolve(file)).split("\n"))
                        .filter(line -> line.contains("expr") || !line.contains(":"))
                        .collect(Collectors.joining("\n")));
        assertThat(asked).hasSizeGreaterThan(8).allMatch(name -> page.contains("`" + name + "`"));
    }

    @Test
    void eachAlertIsTested() throws IOException {
        assertThat(named(
                        TESTED,
                        Files.readString(FOLDER.resolve(TESTS.get(0)))
                                + Files.readString(FOLDER.resolve(TESTS.get(1)))))
                .isEqualTo(named(ALERT, Files.readString(FOLDER.resolve("rules.yml"))));
    }

    @Test
    void theyFireWhenTheyShould() throws IOException, InterruptedException {
        Assumptions.assumeTrue(isThere(), "promtool is not installed (Debian: prometheus)");
        var promtool = new ProcessBuilder("promtool", "test", "rules", TESTS.get(0), TESTS.get(1))
                .directory(FOLDER.toFile())
                .redirectErrorStream(true)
                .start();
        var said = new String(promtool.getInputStream().readAllBytes());
        assertThat(promtool.waitFor(1, TimeUnit.MINUTES)).isTrue();
        assertThat(promtool.exitValue()).as(said).isZero();
    }

    private static boolean isThere() {
        return Stream.of(System.getenv("PATH").split(":"))
                .anyMatch(folder -> Files.isExecutable(Path.of(folder, "promtool")));
    }
}
