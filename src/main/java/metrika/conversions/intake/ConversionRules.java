package metrika.conversions.intake;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.Currency;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The rules of a conversion, in their one place for all sources: {@link #begin}, {@link #field} for each field as it was
 * given, {@link #end}; at last {@link #result}. All errors of all conversions are collected.
 */
final class ConversionRules {

    /** What was given for a field. */
    enum Kind { TEXT, NUMBER, BOOLEAN, NULL, STRUCTURE }

    /** Older conversions cannot be linked any more: Metrika looks 21 days back from the processing of a file. */
    private static final long LINKABLE_SECONDS = 21L * 24 * 3600;
    private static final Set<String> CURRENCIES =
            Currency.getAvailableCurrencies().stream().map(Currency::getCurrencyCode).collect(Collectors.toUnmodifiableSet());
    /** What a goal's identifier cannot contain, by Metrika's documentation. */
    private static final String NOT_IN_TARGETS = "/\\&#?=\"";
    private static final int QUOTED = 60;
    private static final Pattern UNSHOWN = Pattern.compile("[\\p{Cntrl}\\p{Cs}]");

    private final ZoneId zone;
    private final long now;
    private final long maxFutureSeconds;
    private final Conversions conversions = new Conversions();
    private final RowNotes errors;
    private int total;
    private int invalid;

    private final Set<String> given = new HashSet<>();
    private final Set<String> wrong = new HashSet<>();
    private boolean hasDateTime;
    private String clientId;
    private String userId;
    private String yclid;
    private String purchaseId;
    private String target;
    private long dateTime;
    private BigDecimal price;
    private String currency;

    /**
     * @param zone             what a date_time without an offset is local to
     * @param now              Unix seconds
     * @param maxFutureSeconds how far ahead of now a date_time may be
     * @param errors           takes all errors
     */
    ConversionRules(ZoneId zone, long now, long maxFutureSeconds, RowNotes errors) {
        this.zone = zone;
        this.now = now;
        this.maxFutureSeconds = maxFutureSeconds;
        this.errors = errors;
    }

    void begin() {
        given.clear();
        wrong.clear();
        hasDateTime = false;
        clientId = null;
        userId = null;
        yclid = null;
        purchaseId = null;
        target = null;
        price = null;
        currency = null;
    }

    /**
     * Takes a field as it was given.
     *
     * @param text a text's characters, a number as it was written, else what to quote in a message
     */
    void field(String name, Kind kind, String text) {
        switch (name) {
            case "client_id" -> clientId = once(name) ? identifier(name, kind, text) : null;
            case "user_id" -> userId = once(name) ? identifier(name, kind, text) : null;
            case "yclid" -> yclid = once(name) ? identifier(name, kind, text) : null;
            case "purchase_id" -> purchaseId = once(name) ? identifier(name, kind, text) : null;
            case "target" -> target = once(name) ? target(name, kind, text) : null;
            case "date_time" -> {
                if (once(name)) {
                    dateTime(name, kind, text);
                }
            }
            case "price" -> price = once(name) ? price(name, kind, text) : null;
            case "currency" -> currency = once(name) ? currency(name, kind, text) : null;
            default -> warn(clean(name), "unknown_field", "there is no field " + quote(name) + ": it was ignored");
        }
    }

    /** A field of the request that is none of its own. */
    void unknownField(String name) {
        conversions.warnings().add(new RowNote(RowNote.REQUEST, clean(name), "unknown_field",
                "there is no field " + quote(name) + " beside conversions: it was ignored"));
    }

    /** Something that is not a conversion at all. */
    void notAConversion(String text) {
        error("", "invalid_type", "a conversion has to be a JSON object, not " + quote(text));
    }

    void end() {
        if (wrong.isEmpty() || !given.isEmpty()) {
            complete();
        }
        if (!wrong.isEmpty()) {
            invalid++;
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
        if (target == null && !wrong.contains("target")) {
            error("target", "required", "target is required: the identifier of a JavaScript event goal of the counter");
        }
        if (!hasDateTime && !wrong.contains("date_time")) {
            error("date_time", "required", "date_time is required: ISO 8601, such as 2025-07-01T12:34:56+03:00");
        }
        if (clientId == null && userId == null && yclid == null && !wrong.contains("client_id") && !wrong.contains("user_id") && !wrong.contains("yclid")) {
            error("client_id", "required", "one of client_id, user_id and yclid is required");
        }
        if (price != null && currency == null && !wrong.contains("currency")) {
            warn("price", "currency_missing", "price is given without a currency");
        }
    }

    private boolean once(String name) {
        if (given.add(name)) {
            return true;
        }
        error(name, "duplicate_field", name + " is given twice");
        return false;
    }

    private String identifier(String name, Kind kind, String text) {
        switch (kind) {
            case NULL -> {
                return null;
            }
            case NUMBER -> {
                if (Identifiers.hasSurvived(text)) {
                    return text;
                }
                error(name, "unsafe_number", ("%s is the number %s: only whole numbers of up to 15 digits survive their way, give "
                        + "it as a text").formatted(name, quote(text)));
            }
            case TEXT -> {
                if (text.isBlank()) {
                    return null;
                }
                if (Identifiers.isFromSpreadsheet(text)) {
                    error(name, "spreadsheet_number", ("%s is %s: a spreadsheet has rounded it, export that column as text")
                            .formatted(name, quote(text)));
                } else if (isStorable(name, text)) {
                    return text;
                }
            }
            default -> error(name, "invalid_type", "%s has to be a text, not %s".formatted(name, quote(text)));
        }
        return null;
    }

    private String target(String name, Kind kind, String text) {
        if (kind == Kind.NULL || kind == Kind.TEXT && text.isBlank()) {
            return null;
        }
        if (kind != Kind.TEXT) {
            error(name, "invalid_type", "target has to be a text, not " + quote(text));
            return null;
        }
        for (int i = 0; i < text.length(); i++) {
            if (NOT_IN_TARGETS.indexOf(text.charAt(i)) >= 0) {
                error(name, "invalid_target", "target is %s: a goal's identifier holds none of / \\ & # ? = \""
                        .formatted(quote(text)));
                return null;
            }
        }
        return isStorable(name, text) ? text : null;
    }

    private void dateTime(String name, Kind kind, String text) {
        if (kind == Kind.NULL || kind == Kind.TEXT && text.isBlank()) {
            return;
        }
        if (kind != Kind.TEXT) {
            error(name, "invalid_date_time", "date_time has to be a text in ISO 8601, such as 2025-07-01T12:34:56+03:00, not "
                    + quote(text));
            return;
        }
        DateTimes.Moment moment;
        try {
            moment = DateTimes.parse(text, zone);
        } catch (DateTimeException e) {
            error(name, "invalid_date_time", ("date_time is %s: a date and time after 1970 in ISO 8601 is expected, such as "
                    + "2025-07-01T12:34:56+03:00, or without an offset for the time in %s").formatted(quote(text), zone));
            return;
        }
        if (moment.seconds() > now + maxFutureSeconds) {
            error(name, "date_time_in_future", "date_time is %s, more than %d s ahead of now (intake.max-future)"
                    .formatted(quote(text), maxFutureSeconds));
            return;
        }
        if (moment.seconds() < now - LINKABLE_SECONDS) {
            warn(name, "older_than_21_days", "date_time is " + quote(text) + ": Metrika does not link what is older than 21 days");
        }
        if (moment.clock() == DateTimes.Clock.TWICE) {
            warn(name, "ambiguous_local_time", "%s came twice in %s, as the clocks went back: the first one was taken"
                    .formatted(quote(text), zone));
        } else if (moment.clock() == DateTimes.Clock.NEVER) {
            warn(name, "nonexistent_local_time", "%s never came in %s, as the clocks went forward: it was taken as that much later"
                    .formatted(quote(text), zone));
        }
        dateTime = moment.seconds();
        hasDateTime = true;
    }

    private BigDecimal price(String name, Kind kind, String text) {
        if (kind == Kind.NULL) {
            return null;
        }
        var value = kind == Kind.NUMBER ? Prices.ofNumber(text) : kind == Kind.TEXT ? Prices.ofText(text) : null;
        if (value == null) {
            error(name, "invalid_price", "price is %s: a number with a decimal point is expected, such as 19.99, or no price at all"
                    .formatted(quote(text)));
        }
        return value;
    }

    private String currency(String name, Kind kind, String text) {
        if (kind == Kind.NULL) {
            return null;
        }
        if (kind == Kind.TEXT && CURRENCIES.contains(text)) {
            return text;
        }
        error(name, "invalid_currency", "currency is %s: a code of ISO 4217 in capitals is expected, such as RUB, or no currency"
                .formatted(quote(text)));
        return null;
    }

    private boolean isStorable(String name, String text) {
        if (Texts.isStorable(text)) {
            return true;
        }
        error(name, "invalid_characters", name + " holds U+0000 or half a surrogate pair, which is no text");
        return false;
    }

    private void error(String field, String code, String message) {
        wrong.add(field);
        errors.add(new RowNote(total, field, code, message));
    }

    private void warn(String field, String code, String message) {
        conversions.warnings().add(new RowNote(total, field, code, message));
    }

    private static String quote(String text) {
        return "'" + clean(text) + "'";
    }

    /** What was given, short enough for a message, and without what a log, a terminal or the database stumbles over. */
    private static String clean(String text) {
        var shown = text.length() > QUOTED ? text.substring(0, QUOTED) + "…" : text;
        return UNSHOWN.matcher(shown).replaceAll("?");
    }
}
