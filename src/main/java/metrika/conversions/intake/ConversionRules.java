package metrika.conversions.intake;

import metrika.conversions.text.InvisibleCharacters;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import metrika.conversions.text.StorableText;

/**
 * The rules of a conversion, in their one place for all sources: {@link #begin}, {@link #field} for each field as it was
 * given, {@link #end}; at last {@link #result}. All errors of all conversions are collected.
 */
final class ConversionRules {

    /** What was given for a field. */
    enum Kind { TEXT, NUMBER, BOOLEAN, NULL, STRUCTURE }

    /** Older conversions cannot be linked any more: Metrika looks 21 days back from the processing of a file. */
    private static final long LINKABLE_SECONDS = 21L * 24 * 3600;
    /** Unknown fields of a conversion that may have been meant for one that is missing, and of those that an error names. */
    private static final int MOST_UNKNOWN = 100;
    private static final int MOST_NAMED = 5;
    private static final Pattern UNSHOWN = Pattern.compile("[\\p{Cntrl}\\p{Cs}]");

    // A conversion's fields as bits
    private static final int CLIENT_ID = 1;
    private static final int USER_ID = 2;
    private static final int YCLID = 4;
    private static final int PURCHASE_ID = 8;
    private static final int TARGET = 16;
    private static final int DATE_TIME = 32;
    private static final int PRICE = 64;
    private static final int CURRENCY = 128;
    private static final int WHOLE = 256;
    /** By which Metrika finds the visitor. */
    private static final int VISITOR = CLIENT_ID | USER_ID | YCLID;

    private final ZoneId zone;
    private final long now;
    private final RuleSettings settings;
    private final Conversions conversions = new Conversions();
    private final RowErrors errors;
    private int total;
    private int invalid;

    private int given;
    private int wrong;
    private boolean hasDateTime;
    private String clientId;
    private String userId;
    private String yclid;
    private String purchaseId;
    private String target;
    private long dateTime;
    private BigDecimal price;
    private Money money;
    private String currency;
    private final List<String> unknown = new ArrayList<>();

    /**
     * @param zone   what a date_time without an offset is local to
     * @param now    Unix seconds
     * @param errors takes all errors
     */
    ConversionRules(ZoneId zone, long now, RuleSettings settings, RowErrors errors) {
        this.zone = zone;
        this.now = now;
        this.settings = settings;
        this.errors = errors;
    }

    void begin() {
        given = 0;
        wrong = 0;
        hasDateTime = false;
        clientId = null;
        userId = null;
        yclid = null;
        purchaseId = null;
        target = null;
        price = null;
        money = null;
        currency = null;
        unknown.clear();
    }

    /**
     * Takes a field as it was given.
     *
     * @param text a text's characters, a number as it was written, else what to quote in a message
     */
    void field(String name, Kind kind, String text) {
        switch (name) {
            case "client_id" -> clientId = once(CLIENT_ID, name) ? identifier(CLIENT_ID, name, kind, text) : null;
            case "user_id" -> userId = once(USER_ID, name) ? identifier(USER_ID, name, kind, text) : null;
            case "yclid" -> yclid = once(YCLID, name) ? identifier(YCLID, name, kind, text) : null;
            case "purchase_id" -> purchaseId = once(PURCHASE_ID, name) ? identifier(PURCHASE_ID, name, kind, text) : null;
            case "target" -> target = once(TARGET, name) ? target(name, kind, text) : null;
            case "date_time" -> {
                if (once(DATE_TIME, name)) {
                    dateTime(name, kind, text);
                }
            }
            case "price" -> price = once(PRICE, name) ? price(name, kind, text) : null;
            case "currency" -> currency = once(CURRENCY, name) ? currency(name, kind, text) : null;
            default -> unknown(name);
        }
    }

    /** Takes a price that was written with its currency. */
    void field(String name, Money value) {
        field(name, Kind.TEXT, value.amount());
        money = value;
    }

    /** Takes a field whose value its source could not make out. A name that is none of ours is as unknown as any. */
    void field(String name, Unclear value) {
        var bit = bit(name);
        if (bit == 0) {
            unknown(name);
        } else if (once(bit, name)) {
            error(bit, name, value.code(), value.message());
        }
    }

    /** A field of the request that is none of its own. */
    void unknownField(String name) {
        conversions.warnings().add(new RowError(RowError.REQUEST, clean(name), "unknown_field",
                "there is no field " + quote(name) + " beside conversions: it was ignored"));
    }

    /** Something that is not a conversion at all. */
    void notAConversion(String text) {
        error(WHOLE, "", "invalid_type", "a conversion has to be a JSON object, not " + quote(text));
    }

    void end() {
        if (wrong == 0 || given != 0) {
            complete();
        }
        if (wrong != 0) {
            invalid++;
        } else if (price != null && price.signum() < 0) {
            conversions.drop(total);
            if (isFirst("price", "negative_price")) {
                warn("price", "price", "negative_price",
                        "price is %s, below zero: the conversion was left out (rules.negative-price)".formatted(price.toPlainString()));
            }
        } else {
            conversions.add(clientId, userId, yclid, purchaseId, target, dateTime, price, currency,
                    dateTime >= now - LINKABLE_SECONDS);
        }
        total++;
    }

    /** How many conversions were taken, valid or not. */
    int total() {
        return total;
    }

    /**
     * The conversions, when all of them are valid.
     *
     * @throws InvalidConversions with all errors, when some are not
     */
    Conversions result() {
        if (invalid > 0) {
            throw new InvalidConversions(invalid, total, errors);
        }
        return conversions;
    }

    /** The valid conversions alone; what is wrong with the others stands among the errors. */
    Conversions valid() {
        return conversions;
    }

    /** What only shows when all fields are known. Where a field was given and is wrong, it is not missing as well. */
    private void complete() {
        if (target == null && (wrong & TARGET) == 0) {
            missing(TARGET, "target", "target is required: the identifier of a JavaScript event goal of the counter");
        }
        if (!hasDateTime && (wrong & DATE_TIME) == 0) {
            missing(DATE_TIME, "date_time", "date_time is required: ISO 8601, such as 2025-07-01T12:34:56+03:00");
        }
        if (clientId == null && userId == null && yclid == null && (wrong & VISITOR) == 0
                && (!settings.purchaseIdSuffices() || purchaseId == null && (wrong & PURCHASE_ID) == 0)) {
            missing(CLIENT_ID, "client_id", settings.purchaseIdSuffices()
                    ? "one of client_id, user_id, yclid and purchase_id is required" : "one of client_id, user_id and yclid is required");
        }
        if (money != null && (wrong & (PRICE | CURRENCY)) == 0) {
            settleCurrency();
        }
        var hasPrice = price != null && price.signum() >= 0;
        if (hasPrice && currency == null && (wrong & CURRENCY) == 0 && isFirst("price", "currency_missing")) {
            warn("price", "price", "currency_missing", "price is given without a currency");
        }
    }

    /** A price that names its currency needs none besides, and allows no other. */
    private void settleCurrency() {
        if (currency == null) {
            currency = money.currency();
        } else if (!money.currencies().contains(currency)) {
            error(CURRENCY, "currency", "currency_conflict", "price is %s, and currency is %s: they have to be the same currency"
                    .formatted(quote(money.text()), quote(currency)));
        }
    }

    /** A field that is not there. Where an unknown one is there that is like it, or any, that may be it. */
    private void missing(int bit, String name, String message) {
        var said = message;
        if (!unknown.isEmpty()) {
            var near = unknown.stream().filter(other -> isNear(bit, Fields.near(other))).limit(MOST_NAMED).toList();
            said += near.isEmpty() ? ". There are no fields " + quoted(unknown)
                    : ". There is no field %s: its name is %s".formatted(quoted(near),
                            near.stream().map(Fields::near).distinct().collect(Collectors.joining(", ")));
        }
        error(bit, name, "required", said);
    }

    private static String quoted(List<String> names) {
        return names.stream().limit(MOST_NAMED).map(StorableText::quoted).collect(Collectors.joining(", "));
    }

    private static boolean isNear(int missing, String field) {
        return field != null && (missing == CLIENT_ID ? bit(field) & VISITOR : bit(field) & missing) != 0;
    }

    private static int bit(String name) {
        return switch (name) {
            case "client_id" -> CLIENT_ID;
            case "user_id" -> USER_ID;
            case "yclid" -> YCLID;
            case "purchase_id" -> PURCHASE_ID;
            case "target" -> TARGET;
            case "date_time" -> DATE_TIME;
            case "price" -> PRICE;
            case "currency" -> CURRENCY;
            default -> 0;
        };
    }

    private void unknown(String name) {
        if (unknown.size() < MOST_UNKNOWN) {
            unknown.add(name);
        }
        if (isFirst(name, "unknown_field")) {
            var near = Fields.near(name);
            warn(name, clean(name), "unknown_field", "there is no field " + quote(name)
                    + (near == null ? ": it was ignored" : ": it was ignored. The field's name is " + near));
        }
    }

    private boolean once(int bit, String name) {
        if ((given & bit) == 0) {
            given |= bit;
            return true;
        }
        error(bit, name, "duplicate_field", name + " is given twice");
        return false;
    }

    private String identifier(int bit, String name, Kind kind, String text) {
        switch (kind) {
            case NULL -> {
                return null;
            }
            case NUMBER -> {
                if (IdentifierRules.hasSurvived(text)) {
                    return text;
                }
                error(bit, name, "unsafe_number", ("%s is the number %s: only whole numbers of up to 15 digits survive their way, "
                        + "give it as a text").formatted(name, quote(text)));
            }
            case TEXT -> {
                if (isNothing(text)) {
                    return null;
                }
                var signs = InvisibleCharacters.in(text);
                var isMetrikas = (bit & (CLIENT_ID | YCLID)) != 0;
                var fault = IdentifierRules.fault(name, text, signs, isMetrikas);
                if (fault == null) {
                    if (isMetrikas && signs != 0) {
                        warnOfStrange(name, text);
                    }
                    return text;
                }
                error(bit, name, fault.code(), fault.message());
            }
            default -> error(bit, name, "invalid_type", "%s has to be a text, not %s".formatted(name, quote(text)));
        }
        return null;
    }

    private static boolean isNothing(String text) {
        return text.isEmpty() || text.charAt(0) <= ' ' && text.isBlank();
    }

    /** Metrika's own identifiers are digits, or digits with a point between: another one is somebody else's. */
    private void warnOfStrange(String name, String text) {
        if (isFirst(name, "unlikely_identifier")) {
            warn(name, name, "unlikely_identifier", name.equals("yclid")
                    ? "yclid is %s: those of Yandex Direct are digits, so it will hardly be linked".formatted(quote(text))
                    : "client_id is %s: those of Metrika are digits (getClientID, or the cookie _ym_uid), so it will hardly be linked%s"
                            .formatted(quote(text), text.startsWith("GA") ? ". This one is of Google Analytics (the cookie _ga)" : ""));
        }
    }

    private String target(String name, Kind kind, String text) {
        if (kind == Kind.NULL || kind == Kind.TEXT && isNothing(text)) {
            return null;
        }
        if (kind != Kind.TEXT) {
            error(TARGET, name, "invalid_type", "target has to be a text, not " + quote(text));
            return null;
        }
        var signs = InvisibleCharacters.in(text);
        var fault = IdentifierRules.faultOfTarget(text, signs);
        if (fault != null) {
            error(TARGET, name, fault.code(), fault.message());
            return null;
        }
        return text;
    }

    private void dateTime(String name, Kind kind, String text) {
        if (kind == Kind.NULL || kind == Kind.TEXT && text.isBlank()) {
            return;
        }
        if (kind != Kind.TEXT) {
            error(DATE_TIME, name, "invalid_date_time",
                    "date_time has to be a text in ISO 8601, such as 2025-07-01T12:34:56+03:00, not " + quote(text));
            return;
        }
        DateTimeParser.Moment moment;
        try {
            moment = DateTimeParser.parse(text, zone);
        } catch (DateTimeException e) {
            error(DATE_TIME, name, "invalid_date_time", ("date_time is %s: a date and time after 1970 in ISO 8601 is expected, such "
                    + "as 2025-07-01T12:34:56+03:00, or without an offset for the time in %s").formatted(quote(text), zone));
            return;
        }
        if (moment.seconds() > now + settings.maxFuture().toSeconds()) {
            error(DATE_TIME, name, "date_time_in_future", "date_time is %s, more than %d s ahead of now (intake.max-future)"
                    .formatted(quote(text), settings.maxFuture().toSeconds()));
            return;
        }
        if (moment.seconds() < now - LINKABLE_SECONDS && isFirst(name, "older_than_21_days")) {
            warn(name, name, "older_than_21_days",
                    "date_time is " + quote(text) + ": Metrika does not link what is older than 21 days");
        }
        if (moment.clock() == DateTimeParser.Clock.TWICE && isFirst(name, "ambiguous_local_time")) {
            warn(name, name, "ambiguous_local_time", "%s came twice in %s, as the clocks went back: the first one was taken"
                    .formatted(quote(text), zone));
        } else if (moment.clock() == DateTimeParser.Clock.NEVER && isFirst(name, "nonexistent_local_time")) {
            warn(name, name, "nonexistent_local_time",
                    "%s never came in %s, as the clocks went forward: it was taken as that much later".formatted(quote(text), zone));
        }
        dateTime = moment.seconds();
        hasDateTime = true;
    }

    private BigDecimal price(String name, Kind kind, String text) {
        if (kind == Kind.NULL) {
            return null;
        }
        var value = kind == Kind.NUMBER ? PriceParser.ofNumber(text) : kind == Kind.TEXT ? PriceParser.ofText(text) : null;
        if (value == null) {
            error(PRICE, name, "invalid_price",
                    "price is %s: a number with a decimal point is expected, such as 19.99, or no price at all".formatted(quote(text)));
        } else if (value.signum() < 0 && !settings.dropsNegativePrices()) {
            error(PRICE, name, "negative_price", ("price is %s, below zero: Metrika takes no returns. Leave the conversion out, or "
                    + "have such ones left out (rules.negative-price)").formatted(quote(text)));
        }
        return value;
    }

    private String currency(String name, Kind kind, String text) {
        if (kind == Kind.NULL) {
            return null;
        }
        if (kind == Kind.TEXT) {
            if (Currencies.isListed(text)) {
                return text;
            }
            if (text.equals(Currencies.OLD_ROUBLE)) {
                if (isFirst(name, "currency_renamed")) {
                    warn(name, name, "currency_renamed",
                            "currency is 'RUR', which ISO 4217 has called RUB since 1998: it was taken for RUB");
                }
                return Currencies.ROUBLE;
            }
        }
        error(CURRENCY, name, "invalid_currency", ("currency is %s: a code in capitals is expected that ISO 4217 lists today, such "
                + "as RUB, or no currency").formatted(quote(text)));
        return null;
    }

    private void error(int bit, String field, String code, String message) {
        wrong |= bit;
        errors.add(new RowError(total, field, code, message));
    }

    /** Whether a warning is the first of its kind in the request, and is to be {@linkplain #warn told}. Others are counted here. */
    private boolean isFirst(String name, String code) {
        return !conversions.warnings().counts(name, code);
    }

    /** The first warning of its kind. */
    private void warn(String name, String field, String code, String message) {
        conversions.warnings().add(name, new RowError(total, field, code, message));
    }

    private static String quote(String text) {
        return StorableText.quoted(text);
    }

    /** A field's name, short enough for an answer, and without what a log, a terminal or the database stumbles over. */
    private static String clean(String name) {
        var shown = name.length() > 60 ? name.substring(0, 60) + "…" : name;
        return UNSHOWN.matcher(shown).replaceAll("?");
    }
}
