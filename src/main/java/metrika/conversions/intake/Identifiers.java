package metrika.conversions.intake;

import java.util.regex.Pattern;

/**
 * Whether an identifier is what its system gave out. Identifiers are text end to end; one that went through a number or a
 * spreadsheet on its way has lost its last digits, and would be tied to nobody or to somebody else.
 */
final class Identifiers {

    /** The most digits that every number survives in: JavaScript's and Excel's are floating point. */
    private static final int SAFE_DIGITS = 15;
    /** What a spreadsheet shows of a long number, such as 1.33591E+17 or 1,33591E+17. */
    private static final Pattern SPREADSHEET = Pattern.compile("[0-9]([.,][0-9]+)?[eE]\\+[0-9]+");

    private Identifiers() {
    }

    static boolean isFromSpreadsheet(String text) {
        return text.length() > 3 && text.indexOf('+') > 0 && SPREADSHEET.matcher(text).matches();
    }

    /** Whether a JSON number, as it was written, can stand for its digits. */
    static boolean hasSurvived(String number) {
        if (number.length() > SAFE_DIGITS) {
            return false;
        }
        for (int i = 0; i < number.length(); i++) {
            if (number.charAt(i) < '0' || number.charAt(i) > '9') {
                return false;
            }
        }
        return true;
    }
}
