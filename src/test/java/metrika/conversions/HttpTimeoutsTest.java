package metrika.conversions;

import java.nio.file.Files;
import java.nio.file.Path;

import org.apache.camel.component.http.HttpComponent;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.main.SimpleMain;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import metrika.conversions.check.FilesBelow;
import metrika.conversions.settings.Settings;

import static org.assertj.core.api.Assertions.assertThat;

/** Camel's clients have the time-outs of the settings: a duration that Camel cannot read would be none at all. */
class HttpTimeoutsTest {

    @ParameterizedTest
    @ValueSource(strings = {"http", "https"})
    void camelsClientsHaveThem(String scheme, @TempDir Path directory) throws Exception {
        Files.writeString(
                directory.resolve("application.properties"),
                "metrika.connect-timeout=PT10S\nmetrika.response-timeout=PT1M\n");
        try (var context = new DefaultCamelContext()) {
            var main = new SimpleMain(context);
            HttpTimeouts.of(Settings.in(directory)).forEach(main::addInitialProperty);
            main.configure().setRoutesIncludePattern("false");
            main.start();
            try {
                var client = context.getComponent(scheme, HttpComponent.class);
                assertThat(client.getConnectTimeout()).isEqualTo(10_000);
                assertThat(client.getResponseTimeout()).isEqualTo(60_000);
                assertThat(client.getConnectionRequestTimeout()).isEqualTo(10_000);
            } finally {
                main.stop();
            }
        }
    }

    /** Whatever Camel is given, in its settings or as an option of an endpoint. */
    @Test
    void noOptionOfCamelIsADurationThatItReadsAsNone() throws Exception {
        var settings = Files.readAllLines(Path.of("application.properties"));
        var durations = settings.stream()
                .filter(line -> line.matches("[a-z][^=]*=-?PT?[0-9].*"))
                .map(line -> "{{" + line.replaceFirst("=.*", ""))
                .toList();
        assertThat(durations).contains("{{metrika.connect-timeout");
        assertThat(settings.stream().filter(line -> line.startsWith("camel.")))
                .noneMatch(line -> durations.stream().anyMatch(line::contains));
        for (var route : FilesBelow.of(Path.of("routes"), ".yaml")) {
            assertThat(Files.readString(route)).as(route.toString()).doesNotContain(durations);
        }
    }
}
