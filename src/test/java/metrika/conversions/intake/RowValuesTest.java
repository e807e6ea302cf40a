package metrika.conversions.intake;

import java.sql.Date;
import java.sql.Time;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** Rows as databases have them become what the API takes. */
class RowValuesTest {

    private static final Instant INSTANT = Instant.parse("2026-11-25T12:14:56.789Z");

    @Test
    void timesBecomeTexts() {
        assertThat(RowValues.plain(INSTANT)).isEqualTo("2026-11-25T12:14:56Z");
        assertThat(RowValues.plain(Timestamp.from(INSTANT))).isEqualTo("2026-11-25T12:14:56Z");
        assertThat(RowValues.plain(java.util.Date.from(INSTANT))).isEqualTo("2026-11-25T12:14:56Z");
        assertThat(RowValues.plain(OffsetDateTime.parse("2026-11-25T15:14:56.5+03:00")))
                .isEqualTo("2026-11-25T15:14:56+03:00");
        assertThat(RowValues.plain(LocalDateTime.parse("2026-11-25T15:14"))).isEqualTo("2026-11-25T15:14:00");
        assertThat(RowValues.plain(LocalDate.parse("2026-11-25"))).isEqualTo("2026-11-25");
        assertThat(RowValues.plain(Date.valueOf("2026-11-25"))).isEqualTo("2026-11-25");
        assertThat(RowValues.plain(LocalTime.parse("15:14"))).isEqualTo("15:14:00");
        assertThat(RowValues.plain(Time.valueOf("15:14:56"))).isEqualTo("15:14:56");
    }

    @Test
    void binaryNumbersBecomeTheDecimalOnesThatTheyMean() {
        assertThat(RowValues.plain(99.9 * 3)).hasToString("299.7");
        assertThat(RowValues.plain(0.1f)).hasToString("0.1");
        assertThat(RowValues.plain(1234567890.25)).hasToString("1234567890.25");
    }

    @Test
    void otherValuesStay() {
        assertThat(RowValues.plain(2.0)).isEqualTo(2.0);
        assertThat(RowValues.plain(Double.NaN)).isEqualTo(Double.NaN);
        assertThat(RowValues.plain(true)).isEqualTo(true);
        assertThat(RowValues.plain(null)).isNull();
        assertThat(RowValues.plain(UUID.fromString("00000000-0000-0000-0000-000000000001")))
                .isEqualTo("00000000-0000-0000-0000-000000000001");
        assertThat(RowValues.deep(Map.of("a", List.of(Map.of("b", INSTANT)))))
                .isEqualTo(Map.of("a", List.of(Map.of("b", "2026-11-25T12:14:56Z"))));
    }

    @Test
    void rowsAreTakenWithThem() {
        var row = IncomingConversions.of(Map.of("date_time", Timestamp.from(INSTANT), "price", 5), 10)
                .rows()
                .get(0);
        assertThat((Object) row.get("date_time")).isEqualTo("2026-11-25T12:14:56Z");
        assertThat((Object) row.get("price")).isEqualTo(5);
    }
}
