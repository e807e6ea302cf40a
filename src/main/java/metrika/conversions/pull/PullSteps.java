package metrika.conversions.pull;

import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.Variable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import metrika.conversions.intake.InvalidConversions;
import metrika.conversions.intake.RejectedRow;
import metrika.conversions.intake.StoredBatch;
import metrika.conversions.logging.LoggingConfig;
import metrika.conversions.logging.SourceErrors;
import metrika.conversions.problem.HasProblem;
import metrika.conversions.sources.LeftOutMetrics;
import metrika.conversions.sources.OrderMessage;

/**
 * The steps that the kamelets {@code rest-pull} and {@code sql-pull} share. A pull is claimed in the table
 * {@code source_cursor}, reads page by page, and moves the cursor when a page is stored. What is read a second time is
 * known by the key of each row.
 */
public final class PullSteps {

    private static final Logger LOG = LoggerFactory.getLogger("metrika.conversions.routes");
    private static final int CONFLICT = 409;
    private static final int BAD_REQUEST = 400;
    private static final String INVALID = "invalid";
    /** Classes of SQLSTATE whose messages quote values. */
    private static final String DATA_EXCEPTION = "22";

    private static final String CONSTRAINT = "23";

    private final Clock clock;
    private final Set<String> sources = ConcurrentHashMap.newKeySet();
    private final ToldRows told = new ToldRows();

    /** @param clock that a source without a first position begins at */
    public PullSteps(Clock clock) {
        this.clock = clock;
    }

    /** The sources that this process pulls. */
    Set<String> sources() {
        return sources;
    }

    /** Where a source begins that has no cursor yet: the variable {@code from}, or now or nought. */
    public String firstPosition(
            @Variable("source") String source,
            @Variable("cursor-format") String format,
            @Variable("from") String from) {
        sources.add(source);
        var known = CursorFormat.of(format);
        return from.isBlank() ? known.begin(clock) : known.position(from);
    }

    /** Begins a pull by the row that the claim has left. */
    public PullRun begin(
            @Body Map<String, ?> claimed,
            @Variable("cursor-format") String format,
            @Variable("overlap") String overlap) {
        return new PullRun(
                ((Number) claimed.get("claim_number")).longValue(),
                CursorFormat.of(format),
                String.valueOf(claimed.get("position")),
                overlap,
                clock);
    }

    /** Whether there is another page to read. */
    public boolean shouldContinue(@Variable("pull") PullRun pull) {
        return !pull.isOver() && !pull.isLost();
    }

    /**
     * The key of a row, by which it is stored once.
     *
     * @throws PullException when the row has none
     */
    public String readKey(@Body Map<String, ?> row, @Variable("key") String path) {
        var key = FieldPath.find(row, path);
        if (key == null || key.toString().isBlank()) {
            throw new PullException("a row has no value at '%s' (key): %s".formatted(path, names(row)));
        }
        return key.toString();
    }

    /**
     * Says what became of a row that is not stored, or not in full: it broke the rules, or it was stored before with
     * another content, which stays. Leaves the variable {@code is-stored}. Whatever else fails, such as a mapping that
     * cannot be read, fails the pull: the row is read again when it is mended.
     */
    public void recordRow(Exchange exchange, @ExchangeProperty(Exchange.EXCEPTION_CAUGHT) Exception failure)
            throws Exception {
        var source = exchange.getVariable("source", String.class);
        var key = exchange.getVariable("row-key", String.class);
        var counts = exchange.getVariable("pull", PullRun.class).counts();
        var batch = exchange.getVariable("batch", StoredBatch.class);
        var isStored = batch != null && batch.id() != null;
        if (failure == null) {
            counts.add(batch, exchange.getVariable(OrderMessage.VARIABLE, OrderMessage.class));
            var untold = refused(exchange).stream()
                    .filter(row -> told.add(source, key, row.reason()))
                    .toList();
            untold.forEach(row -> LOG.warn("in-{}: the row {} is not stored: {}", source, key, row.reason()));
            if (!untold.isEmpty()) {
                reasons(exchange).forEach((reason, number) -> LeftOutMetrics.count(exchange, reason, number));
            }
        } else if (failure instanceof InvalidConversions) {
            counts.addRefused();
            if (told.add(source, key, failure.getMessage())) {
                LOG.warn("in-{}: the row {} is not stored: {}", source, key, LoggingConfig.reason(failure));
                LeftOutMetrics.count(exchange, INVALID, 1);
            }
        } else if (failure instanceof HasProblem fault && fault.problem().status() == CONFLICT) {
            LOG.debug("in-{}: the row {} was stored before with another content, which stays", source, key);
            counts.addKnown();
            isStored = true;
        } else {
            throw isOfMapping(failure) ? unmapped(exchange, key, failure) : failure;
        }
        exchange.setVariable("is-stored", isStored);
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
                        LoggingConfig.reason(failure).replaceFirst("^Line 1 of the message: ", "")));
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

    /**
     * Ends a page when all of its rows are stored.
     *
     * @param rows of the page
     * @return the parameters of {@code advance-cursor.sql}
     */
    public Map<String, Object> endPage(
            Exchange exchange,
            @Body List<Map<String, ?>> rows,
            @Variable("pull") PullRun pull,
            @Variable("cursor") String path,
            @Variable("next-page") String next,
            @Variable("page-size") int pageSize) {
        var cursors = new ArrayList<Object>();
        for (var row : rows) {
            var cursor = FieldPath.find(row, path);
            if (cursor == null) {
                throw new PullException("a row has no value at '%s' (cursor): %s".formatted(path, names(row)));
            }
            cursors.add(cursor);
        }
        pull.endPage(cursors, next, pageSize, exchange.getContext().isStopping());
        return pull.progress();
    }

    /** Ends the pull when the cursor could not be moved, since somebody else has the source; no harm is done. */
    public void requireCursor(
            @Variable("source") String source, @Variable("moved") List<?> moved, @Variable("pull") PullRun pull) {
        if (moved.isEmpty()) {
            pull.lose();
            LOG.info(
                    "in-{}: this pull ends: its cursor was set, or its lease (pull.lease) ran out before the page was stored",
                    source);
        } else if (pull.isOver() && (pull.hasMoved() || pull.counts().stored() > 0)) {
            LOG.info(
                    "in-{}: {}; the cursor is at {}",
                    source,
                    pull.counts(),
                    pull.progress().get("position"));
        }
    }

    /** The parameters of {@code record-pull-failure.sql}. */
    public Map<String, Object> describeFailure(
            @ExchangeProperty(Exchange.EXCEPTION_CAUGHT) Exception failure,
            @Variable("source") String source,
            @Variable("claimed") List<Map<String, ?>> claimed) {
        var said = said(failure);
        SourceErrors.count(source, failure);
        return Map.of(
                "message",
                said == null ? reason(failure) : said.getMessage(),
                "retry_after",
                said == null ? 0L : said.retryAfterSeconds(),
                "claim_number",
                claimed.get(0).get("claim_number"));
    }

    /** What went wrong; of a database, the source's or ours, its own words, unless they may quote a row. */
    private static String reason(Throwable failure) {
        for (var cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException database && database.getMessage() != null) {
                var state = String.valueOf(database.getSQLState());
                if (!state.startsWith(DATA_EXCEPTION) && !state.startsWith(CONSTRAINT)) {
                    var said = database.getMessage().lines().findFirst().orElse("");
                    return "the database says: " + LoggingConfig.withoutSecrets(said)
                            + (database.getSQLState() == null ? "" : " (SQLSTATE %s)".formatted(state));
                }
            }
        }
        return LoggingConfig.reason(failure);
    }

    /** What a step of this package said, whatever Camel has wrapped around it; else {@code null}. */
    private static PullException said(Throwable failure) {
        for (var cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof PullException said) {
                return said;
            }
        }
        return null;
    }

    /** The names of a row's fields, never its values. */
    private static String names(Map<String, ?> row) {
        return "it has " + String.join(", ", row.keySet());
    }
}
