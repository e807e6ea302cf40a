package metrika.conversions.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** Runs the benchmark: whole with {@code -Pbench}, and so shortly with every build that it cannot rot. */
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
            benchmark.start(5, Path.of("target", "metrika-conversions.jar"));
        }
        if (PARTS.contains("F")) {
            var most = (long) number("scale", 1_000_000);
            new Growth(200, seconds, number("warm-up", 30), benchmark.figures())
                    .run(Stream.of(10_000L, 1_000_000L, most).filter(scale -> scale <= most).distinct().toList(), 1_000_000);
        }
        benchmark.figures().write(Path.of("target", "bench.md"));
    }

    @Test
    void shortly() throws Exception {
        var benchmark = new Benchmark(0.5, 0.5);
        benchmark.intake(128);
        benchmark.upload(2000, 128);
        benchmark.start(1, null);
        new Growth(10, 0.5, 0.5, benchmark.figures()).run(List.of(1000L, 2000L), 2000);
        assertThat(benchmark.figures().names()).anyMatch(name -> name.startsWith("A")).anyMatch(name -> name.startsWith("B"))
                .anyMatch(name -> name.startsWith("C")).anyMatch(name -> name.startsWith("D")).anyMatch(name -> name.startsWith("E"))
                .anyMatch(name -> name.startsWith("F"));
    }

    private static double number(String property, double otherwise) {
        return Double.parseDouble(System.getProperty(property, String.valueOf(otherwise)));
    }
}
