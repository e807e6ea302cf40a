package metrika.conversions.intake;

import java.time.DateTimeException;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.ResolverStyle;
import java.time.temporal.ChronoField;
import java.util.regex.Pattern;

/** Reads {@code date_time}: ISO 8601, with an offset or in the webhook's time zone. */
final class DateTimes {

    private static final DateTimeFormatter ISO_8601 = new DateTimeFormatterBuilder()
            .parseCaseInsensitive()
            .append(DateTimeFormatter.ISO_LOCAL_DATE)
            .appendLiteral('T')
            .append(DateTimeFormatter.ISO_LOCAL_TIME)
            .appendPattern("[XXX][XX][X]")
            .toFormatter()
            .withResolverStyle(ResolverStyle.STRICT);

    /** What the formatter above would let pass besides: an offset after an offset, a point without digits. */
    private static final Pattern SHAPE = Pattern.compile(
            "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]+)?)?(Z|[+-][0-9]{2}(:?[0-9]{2})?)?",
            Pattern.CASE_INSENSITIVE);

    private DateTimes() {
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
     * @param clock   whether that was sure
     */
    record Moment(long seconds, Clock clock) {
    }

    /**
     * @param  zone                what a time without an offset is local to
     * @throws DateTimeException when the text is not a date and a time in ISO 8601, or is before 1970
     */
    static Moment parse(String text, ZoneId zone) {
        if (!SHAPE.matcher(text).matches()) {
            throw new DateTimeException("not ISO 8601");
        }
        var parsed = ISO_8601.parse(withoutFraction(text));
        var local = LocalDateTime.from(parsed);
        var moment = parsed.isSupported(ChronoField.OFFSET_SECONDS)
                ? new Moment(local.toEpochSecond(ZoneOffset.from(parsed)), Clock.CERTAIN)
                : local(local, zone);
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

    /** ISO 8601 allows any number of digits after a point or a comma. */
    private static String withoutFraction(String text) {
        return text.replaceFirst("[.,][0-9]+", "");
    }
}
