package metrika.conversions.intake;

import java.util.List;

/**
 * Rows of a source that are stored together. Their place in the source makes the part, never what is in them or the
 * time: the same source read again falls into the same parts.
 *
 * @param key the idempotency key, which stands for these rows and no others
 * @param rows at most as many as a request may have
 * @param rowKeys the key of each row, where each is stored by itself; else {@code null}. A row at fault, or left out,
 *     has {@code null} there
 * @param isChangeIgnored whether a row that came before with other values is no fault
 */
public record FileChunk(String key, List<SourceRow> rows, List<RowKey> rowKeys, boolean isChangeIgnored) {

    public FileChunk(String key, List<SourceRow> rows) {
        this(key, rows, null, false);
    }

    /** Those of the rows that were not stored that something is wrong with. */
    List<RejectedRow> faults(List<RejectedRow> notStored) {
        return isChangeIgnored
                ? notStored.stream().filter(row -> !row.isChanged()).toList()
                : notStored;
    }
}
