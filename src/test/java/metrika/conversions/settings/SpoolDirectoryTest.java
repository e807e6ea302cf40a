package metrika.conversions.settings;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

class SpoolDirectoryTest {

    @TempDir
    Path parent;

    /** Another process, which looks for folders that were left behind. */
    static final class Other {

        private Other() {}

        public static void main(String[] arguments) throws IOException {
            new SpoolDirectory(Path.of(arguments[0])).close();
        }
    }

    @Test
    void aSecondOneOfAProcessLeavesTheFirstToIt() throws Exception {
        try (var first = new SpoolDirectory(parent);
                var second = new SpoolDirectory(parent)) {
            assertEquals(0, other());
            assertTrue(Files.isDirectory(first.path()) && Files.isDirectory(second.path()));
        }
    }

    @Test
    void whatADeadProcessLeftIsDeleted() throws Exception {
        var left = Files.createDirectory(parent.resolve("metrika-conversions-1"));
        Files.createFile(left.resolve(".lock"));
        Files.writeString(Files.createDirectory(left.resolve("files")).resolve("rows.csv"), "UserId");

        assertEquals(0, other());

        assertTrue(Files.notExists(left));
    }

    @Test
    void manyBeginAndEndAtTheSameTime() throws Exception {
        var threads = Executors.newFixedThreadPool(8);
        try {
            Callable<Void> beginAndEnd = () -> {
                new SpoolDirectory(parent).close();
                return null;
            };
            var ends = threads.invokeAll(
                    IntStream.range(0, 2000).mapToObj(i -> beginAndEnd).toList());
            for (var end : ends) {
                end.get();
            }
        } finally {
            threads.shutdownNow();
        }
        try (var left = Files.list(parent)) {
            assertEquals(0, left.count());
        }
    }

    private int other() throws Exception {
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Other.class.getName(),
                        parent.toString())
                .inheritIO()
                .start()
                .waitFor();
    }
}
