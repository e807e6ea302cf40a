package metrika.conversions.pull;

import java.time.Clock;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.Variable;
import org.apache.camel.spi.Registry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import metrika.conversions.database.ArrayText;
import metrika.conversions.logging.SourceErrors;

/**
 * The steps that the kamelets {@code rest-pull} and {@code sql-pull} share. A pull is claimed in the table
 * {@code source_cursor}, reads page by page, and moves the cursor when a page is stored. What is read a second time is
 * known by the key of each row.
 */
public final class PullSteps {

    private static final Logger LOG = LoggerFactory.getLogger("metrika.conversions.routes");
    private static final String CURSOR = "cursor";
    /** Whether a failure is the server's own, so that nobody here has to do anything. */
    private static final String PASSES = "passes";

    private final Clock clock;
    private final Set<String> sources = ConcurrentHashMap.newKeySet();
    private final ToldRows told = new ToldRows();
    /** The last pull of each source. */
    private final Map<String, PullRun> pulls = new ConcurrentHashMap<>();

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
            @Variable("cursor-zone") String zone,
            @Variable("from") String from) {
        sources.add(source);
        return CursorFormat.of(format).first(from, clockOf(zone));
    }

    private Clock clockOf(String zone) {
        try {
            return clock.withZone(ZoneId.of(zone));
        } catch (DateTimeException e) {
            throw new PullException("cursorZone is '%s': a zone such as Europe/Moscow is expected".formatted(zone));
        }
    }

    /**
     * Begins a pull by the row that the claim has left; one that is over at once where another process has the source.
     */
    public PullRun begin(
            @Body Map<String, ?> claimed,
            @Variable("source") String source,
            @Variable("cursor-format") String format,
            @Variable("cursor-zone") String zone,
            @Variable("overlap") String overlap) {
        if (claimed.get("held_until") != null) {
            if (!pulls.containsKey(source) && told.add(source, "", "held")) { // since the start: later it is everyday
                LOG.info(
                        "in-{}: another process has this source, or had it when it ended: until {} at the least (pull.lease)",
                        source,
                        claimed.get("held_until"));
            }
            return PullRun.lost(clock);
        }
        var pull = new PullRun(
                ((Number) claimed.get("claim_number")).longValue(),
                CursorFormat.of(format),
                String.valueOf(claimed.get("position")),
                (String) claimed.get("begins_at"),
                overlap,
                clockOf(zone));
        if (claimed.get("failure_count") instanceof Number failures) {
            pull.failedBefore(failures.intValue());
        }
        pulls.put(source, pull);
        return pull;
    }

    /**
     * The parameters of {@code renew-cursors.sql}: the pulls that have dealt with a row since this was last asked. One
     * that hangs is not among them, so that its lease runs out.
     *
     * @return {@code null} when there are none
     */
    public Map<String, Object> listProgressed() {
        var now = new LinkedHashMap<String, Long>();
        pulls.forEach((source, pull) -> {
            if (pull.hasProgressed() && !pull.isOver() && !pull.isLost()) {
                now.put(source, pull.claimNumber());
            }
        });
        return now.isEmpty()
                ? null
                : Map.of("sources", ArrayText.of(now.keySet()), "claim_numbers", ArrayText.of(now.values()));
    }

    /** Whether there is another page to read. */
    public boolean shouldContinue(@Variable("pull") PullRun pull) {
        return !pull.isOver() && !pull.isLost();
    }

    /**
     * The key of a row, by which it is stored once.
     *
     * @param index of the row in its page, from 0; {@code null} where that is not known
     * @throws PullException when the row has none
     */
    public String readKey(
            @Body Map<String, ?> row,
            @Variable("key") String path,
            @ExchangeProperty(Exchange.SPLIT_INDEX) Integer index) {
        return value(row, path, index, "key").toString();
    }

    /** @param index of the row in its page, from 0; {@code null} where that is not known */
    private static Object value(Map<String, ?> row, String path, Integer index, String parameter) {
        var value = FieldPath.first(row, path);
        if (value == null) {
            throw new PullException("%s has no value at '%s' (%s): %s; %s"
                    .formatted(
                            index == null ? "a row" : "row %d of its page".formatted(index + 1),
                            path,
                            parameter,
                            FieldPath.absence(row, path),
                            names(row)));
        }
        return value;
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
            @Variable(CURSOR) String path,
            @Variable("next-page") String next,
            @Variable("page-size") int pageSize) {
        var cursors = new ArrayList<Object>();
        for (var row : rows) {
            cursors.add(value(row, path, cursors.size(), CURSOR));
        }
        pull.endPage(cursors, next, pageSize, exchange.getContext().isStopping());
        return pull.progress();
    }

    /**
     * The cursor of a row, as it is kept.
     *
     * @param path of its value
     * @param format as the parameter {@code cursorFormat} names it
     * @throws PullException when the row has none, or it is not written so
     */
    public static String readCursor(Map<String, ?> row, String path, String format) {
        return CursorFormat.of(format).position(value(row, path, null, CURSOR));
    }

    /** Ends the pull when the cursor could not be moved, since somebody else has the source; no harm is done. */
    public void requireCursor(
            @Variable("source") String source, @Variable("moved") List<?> moved, @Variable("pull") PullRun pull) {
        if (moved.isEmpty()) {
            pull.lose();
            LOG.info(
                    "in-{}: this pull ends: its cursor was set, or its lease (pull.lease) ran out before the page was stored",
                    source);
            return;
        }
        if (pull.isOver() && pull.failures() > 0) {
            LOG.info(
                    "in-{}: can be pulled again, after {} failure{}",
                    source,
                    pull.failures(),
                    pull.failures() == 1 ? "" : "s");
        }
        if (pull.isOver() && (pull.hasMoved() || pull.counts().stored() > 0)) {
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
            @Variable("claimed") List<Map<String, ?>> claimed,
            @Variable(RestPull.REQUEST) String request,
            @Variable("data-source") String dataSource,
            Registry registry) {
        SourceErrors.count(source, failure);
        var told = PullFailure.of(failure, request, dataSource, registry);
        return Map.of(
                "message",
                told.message() + (request == null ? "" : " (%s)".formatted(request)),
                "retry_after",
                told.retryAfterSeconds(),
                PASSES,
                told.passes(),
                "claim_number",
                claimed.get(0).get("claim_number"));
    }

    /**
     * Logs why a source could not be pulled, and when it is tried again.
     *
     * @param recorded what {@code record-pull-failure.sql} has left: nothing when the source was lost meanwhile
     */
    public void logFailure(
            @Variable("source") String source,
            @Variable("failure") Map<String, ?> failure,
            @Variable("recorded") List<Map<String, ?>> recorded) {
        var next = "";
        if (!recorded.isEmpty()) {
            next = (failure.get(PASSES).equals(true)
                            ? "; it pauses until %s, then goes on by itself"
                            : "; it is tried again after %s")
                    .formatted(recorded.get(0).get("next"));
        }
        LOG.warn("The source {} could not be pulled: {}{}", source, failure.get("message"), next);
    }

    /** The names of a row's fields, never its values. */
    private static String names(Map<String, ?> row) {
        return "it has " + String.join(", ", row.keySet());
    }
}
