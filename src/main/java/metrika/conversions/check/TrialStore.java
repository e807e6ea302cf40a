package metrika.conversions.check;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import metrika.conversions.intake.CheckedConversions;
import metrika.conversions.intake.ConversionStore;
import metrika.conversions.intake.FileChunk;
import metrika.conversions.intake.IncomingConversions;
import metrika.conversions.intake.RejectedRow;
import metrika.conversions.intake.StoredBatch;
import metrika.conversions.text.Counted;

/**
 * Stands for the store of a connector that runs on a developer's machine: checks what comes, keeps nothing, and tells
 * in the log what Metrika would get and what is refused. Tests ask for {@link #results()}.
 */
public final class TrialStore implements ConversionStore {

    private static final Logger LOG = LoggerFactory.getLogger(TrialStore.class);
    private static final int MAX_RESULTS = 100;

    /** Writes rows as the file that Metrika would get. */
    public interface CsvWriter {

        String write(List<?> rows) throws Exception;
    }

    private final Supplier<DryRunBatchStore> dryRuns;
    private final CsvWriter csv;
    private final Deque<TrialResult> results = new ArrayDeque<>();

    /** @param dryRuns gives each call one of its own */
    public TrialStore(Supplier<DryRunBatchStore> dryRuns, CsvWriter csv) {
        this.dryRuns = dryRuns;
        this.csv = csv;
    }

    /** What the last calls came to, the newest last. */
    public synchronized List<TrialResult> results() {
        return List.copyOf(results);
    }

    @Override
    public CheckedConversions check(IncomingConversions incoming, Object source, String badRows) {
        return dryRuns.get().check(incoming, source, badRows);
    }

    @Override
    public CompletableFuture<StoredBatch> store(
            CheckedConversions checked, String source, String key, Integer requestsInWindow, Executor continuation) {
        var dryRun = dryRuns.get();
        try {
            return dryRun.store(checked, source, key, requestsInWindow, continuation);
        } finally {
            tell(dryRun);
        }
    }

    @Override
    public List<RejectedRow> refusedOf(FileChunk part, Object source) {
        return dryRuns.get().refusedOf(part, source);
    }

    @Override
    public void keepRefused(Object source, String name, String file, List<RejectedRow> rows) {} // the log tells of them

    @Override
    public boolean isStored(String key, Object source) {
        return false;
    }

    private void tell(DryRunBatchStore dryRun) {
        TrialResult result;
        try {
            result = new TrialResult(dryRun, csv.write(dryRun.valid()), null);
            LOG.info(
                    "This is a trial, and nothing is stored. Metrika would get {}:\n{}",
                    Counted.of(dryRun.count(), "conversion"),
                    result.csv());
        } catch (Exception e) {
            result = new TrialResult(dryRun, null, "The file for Metrika cannot be written: " + e.getMessage());
            LOG.warn("{}", result.failure());
        }
        dryRun.refused().forEach(row -> LOG.warn("Refused, line {}: {}", row.line(), row.reason()));
        dryRun.warnings().stream().distinct().forEach(warning -> LOG.warn("{}", warning));
        synchronized (this) {
            results.add(result);
            if (results.size() > MAX_RESULTS) {
                results.remove();
            }
        }
    }
}
