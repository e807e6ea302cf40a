package metrika.conversions.problem;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What is wrong with the fields of one body: all of it is counted, the first ones are kept. */
public final class FieldErrors {

    private static final int SHOWN = 100;
    private static final int QUOTED = 60;

    private final List<Map<String, Object>> first = new ArrayList<>();
    private int count;

    /**
     * @param field the field that it is about, as it was given
     * @param code a stable name of the rule, for programs
     * @param message what is expected, for people
     */
    public void add(String field, String code, String message) {
        count++;
        if (first.size() < SHOWN) {
            first.add(Json.error(quoted(field), code, message));
        }
    }

    /** Notes a field that there is none of. */
    public void unknown(String field, String known) {
        add(
                field,
                "unknown_field",
                first.size() < SHOWN ? "there is no field " + quoted(field) + "; the fields are " + known : "");
    }

    /** How many there are, with those that are not kept. */
    public int count() {
        return count;
    }

    /** The first ones, as they stand in an answer; the last entry says how many more there are, if any. */
    public List<Map<String, Object>> toList() {
        var list = new ArrayList<>(first);
        if (count > SHOWN) {
            var more = new LinkedHashMap<String, Object>();
            more.put("code", "more");
            more.put("message", "%d more are not shown, %d in all".formatted(count - SHOWN, count));
            list.add(more);
        }
        return list;
    }

    /** What was given, short enough for a message, and without what a log or a terminal stumbles over. */
    public static String quoted(String given) {
        return (given.length() > QUOTED ? given.substring(0, QUOTED) + "…" : given)
                .replaceAll("[\\p{Cntrl}\\p{Cs}]", "?");
    }
}
