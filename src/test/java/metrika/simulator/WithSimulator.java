package metrika.simulator;

import java.nio.file.Path;
import java.time.Duration;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;

/** One simulator for the tests of a class, as good as new before each. Its statuses move when the test says so. */
@ResourceLock("the simulator under test")
abstract class WithSimulator {
    static final Duration STEP = Duration.ofHours(1);

    @TempDir
    static Path directory;

    static Simulator simulator;
    static MetrikaClient metrika;

    @BeforeAll
    static void start() {
        simulator = new Simulator(
                        SimulatorSettings.defaults().withDirectory(directory).withStep(STEP))
                .start();
        metrika = new MetrikaClient(simulator.url());
    }

    @AfterAll
    static void stop() {
        simulator.close();
    }

    @BeforeEach
    void forget() {
        simulator.reset();
    }
}
