package metrika.conversions.delivery;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import metrika.conversions.settings.SpoolDirectory;
import metrika.conversions.support.Answer;
import metrika.conversions.support.Product;
import metrika.conversions.support.Shared;
import metrika.conversions.support.TestDatabase;
import metrika.conversions.support.TestWebhook;
import metrika.simulator.Fault;
import metrika.simulator.Operation;
import metrika.simulator.Point;
import metrika.simulator.Simulator;

import static metrika.conversions.support.Samples.conversion;
import static metrika.conversions.support.Samples.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** One sender that sends one file after another: what it leaves on the disk, and who can hold up its lease. */
class UploadLeaseIT {

    private static final int FILES = 6;
    private static final TestDatabase DATABASE = TestDatabase.create();
    private static final Simulator METRIKA = Shared.metrika("one-sender");

    @TempDir
    private static Path folder;

    private static Product product;
    private static long counters;

    private final List<TestWebhook> webhooks =
            IntStream.range(0, FILES).mapToObj(i -> product.webhook(++counters)).toList();

    @BeforeAll
    static void start() {
        product = Product.on(DATABASE, METRIKA.url())
                .with("upload.parallel", 1)
                .java("-Djava.io.tmpdir=" + folder)
                .start();
    }

    /** What a killed process has spooled is deleted by the next one; what one has that lives is not. */
    @AfterAll
    static void kill() throws IOException {
        METRIKA.fault(Fault.stall(Point.BEFORE_ANSWER).on(Operation.UPLOAD).times(1));
        product.webhook(++counters).send(request(1000, "x".repeat(200)));
        await().until(() -> METRIKA.held() == 1);
        assertThat(spooled()).hasSize(1);
        try (var living = new SpoolDirectory(folder)) {
            assertThat(spooled()).hasSize(1);
            product.kill();
            try (var next = new SpoolDirectory(folder)) {
                assertThat(spooled()).isEmpty();
                assertThat(next.path()).exists();
            }
            assertThat(living.path()).exists();
        }
        METRIKA.close();
    }

    @AfterEach
    void goOn() {
        METRIKA.clearFaults();
        METRIKA.release();
        await().until(() ->
                DATABASE.<Long>value("select count(*) from upload where lease_expires_at is not null") == 0);
    }

    private static List<Path> spooled() throws IOException {
        try (var files = Files.walk(folder)) {
            return files.filter(file -> Files.isRegularFile(file)
                            && !file.getFileName().toString().equals(".lock"))
                    .toList();
        }
    }

    /** The open files that lie in the spool, those too that are deleted and still open. */
    private List<String> open() throws IOException {
        try (var descriptors =
                Files.list(Path.of("/proc", String.valueOf(product.process().pid()), "fd"))) {
            return descriptors
                    .flatMap(UploadLeaseIT::target)
                    .filter(file -> file.startsWith(folder.toString()) && !file.contains(".lock"))
                    .toList();
        }
    }

    private static Stream<String> target(Path descriptor) {
        try {
            return Stream.of(Files.readSymbolicLink(descriptor).toString());
        } catch (NoSuchFileException e) {
            return Stream.empty(); // closed meanwhile
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private Answer erase() {
        return product.send(webhooks.get(0)
                .request("/erase")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"user_id\": \"someone\"}")));
    }

    @Test
    void eachFileIsClosedWhenItsUploadIsDoneWhateverComesOfIt() throws Exception {
        // Long answers, which are spooled too: to the look whether a file whose outcome is unknown has arrived, and to
        // polls
        METRIKA.fault(Fault.odd("note", "x".repeat(200_000)).on(Operation.LIST).times(0));
        webhooks.get(0).awaitStatus(webhooks.get(0).batch(conversion()), "completed");
        METRIKA.fault(Fault.error(500, "backend_error", "Backend error")
                .on(Operation.UPLOAD)
                .times(FILES));
        webhooks.forEach(webhook -> webhook.send(request(1000, "x".repeat(200))));
        await().until(() -> DATABASE.<Long>value("""
            select count(*) from upload where unknown_since is not null and lease_expires_at is null\
            """) == FILES);
        await().untilAsserted(() -> assertThat(spooled()).isEmpty()); // a poll may just be at its answer
        // One is rejected, one breaks off, and the last one is held
        METRIKA.fault(Fault.error(400, "invalid_parameter", "No")
                .on(Operation.UPLOAD)
                .skip(1)
                .times(1));
        METRIKA.fault(Fault.close(Point.IN_BODY).on(Operation.UPLOAD).skip(2).times(1));
        METRIKA.fault(Fault.stall(Point.BEFORE_ANSWER)
                .on(Operation.UPLOAD)
                .skip(FILES - 3)
                .times(0));
        DATABASE.update("update upload set next_attempt_at = clock() where state = 'planned'");
        await().until(() -> METRIKA.held() == 1);
        assertThat(DATABASE.<Long>value("select count(*) from upload where attempt_count > 1"))
                .as("files since")
                .isGreaterThan(3);
        // The file that is held; what a poll has spooled meanwhile goes with the poll
        await().untilAsserted(() -> {
            assertThat(spooled()).hasSizeLessThanOrEqualTo(1);
            assertThat(open()).hasSizeLessThanOrEqualTo(1);
        });

        assertThat(Files.getPosixFilePermissions(spooled().get(0).getParent()))
                .isEqualTo(PosixFilePermissions.fromString("rwx------"));
    }

    @Test
    void whoeverHasAPersonErasedDoesNotHoldUpTheLease() throws Exception {
        METRIKA.fault(Fault.stall(Point.BEFORE_ANSWER).on(Operation.UPLOAD).times(1));
        var batch = webhooks.get(0).batch(conversion());
        await().until(() -> METRIKA.held() == 1);
        DATABASE.update(
                "create table lease_at_first as select lease_expires_at from upload where lease_expires_at is not"
                        + " null");
        var isOver = new AtomicBoolean();
        try (var holder = DriverManager.getConnection(DATABASE.url());
                var statement = holder.createStatement()) {
            holder.setAutoCommit(false);
            statement.execute("lock table conversion, batch, pending_erasure in access exclusive mode");
            var callers = IntStream.range(0, 12)
                    .mapToObj(i -> CompletableFuture.runAsync(
                            () -> {
                                while (!isOver.get()) {
                                    var answer = erase();
                                    assertThat(answer.status()).as("%s", answer).isEqualTo(503);
                                    assertThat(answer.header("Retry-After")).isNotEmpty();
                                }
                            },
                            caller -> new Thread(caller).start()))
                    .toList();
            await("longer than a lease that is not renewed")
                    .atMost(Duration.ofSeconds(30))
                    .until(() -> DATABASE.<Boolean>value("""
                        select upload.lease_expires_at > lease_at_first.lease_expires_at + interval '6 seconds'
                          from upload, lease_at_first
                         where upload.lease_expires_at is not null and claim_number = 1\
                        """));
            isOver.set(true);
            callers.forEach(CompletableFuture::join);
            holder.rollback();
        }
        METRIKA.release();
        webhooks.get(0).awaitStatus(batch, "completed");
    }
}
