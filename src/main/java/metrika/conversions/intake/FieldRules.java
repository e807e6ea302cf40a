package metrika.conversions.intake;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.ZoneId;

import metrika.conversions.text.InvisibleCharacters;
import metrika.conversions.text.StorableText;

/** The rules of each field's value, whatever the conversion's other fields are. */
final class FieldRules {

    /** Older conversions cannot be linked any more: Metrika looks 21 days back from the processing of a file. */
    static final long LINKABLE_SECONDS = 21L * 24 * 3600;

    private final ZoneId zone;
    private final long now;
    private final RuleSettings settings;
    private final RuleReport report;
    private final TargetRule targets;

    /**
     * @param zone what a date_time without an offset is local to
     * @param now Unix seconds
     * @param goals of the counter
     */
    FieldRules(ZoneId zone, long now, RuleSettings settings, CounterGoals goals, RuleReport report) {
        this.zone = zone;
        this.now = now;
        this.settings = settings;
        this.report = report;
        targets = new TargetRule(goals, settings.rejectsUnknownTargets(), report);
    }

    /**
     * The value of a field, as it is stored.
     *
     * @param text a text's characters, a number as it was written, else what to quote in a message
     * @return {@code null} when there is none, or it is wrong, as is then reported
     */
    Object read(ConversionField field, ValueKind kind, String text) {
        if (kind == ValueKind.NULL) {
            return null;
        }
        return switch (field) {
            case CLIENT_ID, USER_ID, YCLID, PURCHASE_ID -> identifier(field, kind, text);
            case TARGET -> target(kind, text);
            case DATE_TIME -> dateTime(kind, text);
            case PRICE -> price(kind, text);
            case CURRENCY -> currency(kind, text);
        };
    }

    private String identifier(ConversionField field, ValueKind kind, String text) {
        switch (kind) {
            case NUMBER -> {
                if (IdentifierRules.hasSurvived(text)) {
                    return text;
                }
                report.error(
                        field,
                        "unsafe_number",
                        ("%s is the number %s: only whole numbers of up to 15 digits survive their way, "
                                        + "give it as a text")
                                .formatted(field, quote(text)));
            }
            case TEXT -> {
                if (isNothing(text)) {
                    return null;
                }
                var signs = InvisibleCharacters.in(text);
                var isMetrikas = field == ConversionField.CLIENT_ID || field == ConversionField.YCLID;
                var fault = IdentifierRules.fault(field.toString(), text, signs, isMetrikas);
                if (fault == null && isTooLong(field, text)) {
                    return null;
                }
                if (fault == null) {
                    if (isMetrikas && signs != 0) {
                        warnOfStrange(field, text);
                    }
                    return text;
                }
                report.error(field, fault.code(), fault.message());
            }
            default -> report.error(field, "invalid_type", "%s has to be a text, not %s".formatted(field, quote(text)));
        }
        return null;
    }

    private boolean isTooLong(ConversionField field, String text) {
        if (text.length() <= settings.longestText()
                || text.codePointCount(0, text.length()) <= settings.longestText()) {
            return false;
        }
        report.error(
                field,
                "too_long",
                "%s has %d characters, %d are the most (rules.longest-text)"
                        .formatted(field, text.codePointCount(0, text.length()), settings.longestText()));
        return true;
    }

    private static boolean isNothing(String text) {
        return text.isEmpty() || text.charAt(0) <= ' ' && text.isBlank();
    }

    /** Metrika's own identifiers are digits, or digits with a point between: another one is somebody else's. */
    private void warnOfStrange(ConversionField field, String text) {
        if (report.isFirst(field, "unlikely_identifier")) {
            report.warn(
                    field,
                    "unlikely_identifier",
                    field == ConversionField.YCLID
                            ? "yclid is %s: those of Yandex Direct are digits, so it will hardly be linked"
                                    .formatted(quote(text))
                            : ("client_id is %s: those of Metrika are digits (getClientID, or the cookie _ym_uid),"
                                            + " so it will hardly be linked%s")
                                    .formatted(
                                            quote(text),
                                            text.startsWith("GA")
                                                    ? ". This one is of Google Analytics (the cookie _ga)"
                                                    : ""));
        }
    }

    private String target(ValueKind kind, String text) {
        if (kind == ValueKind.TEXT && isNothing(text)) {
            return null;
        }
        if (kind != ValueKind.TEXT) {
            report.error(ConversionField.TARGET, "invalid_type", "target has to be a text, not " + quote(text));
            return null;
        }
        var fault = IdentifierRules.faultOfTarget(text, InvisibleCharacters.in(text));
        if (fault != null) {
            report.error(ConversionField.TARGET, fault.code(), fault.message());
            return null;
        }
        if (isTooLong(ConversionField.TARGET, text)) {
            return null;
        }
        if (!settings.targets().isEmpty() && !settings.targets().contains(text)) {
            report.error(
                    ConversionField.TARGET,
                    "unknown_target",
                    "target is %s, which is none of those that are taken here (rules.targets)".formatted(quote(text)));
            return null;
        }
        return targets.takes(text) ? text : null;
    }

    private Long dateTime(ValueKind kind, String text) {
        if (kind == ValueKind.TEXT && text.isBlank()) {
            return null;
        }
        if (kind != ValueKind.TEXT) {
            report.error(
                    ConversionField.DATE_TIME,
                    "invalid_date_time",
                    "date_time has to be a text in ISO 8601, such as 2025-07-01T12:34:56+03:00, not " + quote(text));
            return null;
        }
        DateTimeParser.Moment moment;
        try {
            moment = DateTimeParser.parse(text, zone);
        } catch (DateTimeException e) {
            report.error(
                    ConversionField.DATE_TIME,
                    "invalid_date_time",
                    ("date_time is %s: a date and time after 1970 in ISO 8601 is expected, such as"
                                    + " 2025-07-01T12:34:56+03:00, or without an offset for the time in %s")
                            .formatted(quote(text), zone));
            return null;
        }
        if (moment.seconds() > now + settings.maxFuture().toSeconds()) {
            report.error(
                    ConversionField.DATE_TIME,
                    "date_time_in_future",
                    "date_time is %s, more than %d s ahead of now (intake.max-future)"
                            .formatted(quote(text), settings.maxFuture().toSeconds()));
            return null;
        }
        if (settings.maxAge() != null
                && moment.seconds() < now - settings.maxAge().toSeconds()) {
            report.error(
                    ConversionField.DATE_TIME,
                    "date_time_too_old",
                    "date_time is %s, more than %d s ago (rules.max-age)"
                            .formatted(quote(text), settings.maxAge().toSeconds()));
            return null;
        }
        warnOfStrange(moment, text);
        return moment.seconds();
    }

    private void warnOfStrange(DateTimeParser.Moment moment, String text) {
        var field = ConversionField.DATE_TIME;
        if (moment.seconds() < now - LINKABLE_SECONDS && report.isFirst(field, "older_than_21_days")) {
            report.warn(
                    field,
                    "older_than_21_days",
                    "date_time is " + quote(text) + ": Metrika does not link what is older than 21 days");
        }
        if (moment.clock() == DateTimeParser.Clock.TWICE && report.isFirst(field, "ambiguous_local_time")) {
            report.warn(
                    field,
                    "ambiguous_local_time",
                    "%s came twice in %s, as the clocks went back: the first one was taken"
                            .formatted(quote(text), zone));
        } else if (moment.clock() == DateTimeParser.Clock.NEVER && report.isFirst(field, "nonexistent_local_time")) {
            report.warn(
                    field,
                    "nonexistent_local_time",
                    "%s never came in %s, as the clocks went forward: it was taken as that much later"
                            .formatted(quote(text), zone));
        }
    }

    private BigDecimal price(ValueKind kind, String text) {
        var value = kind == ValueKind.NUMBER
                ? PriceParser.ofNumber(text)
                : kind == ValueKind.TEXT ? PriceParser.ofText(text) : null;
        if (value == null) {
            report.error(
                    ConversionField.PRICE,
                    "invalid_price",
                    "price is %s: a number with a decimal point is expected, such as 19.99, or no price at all"
                            .formatted(quote(text)));
        } else if (value.signum() < 0 && !settings.dropsNegativePrices()) {
            report.error(
                    ConversionField.PRICE,
                    "negative_price",
                    ("price is %s, below zero: Metrika takes no returns. Leave the "
                                    + "conversion out, or have such ones left out (rules.negative-price)")
                            .formatted(quote(text)));
        }
        return value;
    }

    private String currency(ValueKind kind, String text) {
        if (kind == ValueKind.TEXT) {
            if (Currencies.isListed(text)) {
                return text;
            }
            if (text.equals(Currencies.OLD_ROUBLE)) {
                if (report.isFirst(ConversionField.CURRENCY, "currency_renamed")) {
                    report.warn(
                            ConversionField.CURRENCY,
                            "currency_renamed",
                            "currency is 'RUR', which ISO 4217 has called RUB since 1998: it was taken for RUB");
                }
                return Currencies.ROUBLE;
            }
        }
        report.error(
                ConversionField.CURRENCY,
                "invalid_currency",
                ("currency is %s: a code in capitals is expected that ISO 4217 "
                                + "lists today, such as RUB, or no currency")
                        .formatted(quote(text)));
        return null;
    }

    private static String quote(String text) {
        return StorableText.quoted(text);
    }
}
