package metrika.conversions.check;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.stream.Collectors;

import metrika.conversions.auth.Webhook;
import metrika.conversions.intake.CheckedConversions;
import metrika.conversions.intake.ConversionReader;
import metrika.conversions.intake.ConversionStore;
import metrika.conversions.intake.Conversions;
import metrika.conversions.intake.FileChunk;
import metrika.conversions.intake.IncomingConversions;
import metrika.conversions.intake.InvalidConversions;
import metrika.conversions.intake.MappedConversion;
import metrika.conversions.intake.RejectedRow;
import metrika.conversions.intake.RowKey;
import metrika.conversions.intake.RowNotice;
import metrika.conversions.intake.SourceRow;
import metrika.conversions.intake.StoredBatch;
import metrika.conversions.sources.UnmetColumns;

/**
 * Checks as {@link metrika.conversions.intake.BatchStore} does, with the same rules, and remembers instead of storing.
 */
public final class DryRunBatchStore implements ConversionStore {

    private final ConversionReader reader;
    private final Webhook webhook;
    private final List<Map<String, Object>> valid = new ArrayList<>();
    private final List<RejectedRow> refused = new ArrayList<>();
    private final List<RejectedRow> leftOut = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();
    private final List<Map<String, Object>> times = new ArrayList<>();
    private final List<Arrival> arrivals = new ArrayList<>();
    private final UnmetColumns unmet = new UnmetColumns();
    /** What the rows that are known again were first, by their keys. */
    private final Map<String, byte[]> known = new HashMap<>();

    private Object named;
    private int count;
    private int repeated;
    private List<RejectedRow> changed = List.of();

    /** @param webhook stands for the one that the source names */
    public DryRunBatchStore(ConversionReader reader, Webhook webhook) {
        this.reader = reader;
        this.webhook = webhook;
    }

    @Override
    public CheckedConversions check(IncomingConversions incoming, Object source, String badRows) {
        named = source;
        repeated = 0;
        changed = List.of();
        var first = incoming.part() == null || incoming.part().rowKeys() == null ? incoming : first(incoming.part());
        return new CheckedConversions(reader, first, webhook, badRows);
    }

    /** Without the rows whose keys are known: a row that breaks a rule makes none known. */
    private IncomingConversions first(FileChunk part) {
        var rows = new ArrayList<SourceRow>();
        var keys = new ArrayList<RowKey>();
        changed = new ArrayList<>();
        for (int i = 0; i < part.rows().size(); i++) {
            var row = part.rows().get(i);
            var key = part.rowKeys().get(i);
            var hash = key == null ? null : known.get(key.key());
            if (hash == null) {
                rows.add(row);
                keys.add(key);
                if (key != null
                        && reader.readValidRows(List.of(row), webhook, new ArrayList<>())
                                        .size()
                                > 0) {
                    known.put(key.key(), key.hash());
                }
            } else if (Arrays.equals(hash, key.hash())) {
                repeated++;
            } else {
                changed.add(RejectedRow.changed(row));
            }
        }
        return IncomingConversions.of(new FileChunk(part.key(), rows, keys, part.isChangeIgnored()), Integer.MAX_VALUE);
    }

    @Override
    public CompletableFuture<StoredBatch> store(
            CheckedConversions checked, String source, String key, Integer requestsInWindow, Executor continuation) {
        arrivals.add(Arrival.of(named, key, checked.incoming()));
        Conversions conversions;
        try {
            conversions = checked.conversions();
        } catch (InvalidConversions e) {
            var incoming = checked.incoming();
            if (incoming.rows() != null) {
                reader.readValidRows(incoming.asRows(), webhook, refused);
            } else {
                e.errors().kept().stream()
                        .collect(Collectors.groupingBy(RowNotice::index, TreeMap::new, Collectors.toList()))
                        .forEach((index, notes) ->
                                refused.add(RejectedRow.of(new SourceRow(index + 1L, Map.of(), List.of()), notes)));
            }
            throw e;
        }
        var left = new ArrayList<>(checked.rejected());
        left.addAll(changed);
        left.sort(Comparator.comparingLong(RejectedRow::line));
        refused.addAll(left);
        if (checked.incoming().rows() != null) {
            leftOut.addAll(leftOut(checked.incoming()));
        }
        count += conversions.size();
        valid.addAll(conversions.preview(Integer.MAX_VALUE));
        warnings.addAll(conversions.warnings().messages());
        times.addAll(conversions.times(Integer.MAX_VALUE, webhook.timeZone()));
        return CompletableFuture.completedFuture(new StoredBatch(
                conversions.size() == 0 ? null : new UUID(0, 0), conversions.size() + repeated, null, left, repeated));
    }

    private static List<RejectedRow> leftOut(IncomingConversions incoming) {
        return incoming.asRows().stream()
                .filter(row -> row.fault() == null && MappedConversion.isLeftOut(row.fields()))
                .map(row -> new RejectedRow(
                        row.line(), "", ((MappedConversion) row.fields()).leftOutReason(), row.source()))
                .toList();
    }

    @Override
    public List<RejectedRow> refusedOf(FileChunk part, Object source) {
        var left = new ArrayList<RejectedRow>();
        reader.readValidRows(part.rows(), webhook, left);
        refused.addAll(left);
        return left;
    }

    @Override
    public void keepRefused(
            Object source,
            String name,
            String file,
            List<RejectedRow> rows) {} // they are among those that it remembers

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

    /** Which columns the rows have that it is made of. */
    public UnmetColumns unmet() {
        return unmet;
    }

    /** What came, call by call. */
    List<Arrival> arrivals() {
        return arrivals;
    }

    public List<RejectedRow> refused() {
        return refused;
    }

    /** Rows that their columns leave out. */
    List<RejectedRow> leftOut() {
        return leftOut;
    }

    public List<String> warnings() {
        return warnings;
    }

    public int count() {
        return count;
    }
}
