package metrika.conversions.intake;

import java.time.Duration;

import metrika.conversions.settings.SettingException;
import metrika.conversions.settings.Settings;

/**
 * What installations differ on in the rules of a conversion.
 *
 * @param maxFuture           how far ahead of the clock a date_time may be
 * @param purchaseIdSuffices  whether a purchase_id may be all that a conversion is known by
 * @param dropsNegativePrices whether a conversion with a price below zero is left out with a warning; else it is an error
 */
public record RuleSettings(Duration maxFuture, boolean purchaseIdSuffices, boolean dropsNegativePrices) {

    private static final String NEGATIVE_PRICE = "rules.negative-price";

    /** @throws SettingException that names the setting and what is expected */
    public static RuleSettings of(Settings settings) {
        var negative = settings.text(NEGATIVE_PRICE);
        if (!negative.equals("refuse") && !negative.equals("drop")) {
            throw new SettingException("%s is '%s': refuse or drop is expected".formatted(NEGATIVE_PRICE, negative));
        }
        return new RuleSettings(settings.duration("intake.max-future"), settings.flag("rules.purchase-id-suffices"),
                negative.equals("drop"));
    }
}
