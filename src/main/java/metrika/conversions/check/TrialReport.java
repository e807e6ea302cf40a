package metrika.conversions.check;

import java.io.PrintStream;
import java.time.ZoneId;
import java.util.List;
import java.util.stream.Collectors;

import metrika.conversions.problem.Json;
import metrika.conversions.text.Counted;

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
     * @param saidBy what names that zone
     * @param properties the file that says what is tried how
     * @param now by which times are in the future
     * @return whether all rows are valid, and there are any
     */
    public boolean tell(TrialResult result, ZoneId zone, String saidBy, String properties, String now) {
        if (result.requests() != null) {
            list("What the log steps say:", result.trace().said());
            list("What is told:", result.requests());
            return true;
        }
        var store = result.store();
        var csv = result.csv();
        var trace = result.trace();
        if (trace.isUnverified()) {
            out.printf(
                    "%nThe signature of the sample was not checked, in operation it is: verify=true in %s has it"
                            + " checked here too%n",
                    properties);
        }
        list("What the log steps say:", trace.said());
        list("What is asked of other servers:", trace.asked());
        list("Recorded answers that are never asked for:", trace.unused());
        list("What is pulled:", trace.pulled());
        store.unmet().warnings().forEach(warning -> out.printf("%nwarning: %s%n", warning));
        store.arrivals().stream().limit(SHOWN).forEach(this::tell);
        out.printf(
                "%n%s, times without an offset taken for those of %s (%s; in operation the"
                        + " webhook's own time_zone applies):%n",
                Counted.of(store.count(), "conversion"), zone, saidBy);
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
        var leftOut = result.leftOut();
        var refused = store.refused().stream()
                .filter(row -> leftOut.stream().noneMatch(each -> each.reason().equals(row.reason())))
                .toList();
        list(
                "Left out, since there is nothing to count:",
                leftOut.stream()
                        .map(row -> "line %d: %s".formatted(row.line(), row.reason()))
                        .toList());
        list("What the route does not store:", trace.notStored());
        if (!refused.isEmpty()) {
            out.printf("%n%s refused:%n", Counted.are(refused.size(), "row"));
            refused.forEach(row -> out.printf("  line %d: %s%n", row.line(), row.reason()));
            if (refused.stream().anyMatch(row -> row.reason().contains(ConnectorTestCase.FUTURE))) {
                out.println("  now is " + now);
            }
        }
        if (csv != null && store.count() > 0) {
            out.printf(
                    "%nWhat Metrika would get:%n%s",
                    csv.lines().limit(SHOWN + 1L).collect(Collectors.joining("\n", "", "\n")));
        }
        list("What the sender gets:", trace.answers());
        list("Where the file goes:", trace.places());
        if (result.failure() != null) {
            out.println(result.failure());
            if (trace.lastStep() != null) {
                out.println("  at " + trace.lastStep());
            }
            return false;
        }
        if (csv != null && store.count() == 0 && store.refused().isEmpty() && leftOut.isEmpty()) {
            if (trace.ignoredReason() != null) {
                out.println("The sample is ignored: " + trace.ignoredReason());
                return true;
            }
            out.println(
                    trace.isStoring()
                            ? "The sample is ignored: the route ended at %s".formatted(trace.lastStep())
                            : "Nothing came to direct:store-conversions. Does the route call it?");
            return trace.isStoring();
        }
        return refused.isEmpty();
    }

    private void tell(Arrival arrival) {
        out.printf(
                "%nWhat came to direct:store-conversions, for %s, %s:%n",
                arrival.webhook() == null || String.valueOf(arrival.webhook()).isBlank()
                        ? "no webhook"
                        : "the webhook " + arrival.webhook(),
                arrival.key());
        arrival.rows().stream().limit(SHOWN).forEach(row -> out.println("  " + row));
        if (arrival.rows().size() > SHOWN) {
            out.printf("  … and %d more%n", arrival.rows().size() - SHOWN);
        }
    }

    private void list(String title, List<String> lines) {
        if (!lines.isEmpty()) {
            out.printf("%n%s%n", title);
            lines.stream().limit(SHOWN).forEach(line -> out.println("  " + line));
            if (lines.size() > SHOWN) {
                out.printf("  … and %d more%n", lines.size() - SHOWN);
            }
        }
    }
}
