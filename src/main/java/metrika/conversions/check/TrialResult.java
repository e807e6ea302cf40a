package metrika.conversions.check;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import metrika.conversions.intake.RejectedRow;

/**
 * What a connector made of a sample.
 *
 * @param store what came to the store: what is valid, what is refused, what is warned of
 * @param csv the file that Metrika would get, {@code null} when the connector failed
 * @param failure what the connector failed with, {@code null} when it did not
 * @param trace what it said, and where it ended
 * @param requests what a channel would tell, line by line; {@code null} of a source
 */
public record TrialResult(DryRunBatchStore store, String csv, String failure, TrialTrace trace, List<String> requests) {

    /** Of one whose steps nobody watched. */
    TrialResult(DryRunBatchStore store, String csv, String failure) {
        this(store, csv, failure, new TrialTrace(), null);
    }

    /** Whether the route, or its columns, have left out all of it since there is nothing to count. */
    boolean isLeftOutOnPurpose() {
        var leftOut = leftOut().stream().map(RejectedRow::reason).toList();
        return failure == null
                && store.count() == 0
                && store.refused().stream().allMatch(row -> leftOut.contains(row.reason()))
                && (!leftOut.isEmpty() || trace.isStoring() || trace.ignoredReason() != null);
    }

    /** What is left out since there is nothing to count: of orders, and of the rows of files. */
    List<RejectedRow> leftOut() {
        return Stream.concat(trace.leftOut().stream(), store.leftOut().stream()).toList();
    }

    /** The lines of {@code *.expected.csv}: none when no row is valid. */
    List<String> csvLines() {
        return csv == null || store.count() == 0 ? List.of() : csv.lines().toList();
    }

    /** The lines of {@code *.expected.txt}: what a channel tells, the rows that are refused, what it failed with. */
    List<String> refusalLines() {
        var lines = new ArrayList<String>();
        if (requests != null) {
            lines.addAll(requests);
        }
        store.refused().forEach(row -> lines.add("line %d: %s".formatted(row.line(), row.reason())));
        if (failure != null) {
            failure.lines().forEach(lines::add);
        } else if (store.count() == 0 && lines.isEmpty()) {
            lines.add(requests == null ? "Nothing came to direct:store-conversions" : "Nothing is told");
        }
        return lines;
    }
}
