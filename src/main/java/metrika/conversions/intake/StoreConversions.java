package metrika.conversions.intake;

import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeoutException;

import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.support.AsyncProcessorSupport;

import metrika.conversions.http.HttpApiServer;
import metrika.conversions.ids.LogIds;
import metrika.conversions.steps.NonBlocking;

/** The last step of {@code store-conversions}: stores what was checked, and leaves the variable {@code batch}. */
public final class StoreConversions extends AsyncProcessorSupport {

    private final ConversionStore store;
    private final BatchTraces traces;

    public StoreConversions(ConversionStore store) {
        this(store, null);
    }

    /** @param traces {@code null} when there are none */
    public StoreConversions(ConversionStore store, BatchTraces traces) {
        this.store = store;
        this.traces = traces;
    }

    @Override
    @NonBlocking
    public boolean process(Exchange exchange, AsyncCallback callback) {
        CompletableFuture<StoredBatch> stored;
        var span = traces == null ? null : traces.begin(exchange);
        try {
            var checked = exchange.getVariable(CheckConversions.CHECKED, CheckedConversions.class);
            if (!checked.rejected().isEmpty()
                    && ConversionStore.LOG.equals(exchange.getVariable("bad-rows", String.class))) {
                // Before the batch: when the database is away here, what comes again is not stored twice for it
                store.keepRefused(
                        exchange.getVariable("webhook"), ConversionStore.sourceOf(exchange), null, checked.rejected());
            }
            stored = store.store(
                    checked,
                    ConversionStore.sourceOf(exchange),
                    exchange.getVariable("idempotency-key", String.class),
                    exchange.getVariable("requests-in-window", Integer.class),
                    exchange.getProperty(HttpApiServer.CONTINUATION, Executor.class));
        } catch (SQLException | RuntimeException | InterruptedException e) {
            stored = CompletableFuture.failedFuture(e);
        }
        if (span != null) {
            stored = stored.whenComplete((batch, failure) -> traces.end(span, batch, failure));
        }
        if (stored.isDone()) {
            stored.whenComplete((batch, failure) -> leave(exchange, batch, failure));
            callback.done(true);
            return true;
        }
        var subject = LogIds.subject();
        stored.whenComplete((batch, failure) -> {
            leave(exchange, batch, failure);
            LogIds.show(subject);
            callback.done(false);
            LogIds.clear();
        });
        return false;
    }

    /** Answers the sender of the variable {@code batch}. */
    @NonBlocking
    public void answer(Exchange exchange) {
        exchange.getMessage()
                .setBody(exchange.getVariable("batch", StoredBatch.class).toJson());
    }

    private static void leave(Exchange exchange, StoredBatch batch, Throwable failure) {
        if (failure == null) {
            exchange.setVariable("batch", batch);
        } else {
            var cause = failure instanceof CompletionException wrapper ? wrapper.getCause() : failure;
            exchange.setException(
                    cause instanceof TimeoutException late
                            ? new SQLTimeoutException(
                                    "no answer from the database within " + IdempotencyLookup.MILLIS + " ms", late)
                            : cause);
        }
    }
}
