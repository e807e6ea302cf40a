package metrika.conversions;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import metrika.conversions.settings.Settings;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Mistakes that people make in connectors: {@code check} finds each, and tells it in one line. The files are in
 * {@code src/test/resources/planted-mistakes}; the first line of each is what is told.
 */
class PlantedMistakesTest {

    private static final Path MISTAKES = Path.of("src/test/resources/planted-mistakes");

    @TempDir
    private Path folder;

    static Stream<String> mistakes() throws IOException {
        try (var files = Files.list(MISTAKES)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("mistakes")
    void aMistakeIsToldInOneLine(String mistake) throws Exception {
        var text = Files.readString(MISTAKES.resolve(mistake));
        var file = Files.writeString(folder.resolve("in-x.camel.yaml"), text);
        var out = new ByteArrayOutputStream();
        new CheckCommand(Settings.in(Path.of("")), new PrintStream(out, true, StandardCharsets.UTF_8))
                .run(CheckArguments.of(List.of(file.toString())));
        assertThat(out.toString(StandardCharsets.UTF_8).lines().map(line -> line.replace(file + ", ", "")))
                .containsExactly(text.lines().findFirst().orElseThrow().substring("# ".length()), "1 fault");
    }
}
