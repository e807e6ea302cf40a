package metrika.conversions.pull;

import java.math.BigDecimal;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/**
 * How the cursor of a source is written. A cursor is kept as the source writes it, so that it goes back as it came; a
 * format tells which of two is later, and how to go back by an overlap.
 */
enum CursorFormat {

    /** A time in ISO 8601, with an offset or without one, as {@code 2025-07-01T12:34:56+03:00}. */
    ISO {
        @Override
        String write(Object value) {
            if (value instanceof Timestamp time) {
                return time.toLocalDateTime().toString();
            }
            // With the blank and the short offset of PostgreSQL too
            var text = String.valueOf(value)
                    .strip()
                    .replace(' ', 'T')
                    .replaceFirst("(T.*[+-]\\d\\d):?(\\d\\d)?$", "$1:$2")
                    .replaceFirst("(T.*[+-]\\d\\d):$", "$1:00");
            instant(text);
            return text;
        }

        @Override
        int compare(String one, String other) {
            return instant(one).compareTo(instant(other));
        }

        @Override
        String minus(String position, String overlap, ZoneId zone) {
            var back = duration(overlap);
            if (back.isZero()) {
                return position;
            }
            return hasOffset(position)
                    ? OffsetDateTime.parse(position).minus(back).format(DateTimeFormatter.ISO_OFFSET_DATE_TIME)
                    : LocalDateTime.parse(position).minus(back).format(DateTimeFormatter.ISO_LOCAL_DATE_TIME);
        }

        @Override
        String begin(Clock clock) {
            return clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
        }

        @Override
        boolean isTime() {
            return true;
        }

        @Override
        String atMost(String position, Clock clock) {
            return instant(position).isAfter(latest(clock))
                    ? clock.instant().truncatedTo(ChronoUnit.SECONDS).toString()
                    : position;
        }

        /** A time without an offset is one of the source's clock: a day and an hour covers what clocks differ by. */
        private Instant latest(Clock clock) {
            return clock.instant().plus(MAX_AHEAD);
        }

        private boolean hasOffset(String text) {
            return text.matches(".*T.*(Z|[+-]\\d\\d:\\d\\d)");
        }

        private Instant instant(String text) {
            return hasOffset(text)
                    ? OffsetDateTime.parse(text).toInstant()
                    : LocalDateTime.parse(text).toInstant(ZoneOffset.UTC);
        }
    },

    /** A time of the source's own clock, as {@code 2025-07-01 12:34:56}: its time zone is that of the clock given. */
    LOCAL {
        @Override
        String write(Object value) {
            return text(
                    value instanceof Timestamp time
                            ? time.toLocalDateTime()
                            : LocalDateTime.parse(String.valueOf(value).strip().replace(' ', 'T')));
        }

        @Override
        int compare(String one, String other) {
            return time(one).compareTo(time(other));
        }

        @Override
        String minus(String position, String overlap, ZoneId zone) {
            var time = time(position);
            var transition = zone.getRules().getTransition(time);
            // An hour that a clock shows twice: what its second pass brings lies before what the first one brought
            var first = transition != null && transition.isOverlap() ? transition.getDateTimeAfter() : time;
            return text(first.minus(duration(overlap)));
        }

        @Override
        String begin(Clock clock) {
            return text(LocalDateTime.now(clock).truncatedTo(ChronoUnit.SECONDS));
        }

        @Override
        boolean isTime() {
            return true;
        }

        @Override
        String atMost(String position, Clock clock) {
            return time(position).isAfter(LocalDateTime.now(clock).plus(MAX_AHEAD)) ? begin(clock) : position;
        }

        private LocalDateTime time(String position) {
            return LocalDateTime.parse(position.replace(' ', 'T'));
        }

        private String text(LocalDateTime time) {
            return time.format(DateTimeFormatter.ISO_LOCAL_DATE_TIME).replace('T', ' ');
        }
    },

    /** Seconds since 1970, as {@code 1751364000}. */
    UNIX {
        @Override
        String minus(String position, String overlap, ZoneId zone) {
            return number(position)
                    .subtract(BigDecimal.valueOf(duration(overlap).toSeconds()))
                    .toPlainString();
        }

        @Override
        String begin(Clock clock) {
            return String.valueOf(clock.instant().getEpochSecond());
        }

        @Override
        boolean isTime() {
            return true;
        }

        @Override
        String atMost(String position, Clock clock) {
            var latest = clock.instant().plus(MAX_AHEAD).getEpochSecond();
            return number(position).compareTo(BigDecimal.valueOf(latest)) > 0 ? begin(clock) : position;
        }
    },

    /** Milliseconds since 1970, as {@code 1751364000123}. */
    UNIX_MS {
        @Override
        String minus(String position, String overlap, ZoneId zone) {
            return number(position)
                    .subtract(BigDecimal.valueOf(duration(overlap).toMillis()))
                    .toPlainString();
        }

        @Override
        String begin(Clock clock) {
            return String.valueOf(clock.instant().toEpochMilli());
        }

        @Override
        boolean isTime() {
            return true;
        }

        @Override
        String atMost(String position, Clock clock) {
            var latest = clock.instant().plus(MAX_AHEAD).toEpochMilli();
            return number(position).compareTo(BigDecimal.valueOf(latest)) > 0 ? begin(clock) : position;
        }
    },

    /** A number that grows, such as an id. */
    NUMBER {
        @Override
        String minus(String position, String overlap, ZoneId zone) {
            return number(position)
                    .subtract(number(overlap.isBlank() ? "0" : overlap))
                    .toPlainString();
        }

        @Override
        String begin(Clock clock) {
            return "0";
        }
    },

    /** A text that grows, character by character. */
    TEXT {
        @Override
        String write(Object value) {
            return String.valueOf(value);
        }

        @Override
        int compare(String one, String other) {
            return one.compareTo(other);
        }

        @Override
        String minus(String position, String overlap, ZoneId zone) {
            if (!overlap.isBlank()) {
                throw new PullException("overlap is '%s': a cursor that is a text has none".formatted(overlap));
            }
            return position;
        }

        @Override
        String begin(Clock clock) {
            return "";
        }
    };

    /** How far a source's clock, in whatever zone, may be ahead of ours. */
    private static final Duration MAX_AHEAD = Duration.ofHours(25);

    /**
     * A cursor value of a row, as a position.
     *
     * @throws PullException when it is not written in this format
     */
    String position(Object value) {
        try {
            return write(value);
        } catch (DateTimeException | NumberFormatException e) {
            throw new PullException(
                    "its cursor is '%s', where %s is expected (cursorFormat)".formatted(value, example()));
        }
    }

    private String example() {
        return switch (this) {
            case ISO -> "an ISO 8601 time";
            case LOCAL -> "a time such as 2025-07-01 12:34:56, without an offset";
            default -> "a number";
        };
    }

    /**
     * Where a source begins that is told so: a position, or how long ago, as {@code -P7D}.
     *
     * @throws PullException when it is neither
     */
    String first(String from, Clock clock) {
        if (from.isBlank()) {
            return begin(clock);
        }
        if (!isTime() || !from.startsWith("-P")) {
            return position(from);
        }
        try {
            return begin(Clock.offset(clock, Duration.parse(from)));
        } catch (DateTimeException e) {
            throw new PullException("from is '%s': how long ago is written as -P7D or -PT12H".formatted(from));
        }
    }

    /** Whether its positions are points in time. */
    boolean isTime() {
        return false;
    }

    /** Of a number; other formats write theirs themselves. */
    String write(Object value) {
        return number(value).toPlainString();
    }

    /** Which of two positions is the later one, as {@link Comparable#compareTo} tells it. */
    int compare(String one, String other) {
        return number(one).compareTo(number(other));
    }

    /**
     * A position that lies an overlap before another one.
     *
     * @param zone of the source's clock, where positions are such times
     */
    abstract String minus(String position, String overlap, ZoneId zone);

    /** Where a source begins that is not told where: now, or from the first number or text. */
    abstract String begin(Clock clock);

    /** A position that is no later than now: a row with a time in the future must not hide what is still to come. */
    String atMost(String position, Clock clock) {
        return position;
    }

    /** @throws PullException when there is no such format */
    static CursorFormat of(String name) {
        for (var format : values()) {
            if (format.toString().equals(name)) {
                return format;
            }
        }
        throw new PullException(
                "cursorFormat is '%s': iso, local, unix, unix-ms, number or text is expected".formatted(name));
    }

    private static BigDecimal number(Object value) {
        return new BigDecimal(String.valueOf(value).strip());
    }

    private static Duration duration(String overlap) {
        try {
            return overlap.isBlank() ? Duration.ZERO : Duration.parse(overlap);
        } catch (DateTimeException e) {
            throw new PullException(
                    "overlap is '%s': an ISO 8601 duration such as PT10M is expected".formatted(overlap));
        }
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
