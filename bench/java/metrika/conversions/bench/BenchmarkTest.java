package metrika.conversions.bench;

import java.nio.file.Path;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Runs the benchmark: whole with {@code -Pbench}, and so shortly with every build that it cannot rot. */
class BenchmarkTest {

    @Test
    @Tag("bench")
    void whole() throws Exception {
        var benchmark = new Benchmark(Double.parseDouble(System.getProperty("seconds", "10")));
        var parts = System.getProperty("parts", "ABCE");
        if (parts.contains("A")) {
            benchmark.intake(128);
        }
        if (parts.contains("C")) {
            benchmark.upload(1_000_000, 128);
        }
        if (parts.contains("E")) {
            benchmark.start(5);
        }
        benchmark.figures().write(Path.of("target", "bench.md"));
    }
}
