package metrika.conversions.intake;

import java.util.Arrays;
import java.util.Objects;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

import metrika.conversions.text.StorableText;

/**
 * What the rules say of the conversions of a request, one after the other: all errors, and the first warning of each
 * kind.
 */
final class RuleReport {

    private final RowNotices errors;
    private final Warnings warnings;
    private int index;
    private UnaryOperator<String> written = field -> null;
    private UnaryOperator<String> origins = field -> null;
    /** The fields of the conversion that have an error, as bits. */
    private int wrong;

    RuleReport(RowNotices errors, Warnings warnings) {
        this.errors = errors;
        this.warnings = warnings;
    }

    /**
     * A conversion begins.
     *
     * @param how how a field was written in its source, where its value is another; else {@code null}
     * @param from of which columns of its source a field is made; {@code null} where nobody has said so
     */
    void begin(int place, UnaryOperator<String> how, UnaryOperator<String> from) {
        index = place;
        written = how;
        origins = from;
        wrong = 0;
    }

    /**
     * A field is missing.
     *
     * @param any the fields of which one is enough, as bits
     */
    void missing(ConversionField field, int any, String message) {
        var columns = Arrays.stream(ConversionField.values())
                .filter(each -> (each.bit() & any) != 0)
                .map(each -> origins.apply(each.toString()))
                .filter(Objects::nonNull)
                .collect(Collectors.joining(", "));
        error(
                field,
                "required",
                columns.isEmpty()
                        ? message
                        : "%s. Nothing is in %s, where columns takes it from".formatted(message, columns));
    }

    /** Something is wrong with a field of the conversion. */
    void error(ConversionField field, String code, String message) {
        error(field.bit(), field.toString(), code, message);
    }

    /** The same of what a source could not make out. */
    void error(ConversionField field, InvalidValue value) {
        error(field.bit(), value.place() == null ? field.toString() : value.place(), value.code(), value.message());
    }

    /** Something is wrong with the conversion as a whole. */
    void errorOfAll(String code, String message) {
        error(1 << Integer.SIZE - 1, "", code, message);
    }

    private void error(int bit, String field, String code, String message) {
        wrong |= bit;
        var cell = written.apply(field);
        errors.add(new RowNotice(
                index,
                field,
                code,
                cell == null || message.contains(StorableText.quoted(cell))
                        ? message
                        : "%s. It was written as %s".formatted(message, StorableText.quoted(cell))));
    }

    /** Whether anything is wrong with the conversion so far. */
    boolean hasErrors() {
        return wrong != 0;
    }

    /** Whether anything is wrong with any of these fields of the conversion. */
    boolean hasErrors(int fields) {
        return (wrong & fields) != 0;
    }

    /**
     * Whether a warning is the first of its kind in the request, and is to be {@linkplain #warn told}. Others are
     * counted here.
     *
     * @param name the field as it was given
     */
    boolean isFirst(String name, String code) {
        return !warnings.counts(name, code);
    }

    /**
     * The first warning of its kind.
     *
     * @param shown the field's name as it is told
     */
    void warn(String name, String shown, String code, String message) {
        warnings.add(name, new RowNotice(index, shown, code, message));
    }

    /** The first warning of its kind, about a field of ours. */
    void warn(ConversionField field, String code, String message) {
        warn(field.toString(), field.toString(), code, message);
    }

    boolean isFirst(ConversionField field, String code) {
        return isFirst(field.toString(), code);
    }
}
