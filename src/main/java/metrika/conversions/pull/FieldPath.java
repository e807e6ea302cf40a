package metrika.conversions.pull;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A value in what a source answers, by a path such as {@code _embedded.leads} or {@code items.0.id}. */
final class FieldPath {

    private FieldPath() {}

    /**
     * The first value that there is.
     *
     * @param paths as for {@link #find}, with {@code |} between them
     * @return {@code null} when there is nothing at any of them, or only an empty text
     */
    static Object first(Object value, String paths) {
        for (var path : paths.split("\\|")) {
            var found = find(value, path.strip());
            if (found != null && !found.toString().isBlank()) {
                return found;
            }
        }
        return null;
    }

    /**
     * Why {@link #first} finds nothing, without any value: {@code number is null, id is missing}.
     *
     * @param paths as there
     */
    static String absence(Object value, String paths) {
        return Arrays.stream(paths.split("\\|"))
                .map(String::strip)
                .map(path -> "%s is %s".formatted(path, kind(value, path)))
                .collect(Collectors.joining(", "));
    }

    private static String kind(Object value, String path) {
        if (find(value, path) != null) {
            return "empty";
        }
        var end = path.lastIndexOf('.');
        return find(value, path.substring(0, Math.max(0, end))) instanceof Map<?, ?> map
                        && map.containsKey(path.substring(end + 1))
                ? "null"
                : "missing";
    }

    /**
     * @param value maps and lists, as JSON is read
     * @param path names and indexes from 0, separated by dots; empty for the value itself
     * @return {@code null} when there is nothing at that path
     */
    static Object find(Object value, String path) {
        var found = value;
        for (var part : path.isEmpty() ? new String[0] : path.split("\\.")) {
            if (found instanceof Map<?, ?> map) {
                found = map.get(part);
            } else if (found instanceof List<?> list && part.matches("\\d{1,9}")) {
                var index = Integer.parseInt(part);
                found = index < list.size() ? list.get(index) : null;
            } else {
                return null;
            }
        }
        return found;
    }
}
