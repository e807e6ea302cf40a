package metrika.conversions.routes;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

import metrika.conversions.problem.Json;
import metrika.conversions.support.TestDatabase;

import static org.assertj.core.api.Assertions.assertThat;

/** What holds for every file in routes/, so that people and tools can rely on it. */
class RouteConventionsTest {

    private static final TestDatabase DATABASE = TestDatabase.create();

    private static final Pattern ID = Pattern.compile("(?m)^    id: (.+)$");
    private static final Pattern SQL = Pattern.compile("(?m)^ +statement: ([a-z/-]+)$");
    private static final Pattern SETTING = Pattern.compile("\\{\\{([a-z.-]+)}}");

    private static List<Path> files(String folder, String ending) throws IOException {
        try (var files = Files.walk(Path.of(folder))) {
            return files.filter(file -> file.toString().endsWith(ending))
                    .sorted()
                    .toList();
        }
    }

    static List<Path> routes() throws IOException {
        return files("routes", ".camel.yaml");
    }

    static List<Path> statements() throws IOException {
        return files("routes/sql", ".sql");
    }

    @ParameterizedTest
    @MethodSource("routes")
    void aRouteIsCalledAsItsFileAndSaysWhatItDoes(Path file) throws IOException {
        var text = Files.readString(file);
        var ids = ID.matcher(text).results().map(found -> found.group(1)).toList();
        var name = file.getFileName().toString().replace(".camel.yaml", "");
        assertThat(text.split("\n    description: ").length - 1)
                .as("descriptions")
                .isEqualTo(ids.size());
        if (text.startsWith("- route:")) {
            assertThat(ids).containsExactly(name);
            assertThat(text)
                    .containsAnyOf(
                            "uri: direct:" + name + "\n",
                            "uri: quartz:" + name + "\n",
                            "uri: timer:" + name + "\n",
                            "uri: platform-http:/dashboard",
                            "precondition: \"{{inbound." + name.replaceFirst("^in-", "") + ".enabled}}\"\n",
                            "uri: kamelet:channel\n      parameters:\n        name: " + name.replaceFirst("^out-", "")
                                    + "\n");
            assertThat(text)
                    .as("Camel introspects its own context for it, a fifth of the start")
                    .doesNotContain("${camelContext.");
            assertThat(text.lines().count()).as("short enough to be read").isLessThanOrEqualTo(110);
        }
        SETTING.matcher(text)
                .results()
                .map(found -> found.group(1))
                .forEach(setting -> assertThat(setting.equals("metrika.url")
                                || setting.equals("source") // of a template: the name of the source
                                || settings().contains("\n" + setting + "=")
                                // of a template, its parameters are settings of each source
                                || settings()
                                        .contains("\ninbound." + name.replaceFirst("^in-", "") + "." + setting + "="))
                        .as(setting)
                        .isTrue());
    }

    /** Camel gives the route of a kamelet the error handling of the route that begins with it, in place of its own. */
    @Test
    void aKameletHasNoErrorHandlingThatWouldNotBeHad() throws IOException {
        for (var file : files("routes/templates", ".kamelet.yaml")) {
            assertThat(Files.readString(file)).as("%s", file).doesNotContain("routeConfigurationId", "errorHandler:");
        }
    }

    private static String settings() {
        try {
            return Files.readString(Path.of("application.properties"));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @ParameterizedTest
    @MethodSource("statements")
    void aStatementSaysWhatItIsForAndPostgresqlTakesIt(Path file) throws IOException, SQLException {
        var text = Files.readString(file);
        assertThat(text).startsWith("-- ");
        SETTING.matcher(text)
                .results()
                .map(found -> found.group(1))
                .forEach(setting -> assertThat(settings()).contains("\n" + setting + "="));
        try (var connection = DATABASE.connection();
                var statement = connection.prepareStatement(text.replaceAll(":\\?(\\{\\{[a-z.-]+}}|[a-z_.]+)", "?"))) {
            assertThat(statement.getParameterMetaData().getParameterCount()).isNotNegative();
        }
    }

    @Test
    void everyStatementIsUsedAndEveryUsedOneIsThere() throws IOException {
        var used = Stream.concat(
                Stream.concat(routes().stream(), files("routes/templates", ".kamelet.yaml").stream())
                        .flatMap(file -> SQL.matcher(read(file)).results().map(found -> found.group(1))),
                Stream.of(
                        "auth/find-webhook-credentials",
                        "auth/list-webhook-credentials",
                        "auth/count-webhook-changes",
                        "auth/list-encrypted-values",
                        "auth/update-encrypted-values",
                        "auth/audit-re-encryption",
                        "auth/find-session",
                        "intake/store-batches",
                        "intake/record-batch-trace",
                        "intake/find-batch-conversions",
                        "intake/find-idempotent-batch",
                        "intake/find-idempotent-batches",
                        "intake/keep-refused-rows",
                        "intake/list-counter-goals",
                        "maintenance/check-days",
                        "sources/list-pull-failures",
                        "channels/list-channel-failures",
                        "delivery/release-leases"));
        assertThat(used.distinct()
                        .map(name -> "routes/sql/" + name + ".sql")
                        .sorted()
                        .toList())
                .isEqualTo(statements().stream().map(Path::toString).toList());
    }

    /** Steps that only move data from one place to another. */
    private static final Set<String> MOVES = Set.of(
            "setBody",
            "setHeader",
            "setHeaders",
            "setVariable",
            "setVariables",
            "setProperty",
            "removeHeader",
            "removeHeaders",
            "removeVariable",
            "removeProperty",
            "transform",
            "convertBodyTo");
    /** Steps that say themselves what they do. */
    private static final Set<String> PLAIN = Set.of("log", "choice", "doTry");

    private record Step(String kind, boolean isDescribed) {}

    private static List<Step> steps() throws IOException {
        var found = new ArrayList<Step>();
        for (var file : files("routes", ".yaml")) {
            gather(
                    Json.MAPPER.valueToTree(
                            new Load(LoadSettings.builder().build()).loadFromString(Files.readString(file))),
                    found);
        }
        return found;
    }

    private static void gather(JsonNode node, List<Step> found) {
        node.path("steps")
                .forEach(step -> step.properties()
                        .forEach(kind -> found.add(
                                new Step(kind.getKey(), kind.getValue().has("description")))));
        node.forEach(child -> gather(child, found));
    }

    @Test
    void routesAreFewAndSayWhatTheyDo() throws IOException {
        var steps = steps();
        assertThat(steps).hasSizeBetween(100, 722);
        assertThat(steps.stream().filter(step -> MOVES.contains(step.kind())).count() / (double) steps.size())
                .as("the part that only moves data")
                .isLessThan(0.35);
        var doing = steps.stream()
                .filter(step -> !MOVES.contains(step.kind()) && !PLAIN.contains(step.kind()))
                .toList();
        assertThat(doing.stream().filter(Step::isDescribed).count() / (double) doing.size())
                .as("the part of the others that has a description")
                .isGreaterThan(0.8);
    }

    /** What is shown beforehand must not differ from what is stored. */
    @Test
    void aPreviewReadsEditsAndChecksAsStoringDoes() {
        var stored = stepsOf("store-conversions");
        assertThat(stepsOf("preview-conversions")).containsSequence(stored.subList(0, stored.size() - 1));
    }

    private static List<JsonNode> stepsOf(String route) {
        var text = read(Path.of("routes/intake/%s.camel.yaml".formatted(route)));
        var steps = new ArrayList<JsonNode>();
        Json.MAPPER
                .<JsonNode>valueToTree(new Load(LoadSettings.builder().build()).loadFromString(text))
                .at("/0/route/from/steps")
                .forEach(steps::add);
        return steps;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
