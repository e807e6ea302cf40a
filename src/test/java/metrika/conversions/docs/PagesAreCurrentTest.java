package metrika.conversions.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** Pages that are made from files say what the files say. With {@code -Dwrite} it writes them. */
class PagesAreCurrentTest {

    private static final Path PROJECT = Path.of("");
    private static final boolean IS_WRITING = System.getProperty("write") != null;
    private static final String HOW = "mvn -q test -Dtest=PagesAreCurrentTest -Dwrite makes it";

    @Test
    void theRoutes() throws IOException {
        assertCurrent(Path.of("docs/routes.md"), RoutesPage.text(PROJECT));
    }

    @Test
    void theSettings() throws IOException {
        var page = Path.of("docs/configuration.md");
        var text = Files.readString(page);
        var start = text.indexOf("-->\n", text.indexOf("<!-- settings")) + "-->\n".length();
        var end = text.indexOf("<!-- end of settings");
        assertThat(end).as("the marks between which the tables stand").isGreaterThanOrEqualTo(start);
        assertCurrent(page, text.substring(0, start) + SettingsTable.text(PROJECT) + text.substring(end));
    }

    private static void assertCurrent(Path page, String text) throws IOException {
        if (IS_WRITING) {
            Files.writeString(page, text);
        }
        assertThat(page).as(HOW).content().isEqualTo(text);
    }
}
