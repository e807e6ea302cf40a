package metrika.conversions.sources;

import java.time.Duration;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import org.apache.camel.component.file.GenericFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Which files of a folder are taken, and when. */
@Isolated("it reads the log, which a trial of a route silences")
class StableFileFilterTest {

    private final StableFileFilter filter = new StableFileFilter();

    StableFileFilterTest() {
        filter.setMinAge("0");
        filter.setRows("Чек");
    }

    private boolean accepts(String path, long length, boolean isFolder) {
        return filter.accept(file(path, length, isFolder));
    }

    private static GenericFile<Object> file(String path, long length, boolean isFolder) {
        var file = new GenericFile<Object>();
        file.setAbsoluteFilePath("/drop/" + path);
        file.setFileNameOnly(path.substring(path.lastIndexOf('/') + 1));
        file.setFileLength(length);
        file.setDirectory(isFolder);
        file.setRelativeFilePath(path);
        return file;
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

    @ParameterizedTest
    @ValueSource(strings = {"PT1H", "1h", "3600000"})
    void anAgeIsWrittenInCamelsWayOrInThatOfIso(String hour) {
        filter.setMinAge(hour);
        accepts("a.csv", 10, false);
        assertThat(accepts("a.csv", 10, false)).isFalse();
        filter.setMinAge("0");
        assertThat(accepts("a.csv", 10, false)).isTrue();
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
    void whatWasMovedIsNotTakenOutOfItsFolder() {
        filter.setDoneFolder("processed");
        filter.setFailedFolder("bad");
        assertThat(accepts("processed", 0, true)).isFalse();
        assertThat(accepts("a/bad", 0, true)).isFalse();
        assertThat(accepts("badly", 0, true)).isTrue();
    }

    @Test
    void aFileThatStaysEmptyIsNamedOnce() {
        var log = new ListAppender<ILoggingEvent>();
        log.start();
        // Classes that run beside this one may be starting the log
        var logger =
                (Logger) await().until(() -> LoggerFactory.getLogger(StableFileFilter.class), Logger.class::isInstance);
        logger.addAppender(log);
        logger.setLevel(Level.WARN); // tests are silent
        try {
            var impatient = new StableFileFilter(Duration.ZERO);
            impatient.setMinAge("0");
            for (int i = 0; i < 4; i++) {
                assertThat(impatient.accept(file("nothing-in-it.csv", 0, false)))
                        .isFalse();
                assertThat(accepts("young-and-empty.csv", 0, false)).isFalse();
            }
            assertThat(log.list)
                    .extracting(ILoggingEvent::getFormattedMessage)
                    .filteredOn(line -> line.contains("empty"))
                    .singleElement()
                    .asString()
                    .contains("nothing-in-it.csv is empty");
        } finally {
            logger.setLevel(null);
            logger.detachAppender(log);
        }
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
