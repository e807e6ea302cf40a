package metrika.conversions.support;

import java.time.Duration;

import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.TestPlan;

/** Says which test class has ended, and at the end how many tests passed. What failed is told by the build itself. */
public final class Progress implements TestExecutionListener {

    private final long begun = System.nanoTime();
    private int passed;
    private int failed;
    private int skipped;

    @Override
    public void executionFinished(TestIdentifier identifier, TestExecutionResult result) {
        switch (result.getStatus()) {
            case SUCCESSFUL -> passed += identifier.isTest() ? 1 : 0;
            case FAILED -> failed++; // also a class that could not begin
            case ABORTED -> skipped++;
        }
        if (identifier.getSource().filter(ClassSource.class::isInstance).isPresent()) {
            say("%s  %s".formatted(counts(), identifier.getLegacyReportingName().replaceFirst(".*\\.", "")));
        }
    }

    @Override
    public void executionSkipped(TestIdentifier identifier, String reason) {
        skipped++;
    }

    @Override
    public void testPlanExecutionFinished(TestPlan plan) {
        if (passed + failed + skipped > 0) {
            say(counts());
        }
    }

    private String counts() {
        var took = Duration.ofNanos(System.nanoTime() - begun);
        return "%d passed, %d failed, %d skipped in %d:%02d"
                .formatted(passed, failed, skipped, took.toMinutes(), took.toSecondsPart());
    }

    private static void say(String line) {
        System.out.println(line); // Maven shows it, however quiet it is
    }
}
