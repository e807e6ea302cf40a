package metrika.conversions.delivery;

import java.io.Closeable;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.Timer;
import org.apache.camel.Exchange;
import org.apache.camel.Variable;
import org.apache.camel.support.SynchronizationAdapter;
import org.apache.camel.util.IOHelper;

import metrika.conversions.tracing.TraceSpan;

/** The calls to Metrika that this process makes: each is taken out of the quotas first, and given back after. */
public final class CallPermits {

    /** When the call began, on this machine's monotonic clock. */
    private static final String BEGIN = "metrika.call.begin";

    /** The span of the call, while it goes on. */
    private static final String SPAN = "metrika.call.span";

    private static final int LOWEST_ERROR = 400;

    /** The limits of the histogram: Metrika answers within seconds as a rule. */
    private static final Duration[] LIMITS = {
        Duration.ofMillis(100),
        Duration.ofMillis(250),
        Duration.ofMillis(500),
        Duration.ofSeconds(1),
        Duration.ofMillis(2500),
        Duration.ofSeconds(5),
        Duration.ofSeconds(10),
        Duration.ofSeconds(30),
        Duration.ofSeconds(60)
    };

    private final Leases leases;

    public CallPermits(Leases leases) {
        this.leases = leases;
    }

    /**
     * Takes note of a call that may be made.
     *
     * @param permit the row of {@code acquire-call-permit.sql}
     * @throws MetrikaException with the pause until there is one again, when the quotas leave none
     */
    public void acquire(Exchange exchange, @Variable("permit") Map<String, ?> permit) throws MetrikaException {
        if (permit.get("call") instanceof Number call) {
            leases.begin(call.longValue());
            exchange.getMessage().removeHeader(Exchange.HTTP_RESPONSE_CODE); // of the response before
            exchange.setProperty(BEGIN, System.nanoTime());
            beginSpan(exchange);
            return;
        }
        var pause = Duration.ofMillis((long) (1000 * ((Number) permit.get("pause")).doubleValue()));
        throw MetrikaException.notCalled(
                String.valueOf(permit.get("reason")),
                "Metrika takes only so many calls of this login and counter (metrika.calls-per-day, -per-second,"
                        + " -at-once). "
                        + "The next one is due in %d s; it is made automatically."
                                .formatted(Math.max(1, pause.toSeconds())),
                pause);
    }

    /**
     * The call is over, one way or the other. An answer that nobody reads to its end leaves nothing behind on the disk.
     */
    public void release(Exchange exchange, @Variable("permit") Map<String, ?> permit) {
        leases.end(((Number) permit.get("call")).longValue());
        count(exchange);
        endSpan(exchange);
        if (exchange.getMessage().getBody() instanceof Closeable answer) {
            exchange.getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
                @Override
                public void onDone(Exchange done) {
                    IOHelper.close(answer);
                }
            });
        }
    }

    /** In the trace that the exchange has, if any. */
    private static void beginSpan(Exchange exchange) {
        var span = exchange.getProperty(TraceSpan.PROPERTY, TraceSpan.class);
        if (span != null) {
            exchange.setProperty(
                    SPAN,
                    span.child(
                            "metrika " + exchange.getVariable("operation", "", String.class), TraceSpan.Kind.CLIENT));
        }
    }

    private static void endSpan(Exchange exchange) {
        var span = exchange.getProperty(SPAN, TraceSpan.class);
        if (span != null) {
            exchange.removeProperty(SPAN);
            var status = exchange.getMessage().getHeader(Exchange.HTTP_RESPONSE_CODE, Integer.class);
            span.set("http.request.method", exchange.getVariable("called-method"))
                    .set("http.response.status_code", status);
            if (status == null || status >= LOWEST_ERROR) {
                span.fail(status == null ? "no_answer" : String.valueOf(status));
            }
            span.end();
        }
    }

    /** Counts the call by its operation and the status of its answer, {@code none} where none came. */
    private static void count(Exchange exchange) {
        var status = exchange.getMessage().getHeader(Exchange.HTTP_RESPONSE_CODE, "none", String.class);
        Timer.builder("metrika.calls")
                .tag("operation", exchange.getVariable("operation", "", String.class))
                .tag("status", status)
                .serviceLevelObjectives(LIMITS)
                .register(Metrics.globalRegistry)
                .record(System.nanoTime() - exchange.getProperty(BEGIN, Long.class), TimeUnit.NANOSECONDS);
    }
}
