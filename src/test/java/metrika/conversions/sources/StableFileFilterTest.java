package metrika.conversions.sources;

import org.apache.camel.component.file.GenericFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Which files of a folder are taken, and when. */
class StableFileFilterTest {

    private final StableFileFilter filter = new StableFileFilter();

    StableFileFilterTest() {
        filter.setMinAge("0");
        filter.setRows("Чек");
    }

    private boolean accepts(String path, long length, boolean isFolder) {
        var file = new GenericFile<Object>();
        file.setAbsoluteFilePath("/drop/" + path);
        file.setFileNameOnly(path.substring(path.lastIndexOf('/') + 1));
        file.setFileLength(length);
        file.setDirectory(isFolder);
        return filter.accept(file);
    }

    @ParameterizedTest
    @CsvSource({
        "29,true",
        "Магазин 7,true",
        "a.b,true",
        ".done,false",
        "~x,false",
        "a$b,false",
        "a\ufffd,false",
        "'a\nb',false"
    })
    void aFolderIsLookedIntoAtOnceIfItsNameCanStandInAPath(String name, boolean isTaken) {
        assertThat(accepts(name, 0, true)).isEqualTo(isTaken);
    }

    @Test
    void theSameNameInTwoFoldersIsTwoFiles() {
        assertThat(accepts("1/000123.xml", 7, false)).isFalse();
        assertThat(accepts("2/000123.xml", 9, false)).isFalse();
        assertThat(accepts("1/000123.xml", 7, false)).isTrue();
        assertThat(accepts("2/000123.xml", 10, false)).as("it still grows").isFalse();
        assertThat(accepts("2/000123.xml", 10, false)).isTrue();
    }

    @Test
    void xmlIsLeftAloneWhereNobodySaysWhatARowIs() {
        filter.setRows("");
        for (int i = 0; i < 3; i++) {
            assertThat(accepts("a.XML", 7, false)).isFalse();
        }
        assertThat(accepts("a.csv", 7, false)).isFalse();
        assertThat(accepts("a.csv", 7, false)).isTrue();
    }
}
