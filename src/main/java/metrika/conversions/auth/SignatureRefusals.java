package metrika.conversions.auth;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongSupplier;

import io.micrometer.core.instrument.Metrics;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes visible whose signatures are refused: the metric {@code source_signatures_refused_total}, by source, and a line
 * in the log. A key that was typed wrong refuses all that a sender sends, and many senders tell nobody.
 */
public final class SignatureRefusals {

    private static final Logger LOG = LoggerFactory.getLogger(SignatureRefusals.class);
    private static final String METRIC = "source.signatures.refused";
    private static final String SOURCE = "in-";
    /** Between two lines about the same source. */
    private static final long PAUSE_NANOS = TimeUnit.MINUTES.toNanos(1);

    /**
     * Where the signature of a source is set up, for people.
     *
     * @param key the settings that have its key, or what the route calls it
     * @param text the setting with the text that is signed, or what the route calls it
     */
    public record Places(String key, String text) {}

    /** What was refused of a source since its last line. */
    private static final class Count {

        private long number;
        private boolean isTold;
        private long lastLine;
    }

    private final Function<String, Places> places;
    private final LongSupplier nanos;
    private final Map<String, Count> refused = new ConcurrentHashMap<>();
    private final Map<String, Count> faults = new ConcurrentHashMap<>();

    /** @param places of a source, by its name */
    public SignatureRefusals(Function<String, Places> places) {
        this(places, System::nanoTime);
    }

    /** @param nanos a clock that never goes back */
    SignatureRefusals(Function<String, Places> places, LongSupplier nanos) {
        this.places = places;
        this.nanos = nanos;
    }

    /** Records a request whose signature is missing, wrong or old. The line quotes neither the key nor the text. */
    void record(Exchange exchange, SignatureRule rule) {
        var source = source(exchange);
        Metrics.counter(METRIC, "source", source).increment();
        var number = due(refused.computeIfAbsent(source, first -> new Count()));
        if (number > 0) {
            var place = places.apply(source);
            LOG.warn(
                    "{}{}: {} refused with 403: the {} in {} is missing, wrong or too old. Unless somebody forges them,"
                            + " look at the key, {}{}",
                    SOURCE,
                    source,
                    number == 1 ? "1 request was" : number + " requests were",
                    rule.isToken() ? "token" : "signature",
                    rule.place(),
                    place.key(),
                    rule.isToken()
                            ? ""
                            : ", and at what is signed: "
                                    + (rule.text().isEmpty() ? "the body as it was sent" : place.text()));
        }
    }

    /** Records a request to a source that cannot check signatures. */
    void recordFault(Exchange exchange, String fault) {
        var source = source(exchange);
        var number = due(faults.computeIfAbsent(source, first -> new Count()));
        if (number > 0) {
            LOG.error(
                    "{}{}: {} refused with 503, since the variables of its route do not say how to check a signature:"
                            + " {}",
                    SOURCE,
                    source,
                    number == 1 ? "1 request was" : number + " requests were",
                    fault);
        }
    }

    /** Counts one; how many the line is to tell of, 0 when it is not to be written yet. */
    private long due(Count count) {
        var now = nanos.getAsLong();
        synchronized (count) {
            count.number++;
            if (count.isTold && now - count.lastLine < PAUSE_NANOS) {
                return 0;
            }
            var number = count.number;
            count.number = 0;
            count.isTold = true;
            count.lastLine = now;
            return number;
        }
    }

    /** The name of a source that exists: a route may set the variable {@code source} to what a sender has sent. */
    private static String source(Exchange exchange) {
        var name = exchange.getVariable("source", String.class);
        if (name != null && exchange.getContext().getRoute(SOURCE + name) != null) {
            return name;
        }
        var route = String.valueOf(exchange.getFromRouteId());
        return route.startsWith(SOURCE) ? route.substring(SOURCE.length()) : route;
    }
}
