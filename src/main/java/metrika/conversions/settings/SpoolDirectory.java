package metrika.conversions.settings;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where files on their way to Metrika are spooled: a folder of this process alone, which nobody else may read. Camel's
 * own default is shared by all users of a machine, and belongs to the one who came first.
 *
 * <p>What a killed process left behind has conversions in clear: it is deleted when the next one of the same user
 * begins, which knows by a lock whether the other one lives.
 */
public final class SpoolDirectory implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SpoolDirectory.class);
    private static final String PREFIX = "metrika-conversions-";
    private static final String LOCK = ".lock";
    /** A folder without a lock may belong to a process that is about to make it. */
    private static final Duration PATIENCE = Duration.ofHours(1);
    /**
     * Those of this process. Looking at their locks would lose them: a JVM gives up a lock with any channel to its
     * file.
     */
    private static final Set<Path> OWN = ConcurrentHashMap.newKeySet();

    private final Path path;
    private final FileChannel lock;

    public SpoolDirectory() throws IOException {
        this(Path.of(System.getProperty("java.io.tmpdir")));
    }

    /** @param parent where such folders lie, of all processes on this machine */
    public SpoolDirectory(Path parent) throws IOException {
        path = Files.createTempDirectory(parent, PREFIX);
        OWN.add(path.toAbsolutePath());
        lock = FileChannel.open(path.resolve(LOCK), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        lock.lock();
        try (var others = Files.newDirectoryStream(parent, PREFIX + "*")) {
            for (var other : others) {
                if (!OWN.contains(other.toAbsolutePath())) {
                    clear(other);
                }
            }
        }
    }

    public Path path() {
        return path;
    }

    /** How large the files below a folder are, in bytes. Files that go meanwhile count as nothing. */
    public static double bytes(Path folder) {
        try (var files = Files.walk(folder)) {
            return files.mapToLong(file -> file.toFile().length()).sum();
        } catch (IOException | UncheckedIOException e) {
            return Double.NaN; // a folder went while it was walked through
        }
    }

    @Override
    public void close() throws IOException {
        lock.close(); // Windows deletes nothing that is open. Another process may begin to delete it now too
        delete(path);
        OWN.remove(path.toAbsolutePath());
    }

    /**
     * Deletes a folder of this user's whose process is dead. What cannot be deleted is told, and keeps nobody from
     * starting.
     */
    private void clear(Path other) {
        try {
            if (Files.isDirectory(other, LinkOption.NOFOLLOW_LINKS)
                    && Files.getOwner(other, LinkOption.NOFOLLOW_LINKS).equals(Files.getOwner(path))
                    && isDead(other)) {
                delete(other);
                LOG.info("Deleted {}, which a process that was killed has left behind", other);
            }
        } catch (NoSuchFileException e) {
            LOG.debug("Another process has deleted {}", other);
        } catch (IOException e) {
            LOG.warn("{} may hold conversions, and cannot be deleted: {}. Delete it", other, e.toString());
        }
    }

    private static boolean isDead(Path folder) throws IOException {
        try (var channel = FileChannel.open(folder.resolve(LOCK), StandardOpenOption.WRITE)) {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false; // one of this process, by another path
        } catch (NoSuchFileException e) {
            return Files.getLastModifiedTime(folder)
                    .toInstant()
                    .isBefore(Instant.now().minus(PATIENCE));
        }
    }

    private static void delete(Path folder) throws IOException {
        if (!Files.exists(folder)) { // Camel has cleared it away
            return;
        }
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
                if (failure instanceof NoSuchFileException) { // whoever used it has deleted it
                    return FileVisitResult.CONTINUE;
                }
                throw failure;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path directory, IOException failure) throws IOException {
                Files.deleteIfExists(directory);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
