package metrika.conversions.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;

import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/**
 * Says which test class has ended, and how many tests of the build have passed until then, in all processes that run
 * some: the last line is the sum. What failed is told by the build itself.
 */
public final class Progress implements TestExecutionListener {

    /** One for each run of Maven, whose processes share a file. */
    private static final Path COUNTS = Path.of(
            "target",
            "tests-"
                    + System.getProperty(
                                    "test.run", "of-" + ProcessHandle.current().pid())
                            .replaceAll("\\W", "") + ".count");

    private int passed;
    private int failed;
    private int skipped;

    @Override
    public void testPlanExecutionStarted(TestPlan plan) {
        add(); // from which on the time is told
    }

    @Override
    public synchronized void executionFinished(TestIdentifier identifier, TestExecutionResult result) {
        switch (result.getStatus()) {
            case SUCCESSFUL -> passed += identifier.isTest() ? 1 : 0;
            case FAILED -> failed++; // also a class that could not begin
            case ABORTED -> skipped++;
        }
        if (identifier.getSource().filter(ClassSource.class::isInstance).isPresent()) {
            say(identifier.getLegacyReportingName().replaceFirst(".*\\.", ""));
        }
    }

    @Override
    public synchronized void executionSkipped(TestIdentifier identifier, String reason) {
        skipped++;
    }

    @Override
    public synchronized void testPlanExecutionFinished(TestPlan plan) {
        if (passed + failed + skipped > 0) {
            say("");
        }
    }

    /**
     * Adds what this process has counted since to what all have, and tells the sum. Maven shows it, however quiet it
     * is.
     */
    private void say(String ended) {
        System.out.println((add() + "  " + ended).strip());
        passed = 0;
        failed = 0;
        skipped = 0;
    }

    private String add() {
        try {
            Files.createDirectories(COUNTS.getParent());
            try (var channel = FileChannel.open(
                            COUNTS, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
                    var lock = channel.lock()) {
                var content = ByteBuffer.allocate((int) channel.size());
                channel.read(content);
                var before = content.position() == 0
                        ? new String[] {"0", "0", "0", String.valueOf(System.currentTimeMillis())}
                        : new String(content.array(), StandardCharsets.US_ASCII).split(" ");
                var sums = new int[] {
                    Integer.parseInt(before[0]) + passed,
                    Integer.parseInt(before[1]) + failed,
                    Integer.parseInt(before[2]) + skipped
                };
                channel.truncate(0);
                channel.write(
                        ByteBuffer.wrap("%d %d %d %s"
                                .formatted(sums[0], sums[1], sums[2], before[3])
                                .getBytes(StandardCharsets.US_ASCII)),
                        0);
                var took = Duration.ofMillis(System.currentTimeMillis() - Long.parseLong(before[3]));
                return "%d passed, %d failed, %d skipped in %d:%02d"
                        .formatted(sums[0], sums[1], sums[2], took.toMinutes(), took.toSecondsPart());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
