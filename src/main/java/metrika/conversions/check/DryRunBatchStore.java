package metrika.conversions.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

import metrika.conversions.auth.Webhook;
import metrika.conversions.intake.ConversionReader;
import metrika.conversions.intake.ConversionStore;
import metrika.conversions.intake.Conversions;
import metrika.conversions.intake.FileChunk;
import metrika.conversions.intake.IncomingConversions;
import metrika.conversions.intake.InvalidConversions;
import metrika.conversions.intake.RejectedRow;
import metrika.conversions.intake.RowError;
import metrika.conversions.intake.SourceRow;
import metrika.conversions.intake.StoredBatch;

/**
 * Checks as {@link metrika.conversions.intake.BatchStore} does, with the same rules, and remembers instead of storing.
 */
public final class DryRunBatchStore implements ConversionStore {

    private final ConversionReader reader;
    private final Webhook webhook;
    private final List<Map<String, Object>> valid = new ArrayList<>();
    private final List<RejectedRow> refused = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();
    private final List<Map<String, Object>> times = new ArrayList<>();
    private int count;

    /** @param webhook stands for the one that the source names */
    public DryRunBatchStore(ConversionReader reader, Webhook webhook) {
        this.reader = reader;
        this.webhook = webhook;
    }

    @Override
    public Conversions check(Object body, Object source) {
        return reader.read(IncomingConversions.of(body, reader.mostConversions()), webhook.timeZone());
    }

    @Override
    public CompletableFuture<StoredBatch> store(Object body, Object source, String key, Integer place, String badRows) {
        var left = new ArrayList<RejectedRow>();
        Conversions conversions;
        var delivered = IncomingConversions.of(body, reader.mostConversions());
        if (delivered.part() != null || LEAVE_OUT.equals(badRows) && delivered.hasSizeUpTo(reader.mostConversions())) {
            conversions = reader.readValidRows(delivered.asRows(), webhook.timeZone(), left);
        } else {
            try {
                conversions = reader.read(delivered, webhook.timeZone());
            } catch (InvalidConversions e) {
                if (delivered.rows() != null) {
                    reader.readValidRows(delivered.asRows(), webhook.timeZone(), refused);
                } else {
                    e.errors().kept().stream()
                            .collect(Collectors.groupingBy(RowError::index, TreeMap::new, Collectors.toList()))
                            .forEach((index, notes) ->
                                    refused.add(RejectedRow.of(new SourceRow(index + 1L, Map.of(), List.of()), notes)));
                }
                throw e;
            }
        }
        refused.addAll(left);
        count += conversions.size();
        valid.addAll(conversions.preview(Integer.MAX_VALUE));
        warnings.addAll(conversions.warnings().messages());
        times.addAll(conversions.times(Integer.MAX_VALUE, webhook.timeZone()));
        return CompletableFuture.completedFuture(
                new StoredBatch(conversions.size() == 0 ? null : new UUID(0, 0), conversions.size(), null, left));
    }

    @Override
    public List<RejectedRow> refusedOf(FileChunk part, Object source) {
        var left = new ArrayList<RejectedRow>();
        reader.readValidRows(part.rows(), webhook.timeZone(), left);
        refused.addAll(left);
        return left;
    }

    @Override
    public boolean isStored(String key, Object source) {
        return false;
    }

    /** The columns of what would be sent, row by row. */
    public List<Map<String, Object>> valid() {
        return valid;
    }

    /** When they happened, row by row, as {@link Conversions#times} has it. */
    public List<Map<String, Object>> times() {
        return times;
    }

    public List<RejectedRow> refused() {
        return refused;
    }

    public List<String> warnings() {
        return warnings;
    }

    public int count() {
        return count;
    }
}
