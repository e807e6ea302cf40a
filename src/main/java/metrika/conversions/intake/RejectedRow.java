package metrika.conversions.intake;

import java.util.List;
import java.util.stream.Collectors;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;

/**
 * A row that was left out.
 *
 * @param line where it begins in its source, from 1
 * @param field the fields at fault, with commas between them
 * @param reason all that is wrong with it, for people
 * @param row its values as they stood in the source
 * @param code the name of the first rule that it breaks; not stored, and {@code null} where it is not known
 */
@JsonIgnoreProperties("code")
public record RejectedRow(long line, String field, String reason, List<String> row, String code) {

    /** A row that was refused for no rule's sake. */
    public RejectedRow(long line, String field, String reason, List<String> row) {
        this(line, field, reason, row, null);
    }

    public static RejectedRow of(SourceRow row, List<RowNotice> notes) {
        return of(
                row,
                notes.stream()
                        .map(RowNotice::field)
                        .filter(name -> !name.isEmpty())
                        .distinct()
                        .collect(Collectors.joining(", ")),
                notes.stream().map(RowNotice::message).collect(Collectors.joining("; ")),
                notes.isEmpty() ? null : notes.get(0).code());
    }

    /** A row with a fault of its own. */
    public static RejectedRow of(SourceRow row) {
        return of(row, "", row.fault(), "unreadable_row");
    }

    private static RejectedRow of(SourceRow row, String field, String reason, String code) {
        return new RejectedRow(
                row.line(),
                field,
                reason,
                row.source().stream()
                        .map(value -> value.replaceAll("[\\x00\\p{Cs}]", "?"))
                        .toList(),
                code);
    }
}
