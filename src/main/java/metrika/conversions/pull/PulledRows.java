package metrika.conversions.pull;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.ExchangePropertyKey;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

import metrika.conversions.intake.InvalidConversions;
import metrika.conversions.intake.RejectedRow;
import metrika.conversions.intake.StoredBatch;
import metrika.conversions.logging.LoggingConfig;
import metrika.conversions.problem.HasProblem;
import metrika.conversions.sources.LeftOutMetrics;
import metrika.conversions.sources.OrderMessage;

/** Counts and tells what became of each row that was pulled. */
public final class PulledRows {

    private static final Logger LOG = LoggerFactory.getLogger("metrika.conversions.routes");
    private static final int CONFLICT = 409;
    private static final int BAD_REQUEST = 400;
    private static final String INVALID = "invalid";

    /** The field that a conflict names. */
    private static final Pattern DIFFERENCE = Pattern.compile("conversions\\[\\d+]\\.(\\w+)");

    private final ToldRows told = new ToldRows();

    /**
     * Counts a row that went through the mapping, and says why it is not stored where it is not. Leaves the variable
     * {@code is-stored}. It asks for no exception: one that was caught before, in the mapping or for a row of an
     * earlier page, stays a property of the exchange and says nothing of this row.
     */
    public void recordRow(Exchange exchange) {
        var source = exchange.getVariable("source", String.class);
        var key = exchange.getVariable("row-key", String.class);
        var batch = exchange.getVariable("batch", StoredBatch.class);
        var message = exchange.getVariable(OrderMessage.VARIABLE, OrderMessage.class);
        exchange.getVariable("pull", PullRun.class).counts().add(batch, message);
        var untold = refused(exchange).stream()
                .filter(row -> told.add(source, key, row.reason()))
                .toList();
        // What is left out on purpose is everyday: the pull's own line has its number
        var level = message != null
                        && !message.hasFaults()
                        && (batch == null || batch.refused().isEmpty())
                ? Level.DEBUG
                : Level.WARN;
        untold.forEach(row -> LOG.atLevel(level).log("in-{}: the row {} is not stored: {}", source, key, row.reason()));
        if (!untold.isEmpty()) {
            reasons(exchange).forEach((reason, number) -> LeftOutMetrics.count(exchange, reason, number));
        }
        end(exchange, batch != null && batch.id() != null);
    }

    /**
     * Says what became of a row that is not stored, or not in full: it broke the rules, or it was stored before with
     * another content, which stays. Leaves the variable {@code is-stored}. Whatever else fails, such as a mapping that
     * cannot be read, fails the pull: the row is read again when it is mended.
     */
    public void recordFailure(Exchange exchange, @ExchangeProperty(Exchange.EXCEPTION_CAUGHT) Exception failure)
            throws Exception {
        var source = exchange.getVariable("source", String.class);
        var key = exchange.getVariable("row-key", String.class);
        var counts = exchange.getVariable("pull", PullRun.class).counts();
        if (failure instanceof InvalidConversions) {
            counts.addRefused();
            if (told.add(source, key, failure.getMessage())) {
                LOG.warn("in-{}: the row {} is not stored: {}", source, key, LoggingConfig.reason(failure));
                LeftOutMetrics.count(exchange, INVALID, 1);
            }
        } else if (failure instanceof HasProblem fault && fault.problem().status() == CONFLICT) {
            var difference = DIFFERENCE.matcher(fault.problem().getMessage());
            if (told.add(source, key, "changed")) {
                LOG.info(
                        "in-{}: the row {} has changed since it was stored, what was stored stays{}",
                        source,
                        key,
                        difference.find() ? ". It differs in " + difference.group(1) : "");
            }
            counts.addChanged();
            end(exchange, true);
            return;
        } else {
            throw isOfMapping(failure) ? unmapped(exchange, key, failure) : failure;
        }
        var batch = exchange.getVariable("batch", StoredBatch.class);
        end(exchange, batch != null && batch.id() != null);
    }

    private static void end(Exchange exchange, boolean isStored) {
        exchange.setVariable("is-stored", isStored);
        exchange.getVariable("pull", PullRun.class).endRow();
    }

    private static Map<String, Long> reasons(Exchange exchange) {
        return exchange.getVariable(OrderMessage.VARIABLE) instanceof OrderMessage message
                ? message.reasons()
                : Map.of(INVALID, 1L);
    }

    /** Whether the row could not be mapped; what the store or a database has to say is no fault of the row. */
    private static boolean isOfMapping(Throwable failure) {
        for (var cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException
                    || cause instanceof PullException
                    || cause instanceof HasProblem fault && fault.problem().status() != BAD_REQUEST) {
                return false;
            }
        }
        return true;
    }

    /** A row's JSON is one line: its place in the page says more. */
    private static PullException unmapped(Exchange exchange, String key, Exception failure) {
        return new PullException("row %d of its page, with the key '%s', cannot be mapped: %s"
                .formatted(
                        exchange.getProperty(ExchangePropertyKey.SPLIT_INDEX, 0, Integer.class) + 1,
                        key,
                        LoggingConfig.reason(failure).replaceFirst("^(?:Line|Element) 1 of the message: ", "")));
    }

    private static List<RejectedRow> refused(Exchange exchange) {
        var refused = new ArrayList<RejectedRow>();
        if (exchange.getVariable(OrderMessage.VARIABLE) instanceof OrderMessage message) {
            refused.addAll(message.refused());
        }
        if (exchange.getVariable("batch") instanceof StoredBatch batch) {
            refused.addAll(batch.refused());
        }
        return refused;
    }
}
