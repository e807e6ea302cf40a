package metrika.conversions.sources;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import metrika.conversions.intake.InvalidValue;
import metrika.conversions.text.InvisibleCharacters;
import metrika.conversions.text.StorableText;

/**
 * Reads a date and a time as people and programs write them, where the day, the month and the year can be told apart.
 * Where there is no such day, the rules say so.
 */
final class DateCell {

    private static final String MONTH = "(\\p{L}{3,9})\\.?";
    private static final String TIME =
            "(?<hour>[0-9]{1,2}):(?<minute>[0-9]{2})(?::(?<second>[0-9]{2})(?:[.,][0-9]{1,12})?)?"
                    + "(?: ?(?<half>[AP])\\.?M\\.?)?";
    private static final String ZONE = "(?: ?(?<zone>Z|UTC|GMT|MSK|МСК)| (?<region>[A-Z]\\w+(?:/[\\w+-]+){1,2})"
            + "| ?(?:UTC|GMT)? ?(?<sign>[+-])(?<hours>[0-9]{1,2})(?::?(?<minutes>[0-9]{2}))?)?";
    private static final String BETWEEN = "(?: ?, ?| ?T ?| (?:в|at) | )";
    private static final String WEEKDAY = "(?:\\p{L}{2,11}\\.?,? )?";
    private static final Pattern DAY_FIRST = pattern("([0-9]{1,2})\\.([0-9]{1,2})\\.([0-9]{4})(?: ?г\\.?)?");
    private static final Pattern YEAR_FIRST = pattern("([0-9]{4})([-/.])([0-9]{1,2})\\2([0-9]{1,2})");
    private static final Pattern DAY_AND_MONTH =
            pattern(WEEKDAY + "([0-9]{1,2})[ -]" + MONTH + "[ -]([0-9]{4})(?: ?г\\.?)?");
    private static final Pattern MONTH_AND_DAY = pattern(WEEKDAY + MONTH + " ([0-9]{1,2}),? ([0-9]{4})");
    /** 1C's own, without any sign between. */
    private static final Pattern DIGITS =
            Pattern.compile("((?:19|20)[0-9]{2})([0-9]{2})([0-9]{2})T?([0-9]{2})([0-9]{2})([0-9]{2})");
    /**
     * Unix time from 2001 to 2286, as in files made for Metrika itself: seconds, with or without a fraction, or
     * milliseconds.
     */
    private static final Pattern UNIX = Pattern.compile("([0-9]{10})(?:[0-9]{3}|[.,][0-9]{1,9})?");

    private static final Pattern SHORT_YEAR = Pattern.compile("[0-9]{1,2}[./-][0-9]{1,2}[./-][0-9]{2}\\b.*");
    private static final Pattern EITHER_FIRST = Pattern.compile("[0-9]{1,2}[/-][0-9]{1,2}[/-][0-9]{4}\\b.*");
    private static final Pattern NO_TIME =
            Pattern.compile("[0-9]{1,2}\\.[0-9]{1,2}\\.[0-9]{4}(?: ?г\\.?)?|[0-9]{4}([-/.])[0-9]{1,2}\\1[0-9]{1,2}");
    /** Dates alone that are written otherwise. */
    private static final Pattern NAMED_DAY = Pattern.compile(
            WEEKDAY + "(?:[0-9]{1,2}[ -]" + MONTH + "[ -][0-9]{4}(?: ?г\\.?)?|" + MONTH + " [0-9]{1,2},? [0-9]{4})",
            Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);

    private static final Pattern DIGITS_OF_DAY = Pattern.compile("((?:19|20)[0-9]{2})([0-9]{2})([0-9]{2})");
    /** A date with an offset, or with the name of a zone, as columns join them where the time is empty. */
    private static final Pattern DAY_AND_ZONE =
            Pattern.compile("([^:]+) ([+-][0-9]{2}:?[0-9]{2}|[A-Za-z_]+(?:/[A-Za-z_+-]+)*)");

    private static final Pattern NUMBER_OF_DAY = Pattern.compile("[3-6][0-9]{4}(?:[.,][0-9]+)?");
    private static final List<List<String>> MONTHS = List.of(
            List.of("jan", "янв"),
            List.of("feb", "фев"),
            List.of("mar", "мар"),
            List.of("apr", "апр"),
            List.of("may", "май", "мая"),
            List.of("jun", "июн"),
            List.of("jul", "июл"),
            List.of("aug", "авг"),
            List.of("sep", "сен"),
            List.of("oct", "окт"),
            List.of("nov", "ноя"),
            List.of("dec", "дек"));
    private static final Pattern OFFSET_WITH_NAME =
            Pattern.compile("([+-][0-9]{2}:?[0-9]{2}|Z) ?(?:\\([^)]*\\)|\\[[^]]*])$");
    /** What a browser writes has some 70 characters. */
    private static final int LONGEST = 100;

    private static final int LOCAL = "2025-07-01T12:34:56".length();
    private static final int WITH_OFFSET = "2025-07-01T12:34:56+03:00".length();
    private static final DateTimeFormatter ISO = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss");
    private static final String MOSCOW = "+03:00";
    private static final int HALF_DAY = 12;

    private DateCell() {}

    private static Pattern pattern(String date) {
        return Pattern.compile(date + BETWEEN + TIME + ZONE, Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);
    }

    /**
     * @param cell trimmed
     * @return ISO 8601, or {@link InvalidValue} when it has no time or two meanings; what is no date as it is
     */
    static Object read(String cell) {
        if (isIso(cell) || cell.length() > LONGEST) {
            return cell;
        }
        var text = plain(cell);
        var unix = UNIX.matcher(text);
        if (unix.matches()) {
            return Instant.ofEpochSecond(Long.parseLong(unix.group(1))).toString();
        }
        var date = DAY_FIRST.matcher(text);
        if (date.matches()) {
            return iso(date, date.group(3), date.group(2), date.group(1), cell);
        }
        date = YEAR_FIRST.matcher(text);
        if (date.matches()) {
            return iso(date, date.group(1), date.group(3), date.group(4), cell);
        }
        date = DIGITS.matcher(text);
        if (date.matches()) {
            return iso(
                    date.group(1),
                    date.group(2),
                    date.group(3),
                    Integer.parseInt(date.group(4)),
                    date.group(5),
                    date.group(6),
                    "",
                    cell);
        }
        date = DAY_AND_MONTH.matcher(text);
        if (date.matches() && month(date.group(2)) > 0) {
            return iso(date, date.group(3), String.valueOf(month(date.group(2))), date.group(1), cell);
        }
        date = MONTH_AND_DAY.matcher(text);
        if (date.matches() && month(date.group(1)) > 0) {
            return iso(date, date.group(3), String.valueOf(month(date.group(1))), date.group(2), cell);
        }
        var why = SHORT_YEAR.matcher(text).matches()
                ? "write its year with four digits"
                : EITHER_FIRST.matcher(text).matches()
                        ? "day and month could be either, write 25.11.2026 15:14 or 2026-11-25 15:14"
                        : isDateAlone(text)
                                ? "the time of day is missing, write 25.11.2026 15:14, or have columns give one:"
                                        + " time='12:00'"
                                : NUMBER_OF_DAY.matcher(text).matches()
                                        ? "a spreadsheet's number for a day, format that column as date and time"
                                        : null;
        return why == null
                ? cell
                : new InvalidValue(
                        cell, "invalid_date_time", "date_time is %s: %s".formatted(StorableText.quoted(cell), why));
    }

    /** A date that has no time of day, with one, before its zone if it has one; what is no such date as it is. */
    static String with(String time, String cell) {
        if (cell.length() > LONGEST) {
            return cell;
        }
        var text = plain(cell);
        var zoned = DAY_AND_ZONE.matcher(text);
        if (zoned.matches()) {
            var day = with(time, zoned.group(1));
            return day.equals(zoned.group(1)) ? cell : day + " " + zoned.group(2);
        }
        var digits = DIGITS_OF_DAY.matcher(text);
        return isDateAlone(text)
                ? text + " " + time
                : digits.matches() ? digits.replaceFirst("$1-$2-$3 " + time) : cell;
    }

    private static boolean isDateAlone(String text) {
        return NO_TIME.matcher(text).matches() || NAMED_DAY.matcher(text).matches();
    }

    /** Whether it is as the API has it: most are, and need no pattern. */
    private static boolean isIso(String cell) {
        return (cell.length() == LOCAL
                        || cell.length() == LOCAL + 1 && cell.charAt(LOCAL) == 'Z'
                        || cell.length() == WITH_OFFSET && (cell.charAt(LOCAL) == '+' || cell.charAt(LOCAL) == '-'))
                && cell.charAt(4) == '-'
                && cell.charAt(10) == 'T';
    }

    /**
     * With plain single blanks, without signs that nobody sees, which Windows puts into dates, and without the zone's
     * name that browsers and Java add to an offset in brackets.
     */
    private static String plain(String cell) {
        var plain = new StringBuilder(cell.length());
        for (int i = 0; i < cell.length(); i++) {
            var c = cell.charAt(i);
            if (InvisibleCharacters.isBlank(c)) {
                if (plain.length() > 0 && plain.charAt(plain.length() - 1) != ' ') {
                    plain.append(' ');
                }
            } else if (!InvisibleCharacters.isHidden(c)) {
                plain.append(c == '\u2212' ? '-' : c);
            }
        }
        return OFFSET_WITH_NAME.matcher(plain).replaceFirst("$1");
    }

    private static String iso(Matcher date, String year, String month, String day, String cell) {
        var hour = Integer.parseInt(date.group("hour"));
        var half = date.group("half");
        if (half != null) {
            if (hour < 1 || hour > HALF_DAY) {
                return cell;
            }
            hour = hour % HALF_DAY + (half.equalsIgnoreCase("P") ? HALF_DAY : 0);
        }
        return iso(year, month, day, hour, date.group("minute"), date.group("second"), zone(date), cell);
    }

    /** The offset of a zone by its name, such as Asia/Novosibirsk; an hour that it has twice, or never, is no time. */
    private static String offset(String region, LocalDateTime time) {
        var offsets = ZoneId.of(region).getRules().getValidOffsets(time);
        if (offsets.size() != 1) {
            throw new DateTimeException("%s is no one time in %s".formatted(time, region));
        }
        return offsets.get(0).getTotalSeconds() == 0 ? "Z" : offsets.get(0).getId();
    }

    private static String iso(
            String year, String month, String day, int hour, String minute, String second, String zone, String cell) {
        try {
            var time = LocalDateTime.of(
                    Integer.parseInt(year),
                    Integer.parseInt(month),
                    Integer.parseInt(day),
                    hour,
                    Integer.parseInt(minute),
                    second == null ? 0 : Integer.parseInt(second));
            return ISO.format(time) + (zone.contains("/") ? offset(zone, time) : zone);
        } catch (DateTimeException e) {
            return cell; // the rules refuse it as it was written
        }
    }

    private static String zone(Matcher date) {
        var zone = date.group("zone");
        if (zone != null) {
            return zone.equalsIgnoreCase("MSK") || zone.equalsIgnoreCase("МСК") ? MOSCOW : "Z";
        }
        if (date.group("region") != null) {
            return date.group("region");
        }
        if (date.group("sign") == null) {
            return "";
        }
        return "%s%02d:%s"
                .formatted(
                        date.group("sign"),
                        Integer.parseInt(date.group("hours")),
                        date.group("minutes") == null ? "00" : date.group("minutes"));
    }

    /** The number of a month by its English or Russian name, from 1; 0 when it is none. */
    private static int month(String name) {
        var start = name.substring(0, 3).toLowerCase(Locale.ROOT);
        for (int i = 0; i < MONTHS.size(); i++) {
            if (MONTHS.get(i).contains(start)) {
                return i + 1;
            }
        }
        return 0;
    }
}
