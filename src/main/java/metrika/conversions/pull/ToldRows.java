package metrika.conversions.pull;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** The rows that the log has told of: those at the cursor are read at each pull. */
final class ToldRows {

    private static final int MAX = 10_000;

    private final Set<String> rows = Collections.newSetFromMap(Collections.synchronizedMap(new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > MAX;
        }
    }));

    /** Notes that a row is told of; false when it was before, for the same reason. */
    boolean add(String source, String key, String reason) {
        return rows.add(source + " " + key + " " + reason);
    }
}
