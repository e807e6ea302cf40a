package metrika.conversions.intake;

import java.math.BigDecimal;
import java.math.MathContext;
import java.sql.Time;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.time.temporal.TemporalAccessor;
import java.util.ArrayList;
import java.util.Calendar;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/** Values of rows as databases and Java have them, as the texts that the API takes. */
public final class RowValues {

    private static final DateTimeFormatter LOCAL = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss");
    private static final DateTimeFormatter WITH_OFFSET = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ssxxx");
    private static final DateTimeFormatter OF_DAY = DateTimeFormatter.ofPattern("HH:mm:ss");

    private static final MathContext DIGITS_OF_DOUBLE = new MathContext(15);
    private static final MathContext DIGITS_OF_FLOAT = new MathContext(6);

    private RowValues() {}

    /**
     * Times as texts in ISO 8601: what is an instant with its offset, what is local without one, a date or a time of
     * day alone as it is. A binary number with a fraction is a decimal one. Other values stay.
     */
    public static Object plain(Object value) {
        if (value instanceof Date || value instanceof Calendar) {
            return date(value instanceof Calendar calendar ? calendar.getTime() : (Date) value);
        }
        if (value instanceof TemporalAccessor) {
            return value instanceof Instant instant
                    ? instant.truncatedTo(ChronoUnit.SECONDS).toString()
                    : value instanceof OffsetDateTime || value instanceof ZonedDateTime
                            ? WITH_OFFSET.format((TemporalAccessor) value)
                            : value instanceof LocalDateTime local
                                    ? LOCAL.format(local)
                                    : value instanceof LocalDate day
                                            ? day.toString()
                                            : value instanceof LocalTime time ? OF_DAY.format(time) : value.toString();
        }
        if (value instanceof Double || value instanceof Float) {
            return decimal((Number) value);
        }
        return value instanceof UUID || value instanceof Enum<?> ? value.toString() : value;
    }

    /**
     * A binary number to the digits that it holds: 299.7, where its next neighbour 299.70000000000005 was summed up.
     */
    private static Object decimal(Number binary) {
        var value = binary.doubleValue();
        if (!Double.isFinite(value) || value == Math.rint(value)) {
            return binary;
        }
        var digits = binary instanceof Float ? DIGITS_OF_FLOAT : DIGITS_OF_DOUBLE;
        return new BigDecimal(value).round(digits).stripTrailingZeros();
    }

    /** Of SQL's own, a date and a time of day are local; a {@link java.sql.Timestamp} is an instant. */
    private static String date(Date date) {
        return date instanceof java.sql.Date day
                ? day.toLocalDate().toString()
                : date instanceof Time time
                        ? OF_DAY.format(time.toLocalTime())
                        : Instant.ofEpochMilli(date.getTime())
                                .truncatedTo(ChronoUnit.SECONDS)
                                .toString();
    }

    /** Whether a value is taken as it is. */
    static boolean isPlain(Object value) {
        return plain(value) == value;
    }

    /** The same with all that is in maps and lists, which are copied. */
    public static Object deep(Object value) {
        if (value instanceof Map<?, ?> map) {
            var copy = new LinkedHashMap<String, Object>();
            map.forEach((name, each) -> copy.put(String.valueOf(name), deep(each)));
            return copy;
        }
        if (value instanceof Iterable<?> several) {
            var copy = new ArrayList<>();
            several.forEach(each -> copy.add(deep(each)));
            return copy;
        }
        return plain(value);
    }
}
