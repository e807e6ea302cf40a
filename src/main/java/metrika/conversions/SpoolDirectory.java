package metrika.conversions;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;

/**
 * Where files on their way to Metrika are spooled: a folder of this process alone, which nobody else may read. Camel's own
 * default is shared by all users of a machine, and belongs to the one who came first.
 */
final class SpoolDirectory implements AutoCloseable {

    private final Path path;

    SpoolDirectory() throws IOException {
        path = Files.createTempDirectory("metrika-conversions-");
    }

    Path path() {
        return path;
    }

    @Override
    public void close() throws IOException {
        if (!Files.exists(path)) { // Camel has cleared it away
            return;
        }
        try (var files = Files.walk(path)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
