package metrika.conversions.intake;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Notes on the conversions of one request: all are counted, the first ones are kept. */
public final class RowErrors {

    /** How many are told to the caller. */
    public static final int SHOWN = 100;

    private final List<RowError> first = new ArrayList<>();
    private final int most;
    private int count;

    /** @param most how many are kept */
    RowErrors(int most) {
        this.most = most;
    }

    RowErrors() {
        this(SHOWN);
    }

    void add(RowError note) {
        count++;
        if (first.size() < most) {
            first.add(note);
        }
    }

    /** How many there are, with those that are not shown. */
    public int count() {
        return count;
    }

    /** Those that are kept. */
    public List<RowError> kept() {
        return first;
    }

    /** The first ones, as they stand in an answer; the last entry says how many more there are, if any. */
    public List<Map<String, Object>> toList() {
        var list = new ArrayList<Map<String, Object>>();
        first.stream().limit(SHOWN).forEach(note -> list.add(note.toMap()));
        if (count > SHOWN) {
            var more = new LinkedHashMap<String, Object>();
            more.put("code", "more");
            more.put("message", "%d more are not shown, %d in all".formatted(count - SHOWN, count));
            list.add(more);
        }
        return list;
    }
}
