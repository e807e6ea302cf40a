package metrika.conversions.sources;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import metrika.conversions.http.FormFields;
import metrika.conversions.problem.ProblemException;

/**
 * Fields by their paths: {@code leads[status][0][id]} is leads, status, 0, id. Whether a name that is given more than
 * once is one that counts only the mapping knows, so what differs is kept, all of it, as a list.
 */
final class FieldTree {

    private static final int MAX_NAMES = 10;

    private final Map<String, Object> root = new LinkedHashMap<>();
    private int count;

    /** All that was given under one name. */
    private static final class Several extends ArrayList<Object> {

        private static final long serialVersionUID = 1L;
    }

    /** @throws ProblemException 400 when it is one field too many, or nested too deep */
    void add(String name, String value) {
        if (++count > FormFields.MOST) {
            throw FormFields.tooMany();
        }
        var path = path(name);
        var map = root;
        for (var part : path.subList(0, path.size() - 1)) {
            map = child(map, part);
        }
        var last = path.get(path.size() - 1);
        put(map, last.isEmpty() && path.size() > 1 ? String.valueOf(map.size()) : last, value);
    }

    /** Takes a value that has its shape already. */
    void put(String name, Object value) {
        if (value != null) {
            put(root, name, value);
        }
    }

    private static void put(Map<String, Object> map, String name, Object value) {
        var before = map.putIfAbsent(name, value);
        if (before instanceof Several several) {
            if (!several.contains(value)) {
                several.add(value);
            }
        } else if (before != null && !before.equals(value)) {
            map.put(name, several(before, value));
        }
    }

    private static Several several(Object first, Object second) {
        var several = new Several();
        several.add(first);
        several.add(second);
        return several;
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> child(Map<String, Object> map, String part) {
        var key = part.isEmpty() ? String.valueOf(map.size()) : part;
        var before = map.get(key);
        if (before instanceof Map<?, ?> child) {
            return (Map<String, Object>) child;
        }
        if (before instanceof Several several) {
            for (var value : several) {
                if (value instanceof Map<?, ?> child) {
                    return (Map<String, Object>) child;
                }
            }
        }
        var child = new LinkedHashMap<String, Object>();
        put(map, key, child);
        return child;
    }

    /** What is not of the form {@code a[b][0]} is a name as it stands. */
    private static List<String> path(String name) {
        var open = name.indexOf('[');
        if (open < 1 || !name.endsWith("]")) {
            return List.of(name);
        }
        var path = new ArrayList<>(List.of(name.substring(0, open)));
        path.addAll(List.of(name.substring(open + 1, name.length() - 1).split("]\\[", -1)));
        if (path.size() > MAX_NAMES) {
            throw ProblemException.of(
                    400, "'%s' is nested more than %d deep".formatted(FormFields.shortened(name), MAX_NAMES));
        }
        return path;
    }

    /** Maps, lists and values. */
    Map<String, Object> toMap() {
        root.replaceAll((name, value) -> listed(value));
        return root;
    }

    /** Maps whose names are all numbers are lists, in the order in which they were given: gaps are no values. */
    private static Object listed(Object value) {
        if (value instanceof Several several) {
            several.replaceAll(FieldTree::listed);
            return several;
        }
        if (!(value instanceof Map<?, ?> map)) {
            return value;
        }
        var isList = !map.isEmpty()
                && map.keySet().stream().allMatch(key -> key.toString().matches("[0-9]{1,9}"));
        if (isList) {
            return map.values().stream().map(FieldTree::listed).collect(Collectors.toCollection(ArrayList::new));
        }
        var named = new LinkedHashMap<String, Object>();
        map.forEach((name, child) -> named.put(name.toString(), listed(child)));
        return named;
    }
}
