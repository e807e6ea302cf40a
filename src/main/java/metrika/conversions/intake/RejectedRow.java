package metrika.conversions.intake;

import java.util.List;
import java.util.stream.Collectors;

/**
 * A row that was left out.
 *
 * @param line where it begins in its source, from 1
 * @param field the fields at fault, with commas between them
 * @param reason all that is wrong with it, for people
 * @param row its values as they stood in the source
 */
public record RejectedRow(long line, String field, String reason, List<String> row) {

    public static RejectedRow of(SourceRow row, List<RowNotice> notes) {
        return of(
                row,
                notes.stream()
                        .map(RowNotice::field)
                        .filter(name -> !name.isEmpty())
                        .distinct()
                        .collect(Collectors.joining(", ")),
                notes.stream().map(RowNotice::message).collect(Collectors.joining("; ")));
    }

    /** A row with a fault of its own. */
    public static RejectedRow of(SourceRow row) {
        return of(row, "", row.fault());
    }

    private static RejectedRow of(SourceRow row, String field, String reason) {
        return new RejectedRow(
                row.line(),
                field,
                reason,
                row.source().stream()
                        .map(value -> value.replaceAll("[\\x00\\p{Cs}]", "?"))
                        .toList());
    }
}
