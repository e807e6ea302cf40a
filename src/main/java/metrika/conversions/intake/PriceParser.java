package metrika.conversions.intake;

import java.math.BigDecimal;

/** Reads {@code price} digit by digit, never through binary floating point: 19.99 stays 19.99, 19.90 stays 19.90. */
final class PriceParser {

    private static final int MAX_DIGITS = 20;
    private static final int MAX_DECIMALS = 10;

    private PriceParser() {}

    /** A price as text with a decimal point; {@code null} when it is not one. */
    static BigDecimal ofText(String text) {
        return text.length() <= 2 * MAX_DIGITS && isPlain(text) ? bounded(new BigDecimal(text)) : null;
    }

    /** A price as a JSON number, which may have an exponent; {@code null} when it is out of all measure. */
    static BigDecimal ofNumber(String number) {
        if (number.length() > 2 * MAX_DIGITS) {
            return null;
        }
        try {
            return bounded(new BigDecimal(number));
        } catch (NumberFormatException | ArithmeticException e) {
            return null;
        }
    }

    /** Digits, perhaps with a minus before them and a point and more digits after. */
    private static boolean isPlain(String text) {
        var start = text.startsWith("-") ? 1 : 0;
        var point = -1;
        for (int i = start; i < text.length(); i++) {
            var c = text.charAt(i);
            if (c == '.' && point < 0 && i > start) {
                point = i;
            } else if (c < '0' || c > '9') {
                return false;
            }
        }
        return text.length() > start && point != text.length() - 1;
    }

    private static BigDecimal bounded(BigDecimal price) {
        // Asked before anything is written out: 1e999999999 is ten characters and a billion digits.
        var whole = (long) price.precision() - price.scale();
        if (whole > MAX_DIGITS || price.scale() > MAX_DECIMALS) {
            return null;
        }
        return price.scale() < 0 ? price.setScale(0) : price;
    }
}
