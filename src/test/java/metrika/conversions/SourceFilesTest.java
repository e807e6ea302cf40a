package metrika.conversions;

import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import metrika.conversions.settings.Settings;

import static org.assertj.core.api.Assertions.assertThat;

/** Which files of sources the start need not read. */
class SourceFilesTest {

    private static final String ROUTE = """
        - route:
            id: in-a
            precondition: "{{inbound.a.enabled}}"
            from:
              uri: direct:a
        """;

    @TempDir
    private Path folder;

    private boolean isOff(String file, String settings) throws Exception {
        Files.writeString(folder.resolve("application.properties"), settings);
        return SourceFiles.isOff(Files.writeString(folder.resolve("in-a.camel.yaml"), file), Settings.in(folder));
    }

    @Test
    void aSourceIsOffThatASettingSwitchesOff() throws Exception {
        assertThat(isOff(ROUTE, "inbound.a.enabled=false")).isTrue();
        assertThat(isOff(ROUTE, "inbound.a.enabled=true")).isFalse();
    }

    @Test
    void whatIsNotSetOrCannotBeReadIsToldByCamel() throws Exception {
        assertThat(isOff(ROUTE, "")).isFalse();
        assertThat(isOff(ROUTE, "inbound.a.enabled={{file:not-here}}")).isFalse();
    }

    @Test
    void aFileWithMoreInItIsRead() throws Exception {
        var off = "inbound.a.enabled=false";
        assertThat(isOff(ROUTE + "- routeTemplate:\n    id: in-b\n", off)).isFalse();
        assertThat(isOff(ROUTE.replace("    precondition: \"{{inbound.a.enabled}}\"\n", ""), off))
                .isFalse();
        assertThat(isOff("", off)).isFalse();
    }
}
