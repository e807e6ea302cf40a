package metrika.conversions;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZoneOffset;
import java.util.List;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import metrika.conversions.check.ConnectorTestCase;
import metrika.conversions.settings.SettingException;
import metrika.conversions.settings.Settings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What lies beside a connector to test it. */
class ConnectorTestSupportTest {

    private static final Path SOURCES = Path.of("routes/sources");

    @TempDir
    private Path directory;

    private Path route;
    private Path folder;

    @BeforeEach
    void copy() throws IOException {
        folder = Files.createDirectory(directory.resolve("in-folder-drop.test"));
        route = Files.copy(
                SOURCES.resolve("in-folder-drop.camel.yaml"), directory.resolve("in-folder-drop.camel.yaml"));
        try (var files = Files.list(SOURCES.resolve("in-folder-drop.test"))) {
            for (var file : files.toList()) {
                Files.copy(file, folder.resolve(file.getFileName()));
            }
        }
    }

    private List<String> differences() throws Exception {
        var check = new CheckCommand(Settings.in(Path.of("")), new PrintStream(OutputStream.nullOutputStream()));
        return check.differences(ConnectorTestCase.of(route, ZoneOffset.UTC).get(0));
    }

    @Test
    void timeZoneClockAndSettingsAreTheTestsOwn() throws Exception {
        assertThat(differences()).isEmpty();
        Files.writeString(
                folder.resolve("test.properties"),
                "zone=Asia/Vladivostok\nclock=2025-07-03T00:00:00Z\ninbound.folder-drop.columns=client_id=Visitor\n");
        Files.writeString(
                folder.resolve("orders.csv"),
                "Visitor;Target;DateTime\n1.1;buy;01.07.2025 12:00\n1.1;buy;05.07.2025 12:00\n");
        assertThat(differences())
                .contains(
                        "  is:       1.1,,,,buy,1751335200,,",
                        "orders.expected.txt, line 1",
                        "  expected: line 3: target is required: the identifier of a JavaScript event goal of the counter")
                .anyMatch(line -> line.matches("  is:       line 3: date_time is .*future.*"));
    }

    @Test
    void filesThatBelongTogetherAreNamedAlike() throws IOException {
        assertThat(ConnectorTestCase.of(route, ZoneOffset.UTC))
                .extracting(ConnectorTestCase::name)
                .isEqualTo(List.of("in-folder-drop.test/orders.csv"));
        Files.writeString(folder.resolve("orders.json"), "{}");
        assertThatThrownBy(() -> ConnectorTestCase.of(route, ZoneOffset.UTC))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("two samples have the same name");
        Files.delete(folder.resolve("orders.json"));
        Files.writeString(folder.resolve("none.expected.txt"), "line 1: no\n");
        assertThatThrownBy(() -> ConnectorTestCase.of(route, ZoneOffset.UTC))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("none.expected.txt: there is no sample of that name beside it");
        Files.delete(folder.resolve("none.expected.txt"));
        Files.writeString(folder.resolve("test.properties"), "zone=Moscow\n");
        assertThatThrownBy(() -> ConnectorTestCase.of(route, ZoneOffset.UTC))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("'Moscow' is no time");
    }
}
