package metrika.conversions.bench;

import java.nio.file.Path;
import java.util.stream.Stream;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Runs the benchmark, with {@code -Pbench}: the parts A, C, E and F, or those of {@code -Dparts=}. */
class BenchmarkIT {

    private static final String PARTS = System.getProperty("parts", "ACEF");

    @Test
    @Tag("bench")
    void whole() throws Exception {
        var seconds = number("seconds", 15);
        var benchmark = new Benchmark(seconds, number("warm-up", 30));
        if (PARTS.contains("A")) {
            benchmark.intake(128);
        }
        if (PARTS.contains("C")) {
            benchmark.upload(1_000_000, 128);
        }
        if (PARTS.contains("E")) {
            benchmark.start(5);
        }
        if (PARTS.contains("F")) {
            var max = (long) number("scale", 1_000_000);
            new Growth(200, seconds, number("warm-up", 30), benchmark.figures())
                    .run(
                            Stream.of(10_000L, 1_000_000L, max)
                                    .filter(scale -> scale <= max)
                                    .distinct()
                                    .toList(),
                            1_000_000);
        }
        benchmark.figures().write(Path.of("target", "bench.md"));
    }

    private static double number(String property, double otherwise) {
        return Double.parseDouble(System.getProperty(property, String.valueOf(otherwise)));
    }
}
