package metrika.simulator;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

/** docs/simulator.md: its commands, and its table of settings. The Russian page has the same ones. */
class SimulatorPageTest {

    private static final String ADDRESS = "http://127.0.0.1:9880";

    private static String page() throws IOException {
        return Files.readString(Path.of("docs/simulator.md"));
    }

    @Test
    void theSettingsAreThoseOfTheSimulator() throws IOException {
        Map<String, String> told = new TreeMap<>();
        Pattern.compile("(?m)^\\| `([a-z-]+)` \\| (?:`(.*?)` )?\\|")
                .matcher(page().replaceFirst("(?s).*\n## Settings\n", ""))
                .results()
                .forEach(row -> told.put(row.group(1), row.group(2) == null ? "" : row.group(2)));
        assertThat(told).isEqualTo(SimulatorSettings.defaults().describe());
    }

    @Test
    void theCommandsAreTaken(@TempDir Path directory) throws IOException, InterruptedException {
        var commands = Pattern.compile("^```bash\n((?s:.*?))^```$", Pattern.MULTILINE)
                .matcher(page())
                .results()
                .map(block -> block.group(1))
                .collect(Collectors.joining("echo\n"));
        assertThat(commands).contains(ADDRESS);
        var output = directory.resolve("output");
        try (var simulator = new Simulator(SimulatorSettings.defaults().withDirectory(directory.resolve("data")))) {
            simulator.start();
            var process = new ProcessBuilder("bash", "-ec", commands.replace(ADDRESS, simulator.url()))
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("it ends").isTrue();
            var shown = Files.readString(output);
            assertThat(process.exitValue()).as(shown).isZero();
            assertThat(shown).contains("quota_requests_by_uid", "\"close\"", "access_denied", "\"linkage\":\"none\"");
            assertThat(simulator.faults()).as("taken away at the end").isEmpty();
        }
    }
}
