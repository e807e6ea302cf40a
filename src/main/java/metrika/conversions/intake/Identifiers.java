package metrika.conversions.intake;

import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Whether an identifier is what its system gave out. Identifiers are text end to end; one that went through a number or a
 * spreadsheet on its way has lost its last digits, and one that a program put in the place of nothing names everybody at once:
 * they would be tied to nobody or to somebody else.
 */
final class Identifiers {

    /** The most digits that every number survives in: JavaScript's and Excel's are floating point. */
    private static final int SAFE_DIGITS = 15;
    /** What a spreadsheet or a program shows of a long number, such as 1.33591E+17, 1,33591E+17 or 1.3359124764096646E17. */
    private static final Pattern ROUNDED = Pattern.compile("[0-9](?:[.,][0-9]+[eE]\\+?|[eE]\\+)[0-9]+");
    /** What programs write for nothing. All of them stand for any number of people. */
    private static final Set<String> NOTHING = Set.of("undefined", "null", "nan", "none", "nil", "\\n", "(null)", "(none)", "(undefined)",
            "(not set)", "[object object]", "%s", "%d", "#n/a", "n/a", "#ref!", "#value!", "#name?", "#num!", "#null!", "#div/0!", "#н/д", "#ссылка!",
            "#знач!", "#имя?", "#число!", "#пусто!", "#дел/0!");
    private static final int LONGEST_NOTHING = 15;
    /** A name between signs that templates are written with: it was to be replaced by a value. Braces around a GUID are none. */
    private static final Pattern TEMPLATE = Pattern.compile(".*(?:\\{\\{.*}}|[$#]\\{.*}|\\{%.*%}|<%.*%>|%%.+%%).*"
            + "|[{<\\[%][$=#! ]*(?!\\p{XDigit}{8}-)[\\p{L}_][\\p{L}\\p{N}_. -]*[}>\\]%]|\\{[0-9]{1,2}}", Pattern.DOTALL);

    private Identifiers() {
    }

    /** Whether it was rounded: given as text, which holds fewer digits than the number had. */
    static boolean isRounded(String text) {
        return isDigit(text.charAt(0)) && (text.indexOf('E') > 0 || text.indexOf('e') > 0) && ROUNDED.matcher(text).matches();
    }

    /** Whether digits were a number with a point on their way, such as 1764057600123456789.0: of the last ones nobody can be sure. */
    static boolean isFloat(String text) {
        return text.length() > 2 && text.charAt(text.length() - 1) == '0' && text.charAt(text.length() - 2) == '.';
    }

    /** Whether it still has on what tells a spreadsheet that it is a text, {@code ="123"} or {@code '123}, or is another formula. */
    static boolean isFormula(String text) {
        return text.charAt(0) == '=' || text.charAt(0) == '\'' && text.length() > 1
                && (isDigit(text.charAt(1)) || text.charAt(1) == '+' || text.charAt(1) == '=');
    }

    /**
     * Whether it is surely no value but stands in the place of one: {@code undefined}, an error of Excel, a placeholder that
     * nobody filled in, or nothing but signs of punctuation.
     */
    static boolean isPlaceholder(String text, int signs) {
        if ((signs & Signs.BRACE) == 0 && isDigit(text.charAt(0))) {
            return false;
        }
        switch (text.charAt(0)) {
            case 'u', 'U', 'n', 'N', '(', '#', '\\' -> {
                if (text.length() <= LONGEST_NOTHING && NOTHING.contains(text.toLowerCase(Locale.ROOT))) {
                    return true;
                }
            }
            case '<', '[', '{', '%', '$' -> {
                return NOTHING.contains(text.toLowerCase(Locale.ROOT)) || TEMPLATE.matcher(text).matches() || !saysSomething(text);
            }
            default -> {
                // most are names or numbers
            }
        }
        return (signs & Signs.BRACE) != 0 && TEMPLATE.matcher(text).matches() || !Character.isLetterOrDigit(text.charAt(0)) && !saysSomething(text);
    }

    /** Whether a JSON number, as it was written, can stand for its digits. */
    static boolean hasSurvived(String number) {
        if (number.length() > SAFE_DIGITS) {
            return false;
        }
        for (int i = 0; i < number.length(); i++) {
            if (!isDigit(number.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    private static boolean saysSomething(String text) {
        // Symbols are those that people write: emoji and the like
        return text.codePoints().anyMatch(point -> Character.isLetterOrDigit(point) || Character.getType(point) == Character.OTHER_SYMBOL);
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }
}
