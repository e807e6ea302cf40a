package metrika.conversions.intake;

import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** Reads {@code date_time}: ISO 8601, with an offset or in the webhook's time zone. */
final class DateTimeParser {

    /** Where the fraction of a second may begin. */
    private static final int WITH_SECONDS = "2025-07-01T12:34:56".length();

    private final String text;
    /** The next character to be read. */
    private int at;

    private DateTimeParser(String text) {
        this.text = text;
    }

    /** How a local time stands to the clocks of its zone. */
    enum Clock {
        /** It exists once, as nearly all do. */
        CERTAIN,
        /** The clocks went back over it: it exists twice, and the first one is meant. */
        TWICE,
        /** The clocks went forward over it: it does not exist, and is taken as that much later. */
        NEVER
    }

    /**
     * @param seconds Unix time; fractions of a second are cut off
     * @param clock whether that was sure
     */
    record Moment(long seconds, Clock clock) {}

    /**
     * Reads {@code 2025-07-01T12:34[:56[.789]][offset]}, the offset as {@code Z}, {@code +03}, {@code +0300} or
     * {@code +03:00}. By hand, since there is one in each conversion, and Java's own parser takes longer than all else
     * about it.
     *
     * @param zone what a time without an offset is local to
     * @throws DateTimeException when the text is not a date and a time in ISO 8601, or is before 1970
     */
    static Moment parse(String text, ZoneId zone) {
        var reader = new DateTimeParser(text);
        var year = reader.digits(4);
        var month = reader.after('-');
        var day = reader.after('-');
        var hour = reader.after('T');
        var minute = reader.after(':');
        var second = reader.is(':') ? reader.after(':') : 0;
        if (reader.at == WITH_SECONDS && (reader.is('.') || reader.is(','))) {
            reader.skipFraction();
        }
        var local = LocalDateTime.of(year, month, day, hour, minute, second);
        var moment =
                reader.isAtEnd() ? local(local, zone) : new Moment(local.toEpochSecond(reader.offset()), Clock.CERTAIN);
        if (!reader.isAtEnd()) {
            throw notIso();
        }
        if (moment.seconds() <= 0) {
            throw new DateTimeException("before 1970");
        }
        return moment;
    }

    private static Moment local(LocalDateTime local, ZoneId zone) {
        var offsets = zone.getRules().getValidOffsets(local).size();
        var clock = offsets == 1 ? Clock.CERTAIN : offsets == 2 ? Clock.TWICE : Clock.NEVER;
        return new Moment(local.atZone(zone).toEpochSecond(), clock);
    }

    private boolean isAtEnd() {
        return at == text.length();
    }

    /** Whether the next character is this one, a letter in either case. */
    private boolean is(char character) {
        return at < text.length()
                && (text.charAt(at) == character || Character.toUpperCase(text.charAt(at)) == character);
    }

    /** The two digits after a character. */
    private int after(char character) {
        if (!is(character)) {
            throw notIso();
        }
        at++;
        return digits(2);
    }

    private int digits(int count) {
        var value = 0;
        for (int i = 0; i < count; i++, at++) {
            if (!isDigit()) {
                throw notIso();
            }
            value = 10 * value + text.charAt(at) - '0';
        }
        return value;
    }

    private boolean isDigit() {
        return at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9';
    }

    /** ISO 8601 allows any number of digits after a point or a comma. */
    private void skipFraction() {
        at++;
        digits(1);
        while (isDigit()) {
            at++;
        }
    }

    private ZoneOffset offset() {
        if (is('Z')) {
            at++;
            return ZoneOffset.UTC;
        }
        var sign = is('-') ? -1 : 1;
        var hours = is('-') ? after('-') : after('+');
        var minutes = isAtEnd() ? 0 : is(':') ? after(':') : digits(2);
        return ZoneOffset.ofHoursMinutes(sign * hours, sign * minutes);
    }

    private static DateTimeException notIso() {
        return new DateTimeException("not ISO 8601");
    }
}
