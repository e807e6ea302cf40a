package metrika.conversions.settings;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.regex.Pattern;

import org.apache.camel.util.TimeUtils;

/**
 * How long something takes, in the two ways that settings have: Camel's, such as {@code 10s}, {@code 1h30m} or a number
 * of milliseconds, and that of ISO 8601, such as {@code PT10S}. Camel itself takes what it does not understand for 0.
 */
public final class TimeSpan {

    private static final Pattern OF_CAMEL =
            Pattern.compile("\\d{1,9}|(?=\\d)(?:\\d{1,5}d)?(?:\\d{1,5}h)?(?:\\d{1,6}m)?(?:\\d{1,8}s)?(?:\\d{1,9}ms)?");

    private TimeSpan() {}

    /** @throws SettingException when it is neither, or below zero; the message says what is expected */
    public static Duration parse(String text) {
        if (OF_CAMEL.matcher(text).matches()) {
            return Duration.ofMillis(TimeUtils.toMilliSeconds(text));
        }
        try {
            var duration = Duration.parse(text.toUpperCase(Locale.ROOT));
            if (!duration.isNegative()) {
                return duration;
            }
        } catch (DateTimeParseException e) {
            // falls through to the one message that says what is expected
        }
        throw new SettingException("'%s': a time such as 10s, 5m, 1h or PT10S is expected".formatted(text));
    }
}
