package metrika.conversions.intake;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import metrika.conversions.problem.Json;

/**
 * What is to be said of conversions that were taken all the same. All of it is counted; what has one code and one field
 * is told once, with the first conversion that it is about. Most requests have none, many have the same for each
 * conversion.
 */
public final class Warnings {

    private final List<Entry> entries = new ArrayList<>();
    private final Map<String, List<Entry>> ofField = new HashMap<>();
    private int count;

    private static final class Entry {

        private final RowNotice first;
        private int count = 1;

        Entry(RowNotice first) {
            this.first = first;
        }
    }

    /** One about the request, or about a conversion: the first of its kind, or one more. */
    public void add(RowNotice note) {
        if (!counts(note.field(), note.code())) {
            add(note.field(), note);
        }
    }

    /**
     * Counts one more of a kind that is told already, or that there is no room to tell. Only where it was not, it has
     * to be {@linkplain #add(String, RowNotice) added}, so that no message is composed for nothing.
     *
     * @param field as it was given
     */
    boolean counts(String field, String code) {
        for (var entry : ofField.getOrDefault(field, List.of())) {
            if (entry.first.code().equals(code)) {
                entry.count++;
                count++;
                return true;
            }
        }
        if (entries.size() >= RowNotices.SHOWN) {
            count++;
            return true;
        }
        return false;
    }

    /** The first one of its kind. */
    void add(String field, RowNotice note) {
        var entry = new Entry(note);
        entries.add(entry);
        ofField.computeIfAbsent(field, missing -> new ArrayList<>(1)).add(entry);
        count++;
    }

    /** How many there are in all. */
    public int count() {
        return count;
    }

    /** The first of each kind, with how many there are. */
    public List<String> messages() {
        return entries.stream()
                .map(entry -> entry.count == 1
                        ? entry.first.message()
                        : "%s (and %d more like it)".formatted(entry.first.message(), entry.count - 1))
                .toList();
    }

    /** As they stand in an answer, as a JSON array; {@code null} when there are none. */
    String toJson() {
        return count == 0 ? null : Json.write(toList());
    }

    /** As they stand in an answer; the last entry says how many there are that are not told, if any. */
    public List<Map<String, Object>> toList() {
        var list = new ArrayList<Map<String, Object>>();
        var told = 0;
        for (var entry : entries) {
            var map = entry.first.toMap();
            if (entry.count > 1) {
                map.put("count", entry.count);
            }
            list.add(map);
            told += entry.count;
        }
        if (told < count) {
            var more = new LinkedHashMap<String, Object>();
            more.put("code", "more");
            more.put("message", "%d more are not shown, %d in all".formatted(count - told, count));
            list.add(more);
        }
        return list;
    }
}
