package metrika.conversions.check;

import java.io.PrintStream;
import java.time.ZoneId;
import java.util.stream.Collectors;

import metrika.conversions.problem.Json;

/** Tells people what a connector made of a sample. */
public final class TrialReport {

    private static final int SHOWN = 20;

    private final PrintStream out;

    public TrialReport(PrintStream out) {
        this.out = out;
    }

    /**
     * Tells it.
     *
     * @param zone that times without an offset were taken for
     * @return whether all rows are valid, and there are any
     */
    public boolean tell(TrialResult result, ZoneId zone) {
        var store = result.store();
        var csv = result.csv();
        out.printf(
                "%n%d conversions, times without an offset taken for those of %s (webhooks.default-time-zone; in"
                        + " operation the webhook's own time_zone applies):%n",
                store.count(), zone);
        for (int i = 0; i < Math.min(SHOWN, store.count()); i++) {
            var time = store.times().get(i);
            out.println("  %s (%s): %s"
                    .formatted(
                            time.get("date_time"),
                            time.get("instant"),
                            Json.write(store.valid().get(i))));
        }
        if (store.count() > SHOWN) {
            out.printf("  … and %d more%n", store.count() - SHOWN);
        }
        store.warnings().stream().distinct().limit(SHOWN).forEach(warning -> out.println("  warning: " + warning));
        if (!store.refused().isEmpty()) {
            out.printf("%n%d rows are refused:%n", store.refused().size());
            store.refused().forEach(row -> out.printf("  line %d: %s%n", row.line(), row.reason()));
        }
        if (csv != null && store.count() > 0) {
            out.printf(
                    "%nWhat Metrika would get:%n%s",
                    csv.lines().limit(SHOWN + 1L).collect(Collectors.joining("\n", "", "\n")));
        }
        if (result.failure() != null) {
            out.println(result.failure());
            return false;
        }
        if (csv != null && store.count() == 0 && store.refused().isEmpty()) {
            out.println("Nothing came to direct:store-conversions. Does the route call it?");
            return false;
        }
        return store.refused().isEmpty();
    }
}
