package metrika.conversions.intake;

import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

import metrika.conversions.text.InvisibleCharacters;
import metrika.conversions.text.StorableText;

/**
 * Whether an identifier is what its system gave out. Identifiers are text end to end; one that went through a number or
 * a spreadsheet on its way has lost its last digits, and one that a program put in the place of nothing names everybody
 * at once: they would be tied to nobody or to somebody else.
 */
public final class IdentifierRules {

    /** Characters of an identifier, and of a target. */
    private static final int MAX_CHARACTERS = 255;
    /** The most digits that every number survives in: JavaScript's and Excel's are floating point. */
    private static final int SAFE_DIGITS = 15;
    /**
     * What a spreadsheet or a program shows of a long number, such as 1.33591E+17, 1,33591E+17 or
     * 1.3359124764096646E17.
     */
    private static final Pattern ROUNDED = Pattern.compile("[0-9](?:[.,][0-9]+[eE]\\+?|[eE]\\+)[0-9]+");
    /** What programs write where somebody has no identifier: nothing is wrong with such an order, but it has none. */
    private static final Set<String> NO_VALUE = Set.of("undefined", "null", "nan", "none");
    /**
     * What else stands in the place of a value: a fault of the program or the spreadsheet, whoever the order is of. All
     * of them stand for any number of people.
     */
    private static final Set<String> FAULTY_VALUES = Set.of(
            "nil",
            "\\n",
            "(null)",
            "(none)",
            "(undefined)",
            "(not set)",
            "[object object]",
            "%s",
            "%d",
            "#n/a",
            "n/a",
            "#ref!",
            "#value!",
            "#name?",
            "#num!",
            "#null!",
            "#div/0!",
            "#н/д",
            "#ссылка!",
            "#знач!",
            "#имя?",
            "#число!",
            "#пусто!",
            "#дел/0!");

    private static final String FIRST_OF_NOTHING = "uUnN\\([%#";
    private static final int LONGEST_NOTHING = 15;
    private static final String FIRST_OF_TEMPLATES = "<[%$";
    /**
     * A name between signs that templates are written with: it was to be replaced by a value. Braces around a GUID are
     * none.
     */
    private static final Pattern TEMPLATE = Pattern.compile(
            ".*(?:\\{\\{.*}}|[$#]\\{.*}|\\{%.*%}|<%.*%>|%%.+%%).*"
                    + "|[{<\\[%][$=#! ]*(?!\\p{XDigit}{8}-)[\\p{L}_][\\p{L}\\p{N}_. -]*[}>\\]%]|\\{[0-9]{1,2}}",
            Pattern.DOTALL);

    private IdentifierRules() {}

    /**
     * What is wrong with a text that is given for an identifier.
     *
     * @param signs {@link InvisibleCharacters#in} the text
     * @param isMetrikas whether Metrika or Yandex Direct gave it out: those are digits, never with a blank among them
     * @return {@code null} when nothing is
     */
    static InvalidValue fault(String field, String text, int signs, boolean isMetrikas) {
        if (isMetrikas && isFloat(text)) {
            return fault(
                    field,
                    text,
                    "unsafe_number",
                    "a program has made a number with a point of it, and perhaps changed its last digits");
        }
        // Digits and points alone, as most are, can otherwise only be too many, or nothing but points.
        return signs == 0 && text.length() <= MAX_CHARACTERS && text.charAt(0) != '.'
                ? null
                : faultOf(field, text, signs, isMetrikas, isMetrikas);
    }

    /** What is wrong with a text that is to be the identifier of a goal; empty when nothing is. */
    public static Optional<InvalidValue> faultOfTarget(String text) {
        return Optional.ofNullable(faultOfTarget(text, InvisibleCharacters.in(text)));
    }

    /**
     * What is wrong with a text that is given for the identifier of a goal.
     *
     * @param signs {@link InvisibleCharacters#in} the text
     * @return {@code null} when nothing is
     */
    static InvalidValue faultOfTarget(String text, int signs) {
        return (signs & InvisibleCharacters.NOT_IN_GOALS) != 0
                ? fault("target", text, "invalid_target", "a goal's identifier holds none of / \\ & # ? = \"")
                : faultOf("target", text, signs, false, true);
    }

    /**
     * @param isOneWord whether there can be no blank in it
     * @param isOneLine whether there can be no line break in it
     */
    private static InvalidValue faultOf(String field, String text, int signs, boolean isOneWord, boolean isOneLine) {
        if (text.length() > MAX_CHARACTERS && text.codePointCount(0, text.length()) > MAX_CHARACTERS) {
            return fault(
                    field,
                    text,
                    "too_long",
                    "it has %d characters, and %d are the most"
                            .formatted(text.codePointCount(0, text.length()), MAX_CHARACTERS));
        }
        if (isRounded(text)) {
            return fault(field, text, "spreadsheet_number", "a spreadsheet has rounded it, export that column as text");
        }
        if (isFormula(text)) {
            return fault(field, text, "spreadsheet_text", "that is a formula of a spreadsheet, give what it shows");
        }
        if (isPlaceholder(text, signs)) {
            return fault(
                    field,
                    text,
                    "placeholder",
                    "that stands where a value was to be. Leave the field out where there is none");
        }
        if ((signs & InvisibleCharacters.HIDDEN) != 0) {
            var sign = InvisibleCharacters.first(text, InvisibleCharacters.HIDDEN);
            return fault(
                    field,
                    text,
                    "invalid_characters",
                    "%s is in it, which %s"
                            .formatted(
                                    StorableText.named(sign),
                                    sign == InvisibleCharacters.LOST
                                            ? "stands for a letter that was lost on its way"
                                            : "cannot be seen"));
        }
        if (isOneWord && (signs & (InvisibleCharacters.BLANK | InvisibleCharacters.LINE_BREAK)) != 0
                || isOneLine && (signs & InvisibleCharacters.LINE_BREAK) != 0) {
            return fault(
                    field,
                    text,
                    "invalid_characters",
                    isOneWord ? "there is no blank and no line break in it" : "there is no line break in it");
        }
        return text.charAt(0) <= ' ' || text.charAt(text.length() - 1) <= ' '
                ? fault(field, text, "invalid_characters", "it neither begins nor ends with a blank or a line break")
                : null;
    }

    private static InvalidValue fault(String field, String text, String code, String why) {
        return new InvalidValue(text, code, "%s is %s: %s".formatted(field, StorableText.quoted(text), why));
    }

    /** Whether a text is what programs write where there is no identifier, such as {@code undefined}. */
    public static boolean isNoValue(String text) {
        return NO_VALUE.contains(text.toLowerCase(Locale.ROOT));
    }

    /** Whether it was rounded: given as text, which holds fewer digits than the number had. */
    private static boolean isRounded(String text) {
        return isDigit(text.charAt(0))
                && (text.indexOf('E') > 0 || text.indexOf('e') > 0)
                && ROUNDED.matcher(text).matches();
    }

    /**
     * Whether digits were a number with a point on their way, such as 1764057600123456789.0: the last ones may be
     * others now.
     */
    private static boolean isFloat(String text) {
        return text.length() > 2 && text.charAt(text.length() - 1) == '0' && text.charAt(text.length() - 2) == '.';
    }

    /**
     * Whether it has on what tells a spreadsheet that it is a text, {@code ="123"} or {@code '123}, or is another
     * formula.
     */
    private static boolean isFormula(String text) {
        return text.charAt(0) == '='
                || text.charAt(0) == '\''
                        && text.length() > 1
                        && (isDigit(text.charAt(1)) || text.charAt(1) == '+' || text.charAt(1) == '=');
    }

    /**
     * Whether it is surely no value but stands in the place of one: {@code undefined}, an error of Excel, a placeholder
     * that nobody filled in, or nothing but signs of punctuation.
     */
    private static boolean isPlaceholder(String text, int signs) {
        var first = text.charAt(0);
        if (isDigit(first) && (signs & InvisibleCharacters.BRACE) == 0) {
            return false;
        }
        if (FIRST_OF_NOTHING.indexOf(first) >= 0
                && text.length() <= LONGEST_NOTHING
                && (isNoValue(text) || FAULTY_VALUES.contains(text.toLowerCase(Locale.ROOT)))) {
            return true;
        }
        var mayBeTemplate = (signs & InvisibleCharacters.BRACE) != 0 || FIRST_OF_TEMPLATES.indexOf(first) >= 0;
        return mayBeTemplate && TEMPLATE.matcher(text).matches()
                || !Character.isLetterOrDigit(first) && !saysSomething(text);
    }

    /** Whether a JSON number, as it was written, can stand for its digits. */
    public static boolean hasSurvived(String number) {
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
        return text.codePoints()
                .anyMatch(point ->
                        Character.isLetterOrDigit(point) || Character.getType(point) == Character.OTHER_SYMBOL);
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }
}
