package metrika.conversions.database;

import java.util.Collection;
import java.util.stream.Collectors;

/** Arrays as PostgreSQL writes them, which a cast in a statement reads: parameters of routes are single values. */
public final class ArrayText {

    private ArrayText() {}

    /** Of texts and identifiers. */
    public static String of(Collection<?> values) {
        return values.stream()
                .map(value -> '"' + String.valueOf(value).replaceAll("[\\\\\"]", "\\\\$0") + '"')
                .collect(Collectors.joining(",", "{", "}"));
    }
}
