package metrika.conversions.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.List;

/**
 * The archive of a jar's classes, with which it starts faster, made as the README has it: once for all processes of
 * tests.
 */
public final class ClassArchive {

    private ClassArchive() {}

    /** The archive beside a jar, made when it is not there or older than the jar or one of its libraries. */
    public static synchronized Path of(Path jar) {
        var archive = jar.resolveSibling("classes.jsa").toAbsolutePath();
        try (var channel = FileChannel.open(
                        jar.resolveSibling("classes.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                var lock = channel.lock()) {
            if (!Files.exists(archive) || Files.getLastModifiedTime(archive).compareTo(newest(jar)) < 0) {
                make(jar, archive);
            }
            return archive;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The JVM takes no archive of which one jar is another now. */
    private static FileTime newest(Path jar) throws IOException {
        var newest = Files.getLastModifiedTime(jar);
        for (var folder : List.of("lib", "lib-dev")) {
            try (var libraries = Files.newDirectoryStream(jar.resolveSibling(folder), "*.jar")) {
                for (var library : libraries) {
                    var time = Files.getLastModifiedTime(library);
                    newest = time.compareTo(newest) > 0 ? time : newest;
                }
            }
        }
        return newest;
    }

    private static void make(Path jar, Path archive) throws IOException {
        var dump = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xshare:dump",
                        "-XX:SharedClassListFile=src/main/jvm/classes.lst",
                        "-XX:SharedArchiveFile=" + archive,
                        "-jar",
                        jar.toString())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        if (dump.onExit().join().exitValue() != 0) {
            throw new IllegalStateException("the archive of classes was not made: exit code " + dump.exitValue());
        }
    }
}
