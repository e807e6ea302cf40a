package metrika.conversions.intake;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.UUID;
import java.util.concurrent.CompletionException;
import javax.sql.DataSource;

import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import metrika.conversions.database.SqlFile;
import metrika.conversions.tracing.TraceSpan;
import metrika.conversions.tracing.Traces;

/**
 * Traces the storing of batches, and records by which span each was stored: by a statement of its own, so that the one
 * that stores is the same whether traces are on or not.
 */
public final class BatchTraces {

    private static final Logger LOG = LoggerFactory.getLogger(BatchTraces.class);
    private static final String RECORD = SqlFile.text("intake/record-batch-trace");

    private final Traces traces;
    private final DataSource database;

    public BatchTraces(Traces traces, DataSource database) {
        this.traces = traces;
        this.database = database;
    }

    /** Begins a part of the trace of the exchange, or a trace where it has none, as of a file. */
    TraceSpan begin(Exchange exchange) {
        var request = exchange.getProperty(TraceSpan.PROPERTY, TraceSpan.class);
        var name = "store-conversions";
        var span = request == null
                ? traces.begin(name, TraceSpan.Kind.CONSUMER, null)
                : request.child(name, TraceSpan.Kind.INTERNAL);
        return span.set("metrika.source", ConversionStore.sourceOf(exchange));
    }

    /** Ends it. When it cannot be recorded, the batch is stored all the same, and only its upload does not name it. */
    void end(TraceSpan span, StoredBatch batch, Throwable failure) {
        if (failure != null) {
            span.fail((failure instanceof CompletionException && failure.getCause() != null
                            ? failure.getCause()
                            : failure)
                    .getClass()
                    .getName());
        } else {
            span.set("metrika.batch", batch.id()).set("metrika.conversions", batch.total());
            if (batch.id() != null && batch.known() == 0 && span.traceparent() != null) {
                record(batch.id(), span.traceparent());
            }
        }
        span.end();
    }

    private void record(UUID batch, String traceparent) {
        try (Connection connection = database.getConnection();
                var statement = connection.prepareStatement(RECORD)) {
            statement.setString(1, traceparent);
            statement.setObject(2, batch);
            statement.executeUpdate();
        } catch (SQLException e) {
            LOG.warn("The trace of a batch could not be recorded, SQLSTATE {}", e.getSQLState());
        } catch (RuntimeException e) { // such as a pool that is being closed: the batch is stored all the same
            LOG.warn(
                    "The trace of a batch could not be recorded: {}",
                    e.getClass().getSimpleName());
        }
    }
}
