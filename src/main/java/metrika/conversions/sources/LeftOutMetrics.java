package metrika.conversions.sources;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

import io.micrometer.core.instrument.MeterRegistry;
import org.apache.camel.Exchange;
import org.apache.camel.component.micrometer.MicrometerConstants;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import metrika.conversions.auth.Webhook;
import metrika.conversions.intake.ConversionStore;
import metrika.conversions.text.Counted;

/**
 * Makes visible what is left out: the metric {@code conversions_left_out_total}, by source and reason, and a line in
 * the log. One order without an identifier is everyday; many, and never one that has it, are a wrong mapping.
 */
public final class LeftOutMetrics {

    private static final Logger LOG = LoggerFactory.getLogger(LeftOutMetrics.class);
    private static final String EMPTY = "no_fields";
    /** What to do about those that are kept. */
    private static final String WAY_OUT =
            ". GET /webhook/offline-conversions/%s/refused has what was sent: have it sent"
                    + " again when it, or the mapping, is put right";
    /** Between two lines about the same source of the same webhook. */
    private static final long PAUSE_NANOS = TimeUnit.MINUTES.toNanos(1);
    /** So many in a row are no accident. */
    private static final int MANY = 10;

    private record Source(String route, Object webhook) {}

    /** What became of the messages of a source since its last line. */
    private static final class Count {

        private int leftOut;
        /** Left out since the last one that was stored. */
        private int inRow;

        private long lastLine;
        /** Whole messages that were kept since the last line about one. */
        private int kept;

        private long lastLineOfKept;
    }

    private final Map<Source, Count> counts = new ConcurrentHashMap<>();

    /** Records what was left out of a message. */
    void record(Exchange exchange, OrderMessage message) {
        var stored = message.storedCount();
        var source = source(exchange);
        var reasons = message.reasons();
        if (message.size() == 0 && exchange.getVariable("ignored-reason") == null) {
            reasons = Map.of(EMPTY, 1L);
        }
        reasons.forEach((reason, number) -> count(exchange, reason, number));
        if (!reasons.isEmpty() || counts.containsKey(source)) {
            var isKept = ConversionStore.LOG.equals(exchange.getVariable("bad-rows"))
                    && reasons.containsKey(LeftOutOrder.INVALID);
            tell(source, stored, reasons, isKept ? WAY_OUT.formatted(source.webhook) : "");
        }
    }

    /**
     * Records a whole message that is kept, since it can never be stored.
     *
     * @param reason for programs
     * @param told the same for people; quotes nothing of the message
     */
    void recordKept(Exchange exchange, String reason, String told) {
        var source = source(exchange);
        count(exchange, reason, 1);
        var now = System.nanoTime();
        var count = counts.computeIfAbsent(source, first -> new Count());
        int kept;
        synchronized (count) {
            count.kept++;
            if (count.lastLineOfKept != 0 && now - count.lastLineOfKept < PAUSE_NANOS) {
                return;
            }
            kept = count.kept;
            count.kept = 0;
            count.lastLineOfKept = now;
        }
        LOG.warn(
                "{}: {} for webhook {} cannot be stored, the last for: {}{}",
                source.route,
                Counted.of(kept, "message"),
                source.webhook,
                told,
                WAY_OUT.formatted(source.webhook));
    }

    private static Source source(Exchange exchange) {
        return new Source(
                route(exchange),
                exchange.getVariable("webhook") instanceof Webhook webhook
                        ? webhook.id()
                        : exchange.getVariable("webhook"));
    }

    /** Of a source that begins with a kamelet, which has a route of its own, the one that maps what it reads. */
    private static String route(Exchange exchange) {
        var source = exchange.getVariable("source", String.class);
        return source == null ? exchange.getFromRouteId() : "in-" + source;
    }

    /**
     * Counts what the source of an exchange leaves out.
     *
     * @param reason the code of why, such as {@value LeftOutOrder#NO_IDENTIFIER}
     */
    public static void count(Exchange exchange, String reason, long number) {
        var metrics = exchange.getContext()
                .getRegistry()
                .lookupByNameAndType(MicrometerConstants.METRICS_REGISTRY_NAME, MeterRegistry.class);
        if (number > 0 && metrics != null) { // a trial has none
            metrics.counter("conversions.left.out", "source", ConversionStore.sourceOf(exchange), "reason", reason)
                    .increment(number);
        }
    }

    private void tell(Source source, int stored, Map<String, Long> reasons, String wayOut) {
        var number = (int) reasons.values().stream().mapToLong(Long::longValue).sum();
        var onPurpose = (int)
                (reasons.getOrDefault(LeftOutOrder.NO_PURCHASE, 0L) + reasons.getOrDefault(LeftOutOrder.KNOWN, 0L));
        var now = System.nanoTime();
        var count = counts.computeIfAbsent(source, first -> new Count());
        int leftOut;
        int inRow;
        synchronized (count) {
            count.leftOut += number;
            // What is left out on purpose says nothing of the mapping
            count.inRow = stored > 0 ? 0 : count.inRow + number - onPurpose;
            if (number == 0 || count.lastLine != 0 && now - count.lastLine < PAUSE_NANOS) {
                return;
            }
            leftOut = count.leftOut;
            inRow = count.inRow;
            count.leftOut = 0;
            count.lastLine = now;
        }
        if (inRow >= MANY && onPurpose < number) {
            LOG.warn(
                    "{}: {} orders for webhook {} in a row were left out, the last for {}: is its mapping right?{}",
                    source.route,
                    inRow,
                    source.webhook,
                    String.join(", ", reasons.keySet()),
                    wayOut);
        } else {
            LOG.info(
                    "{}: {} for webhook {} {} left out, the last for {}{}",
                    source.route,
                    Counted.of(leftOut, "order"),
                    source.webhook,
                    leftOut == 1 ? "was" : "were",
                    String.join(", ", reasons.keySet()),
                    wayOut);
        }
    }
}
