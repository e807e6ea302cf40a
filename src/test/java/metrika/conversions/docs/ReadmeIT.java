package metrika.conversions.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import metrika.conversions.support.PageBlocks;
import metrika.conversions.support.Product;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The commands of the quick start do what the READMEs say. What else holds for pages is tested with them, in the
 * package docs.
 */
class ReadmeIT {

    private static final String ENGLISH = "README.md";
    private static final String RUSSIAN = "docs/ru/README.md";

    private static String bash(String script, Path directory) throws IOException, InterruptedException {
        var output = directory.resolve("output");
        var process = new ProcessBuilder("bash", "-c", script)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertThat(process.waitFor(60, TimeUnit.SECONDS))
                    .as("the commands end")
                    .isTrue();
        } finally {
            process.destroyForcibly();
        }
        return Files.readString(output);
    }

    @Test
    void theCurlCommandsEndInCompleted(@TempDir Path directory) throws IOException, InterruptedException {
        try (var product = new Product.Builder()
                .with("data.directory", directory.resolve("data"))
                .with("simulator.directory", directory.resolve("simulator"))
                .start()) {
            for (var readme : List.of(ENGLISH, RUSSIAN)) {
                var curl = PageBlocks.of(readme, "bash").stream()
                        .filter(block -> block.contains("http://localhost:8080/webhook"))
                        .toList();
                assertThat(curl).hasSize(3);
                var lines = bash(
                                String.join("", curl).replace("localhost:8080", "localhost:" + product.port()),
                                directory)
                        .lines()
                        .toList();
                assertThat(lines.get(0)).contains("\"webhook_id\":", "\"secret\":");
                assertThat(lines.get(1)).contains("\"status\":\"accepted\",\"accepted_count\":2");
                assertThat(lines.get(lines.size() - 1))
                        .contains("\"status\":\"completed\"", "\"total\":2,\"processed\":2");
            }
        }
    }
}
