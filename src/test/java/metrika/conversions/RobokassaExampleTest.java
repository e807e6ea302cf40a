package metrika.conversions;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import metrika.conversions.settings.Settings;
import metrika.conversions.support.PageBlocks;

import static org.assertj.core.api.Assertions.assertThat;

/** The sample of docs/sources/robokassa.md, tried with the settings of the page. */
class RobokassaExampleTest {

    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"docs/sources/robokassa.md", "docs/ru/sources/robokassa.md"})
    void theSampleIsTakenAndAnsweredAsThePageSays(String page) throws Exception {
        for (var file : List.of("application.properties", "application-dev.properties")) {
            Files.copy(Path.of(file), directory.resolve(file));
        }
        Files.writeString(
                directory.resolve("application.properties"),
                "\n" + PageBlocks.with(page, "properties", "inbound.robokassa"),
                StandardOpenOption.APPEND);
        var sample = Files.writeString(directory.resolve("paid.http"), PageBlocks.with(page, "http", "POST /inbound"));
        var out = new ByteArrayOutputStream();
        var code = new CheckCommand(Settings.in(directory), new PrintStream(out, true, StandardCharsets.UTF_8))
                .run(CheckArguments.of(List.of("in-robokassa", sample.toString())));
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("no faults", "1751360000123456789,,,42,course,", ",1500.50,RUB", "OK42");
        assertThat(code).isZero();
    }
}
