package metrika.conversions.intake;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Notes on the conversions of one request: all are counted, the first {@value #SHOWN} are kept. */
public final class RowNotes {

    /** How many are told to the caller. */
    public static final int SHOWN = 100;

    private final List<RowNote> first = new ArrayList<>();
    private int count;

    void add(RowNote note) {
        count++;
        if (first.size() < SHOWN) {
            first.add(note);
        }
    }

    /** How many there are, with those that are not shown. */
    public int count() {
        return count;
    }

    /** The first ones, as they stand in an answer; the last entry says how many more there are, if any. */
    public List<Map<String, Object>> toList() {
        var list = new ArrayList<Map<String, Object>>();
        first.forEach(note -> list.add(note.toMap()));
        if (count > SHOWN) {
            var more = new LinkedHashMap<String, Object>();
            more.put("code", "more");
            more.put("message", "%d more are not shown, %d in all".formatted(count - SHOWN, count));
            list.add(more);
        }
        return list;
    }
}
