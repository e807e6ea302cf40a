package metrika.conversions.sources;

import java.math.BigDecimal;

import metrika.conversions.intake.ConversionField;
import metrika.conversions.intake.InvalidValue;
import metrika.conversions.intake.RowValues;
import metrika.conversions.text.InvisibleCharacters;
import metrika.conversions.text.StorableText;

/** A cell as people and spreadsheets write it, made into what the API takes, where it can mean one thing only. */
final class CellNormalizer {

    private static final int MAX_WRAPPINGS = 3;
    private static final int THOUSAND = 3;

    private CellNormalizer() {}

    /**
     * Without the blanks around it, of any kind, and without signs that nobody sees; {@code null} when nothing is left.
     */
    static String trimmed(String cell) {
        var from = 0;
        var to = cell.length();
        while (from < to && InvisibleCharacters.isNothing(cell.codePointAt(from))) {
            from += Character.charCount(cell.codePointAt(from));
        }
        while (from < to && InvisibleCharacters.isNothing(cell.codePointBefore(to))) {
            to -= Character.charCount(cell.codePointBefore(to));
        }
        return from == to ? null : cell.substring(from, to);
    }

    /**
     * The value of a field: a text, {@link metrika.conversions.intake.Money}, or {@link InvalidValue} where it means
     * two things. What cannot be told stays as it is, for the rules to say what is wrong with it.
     *
     * @param cell {@linkplain #trimmed trimmed}, and something left
     */
    static Object value(String field, String cell) {
        var text = unwrapped(cell);
        if (text == null) {
            return null;
        }
        return switch (field) {
            case "date_time" -> DateCell.read(text);
            case "price" -> PriceCell.read(text);
            case "currency" -> PriceCell.currency(text);
            case "purchase_id" -> identifier(field, withoutThousands(text));
            case "target" -> identifier(field, text);
            default -> ConversionField.namesOfPersons().contains(field) ? identifier(field, text) : text;
        };
    }

    /** The value of a field that is a number: Unix seconds are a time as a number too. */
    static Object value(String field, Number number) {
        return !field.equals("date_time")
                ? RowValues.plain(number)
                : DateCell.read(number instanceof BigDecimal decimal ? decimal.toPlainString() : number.toString());
    }

    /**
     * Takes off what makes a text of digits for a spreadsheet, {@code ="123"}, {@code =123} and {@code '123}, and
     * quotes that were put around a number twice.
     */
    private static String unwrapped(String cell) {
        var text = cell;
        for (int i = 0; i < MAX_WRAPPINGS && text != null; i++) {
            var inner = inner(text);
            if (inner == null) {
                return text;
            }
            text = trimmed(inner);
        }
        return text;
    }

    /** What a text is wrapped around, or {@code null}. */
    private static String inner(String text) {
        var first = text.charAt(0);
        if (first == '=' && text.length() > 1) {
            var formula = trimmed(text.substring(1));
            return formula == null ? null : isNumber(formula) ? formula : inQuotes(formula);
        }
        if (first == '\''
                && text.length() > 1
                && (isDigit(text.charAt(1)) || text.charAt(1) == '+' || text.charAt(1) == '=')) {
            return text.length() > 2 && text.endsWith("'") ? text.substring(1, text.length() - 1) : text.substring(1);
        }
        var quoted = first == '"' ? inQuotes(text) : null;
        return quoted != null && isNumber(quoted) ? quoted : null;
    }

    private static String inQuotes(String text) {
        var quote = text.charAt(0);
        return text.length() > 1 && (quote == '"' || quote == '\'') && text.indexOf(quote, 1) == text.length() - 1
                ? text.substring(1, text.length() - 1)
                : null;
    }

    /** Whether there is a digit first, and nothing after it but what is in numbers, prices and times. */
    private static boolean isNumber(String text) {
        return !text.isEmpty()
                && isDigit(text.charAt(0))
                && text.chars().allMatch(c -> isDigit(c) || ".,:-".indexOf(c) >= 0 || InvisibleCharacters.isBlank(c));
    }

    /**
     * An identifier. The API takes a line break inside one of the sender's own; a cell has it from the width of its
     * column.
     */
    private static Object identifier(String field, String text) {
        return text.indexOf('\n') < 0 && text.indexOf('\r') < 0
                ? text
                : new InvalidValue(
                        text,
                        "invalid_characters",
                        "%s is %s: there is no line break in it".formatted(field, StorableText.quoted(text)));
    }

    /**
     * A number that 1C and spreadsheets have parted into thousands, by blanks that do not break: {@code 12 345} is
     * 12345.
     */
    private static String withoutThousands(String text) {
        var first = 0;
        while (first < text.length() && isDigit(text.charAt(first))) {
            first++;
        }
        if (first == 0 || first > THOUSAND || (text.length() - first) % (THOUSAND + 1) != 0) {
            return text;
        }
        for (int i = first; i < text.length(); i += THOUSAND + 1) {
            if (!isThousandsBlank(text.charAt(i)) || !isNumberOf(text, i + 1, i + 1 + THOUSAND)) {
                return text;
            }
        }
        return text.codePoints()
                .filter(CellNormalizer::isDigit)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    /** A blank that programs part thousands by. One of a keyboard is none: 12 345 may be two numbers. */
    private static boolean isThousandsBlank(char c) {
        return c == '\u00a0' || c == '\u202f' || c == '\u2009' || c == '\u2007';
    }

    private static boolean isNumberOf(String text, int from, int to) {
        return text.substring(from, to).chars().allMatch(CellNormalizer::isDigit);
    }

    private static boolean isDigit(int c) {
        return c >= '0' && c <= '9';
    }
}
