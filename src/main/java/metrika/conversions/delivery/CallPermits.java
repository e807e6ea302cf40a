package metrika.conversions.delivery;

import java.io.Closeable;
import java.time.Duration;
import java.util.Map;

import org.apache.camel.Exchange;
import org.apache.camel.Variable;
import org.apache.camel.support.SynchronizationAdapter;
import org.apache.camel.util.IOHelper;

/** The calls to Metrika that this process makes: each is taken out of the quotas first, and given back after. */
public final class CallPermits {

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
    public void acquire(@Variable("permit") Map<String, ?> permit) throws MetrikaException {
        if (permit.get("call") instanceof Number call) {
            leases.begin(call.longValue());
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
        if (exchange.getMessage().getBody() instanceof Closeable answer) {
            exchange.getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
                @Override
                public void onDone(Exchange done) {
                    IOHelper.close(answer);
                }
            });
        }
    }
}
