package metrika.conversions.intake;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Notes on the conversions of one request: all are counted, the first ones are kept. */
public final class RowNotices {

    /** How many are told to the caller. */
    public static final int SHOWN = 100;

    private final List<RowNotice> first = new ArrayList<>();
    private final int max;
    private int count;

    /** @param max how many are kept */
    RowNotices(int max) {
        this.max = max;
    }

    RowNotices() {
        this(SHOWN);
    }

    void add(RowNotice note) {
        count++;
        if (first.size() < max) {
            first.add(note);
        }
    }

    /** How many there are, with those that are not shown. */
    public int count() {
        return count;
    }

    /** Those that are kept. */
    public List<RowNotice> kept() {
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
