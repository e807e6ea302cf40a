package metrika.conversions.database;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import metrika.conversions.settings.SettingException;

/**
 * A PostgreSQL server of the product's own, for the profile {@code dev}. Its data outlives restarts, also after the
 * process was killed: a server that was left behind is stopped first.
 */
final class EmbeddedDatabase implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedDatabase.class);

    private final FileChannel lockFile;
    private final FileLock lock;
    private final EmbeddedPostgres server;

    /**
     * Starts the server.
     *
     * @param directory where its data, its programs and a lock lie; made when missing
     * @throws SettingException when another process uses the directory, or the server does not start
     */
    EmbeddedDatabase(Path directory) {
        try {
            Files.createDirectories(directory);
            lockFile = FileChannel.open(directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            lock = lockFile.tryLock();
            if (lock == null) {
                throw new SettingException(
                        "%s is in use by another process of this product. To run several on one database, "
                                        .formatted(directory)
                                + "give them all the same database.url");
            }
            var data = directory.resolve("postgresql");
            stopLeftBehind(data.resolve("postmaster.pid"));
            // The library turns durability down, since tests seldom need it. Here 200 means committed.
            server = EmbeddedPostgres.builder()
                    .setDataDirectory(data)
                    .setCleanDataDirectory(false)
                    .setOverrideWorkingDirectory(directory.resolve("programs").toFile())
                    .setServerConfig("fsync", "on")
                    .setServerConfig("synchronous_commit", "on")
                    .setServerConfig("full_page_writes", "on")
                    .setServerConfig("listen_addresses", "localhost")
                    .setServerConfig("unix_socket_directories", "")
                    .setServerConfig("max_connections", "100")
                    .setServerConfig("timezone", "UTC")
                    .setLocaleConfig("locale", "C")
                    .setPGStartupWait(Duration.ofSeconds(60))
                    .setRegisterShutdownHook(false)
                    .start();
        } catch (IOException e) {
            throw new SettingException(
                    "The embedded PostgreSQL in %s does not start: %s. Give database.url to use another one"
                            .formatted(directory, e.getMessage()));
        }
    }

    String url() {
        return server.getJdbcUrl("postgres", "postgres");
    }

    @Override
    public void close() {
        try {
            server.close();
            lock.release();
            lockFile.close();
        } catch (IOException e) {
            throw new UncheckedIOException("the embedded PostgreSQL does not stop", e);
        }
    }

    /** We hold the lock, so a server that still runs on this data belongs to a process that is gone. */
    private static void stopLeftBehind(Path pidFile) throws IOException {
        if (!Files.exists(pidFile)) {
            return;
        }
        var lines = Files.readAllLines(pidFile);
        var process = lines.isEmpty()
                ? Optional.<ProcessHandle>empty()
                : ProcessHandle.of(Long.parseLong(lines.get(0).strip()));
        if (process.isEmpty()
                || !process.get()
                        .info()
                        .command()
                        .map(c -> c.contains("postgres"))
                        .orElse(false)) {
            return;
        }
        LOG.info(
                "Stopping the PostgreSQL server that a killed process left behind, pid {}",
                process.get().pid());
        process.get().destroy();
        try {
            process.get().onExit().get(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException(
                    "the server that was left behind, pid %d, does not stop"
                            .formatted(process.get().pid()),
                    e);
        }
    }
}
