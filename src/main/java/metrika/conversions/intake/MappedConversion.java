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
    private String leftOutReason;

    public MappedConversion(Map<String, ?> fields) {
        super(fields);
    }

    /** Takes down how a field was written in its source, where its value is another. */
    public void write(String field, String cell) {
        written = written.isEmpty() ? new HashMap<>() : written;
        written.put(field, cell);
    }

    /** Says how a field of a conversion was written, if its value is another; else {@code null}. */
    static UnaryOperator<String> written(Map<String, ?> conversion) {
        return conversion instanceof MappedConversion mapped ? field -> mapped.written.get(field) : field -> null;
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
