package metrika.conversions.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;

/** A PostgreSQL server of a test's own that goes away and comes back, with its data and at its port. */
public final class RestartableServer implements AutoCloseable {

    private final int port = Product.freePort();
    private final Path data = Path.of(
            "target", "postgresql", "restartable-" + ProcessHandle.current().pid() + "-" + port);
    private EmbeddedPostgres server;

    /**
     * Starts it, for the first time or again. Durability is on: what it committed has to survive; all else is as
     * PostgreSQL is delivered, with a little more memory.
     */
    public RestartableServer start() {
        try {
            server = EmbeddedPostgres.builder()
                    .setPort(port)
                    .setDataDirectory(data)
                    .setCleanDataDirectory(false)
                    .setOverrideWorkingDirectory(TestDatabase.PROGRAMS.toFile())
                    .setServerConfig("shared_buffers", "256MB")
                    .setServerConfig("fsync", "on")
                    .setServerConfig("synchronous_commit", "on")
                    .setServerConfig("full_page_writes", "on")
                    .setServerConfig("unix_socket_directories", "")
                    .setLocaleConfig("locale", "C")
                    .start();
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Its database. */
    public TestDatabase database() {
        return TestDatabase.at(server.getJdbcUrl("postgres", "postgres"));
    }

    /**
     * Sends a signal to the server and to all its processes: STOP freezes it, with its connections open, until CONT.
     */
    public void signal(String name) throws Exception {
        var postmaster = ProcessHandle.of(Long.parseLong(Files.readAllLines(data.resolve("postmaster.pid"))
                        .get(0)
                        .strip()))
                .orElseThrow();
        for (var process :
                Stream.concat(Stream.of(postmaster), postmaster.descendants()).toList()) {
            var command = List.of("kill", "-" + name, String.valueOf(process.pid()));
            // One that has ended meanwhile, such as a worker of the server's own, needs no signal
            if (new ProcessBuilder(command).start().waitFor() != 0 && process.isAlive()) {
                throw new IllegalStateException(command + " failed");
            }
        }
    }

    /** Stops it; open connections break. */
    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
