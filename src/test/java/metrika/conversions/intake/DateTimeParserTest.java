package metrika.conversions.intake;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneId;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import metrika.conversions.intake.DateTimeParser.Clock;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Dates and times as ISO 8601 writes them. */
class DateTimeParserTest {

    private static final ZoneId BERLIN = ZoneId.of("Europe/Berlin");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "2025-07-01T12:34:56Z        | 2025-07-01T12:34:56Z",
                "2025-07-01t12:34:56z        | 2025-07-01T12:34:56Z",
                "2025-07-01T12:34Z           | 2025-07-01T12:34:00Z",
                "2025-07-01T12:34:56.7Z      | 2025-07-01T12:34:56Z",
                "2025-07-01T12:34:56,999999999999Z | 2025-07-01T12:34:56Z",
                "2025-07-01T12:34:56+03      | 2025-07-01T09:34:56Z",
                "2025-07-01T12:34:56+0330    | 2025-07-01T09:04:56Z",
                "2025-07-01T12:34:56+03:30   | 2025-07-01T09:04:56Z",
                "2025-07-01T12:34:56-03:30   | 2025-07-01T16:04:56Z",
                "2025-07-01T12:34:56.5-0330  | 2025-07-01T16:04:56Z",
                "2025-07-01T12:34+18:00      | 2025-06-30T18:34:00Z",
                "2024-02-29T00:00:00Z        | 2024-02-29T00:00:00Z",
                "1970-01-01T00:00:01Z        | 1970-01-01T00:00:01Z",
                "9999-12-31T23:59:59Z        | 9999-12-31T23:59:59Z"
            })
    void anOffsetSaysWhenItWas(String text, Instant moment) {
        var read = DateTimeParser.parse(text, BERLIN);
        assertThat(Instant.ofEpochSecond(read.seconds())).isEqualTo(moment);
        assertThat(read.clock()).isEqualTo(Clock.CERTAIN);
    }

    @ParameterizedTest
    @CsvSource({
        "2025-07-01T12:34:56, 2025-07-01T10:34:56Z, CERTAIN",
        "2025-07-01T12:34, 2025-07-01T10:34:00Z, CERTAIN",
        "2025-01-01T12:34:56.5, 2025-01-01T11:34:56Z, CERTAIN",
        "2026-03-29T01:59:59, 2026-03-29T00:59:59Z, CERTAIN",
        "2026-03-29T02:00:00, 2026-03-29T01:00:00Z, NEVER",
        "2026-03-29T02:30:00, 2026-03-29T01:30:00Z, NEVER",
        "2026-03-29T03:00:00, 2026-03-29T01:00:00Z, CERTAIN",
        "2025-10-26T02:00:00, 2025-10-26T00:00:00Z, TWICE",
        "2025-10-26T02:59:59, 2025-10-26T00:59:59Z, TWICE",
        "2025-10-26T03:00:00, 2025-10-26T02:00:00Z, CERTAIN"
    })
    void withoutOneItIsLocal(String text, Instant moment, Clock clock) {
        var read = DateTimeParser.parse(text, BERLIN);
        assertThat(Instant.ofEpochSecond(read.seconds())).isEqualTo(moment);
        assertThat(read.clock()).isEqualTo(clock);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "2025",
                "2025-07-01",
                "2025-07-01T12",
                "2025-07-01T12:3",
                "2025-07-01 12:34:56Z",
                "2025-7-1T12:34:56Z",
                "225-07-01T12:34:56Z",
                "12025-07-01T12:34:56Z",
                "2025/07-01T12:34:56Z",
                "2025-07/01T12:34:56Z",
                "2025-07-01T12.34:56Z",
                "2025-07-01T12:34.56Z",
                "2025-07-01T12:34:5Z",
                "2025-07-01T12:34:56.Z",
                "2025-07-01T12:34:56;5Z",
                "2025-07-01T12:34:56+3",
                "2025-07-01T12:34:56+03:",
                "2025-07-01T12:34:56+03:3",
                "2025-07-01T12:34:56+03:30:00",
                "2025-07-01T12:34:56+0330Z",
                "2025-07-01T12:34:56ZZ",
                "2025-07-01T12:34:56Z ",
                " 2025-07-01T12:34:56Z",
                "2025-07-01T12:34:56*03",
                "20٢5-07-01T12:34:56Z",
                "/025-07-01T12:34:56Z",
                ":025-07-01T12:34:56Z",
                "2025-02-29T00:00:00Z",
                "2025-13-01T00:00:00Z",
                "2025-00-01T00:00:00Z",
                "2025-07-32T00:00:00Z",
                "2025-07-01T24:00:00Z",
                "2025-07-01T12:60:00Z",
                "2025-07-01T12:00:60Z",
                "2025-07-01T12:34:56+19:00",
                "2025-07-01T12:34:56+03:60",
                "1970-01-01T00:00:00Z",
                "1969-12-31T23:59:59Z"
            })
    void anythingElseIsNone(String text) {
        assertThatThrownBy(() -> DateTimeParser.parse(text, BERLIN)).isInstanceOf(DateTimeException.class);
    }
}
