package metrika.conversions.guarantees;

import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import metrika.conversions.auth.StoredWebhook;
import metrika.conversions.support.Drops;
import metrika.conversions.support.Product;
import metrika.conversions.support.SftpServer;
import metrika.conversions.support.Shared;
import metrika.conversions.support.TestDatabase;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** A process that is killed twice in the middle of a file on an SFTP server: each row stored once, or reported once. */
class KilledFileDropIT {

    private static final int BAD_EVERY = 997;

    private final TestDatabase database = TestDatabase.create();

    @TempDir
    private Path directory;

    @Test
    @Tag("slow")
    void twentyThousandRows() throws Exception {
        killedTwice(20_000, 7, 13);
    }

    @Test
    @Tag("slow")
    void aMillionRowsInASmallProcess() throws Exception {
        killedTwice(1_000_000, 333, 777);
    }

    /** The process dies while it waits for the answer to a part: once it is stored all the same, once it is not. */
    private void killedTwice(int rows, int first, int second) throws Exception {
        var remote = Files.createDirectories(directory.resolve("remote/out"));
        try (var server = new SftpServer(remote.getParent(), directory)) {
            Product.Builder builder = Product.on(database, Shared.METRIKA.url())
                    .java("-Xmx192m")
                    .with("upload.schedule", Product.NEVER)
                    .with("intake.max-future", "PT0S")
                    .with("inbound.sftp-drop.enabled", true)
                    .with("inbound.sftp-drop.host", "127.0.0.1")
                    .with("inbound.sftp-drop.port", server.port())
                    .with("inbound.sftp-drop.directory", "out")
                    .with("inbound.sftp-drop.username", SftpServer.USER)
                    .with("inbound.sftp-drop.password", SftpServer.PASSWORD)
                    .with("inbound.sftp-drop.known-hosts-file", server.knownHosts(directory.resolve("known_hosts")))
                    .with("inbound.sftp-drop.delay", "100")
                    .with("inbound.sftp-drop.min-age", "0");
            builder.with(
                    "inbound.sftp-drop.webhook",
                    StoredWebhook.ofDev(database, 1).id());
            holdParts();
            // In the future when the file is read first, past when it is read again: the first verdict stays.
            var soon = Instant.now()
                    .plus(rows > 100_000 ? 60 : 30, ChronoUnit.SECONDS)
                    .truncatedTo(ChronoUnit.SECONDS);
            var file = file(rows, soon);
            var size = Files.size(file);
            Files.move(file, remote.resolve("big.csv"));

            var begun = System.nanoTime();
            killIn(builder, first, true);
            await().atMost(Duration.ofSeconds(90)).until(() -> Instant.now().isAfter(soon));
            killIn(builder, second, false);
            try (var product = builder.start()) {
                assertThat(Drops.awaitMoved(product, remote, "big.csv")).isEqualTo(".done");
                var bad = (rows - 1) / BAD_EVERY + 1;
                assertThat(database.<Long>value("select count(*) from conversion"))
                        .isEqualTo(rows - bad);
                assertThat(database.<Long>value("select count(distinct client_id) from conversion"))
                        .isEqualTo(rows - bad);
                assertThat(database.<Integer>value("select max(total) from batch"))
                        .isLessThanOrEqualTo(1000);
                var lines = new HashSet<Integer>();
                var errors = Drops.errors(remote, "big.csv");
                errors.forEach(line -> assertThat(lines.add(Integer.valueOf(line.replaceFirst(",.*", ""))))
                        .as(line)
                        .isTrue());
                for (int i = 0; i < rows; i += BAD_EVERY) {
                    assertThat(lines).contains(i + 2);
                }
                assertThat(errors).hasSize(bad);
                assertThat(errors.get(0)).as("refused for the future").contains("date_time");
                assertThat(product.log()).doesNotContain("OutOfMemory");
            }
            System.out.printf(
                    "%d rows, %d bytes, killed twice: done in %d s%n",
                    rows, size, Duration.ofNanos(System.nanoTime() - begun).toSeconds());
        }
    }

    private Path file(int rows, Instant soon) throws IOException {
        var file = directory.resolve("big.csv");
        var now = Instant.now().truncatedTo(ChronoUnit.SECONDS).minus(1, ChronoUnit.HOURS);
        try (BufferedWriter writer = Files.newBufferedWriter(file)) {
            writer.write("client_id,target,date_time,price,currency\n");
            for (int i = 0; i < rows; i++) {
                writer.write(i + ".1234567890," + (i > 0 && i % BAD_EVERY == 0 ? "" : "buy") + ","
                        + (i == 0 ? soon : now) + ",19.90,RUB\n");
            }
        }
        return file;
    }

    /** Lets the insertion of a part wait for as long as somebody holds the lock of its number. */
    private void holdParts() {
        database.update("""
            create function hold_part() returns trigger language plpgsql as $$ begin
              perform pg_advisory_xact_lock(split_part(new.idempotency_key, ':', 3)::bigint); return new; end $$\
            """);
        database.update("create trigger hold_part before insert on batch for each row execute function hold_part()");
    }

    private void killIn(Product.Builder builder, int part, boolean isStored) throws SQLException {
        try (Connection connection = DriverManager.getConnection(database.url());
                var lock = connection.createStatement()) {
            lock.execute("select pg_advisory_lock(%d)".formatted(part));
            var product = builder.start();
            await().atMost(Duration.ofSeconds(300)).until(() -> {
                assertThat(product.process().isAlive()).as(product.log()).isTrue();
                return !database.query("select from pg_locks where locktype = 'advisory' and not granted")
                        .isEmpty();
            });
            product.kill();
            if (!isStored) {
                database.query("""
                    select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and not granted\
                    """);
            }
        }
        await().atMost(Duration.ofSeconds(30))
                .until(() -> database.query("select from pg_locks where locktype = 'advisory'")
                        .isEmpty());
        assertThat(database.<Long>value("select count(*) from batch where idempotency_key like ?", "file:%:" + part))
                .isEqualTo(isStored ? 1 : 0);
    }
}
