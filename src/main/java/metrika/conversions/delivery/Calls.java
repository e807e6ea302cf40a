package metrika.conversions.delivery;

import java.time.Duration;
import java.util.Map;

import org.apache.camel.Body;
import org.apache.camel.Variable;

/** The calls to Metrika that this process makes: each is taken out of the quotas first, and given back after. */
public final class Calls {

    private final Leases leases;

    public Calls(Leases leases) {
        this.leases = leases;
    }

    /**
     * Reads the answer of {@code take-call.sql}.
     *
     * @return              the number of the call
     * @throws MetrikaFault with the pause until there is one again, when the quotas leave none
     */
    public long taken(@Body Iterable<Map<String, Object>> rows) throws MetrikaFault {
        var row = rows.iterator().next();
        if (row.get("call") instanceof Number call) {
            leases.begin(call.longValue());
            return call.longValue();
        }
        var pause = Duration.ofMillis((long) (1000 * ((Number) row.get("pause")).doubleValue()));
        throw new MetrikaFault(Outcome.THROTTLED, String.valueOf(row.get("reason")),
                "Metrika takes only so many calls of this login and counter (metrika.calls-per-day, -per-second, -at-once). "
                        + "The next one is due in %d s; it is made by itself.".formatted(Math.max(1, pause.toSeconds())), pause);
    }

    /** The call is over, one way or the other. */
    public void ended(@Variable("call") long call) {
        leases.end(call);
    }
}
