package metrika.conversions.intake;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * A conversion as the columns of a source make it: a map with the API's field names. It remembers how its cells were
 * written, to be shown when it is refused, and may be one that is to be left out.
 */
public final class MappedConversion extends LinkedHashMap<String, Object> {

    private static final long serialVersionUID = 1L;

    private transient Map<String, String> written = Map.of();
    private transient Map<String, Object> replaced = Map.of();
    private transient UnaryOperator<String> origins = field -> null;
    private String leftOutReason;
    private String key;

    public MappedConversion(Map<String, ?> fields) {
        super(fields);
    }

    /** Takes down how a field was written in its source, where its value is another. */
    public void write(String field, String cell) {
        written = written.isEmpty() ? new HashMap<>() : written;
        written.put(field, cell);
    }

    /** Has the row refused at a field for what is missing elsewhere. What the field has is still shown. */
    public void refuse(String field, InvalidValue fault) {
        var before = put(field, fault);
        if (before != null) {
            replaced = replaced.isEmpty() ? new HashMap<>() : replaced;
            replaced.putIfAbsent(field, before);
        }
    }

    /** Says how a field of a conversion was written, if its value is another; else {@code null}. */
    static UnaryOperator<String> written(Map<String, ?> conversion) {
        return conversion instanceof MappedConversion mapped ? field -> mapped.written.get(field) : field -> null;
    }

    /** Says of which columns each field is made; {@code null} of one that is of none. */
    public void madeOf(UnaryOperator<String> columns) {
        origins = columns;
    }

    /** The columns that a field of a conversion is made of, for people; {@code null} for none. */
    static UnaryOperator<String> origins(Map<String, ?> conversion) {
        return conversion instanceof MappedConversion mapped ? mapped.origins : field -> null;
    }

    /** The fields of a conversion to show to people: those that could not be made out as they were written. */
    public static Map<String, Object> shown(Map<String, ?> conversion) {
        var shown = new LinkedHashMap<String, Object>();
        var replaced = conversion instanceof MappedConversion mapped ? mapped.replaced : Map.<String, Object>of();
        if (keyOf(conversion) != null) {
            shown.put("key", keyOf(conversion)); // by which its sender finds it
        }
        conversion.forEach((field, value) -> {
            var given = replaced.getOrDefault(field, value);
            if (given instanceof InvalidValue invalid) {
                if (!invalid.text().isEmpty()) {
                    shown.put(field, invalid.text());
                }
            } else {
                shown.put(field, given instanceof Money money ? money.text() : given);
            }
        });
        return shown;
    }

    /** Gives it a key of its source's own, by which it is known again. */
    public void nameBy(String own) {
        key = own;
    }

    /** Its source's own key; {@code null} where it has none. */
    public static String keyOf(Map<?, ?> conversion) {
        return conversion instanceof MappedConversion mapped ? mapped.key : null;
    }

    /** It is neither to be stored nor to be refused, for this reason. */
    public void leaveOut(String reason) {
        leftOutReason = reason;
    }

    /** Why it is to be left out; {@code null} when it counts. */
    public String leftOutReason() {
        return leftOutReason;
    }

    /** Whether a conversion is one that is to be left out. */
    public static boolean isLeftOut(Map<String, ?> conversion) {
        return conversion instanceof MappedConversion mapped && mapped.leftOutReason != null;
    }
}
