package metrika.conversions.intake;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

import metrika.conversions.database.ArrayText;

/**
 * Counts refused conversions, which no statement of the database sees, until the route {@code collect-metrics} adds
 * them to the tallies every few seconds. What a killed process has not added by then is lost: it is a number only.
 */
public final class RefusalTally {

    private record Key(UUID webhook, String source, String code) {}

    private final Map<Key, Long> counts = new ConcurrentHashMap<>();
    private volatile Map<Key, Long> read = Map.of();

    /** A request was refused, whole. */
    void add(UUID webhook, String source, InvalidConversions refusal) {
        var codes = refusal.errors().kept();
        add(webhook, source, codes.isEmpty() ? "" : codes.get(0).code(), refusal.total());
    }

    /** Rows of a request were left out. */
    void add(UUID webhook, String source, List<RejectedRow> rows) {
        for (var row : rows) {
            add(webhook, source, row.code() == null ? "" : row.code(), 1);
        }
    }

    private void add(UUID webhook, String source, String code, long number) {
        counts.merge(new Key(webhook, source, code), number, Long::sum);
    }

    /**
     * The row {@code refusals} of {@code add-refusals.sql}: what was counted since {@link #subtract}, as arrays;
     * {@code null} when there is nothing.
     */
    public Map<String, Object> read() {
        var now = Map.copyOf(counts); // its views share one order
        read = now;
        return now.isEmpty()
                ? null
                : Map.of(
                        "webhooks", column(now, Key::webhook),
                        "sources", column(now, Key::source),
                        "codes", column(now, Key::code),
                        "quantities", ArrayText.of(now.values()));
    }

    /** What was read last is in the tallies. */
    public void subtract() {
        read.forEach((key, number) ->
                counts.computeIfPresent(key, (same, count) -> count.equals(number) ? null : count - number));
        read = Map.of();
    }

    private static String column(Map<Key, Long> counted, Function<Key, Object> value) {
        return ArrayText.of(counted.keySet().stream().map(value).toList());
    }
}
