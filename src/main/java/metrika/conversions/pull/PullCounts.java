package metrika.conversions.pull;

import java.util.LinkedHashMap;

import metrika.conversions.intake.StoredBatch;
import metrika.conversions.problem.Json;
import metrika.conversions.sources.OrderMessage;

/** What became of the rows of one pull, each counted once. */
final class PullCounts {

    private int read;
    private int stored;
    private int known;
    private int changed;
    private int refused;
    private int withoutIdentifier;
    private int leftOut;

    /** Rows of a page that is read to its end. */
    void addRead(int rows) {
        read += rows;
    }

    /** A row that was mapped: what is left of it, and what is not. */
    void add(StoredBatch batch, OrderMessage message) {
        if (batch != null && batch.id() != null) {
            stored += batch.known() > 0 ? 0 : 1;
            known += batch.known() > 0 ? 1 : 0;
        } else if (batch != null && !batch.refused().isEmpty() || message != null && message.hasFaults()) {
            refused++;
        } else if (message != null && message.hasNobody()) {
            withoutIdentifier++;
        } else {
            leftOut++;
        }
    }

    /** A row that was stored before with other values, which stay. */
    void addChanged() {
        changed++;
    }

    /** A row that breaks the rules. */
    void addRefused() {
        refused++;
    }

    int stored() {
        return stored;
    }

    /** For the table {@code source_cursor}. */
    String toJson() {
        var counts = new LinkedHashMap<String, Integer>();
        counts.put("read", read);
        counts.put("stored", stored);
        counts.put("known", known);
        counts.put("changed", changed);
        counts.put("refused", refused);
        counts.put("without_identifier", withoutIdentifier);
        counts.put("left_out", leftOut);
        return Json.write(counts);
    }

    @Override
    public String toString() {
        return "%d rows read, %d stored, %d known already, %d changed since, %d refused, %d without identifier, %d left out"
                .formatted(read, stored, known, changed, refused, withoutIdentifier, leftOut);
    }
}
