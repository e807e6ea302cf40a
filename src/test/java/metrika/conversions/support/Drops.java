package metrika.conversions.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;

import static org.awaitility.Awaitility.await;

/** A folder that files are laid down in. */
public final class Drops {

    private Drops() {}

    /** Lays a file down under another name until it is whole. */
    public static void put(Path folder, String name, byte[] content) throws IOException {
        var part = Files.write(folder.resolve(name + ".filepart"), content);
        Files.move(part, folder.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    }

    /** Waits until a file has been moved away, and gives its new place: .done or .failed. */
    public static String awaitMoved(Product product, Path folder, String name) {
        return await().atMost(Duration.ofMinutes(10))
                .pollInterval(Duration.ofMillis(50))
                .until(
                        () -> {
                            if (!product.process().isAlive()) {
                                throw new IllegalStateException(product.log());
                            }
                            return Files.exists(folder.resolve(name))
                                    ? null
                                    : Files.exists(folder.resolve(".done").resolve(name))
                                            ? ".done"
                                            : Files.exists(folder.resolve(".failed")
                                                            .resolve(name))
                                                    ? ".failed"
                                                    : null;
                        },
                        place -> place != null);
    }

    /** The lines of a file's refused rows, without the header; none when there is no such file. */
    public static List<String> errors(Path folder, String name) {
        for (var place : List.of(".done", ".failed")) {
            var file = folder.resolve(place).resolve(name + ".errors.csv");
            if (Files.exists(file)) {
                try {
                    var lines = Files.readAllLines(file);
                    return lines.subList(1, lines.size());
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }
        return List.of();
    }
}
