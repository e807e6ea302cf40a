package metrika.conversions.intake;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A conversion on its way through {@code edit-conversions}: a map with the API's field names, which may be left out.
 */
public final class EditedConversion extends LinkedHashMap<String, Object> {

    private static final long serialVersionUID = 1L;

    private boolean isLeftOut;

    EditedConversion(Map<String, ?> fields) {
        super(fields);
        isLeftOut = MappedConversion.isLeftOut(fields);
    }

    void leaveOut() {
        isLeftOut = true;
    }

    boolean isLeftOut() {
        return isLeftOut;
    }

    @Override
    public boolean equals(Object other) {
        return this == other;
    }

    @Override
    public int hashCode() {
        return System.identityHashCode(this);
    }
}
