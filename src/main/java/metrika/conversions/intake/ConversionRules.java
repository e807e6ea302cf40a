package metrika.conversions.intake;

import java.math.BigDecimal;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import metrika.conversions.text.StorableText;

import static metrika.conversions.intake.ConversionField.CLIENT_ID;
import static metrika.conversions.intake.ConversionField.CURRENCY;
import static metrika.conversions.intake.ConversionField.DATE_TIME;
import static metrika.conversions.intake.ConversionField.PRICE;
import static metrika.conversions.intake.ConversionField.PURCHASE_ID;
import static metrika.conversions.intake.ConversionField.TARGET;
import static metrika.conversions.intake.ConversionField.USER_ID;
import static metrika.conversions.intake.ConversionField.YCLID;

/**
 * The rules of a conversion, in their one place for all sources: {@link #begin}, {@link #field} for each field as it
 * was given, {@link #end}; at last {@link #result}. All errors of all conversions are collected. Those of one value are
 * in {@link FieldRules}; here is what the fields of a conversion mean to each other.
 */
final class ConversionRules {

    /**
     * Unknown fields of a conversion that may have been meant for one that is missing, and of those that an error
     * names.
     */
    private static final int MAX_UNKNOWN = 100;

    private static final int MAX_NAMED = 5;
    private static final Pattern UNSHOWN = Pattern.compile("[\\p{Cntrl}\\p{Cs}]");
    private static final int VISITOR = CLIENT_ID.bit() | USER_ID.bit() | YCLID.bit();

    private final long now;
    private final RuleSettings settings;
    private final Conversions conversions;
    private final RowNotices errors;
    private final RuleReport report;
    private final FieldRules fields;
    private int total;
    private int invalid;

    /** The fields of the conversion that were given, as bits. */
    private int given;

    private final Object[] values = new Object[ConversionField.values().length];
    private Money money;
    private final List<String> unknown = new ArrayList<>();

    /**
     * @param zone what a date_time without an offset is local to
     * @param now Unix seconds
     * @param errors takes all errors
     * @param expected how many conversions there are going to be, more or less
     */
    ConversionRules(ZoneId zone, long now, RuleSettings settings, CounterGoals goals, RowNotices errors, int expected) {
        conversions = new Conversions(expected);
        this.now = now;
        this.settings = settings;
        this.errors = errors;
        report = new RuleReport(errors, conversions.warnings());
        fields = new FieldRules(zone, now, settings, goals, report);
    }

    void begin() {
        begin(name -> null, name -> null);
    }

    void begin(UnaryOperator<String> written, UnaryOperator<String> origins) {
        report.begin(total, written, origins);
        given = 0;
        Arrays.fill(values, null);
        money = null;
        unknown.clear();
    }

    /**
     * Takes a field as it was given.
     *
     * @param text a text's characters, a number as it was written, else what to quote in a message
     */
    void field(String name, ValueKind kind, String text) {
        var field = ConversionField.named(name);
        if (field == null) {
            unknown(name);
        } else {
            values[field.ordinal()] = once(field) ? fields.read(field, kind, text) : null;
        }
    }

    /** Takes a price that was written with its currency. */
    void field(String name, Money value) {
        field(name, ValueKind.TEXT, value.amount());
        money = value;
    }

    /** Takes a field whose value its source could not make out. A name that is none of ours is as unknown as any. */
    void field(String name, InvalidValue value) {
        var field = ConversionField.named(name);
        if (field == null) {
            unknown(name);
        } else if (once(field)) {
            report.error(field, value);
        }
    }

    /** A field of the request that is none of its own. */
    void unknownField(String name) {
        conversions
                .warnings()
                .add(new RowNotice(
                        RowNotice.REQUEST,
                        clean(name),
                        "unknown_field",
                        "there is no field " + quote(name) + " beside conversions: it was ignored"));
    }

    /** Something that is not a conversion at all. */
    void notAConversion(String text) {
        report.errorOfAll("invalid_type", "a conversion has to be a JSON object, not " + quote(text));
    }

    /** A conversion that is none of ours, though one of the request's. */
    void leaveOut() {
        conversions.drop(total);
        total++;
    }

    void end() {
        if (!report.hasErrors() || given != 0) {
            complete();
        }
        var price = (BigDecimal) value(PRICE);
        if (report.hasErrors()) {
            invalid++;
        } else if (price != null && price.signum() < 0) {
            conversions.drop(total);
            if (report.isFirst(PRICE, "negative_price")) {
                report.warn(
                        PRICE,
                        "negative_price",
                        "price is %s, below zero: the conversion was left out (rules.negative-price)"
                                .formatted(price.toPlainString()));
            }
        } else {
            conversions.add(values, (long) value(DATE_TIME) >= now - FieldRules.LINKABLE_SECONDS);
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

    private Object value(ConversionField field) {
        return values[field.ordinal()];
    }

    /** Whether there is nothing for a field, and nothing wrong with what was given for it. */
    private boolean isMissing(ConversionField field) {
        return value(field) == null && !report.hasErrors(field.bit());
    }

    /** What only shows when all fields are known. Where a field was given and is wrong, it is not missing as well. */
    private void complete() {
        if (isMissing(TARGET)) {
            missing(
                    TARGET,
                    TARGET.bit(),
                    "target is required: the identifier of a JavaScript event goal of the counter");
        }
        if (isMissing(DATE_TIME)) {
            missing(DATE_TIME, DATE_TIME.bit(), "date_time is required: ISO 8601, such as 2025-07-01T12:34:56+03:00");
        }
        if (isMissing(CLIENT_ID)
                && isMissing(USER_ID)
                && isMissing(YCLID)
                && (!settings.purchaseIdSuffices() || isMissing(PURCHASE_ID))) {
            missing(
                    CLIENT_ID,
                    VISITOR,
                    settings.purchaseIdSuffices()
                            ? "one of client_id, user_id, yclid and purchase_id is required"
                            : "one of client_id, user_id and yclid is required");
        }
        if (money != null && !report.hasErrors(PRICE.bit() | CURRENCY.bit())) {
            settleCurrency();
        }
        var price = (BigDecimal) value(PRICE);
        if (price != null && isMissing(CURRENCY) && settings.currency() != null) {
            values[CURRENCY.ordinal()] = settings.currency();
        }
        if (price != null && price.signum() >= 0 && isMissing(CURRENCY) && report.isFirst(PRICE, "currency_missing")) {
            report.warn(PRICE, "currency_missing", "price is given without a currency");
        }
    }

    /** A price that names its currency needs none besides, and allows no other. */
    private void settleCurrency() {
        if (value(CURRENCY) == null) {
            values[CURRENCY.ordinal()] = money.currency();
        } else if (!money.currencies().contains(value(CURRENCY))) {
            report.error(
                    CURRENCY,
                    "currency_conflict",
                    "price is %s, and currency is %s: they have to be the same currency"
                            .formatted(quote(money.text()), quote((String) value(CURRENCY))));
        }
    }

    /**
     * A field that is not there. Where an unknown one is there that is like it, or any, that may be it.
     *
     * @param any the fields of which one is enough, as bits
     */
    private void missing(ConversionField field, int any, String message) {
        var said = message;
        if (!unknown.isEmpty()) {
            var near = unknown.stream()
                    .filter(other -> isNear(any, FieldNameSuggestions.near(other)))
                    .limit(MAX_NAMED)
                    .toList();
            said += near.isEmpty()
                    ? ". There are no fields " + quoted(unknown)
                    : ". There is no field %s: its name is %s"
                            .formatted(
                                    quoted(near),
                                    near.stream()
                                            .map(name -> FieldNameSuggestions.near(name)
                                                    .toString())
                                            .distinct()
                                            .collect(Collectors.joining(", ")));
        }
        report.missing(field, any, said);
    }

    private static String quoted(List<String> names) {
        return names.stream().limit(MAX_NAMED).map(StorableText::quoted).collect(Collectors.joining(", "));
    }

    private static boolean isNear(int missing, ConversionField field) {
        return field != null && (field.bit() & missing) != 0;
    }

    private void unknown(String name) {
        if (unknown.size() < MAX_UNKNOWN) {
            unknown.add(name);
        }
        if (report.isFirst(name, "unknown_field")) {
            var near = FieldNameSuggestions.near(name);
            report.warn(
                    name,
                    clean(name),
                    "unknown_field",
                    "there is no field " + quote(name)
                            + (near == null ? ": it was ignored" : ": it was ignored. The field's name is " + near));
        }
    }

    private boolean once(ConversionField field) {
        if ((given & field.bit()) == 0) {
            given |= field.bit();
            return true;
        }
        report.error(field, "duplicate_field", field + " is given twice");
        return false;
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
