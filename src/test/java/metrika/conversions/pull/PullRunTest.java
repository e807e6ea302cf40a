package metrika.conversions.pull;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.UUID;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import metrika.conversions.intake.StoredBatch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** How far a cursor may move, whatever the source says. */
class PullRunTest {

    private static final Clock CLOCK = Clock.fixed(Instant.parse("2025-11-01T12:00:00Z"), ZoneOffset.UTC);

    private static PullRun run(String overlap) {
        return new PullRun(1, CursorFormat.NUMBER, "100", null, overlap, CLOCK);
    }

    private static Object position(PullRun run) {
        return run.progress().get("position");
    }

    @Test
    void itMovesAfterTheLastOfThePagesThatTheSourceNames() {
        var run = run("10");
        assertThat(run.getCursor()).isEqualTo("90");
        run.endPage(List.of(95, 110, 140), "2", 0, false);
        assertThat(position(run)).as("what is still to come may lie before").isEqualTo("100");
        assertThat(run.isOver()).isFalse();
        assertThat(run.getCursor()).as("of the second page").isEqualTo("90");
        run.endPage(List.of(130), null, 0, false);
        assertThat(run.isOver()).isTrue();
        assertThat(position(run)).isEqualTo("140");
    }

    @Test
    void itStaysWhereItIsWhenTheProcessStopsBeforeTheLastPage() {
        var run = run("");
        run.endPage(List.of(150, 120), "2", 0, true);
        assertThat(run.isOver()).isTrue();
        assertThat(position(run)).isEqualTo("100");
    }

    @Test
    void itNeverGoesBack() {
        var run = run("50");
        run.endPage(List.of(60, 70), null, 0, false);
        assertThat(position(run)).isEqualTo("100");
    }

    @Test
    void numberedPagesAreReadAgainUntilNothingNewIsFound() {
        var run = run("");
        run.countPages();
        for (int pass = 0; pass < 2; pass++) {
            run.endPage(List.of(110, 120), "2", 2, false);
            if (pass == 0) {
                run.counts().add(new StoredBatch(UUID.randomUUID(), 1, null, List.of()), null);
            }
            run.endPage(List.of(130), null, 2, false);
            assertThat(run.isOver()).isEqualTo(pass == 1);
            assertThat(position(run)).isEqualTo(pass == 1 ? "130" : "100");
            assertThat(run.page()).isNull();
        }
    }

    @Test
    void onePageIsReadOnce() {
        var run = run("");
        run.countPages();
        run.counts().add(new StoredBatch(UUID.randomUUID(), 1, null, List.of()), null);
        run.endPage(List.of(130), null, 2, false);
        assertThat(run.isOver()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "2025-10-26 02:58:00, 2025-10-26 01:50:00",
        "2025-10-26 03:05:00, 2025-10-26 02:55:00",
        "2025-03-30 03:05:00, 2025-03-30 02:55:00"
    })
    void anHourThatAClockShowsTwiceIsReadFromItsBeginning(String position, String asked) {
        var berlin = CLOCK.withZone(ZoneId.of("Europe/Berlin"));
        assertThat(new PullRun(1, CursorFormat.LOCAL, position, null, "PT10M", berlin).getCursor())
                .isEqualTo(asked);
    }

    @Test
    void aFullPageIsFollowedByOneFromItsLastRow() {
        var run = run("50");
        run.endPage(List.of(60, 70), null, 2, false);
        assertThat(run.getCursor()).isEqualTo("70");
        run.endPage(List.of(70, 110), null, 2, false);
        assertThat(run.getCursor()).isEqualTo("110");
        assertThat(position(run)).isEqualTo("110");
        run.endPage(List.of(110), null, 2, false);
        assertThat(run.isOver()).isTrue();
    }

    @Test
    void whatCouldBeMissedIsTold() {
        var run = run("");
        run.endPage(List.of(100, 110), null, 2, false);
        assertThatThrownBy(() -> run.endPage(List.of(110, 110), null, 2, false))
                .hasMessage(
                        "all 2 rows of a full page have the cursor '110', so what comes after them cannot be reached:"
                                + " make the page larger (pageSize)");
        assertThatThrownBy(() -> run("").endPage(List.of(120, 110), null, 2, false))
                .hasMessageContaining("sort them");
        var endless = run("");
        endless.endPage(List.of(), "2", 0, false);
        assertThatThrownBy(() -> endless.endPage(List.of(), "2", 0, false)).hasMessageContaining("again and again");
        assertThatThrownBy(() -> run("").endPage(List.of("soon"), null, 0, false))
                .hasMessage("its cursor is 'soon', where a number is expected (cursorFormat)");
    }

    @ParameterizedTest
    @CsvSource({
        "iso, 2025-10-01T12:00:00+03:00, PT10M, 2025-10-01T11:50:00+03:00",
        "local, 2025-10-01 12:00:00, PT10M, 2025-10-01 11:50:00",
        "local, 2025-10-01T12:00:00.250, '', 2025-10-01 12:00:00.25",
        "iso, 2025-10-01T12:00:00, '', 2025-10-01T12:00:00",
        "iso, 2025-10-01 12:00:00+03, '', 2025-10-01T12:00:00+03:00",
        "iso, 2025-10-01T12:00:00+0300, '', 2025-10-01T12:00:00+03:00",
        "iso, 2025-10-01T12:00:00+03:00, '', 2025-10-01T12:00:00+03:00",
        "iso, 2025-10-01T12:00:00.123456Z, PT1H, 2025-10-01T11:00:00.123456Z",
        "unix, 1761998400, PT1M, 1761998340",
        "number, 12, 5, 7",
        "text, abc, '', abc"
    })
    void aPullBeginsAnOverlapBeforeItsCursor(String format, String position, String overlap, String asked) {
        assertThat(new PullRun(1, CursorFormat.of(format), position, null, overlap, CLOCK).getCursor())
                .isEqualTo(asked);
    }

    @ParameterizedTest
    @CsvSource({
        "iso, 2025-10-01T12:05:00+03:00, 2025-10-01T09:00:00Z, PT10M, 2025-10-01T09:00:00Z",
        "iso, 2025-10-01T12:05:00+03:00, 2025-10-01T09:00:00Z, PT5M, 2025-10-01T12:00:00+03:00",
        "iso, 2025-10-01T12:05:00+03:00, 2025-10-01T09:00:00Z, PT4M59S, 2025-10-01T12:00:01+03:00",
        "iso, 2025-10-01T12:00:00+03:00, 2025-10-01T12:00:00+03:00, PT10M, 2025-10-01T12:00:00+03:00",
        "iso, 2025-11-01T12:00:00Z, 2099-01-01T00:00:00Z, '', 2099-01-01T00:00:00Z",
        "local, 2025-10-01 12:05:00, 2025-10-01 12:00:00, PT10M, 2025-10-01 12:00:00",
        "unix, 1761998400, 1761998399.5, PT1M, 1761998399.5",
        "number, 12, 10, 5, 10",
        "text, b, a, '', b"
    })
    void anOverlapDoesNotReachBeforeTheBeginning(
            String format, String position, String beginning, String overlap, String asked) {
        assertThat(new PullRun(1, CursorFormat.of(format), position, beginning, overlap, CLOCK).getCursor())
                .isEqualTo(asked);
    }

    @Test
    void aBeginningInAnHourThatAClockShowsTwiceIsThatOfTheHour() {
        var berlin = CLOCK.withZone(ZoneId.of("Europe/Berlin"));
        var run = new PullRun(1, CursorFormat.LOCAL, "2025-10-26 02:40:00", "2025-10-26 02:30:00", "PT2H", berlin);
        assertThat(run.getCursor()).isEqualTo("2025-10-26 02:00:00");
    }

    @ParameterizedTest
    @CsvSource({
        "iso, 2025-11-01T10:00:00Z, 2099-01-01T00:00:00Z, 2025-11-01T12:00:00Z",
        "local, 2025-11-01 10:00:00, 2099-01-01 00:00:00, 2025-11-01 12:00:00",
        "unix, 1, 9999999999, 1761998400"
    })
    void aRowOfTheFutureDoesNotHideWhatIsStillToCome(String format, String position, String future, String moved) {
        var run = new PullRun(1, CursorFormat.of(format), position, null, "", CLOCK);
        run.endPage(List.of(future), null, 0, false);
        assertThat(position(run)).isEqualTo(moved);
    }
}
