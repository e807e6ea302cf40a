package metrika.conversions.database;

import java.util.Map;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/** What a source that pulls is not read before: where it began, or where its cursor was set to. */
@ResourceLock(Tables.LOCK)
class CursorBeginningTest {

    private final Tables tables = new Tables();

    @BeforeEach
    void noSource() {
        tables.database().update("truncate source_cursor");
    }

    private Map<String, Object> claim(String format, String first) {
        return tables.run(
                        "claim-cursor",
                        Map.of(
                                "source",
                                "shop",
                                "cursor_format",
                                format,
                                "first_position",
                                first,
                                "pull.lease",
                                "PT0S"))
                .get(0);
    }

    private Map<String, Object> set(String position) {
        return tables.run(
                        "set-cursor",
                        Map.of("form.source", "shop", "form.position", position, "actor", "a", "address", "::1"))
                .get(0);
    }

    private String beginning() {
        return tables.database().value("select begins_at from source_cursor");
    }

    @Test
    void theFirstClaimSaysWhereASourceBegins() {
        assertThat(claim("number", "100")).containsEntry("begins_at", "100").containsEntry("position", "100");
        tables.database().update("update source_cursor set position = '150'");
        assertThat(claim("number", "140"))
                .as("a setting that was changed later does not count")
                .containsEntry("begins_at", "100")
                .containsEntry("position", "150");
    }

    /** A column of a database that has no offset would leave that of a text out, and rows with it. */
    @ParameterizedTest
    @CsvSource({
        "iso, 2025-07-01T15:30:00+03:00, 2025-07-01T12:30:00Z",
        "iso, 2025-07-01 15:30:00.250-00:30, 2025-07-01T16:00:00.25Z",
        "iso, 2025-07-01T12:30:00.000Z, 2025-07-01T12:30:00.000Z",
        "iso, 2025-07-01 12:30:00, 2025-07-01T12:30:00",
        "iso, 2025-06-31T12:30:00+03:00, ",
        "local, 2025-07-01 12:30:00, 2025-07-01 12:30:00",
        "number, 100, 100",
        "text, 2025-07-01T15:30:00+03:00, 2025-07-01T15:30:00+03:00"
    })
    void aTimeThatIsSetIsKeptInUtc(String format, String given, String kept) {
        claim(format, "number".equals(format) ? "1" : "2025-07-01" + ("local".equals(format) ? " " : "T") + "00:00:00");
        assertThat(set(given).get("position")).isEqualTo(kept);
        if (kept != null) {
            assertThat(beginning()).isEqualTo(kept);
            noSource();
            assertThat(claim(format, given)).containsEntry("position", kept).containsEntry("begins_at", kept);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "number, 100, 200, 300, 300, later: what lies before is left out",
        "number, 100, 200, 200, 100, where it is: a pause is ended",
        "number, 100, 200, 99.5, 99.5, before the beginning",
        "number, 100, 200, 100, 100, the beginning",
        "number, 9, 20, 10, 9, not as texts",
        "iso, 2025-07-01T12:00:00Z, 2025-07-01T13:00:00Z, 2025-07-01T12:30:00Z, 2025-07-01T12:00:00Z, back",
        "iso, 2025-07-01T12:00:00Z, 2025-07-01T13:00:00Z, 2025-07-01T13:00:01, 2025-07-01T13:00:01, later",
        "local, 2025-07-01 12:00:00, 2025-07-01 13:00:00.5, 2025-07-01 13:00:00, 2025-07-01 12:00:00, back",
        "unix, 1751364000, 1751364100, 1751363999, 1751363999, before the beginning",
        "text, a, c, b, b, a text has no overlap",
        "number, 100, 2025-07-01T13:00:00Z, 200, 200, the format has changed",
        "number, , 200, 150, , unknown"
    })
    void aPositionThatIsSetIsABeginningUnlessItLiesWithinWhatWasRead(
            String format, String beginning, String position, String set, String now, String why) {
        tables.database()
                .update(
                        "insert into source_cursor (source, format, begins_at, position) values ('shop', ?, ?, ?)",
                        format,
                        beginning,
                        position);
        assertThat(set(set)).as(why).containsEntry("position", set);
        assertThat(beginning()).as(why).isEqualTo(now);
    }

    @ParameterizedTest
    @CsvSource({
        "iso, 2025-06-31T12:00:00Z",
        "iso, 2025-07-01T25:00:00Z",
        "iso, soon",
        "local, 2025-07-01T12:00:00",
        "local, 2025-13-01 12:00:00",
        "unix, 2025-07-01T12:00:00Z",
        "number, 1e5"
    })
    void aPositionThatIsNoneIsRefused(String format, String set) {
        claim(format, "x");
        assertThat(set(set)).containsEntry("source", null).containsEntry("format", format);
        assertThat(beginning()).isEqualTo("x");
    }
}
