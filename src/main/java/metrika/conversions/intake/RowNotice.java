package metrika.conversions.intake;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Something to say of one conversion: an error that keeps it out, or a warning.
 *
 * @param index the conversion's place in its request, from 0; {@link #REQUEST} when it is about the request itself
 * @param field the field of the API that it is about
 * @param code a stable name of the rule, for programs
 * @param message what is expected and what was given, for people
 */
public record RowNotice(int index, String field, String code, String message) {

    /** The index of a note on the request as a whole. */
    static final int REQUEST = -1;

    /** As it stands in an answer. */
    public Map<String, Object> toMap() {
        var map = new LinkedHashMap<String, Object>();
        if (index != REQUEST) {
            map.put("index", index);
        }
        map.put("field", field);
        map.put("code", code);
        map.put("message", message);
        return map;
    }
}
