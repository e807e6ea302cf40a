package metrika.conversions.sources;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/** What a file's place gives to its rows, and what tells two files apart. */
class FilePlaceTest {

    @TempDir
    private Path folder;

    @ParameterizedTest
    @CsvSource({
        "000123.xml, 000123",
        "000123.xml.errors.csv, 000123",
        "000123.xml.errors.csv.errors.csv, 000123",
        "a.b.csv, a.b",
        "plain, plain"
    })
    void refusedRowsThatComeAgainAreRowsOfTheirFile(String name, String shown) throws Exception {
        var file = Files.writeString(folder.resolve(name), "");
        assertThat(new FilePlace("29/", "a.zip/30/").columns(new FileContent(name, file.toFile(), null)))
                .isEqualTo(Map.of("file.folder", "29", "file.name", shown));
    }

    @Test
    void theSameXmlByAnotherElementIsAnotherFile() throws Exception {
        var file = Files.writeString(folder.resolve("a.xml"), "<a><b/><c/></a>").toFile();
        var columns = new Columns("client_id=x");
        assertThat(new FileRows("a.xml", file, columns, null, "b", CsvFrame.NONE).examine())
                .isNotEqualTo(new FileRows("a.xml", file, columns, null, "c", CsvFrame.NONE).examine())
                .isEqualTo(new FileRows("a.xml", file, columns, null, "b", CsvFrame.NONE).examine());
    }
}
