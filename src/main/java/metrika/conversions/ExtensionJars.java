package metrika.conversions;

import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;

import metrika.conversions.settings.ReadableFile;
import metrika.conversions.settings.SettingException;

/**
 * What an installation adds to the product: the jars in {@code ext/}, such as a Camel component or a JDBC driver with
 * what these need. The product's own jars come first, so that a second copy of one does no harm.
 */
final class ExtensionJars {

    private static final Path FOLDER = Path.of("ext");

    private ExtensionJars() {}

    /** From here on this thread, and those that it starts, find the classes of these jars. */
    static void load() {
        if (!Files.isDirectory(FOLDER)) {
            return;
        }
        try (var files = Files.list(FOLDER)) {
            var jars = files.filter(file -> file.toString().endsWith(".jar"))
                    .sorted()
                    .map(ExtensionJars::url)
                    .toArray(URL[]::new);
            var thread = Thread.currentThread();
            thread.setContextClassLoader(new URLClassLoader("ext", jars, thread.getContextClassLoader()));
        } catch (IOException e) {
            throw new SettingException("The folder %s cannot be read: %s"
                    .formatted(FOLDER.toAbsolutePath(), ReadableFile.reason(FOLDER, e)));
        }
    }

    private static URL url(Path jar) {
        try {
            return jar.toUri().toURL();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
