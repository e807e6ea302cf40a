package metrika.conversions.intake;

import java.util.List;

/**
 * A price that was written with its currency, such as {@code 1 990,50 ₽}.
 *
 * @param amount with a decimal point
 * @param currencies what the sign may stand for, as codes of ISO 4217
 * @param text all of it, as it was written
 */
public record Money(String amount, List<String> currencies, String text) {

    /** The currency; {@code null} when the sign may stand for several, and the row has to say for which. */
    String currency() {
        return currencies.size() == 1 ? currencies.get(0) : null;
    }

    @Override
    public String toString() {
        return amount;
    }
}
