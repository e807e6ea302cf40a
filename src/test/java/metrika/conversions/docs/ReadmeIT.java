package metrika.conversions.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import metrika.conversions.settings.Settings;
import metrika.conversions.support.Product;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/** The READMEs keep their word: the commands run, the links lead somewhere, and the settings are those of the product. */
class ReadmeIT {

    private static final String ENGLISH = "README.md";
    private static final String RUSSIAN = "docs/README.ru.md";

    private static String text(String file) throws IOException {
        return Files.readString(Path.of(file));
    }

    private static Stream<MatchResult> matches(String regex, String text) {
        return Pattern.compile(regex, Pattern.MULTILINE).matcher(text).results();
    }

    /** The shell commands, block by block. */
    private static List<String> commands(String readme) throws IOException {
        return matches("^```bash\n((?s:.*?))^```$", text(readme)).map(block -> block.group(1)).toList();
    }

    private static List<String> links(String readme) throws IOException {
        return matches("\\]\\(([^):]+)\\)", text(readme)).map(link -> link.group(1)).toList();
    }

    private static Properties properties(String file) throws IOException {
        var properties = new Properties();
        try (var reader = Files.newBufferedReader(Path.of(file))) {
            properties.load(reader);
        }
        return properties;
    }

    private static String bash(String script, Path directory) throws IOException, InterruptedException {
        var output = directory.resolve("output");
        var process = new ProcessBuilder("bash", "-c", script).redirectErrorStream(true).redirectOutput(output.toFile()).start();
        try {
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("the commands end").isTrue();
        } finally {
            process.destroyForcibly();
        }
        return Files.readString(output);
    }

    @Test
    void theCurlCommandsEndInCompleted(@TempDir Path directory) throws IOException, InterruptedException {
        try (var product = new Product.Builder().with("data.directory", directory.resolve("data"))
                .with("simulator.directory", directory.resolve("simulator")).start()) {
            for (var readme : List.of(ENGLISH, RUSSIAN)) {
                var curl = commands(readme).stream().filter(block -> block.contains("http://localhost:8080/webhook")).toList();
                assertThat(curl).hasSize(3);
                var lines = bash(String.join("", curl).replace("localhost:8080", "localhost:" + product.port()), directory)
                        .lines().toList();
                assertThat(lines.get(0)).contains("\"webhook_id\":", "\"secret\":");
                assertThat(lines.get(1)).contains("\"status\":\"accepted\",\"accepted_count\":2");
                assertThat(lines.get(lines.size() - 1)).contains("\"status\":\"completed\"", "\"total\":2,\"processed\":2");
            }
        }
    }

    @Test
    void bothHoldTheSameCommands() throws IOException {
        assertThat(withoutComments(RUSSIAN)).isEqualTo(withoutComments(ENGLISH)).hasSizeGreaterThan(5);
    }

    private static List<String> withoutComments(String readme) throws IOException {
        return commands(readme).stream().map(block -> block.replaceAll("(?m) +# .*$", "")).toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {ENGLISH, RUSSIAN})
    void linksLeadSomewhere(String readme) throws IOException {
        var headings = matches("^#+ (.+)$", text(readme))
                .map(heading -> "#" + heading.group(1).toLowerCase(Locale.ROOT).replace(' ', '-')).toList();
        assertThat(links(readme)).hasSizeGreaterThan(30).allSatisfy(link -> {
            if (link.startsWith("#")) {
                assertThat(headings).contains(link);
            } else {
                assertThat(Path.of(readme).resolveSibling(link.replaceFirst("#.*", ""))).exists();
            }
        });
    }

    @ParameterizedTest
    @ValueSource(strings = {ENGLISH, RUSSIAN})
    void everyRouteFileIsNamed(String readme) throws IOException {
        var named = links(readme).stream().map(link -> link.replaceFirst("^\\.\\./", "")).toList();
        try (var files = Files.walk(Path.of("routes"))) {
            assertThat(named).containsAll(files.map(Path::toString).filter(file -> file.endsWith(".camel.yaml")).sorted().toList());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {ENGLISH, RUSSIAN})
    void settingsAreThoseOfTheProduct(String readme) throws IOException {
        var base = properties("application.properties");
        var dev = properties("application-dev.properties");
        var known = Stream.concat(base.stringPropertyNames().stream(), dev.stringPropertyNames().stream())
                .collect(Collectors.toSet());
        var rooms = known.stream().map(name -> name.replaceFirst("\\..*", "")).collect(Collectors.toSet());
        assertThat(matches("`([a-z]+)(\\.[a-z-]+)+`", text(readme)).filter(name -> rooms.contains(name.group(1)))
                .map(name -> name.group().replace("`", ""))).isNotEmpty().allMatch(known::contains);
        assertThat(matches("^\\| `([a-z]+\\.[a-z-]+)` \\| (?:`(.*?)`)? ?\\| (?:`(.*?)`)?(.*?)\\|", text(readme)))
                .hasSizeGreaterThan(20).allSatisfy(row -> {
                    var name = row.group(1);
                    assertThat(row.group(2)).as(name).isEqualTo(base.getProperty(name, "").isEmpty() ? null : base.getProperty(name));
                    if (row.group(3) != null) {
                        assertThat(row.group(3)).as(name + " in dev").isEqualTo(dev.getProperty(name));
                    } else {
                        assertThat(row.group(4).isBlank()).as(name + " in dev").isEqualTo(!dev.containsKey(name));
                    }
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {ENGLISH, RUSSIAN})
    void variablesAreThoseOfSettings(String readme) throws IOException {
        var known = Stream.of("application.properties", "application-dev.properties").flatMap(file -> {
            try {
                return properties(file).stringPropertyNames().stream().map(Settings::variable);
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }).collect(Collectors.toSet());
        known.add("PUBLISHED_PORT"); // of docker-compose.yml
        known.add("LC_ALL"); // of the operating system
        assertThat(matches("\\b[A-Z]+(?:_[A-Z]+)+\\b", text(readme)).map(MatchResult::group)).isNotEmpty().allMatch(known::contains);
    }
}
