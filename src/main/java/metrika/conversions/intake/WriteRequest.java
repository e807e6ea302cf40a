package metrika.conversions.intake;

import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * A batch that waits for {@link BatchWriter}.
 *
 * @param outcome complete when it is known
 * @param since when it began to wait, on this machine's monotonic clock
 */
record WriteRequest(NewBatch batch, CompletableFuture<WriteResult> outcome, long since) {

    WriteRequest(NewBatch batch) {
        this(batch, new CompletableFuture<>(), System.nanoTime());
    }

    UUID webhook() {
        return batch.webhook().id();
    }

    int rows() {
        return batch.conversions().size();
    }
}
