package metrika.conversions.pull;

import java.time.Clock;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;

/** For how long a server asks to be left alone. */
final class RetryAfter {

    private RetryAfter() {}

    /** In seconds, of a number or a date; 0 without one that can be read: the pause grows by itself. */
    static long seconds(String header, Clock clock) {
        if (header == null) {
            return 0;
        }
        if (header.strip().matches("\\d{1,9}")) {
            return Long.parseLong(header.strip());
        }
        try {
            var at = ZonedDateTime.parse(header.strip(), DateTimeFormatter.RFC_1123_DATE_TIME);
            return Math.max(0, Duration.between(clock.instant(), at.toInstant()).toSeconds());
        } catch (DateTimeParseException e) {
            return 0;
        }
    }
}
