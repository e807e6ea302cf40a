package metrika.conversions.check;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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

    /** Its template alone has none of its columns. */
    @Test
    void aSourceOfSettingsIsCheckedByItsName() {
        var hint = "nothing is expected of it: look at what comes out with check %s %s, then write it down with"
                + " check --tests --accept";
        var sample = folder.resolve("x.http");
        for (var source : List.of("booking", "http-columns")) {
            var route = folder.resolve("in-http-columns.camel.yaml");
            var test = new ConnectorTestCase(route, source, sample, Instant.EPOCH, ZoneOffset.UTC, Map.of());
            assertThat(test.differences(null))
                    .containsExactly(hint.formatted(source.equals("booking") ? "in-booking" : route, sample));
        }
    }

    @Test
    void anAnswerOfAnotherServerIsNoSample() throws Exception {
        var route = folder.resolve("in-x.camel.yaml");
        var tests = Files.createDirectory(folder.resolve("in-x.test"));
        for (var file : List.of("order.http", "order.answer.json", "order.answer2.http", "order.headers.properties")) {
            Files.createFile(tests.resolve(file));
        }
        assertThat(ConnectorTestCase.of(route, ZoneOffset.UTC))
                .extracting(test -> test.sample().getFileName().toString())
                .containsExactly("order.http");

        Files.createFile(tests.resolve("oder.answer.json"));
        assertThatThrownBy(() -> ConnectorTestCase.of(route, ZoneOffset.UTC))
                .hasMessageContaining("oder.answer.json: there is no sample of that name beside it");
    }
}
