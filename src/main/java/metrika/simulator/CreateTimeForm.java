package metrika.simulator;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;

/** The forms that create_time is seen in; Moscow's zone unless the form says otherwise. */
public enum CreateTimeForm {
    /** {@code 2026-11-01T12:00:00+03:00} */
    OFFSET("uuuu-MM-dd'T'HH:mm:ssxxx"),
    /** {@code 2026-11-01T12:00:00+0300} */
    COMPACT_OFFSET("uuuu-MM-dd'T'HH:mm:ssxx"),
    /** {@code 2026-11-01T09:00:00Z} */
    ZULU("uuuu-MM-dd'T'HH:mm:ss'Z'"),
    /** {@code 2026-11-01T09:00:00.123456Z} */
    FRACTION("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'"),
    /** {@code 2026-11-01T12:00:00} */
    LOCAL("uuuu-MM-dd'T'HH:mm:ss"),
    /** {@code 2026-11-01 12:00:00} */
    SPACE("uuuu-MM-dd HH:mm:ss"),
    /** The field is left out. */
    ABSENT(null);

    private static final ZoneId MOSCOW = ZoneId.of("Europe/Moscow");

    private final DateTimeFormatter format;

    CreateTimeForm(String pattern) {
        format = pattern == null ? null : DateTimeFormatter.ofPattern(pattern);
    }

    /** The instant in this form, or null when the form is to leave it out. */
    String write(Instant instant) {
        if (format == null) {
            return null;
        }
        ZoneId zone = this == ZULU || this == FRACTION ? ZoneOffset.UTC : MOSCOW;
        return format.format(ZonedDateTime.ofInstant(instant.truncatedTo(ChronoUnit.MICROS), zone));
    }
}
