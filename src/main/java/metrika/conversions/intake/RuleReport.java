package metrika.conversions.intake;

/**
 * What the rules say of the conversions of a request, one after the other: all errors, and the first warning of each
 * kind.
 */
final class RuleReport {

    private final RowNotices errors;
    private final Warnings warnings;
    private int index;
    /** The fields of the conversion that have an error, as bits. */
    private int wrong;

    RuleReport(RowNotices errors, Warnings warnings) {
        this.errors = errors;
        this.warnings = warnings;
    }

    /** A conversion begins. */
    void begin(int place) {
        index = place;
        wrong = 0;
    }

    /** Something is wrong with a field of the conversion. */
    void error(ConversionField field, String code, String message) {
        error(field.bit(), field.toString(), code, message);
    }

    /** Something is wrong with the conversion as a whole. */
    void errorOfAll(String code, String message) {
        error(1 << Integer.SIZE - 1, "", code, message);
    }

    private void error(int bit, String field, String code, String message) {
        wrong |= bit;
        errors.add(new RowNotice(index, field, code, message));
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
