package metrika.conversions.check;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;

class ConnectorTestCaseTest {

    @TempDir
    private Path folder;

    @Test
    void aFaultOfAProgramIsNoExpectation() throws Exception {
        var sample = folder.resolve("order.http");
        var test = new ConnectorTestCase(
                folder.resolve("in-x.camel.yaml"), "x", sample, Instant.EPOCH, ZoneOffset.UTC, Map.of());
        var expected = Files.createFile(folder.resolve("order.expected.txt"));

        var why = test.accept(
                new TrialResult(null, null, "The connector failed: java.lang.NullPointerException: something is null"));

        assertThat(why).hasSize(2).last().asString().contains("NullPointerException");
        assertThat(expected).isEmptyFile();
    }
}
