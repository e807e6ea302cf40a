package metrika.conversions.release;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.regex.Pattern;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

/** What {@code systemd/metrika-conversions.service} does before a start, in the folder of an installation. */
class SystemdServiceIT {

    private static final FileTime EARLIER =
            FileTime.from(Instant.now().minusSeconds(100).truncatedTo(ChronoUnit.SECONDS));

    @TempDir
    Path folder;

    private Path archive;

    @BeforeEach
    void install() throws IOException {
        var jar = Path.of(System.getProperty("product.jar"));
        Files.copy(jar, folder.resolve("metrika-conversions.jar"));
        Files.createSymbolicLink(
                folder.resolve("lib"), jar.resolveSibling("lib").toAbsolutePath());
        Files.writeString(folder.resolve("classes.lst"), "java/lang/Object\nmetrika/conversions/Help\n"); // short
        archive = Files.createDirectory(folder.resolve("cache")).resolve("classes.jsa");
    }

    @Test
    void theArchiveOfClassesIsMadeWhenNoneFits() throws Exception {
        assertEquals(0, before());
        Files.setLastModifiedTime(archive, EARLIER);

        assertEquals(0, before());
        assertEquals(EARLIER, Files.getLastModifiedTime(archive), "it fits");

        Files.setLastModifiedTime(folder.resolve("metrika-conversions.jar"), FileTime.from(Instant.EPOCH));
        assertEquals(0, before());
        assertNotEquals(EARLIER, Files.getLastModifiedTime(archive), "of another jar");
    }

    private int before() throws Exception {
        var unit = Files.readString(Path.of("systemd", "metrika-conversions.service"));
        var command = Pattern.compile("ExecStartPre=-/bin/sh -c '(.*)'").matcher(unit);
        if (!command.find()) {
            throw new AssertionError("nothing is done before the start:\n" + unit);
        }
        var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        var process = new ProcessBuilder("/bin/sh", "-c", command.group(1).replace("/usr/bin/java", java))
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(new File(folder.toFile(), "output"));
        process.environment()
                .put("CACHE_DIRECTORY", archive.getParent().toAbsolutePath().toString());
        return process.start().waitFor();
    }
}
