package metrika.conversions.sources;

import java.util.List;

/** What becomes of rows that came before with other values: the variable {@code changed}. */
public final class ChangedRows {

    /** They are refused, as if something was wrong with them. So it is when nothing is said. */
    public static final String REFUSE = "refuse";

    /** They are counted, and what came first stays. */
    public static final String IGNORE = "ignore";

    public static final List<String> WAYS = List.of(REFUSE, IGNORE);

    private ChangedRows() {}

    /** @throws IllegalArgumentException when something else is said */
    static boolean areIgnored(String changed) {
        if (changed != null && !changed.isBlank() && !WAYS.contains(changed)) {
            throw new IllegalArgumentException("changed is '%s': refuse or ignore is expected".formatted(changed));
        }
        return IGNORE.equals(changed);
    }
}
