package metrika.conversions.check;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import metrika.conversions.settings.SettingException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Files that cannot be read are told with their names and the reason, by the start and by check. */
class FilesBelowTest {

    @TempDir
    private Path folder;

    @Test
    void eachIsToldWithItsReason() throws IOException {
        Files.createDirectory(folder.resolve("a.camel.yaml"));
        Files.write(folder.resolve("b.camel.yaml"), new byte[] {'-', (byte) 0xff});
        Files.createSymbolicLink(folder.resolve("c.camel.yaml"), Path.of("nowhere"));
        Files.writeString(folder.resolve("d.camel.yaml"), "- route:");
        Files.createSymbolicLink(folder.resolve("e.camel.yaml"), Path.of("d.camel.yaml"));
        Files.write(folder.resolve("f.txt"), new byte[] {(byte) 0xff});
        assertThat(FilesBelow.unreadable(folder, ".camel.yaml"))
                .hasToString("[%1$s/a.camel.yaml: it cannot be read: it is a folder, ".formatted(folder)
                        + "%1$s/b.camel.yaml: it is not UTF-8: save it in that encoding, ".formatted(folder)
                        + "%1$s/c.camel.yaml: it cannot be read: it is a link to nothing]".formatted(folder));
        Files.writeString(folder.resolve("g.camel.yaml"), "# to be written\n");
        var check = new RouteCheck(folder, name -> true, name -> true);
        assertThat(check.all())
                .extracting(Finding::message)
                .contains(
                        "it cannot be read: it is a folder",
                        "it is not UTF-8: save it in that encoding",
                        "it cannot be read: it is a link to nothing",
                        "there is nothing in it: give it a route, or another name");
    }

    @Test
    void aFolderThatIsNotThereIsTold() {
        assertThatThrownBy(() -> FilesBelow.unreadable(folder.resolve("none"), ".sql"))
                .isInstanceOf(SettingException.class)
                .hasMessageContainingAll("none", "it is not there");
    }
}
