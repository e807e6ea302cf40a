package metrika.conversions;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;
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

/** The settings of docs/sources/files.md for files of branches read the file beside them as the page says. */
class BranchFilesExampleTest {

    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(strings = {"docs/sources/files.md", "docs/ru/sources/files.md"})
    void theFileIsReadAsThePageSays(String page) throws Exception {
        for (var file : List.of("application.properties", "application-dev.properties")) {
            Files.copy(Path.of(file), directory.resolve(file));
        }
        Files.writeString(
                directory.resolve("application.properties"),
                "\n" + PageBlocks.with(page, "properties", "inbound.dealers"),
                StandardOpenOption.APPEND);
        var sample = Files.writeString(
                directory.resolve("sales.csv"),
                PageBlocks.with(page, "csv", "0012-A"),
                Charset.forName("windows-1251"));
        Files.writeString(directory.resolve("sales.headers.properties"), "CamelFileName=omsk/sales.csv\n");
        var out = new ByteArrayOutputStream();
        var code = new CheckCommand(Settings.in(directory), new PrintStream(out, true, StandardCharsets.UTF_8))
                .run(CheckArguments.of(List.of("in-dealers", sample.toString())));
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains(
                        "1751360000123456789,,,omsk-0012-A,car_sale,1751351640,1250000.00,RUB",
                        "1751360000123456780,,,omsk-0013-A,service,1751349600,15000.50,RUB",
                        "2 conversions stored, 0 rows refused");
        assertThat(code).isZero();
    }
}
