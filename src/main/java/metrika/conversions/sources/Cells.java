package metrika.conversions.sources;

import java.time.Instant;
import java.util.regex.Pattern;

/** A cell as people and spreadsheets write it, made into what the API takes, where it can mean one thing only. */
final class Cells {

    private static final Pattern DAY_FIRST =
            Pattern.compile("([0-9]{1,2})\\.([0-9]{1,2})\\.([0-9]{4})[ T]+([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?");
    private static final Pattern WITH_BLANK = Pattern.compile("([0-9]{4}-[0-9]{2}-[0-9]{2}) +([0-9]{2}:[0-9]{2}.*)");
    /** Unix seconds from 2001 to 2286, as in files made for Metrika itself. */
    private static final Pattern UNIX = Pattern.compile("[0-9]{10}");
    /** Thousands parted by blanks; a decimal comma with one or two digits: 1,500 could be either and stays as it is. */
    private static final Pattern PRICE = Pattern.compile("(-?)([0-9]{1,3}(?: [0-9]{3})+|[0-9]+)(?:,([0-9]{1,2})|\\.([0-9]+))?");

    private Cells() {
    }

    /** Without the blanks around it, no-break ones too; {@code null} when nothing is left. */
    static String trimmed(String cell) {
        var from = 0;
        var to = cell.length();
        while (from < to && isBlank(cell.charAt(from))) {
            from++;
        }
        while (from < to && isBlank(cell.charAt(to - 1))) {
            to--;
        }
        return from == to ? null : cell.substring(from, to);
    }

    /** The value of a field. What cannot be told stays as it is, for the rules to say what is wrong with it. */
    static String value(String field, String cell) {
        return switch (field) {
            case "date_time" -> dateTime(cell);
            case "price" -> price(cell);
            default -> cell;
        };
    }

    /** The value of a field that is a whole number: Unix seconds are a time as a number too. */
    static Object value(String field, Number number) {
        var digits = number.toString();
        return field.equals("date_time") && UNIX.matcher(digits).matches() ? dateTime(digits) : number;
    }

    private static String dateTime(String cell) {
        var day = DAY_FIRST.matcher(cell);
        if (day.matches()) {
            var seconds = day.group(6) == null ? "00" : day.group(6);
            return "%s-%2s-%2sT%2s:%s:%s".formatted(day.group(3), day.group(2), day.group(1), day.group(4), day.group(5), seconds)
                    .replace(' ', '0');
        }
        var blank = WITH_BLANK.matcher(cell);
        if (blank.matches()) {
            return blank.group(1) + "T" + blank.group(2);
        }
        return UNIX.matcher(cell).matches() ? Instant.ofEpochSecond(Long.parseLong(cell)).toString() : cell;
    }

    private static String price(String cell) {
        var price = PRICE.matcher(cell.replace('\u00a0', ' ').replace('\u202f', ' '));
        if (!price.matches()) {
            return cell;
        }
        var decimals = price.group(3) != null ? price.group(3) : price.group(4);
        return price.group(1) + price.group(2).replace(" ", "") + (decimals == null ? "" : "." + decimals);
    }

    private static boolean isBlank(char c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c);
    }
}
