package metrika.conversions.intake;

import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;

import metrika.conversions.settings.SettingException;
import metrika.conversions.settings.Settings;

/**
 * What installations differ on in the rules of a conversion.
 *
 * @param maxFuture how far ahead of the clock a date_time may be
 * @param purchaseIdSuffices whether a purchase_id may be all that a conversion is known by
 * @param dropsNegativePrices whether a conversion with a price below zero is left out with a warning; else it is an
 *     error
 * @param targets the only ones that are taken; empty for all
 * @param rejectsUnknownTargets whether a target that is no goal of the counter is an error; else a warning
 * @param currency of prices that come without one; {@code null} for none
 * @param maxAge how far behind the clock a date_time may be; {@code null} for any
 * @param longestText how many characters an identifier or a target may have
 */
public record RuleSettings(
        Duration maxFuture,
        boolean purchaseIdSuffices,
        boolean dropsNegativePrices,
        Set<String> targets,
        boolean rejectsUnknownTargets,
        String currency,
        Duration maxAge,
        int longestText) {

    /** Of Metrika itself, and of the columns. */
    private static final int LONGEST_TEXT = 255;

    private static final String NEGATIVE_PRICE = "rules.negative-price";
    private static final String UNKNOWN_TARGET = "rules.unknown-target";

    /** The rules that installations may leave alone, left alone. */
    public RuleSettings(Duration maxFuture, boolean purchaseIdSuffices, boolean dropsNegativePrices) {
        this(maxFuture, purchaseIdSuffices, dropsNegativePrices, Set.of(), false, null, null, LONGEST_TEXT);
    }

    /** @throws SettingException that names the setting and what is expected */
    public static RuleSettings of(Settings settings) {
        var negative = settings.text(NEGATIVE_PRICE);
        if (!negative.equals("refuse") && !negative.equals("drop")) {
            throw new SettingException("%s is '%s': refuse or drop is expected".formatted(NEGATIVE_PRICE, negative));
        }
        var unknown = settings.text(UNKNOWN_TARGET);
        if (!unknown.equals("warn") && !unknown.equals("reject")) {
            throw new SettingException("%s is '%s': warn or reject is expected".formatted(UNKNOWN_TARGET, unknown));
        }
        var currency = settings.find("rules.currency");
        if (currency != null && !Currencies.isListed(currency)) {
            throw new SettingException(
                    "rules.currency is '%s': a code in capitals is expected that ISO 4217 lists, such as RUB"
                            .formatted(currency));
        }
        var targets = settings.find("rules.targets");
        return new RuleSettings(
                settings.duration("intake.max-future"),
                settings.flag("rules.purchase-id-suffices"),
                negative.equals("drop"),
                targets == null
                        ? Set.of()
                        : Arrays.stream(targets.split(",")).map(String::strip).collect(Collectors.toUnmodifiableSet()),
                unknown.equals("reject"),
                currency,
                settings.find("rules.max-age") == null ? null : settings.duration("rules.max-age"),
                (int) settings.number("rules.longest-text", 1, LONGEST_TEXT));
    }
}
