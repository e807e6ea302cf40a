package metrika.conversions.intake;

import java.util.ArrayList;
import java.util.LinkedHashMap;
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
@JsonIgnoreProperties(
        value = {"code", "changed", "withoutIdentifier"},
        allowSetters = true)
public record RejectedRow(long line, String field, String reason, List<String> row, String code) {

    /** A row that was refused for no rule's sake. */
    public RejectedRow(long line, String field, String reason, List<String> row) {
        this(line, field, reason, row, null);
    }

    /** Why a row is left out whose order is stored already. */
    public static final String CHANGED =
            "it came before with another time, price or other values, which stay as they were";

    /**
     * How the rules begin to say that a row has nobody, whether a number suffices (rules.purchase-id-suffices) or not.
     */
    static final String NO_IDENTIFIER = "one of client_id, user_id";

    /** The same where it stands elsewhere. */
    public RejectedRow at(long place) {
        return new RejectedRow(place, field, reason, row, code);
    }

    public static RejectedRow of(SourceRow row, List<RowNotice> notes) {
        return of(
                row,
                notes.stream()
                        .map(RowNotice::field)
                        .filter(name -> !name.isEmpty())
                        .distinct()
                        .collect(Collectors.joining(", ")),
                reasons(notes),
                notes.isEmpty() ? null : notes.get(0).code());
    }

    /**
     * One reason for several fields, such as a broken text that they are all in, is told once: {@code a, b: reason}.
     */
    private static String reasons(List<RowNotice> notes) {
        var fields = new LinkedHashMap<String, List<String>>();
        for (var note : notes) {
            var beginning = note.field() + ": ";
            var isNamed = note.message().startsWith(beginning);
            var told = fields.computeIfAbsent(
                    isNamed ? note.message().substring(beginning.length()) : note.message(),
                    first -> new ArrayList<>());
            if (isNamed) {
                told.add(note.field());
            }
        }
        return fields.entrySet().stream()
                .map(told -> told.getValue().isEmpty()
                        ? told.getKey()
                        : String.join(", ", told.getValue()) + ": " + told.getKey())
                .collect(Collectors.joining("; "));
    }

    /** A row that came before with other values: what came first stays. */
    public static RejectedRow changed(SourceRow row) {
        return of(row, "", CHANGED, "changed");
    }

    /** Whether it came before with other values. */
    public boolean isChanged() {
        return reason.equals(CHANGED);
    }

    /** Whether it is refused only because it has nobody: no identifier at all. */
    public boolean isWithoutIdentifier() {
        return reason.startsWith(NO_IDENTIFIER) && field.equals("client_id");
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
