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
        assertCurrent(
                Path.of("docs/configuration.md"), "<!-- settings", "<!-- end of settings", SettingsTable.text(PROJECT));
    }

    @Test
    void theCodesForOperators() throws IOException {
        assertCurrent(Path.of("docs/operations.md"), "<!-- codes", "<!-- end of codes", CodesTable.markdown());
    }

    @Test
    void theCodesOfTheApi() throws IOException {
        assertCurrent(
                Path.of("src/main/resources/openapi.yaml"),
                "# codes",
                "            # end of codes",
                CodesTable.openApi());
    }

    /** What stands between the line of a mark and another mark. */
    private static void assertCurrent(Path page, String mark, String endMark, String made) throws IOException {
        var text = Files.readString(page);
        var start = text.indexOf('\n', text.indexOf(mark)) + 1;
        var end = text.indexOf(endMark);
        assertThat(end).as("%s: the marks between which it stands", page).isGreaterThanOrEqualTo(start);
        assertCurrent(page, text.substring(0, start) + made + text.substring(end));
    }

    private static void assertCurrent(Path page, String text) throws IOException {
        if (IS_WRITING) {
            Files.writeString(page, text);
        }
        assertThat(page).as(HOW).content().isEqualTo(text);
    }
}
