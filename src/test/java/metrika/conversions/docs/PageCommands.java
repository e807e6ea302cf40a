package metrika.conversions.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;

import metrika.conversions.support.PageBlocks;
import metrika.conversions.support.Product;

import static org.assertj.core.api.Assertions.assertThat;

/** The blocks of docs/connectors.md, and its commands in a copy of the project. */
public record PageCommands(Path directory) {

    static List<String> blocks(String language) {
        return PageBlocks.of("docs/connectors.md", language);
    }

    /** Runs commands in the copy; the jar that they name is the one under test. */
    public String bash(String script, String webhook) throws IOException, InterruptedException {
        var java = directory.resolve("bin/java");
        Files.createDirectories(java.getParent());
        Files.writeString(
                java,
                "#!/bin/bash\nexec '%s' '%s' \"${@:3}\"\n"
                        .formatted(
                                Path.of(System.getProperty("java.home"), "bin", "java"),
                                String.join("' '", Product.program())));
        Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
        var output = directory.resolve("output");
        var builder = new ProcessBuilder("bash", "-ec", script)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().put("PATH", java.getParent() + ":" + System.getenv("PATH"));
        builder.environment().put("WEBHOOK", webhook);
        var process = builder.start();
        assertThat(process.waitFor(300, TimeUnit.SECONDS)).as("it ends").isTrue();
        assertThat(process.exitValue()).as(Files.readString(output)).isZero();
        return Files.readString(output);
    }
}
