package metrika.conversions.delivery;

import java.io.Closeable;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.Variable;
import org.apache.camel.support.SynchronizationAdapter;
import org.apache.camel.util.IOHelper;

/** The calls to Metrika that this process makes: each is taken out of the quotas first, and given back after. */
public final class CallPermits {

    private final Leases leases;
    private final Map<String, Object> limits;

    /**
     * @param lease   for how long a call counts whose process shows no more signs of life, ISO 8601
     * @param atOnce  how many calls a login may make at once
     * @param aSecond how many calls may be made a second
     * @param aDay    how many calls a login, and a counter, may have made for it a day
     */
    public CallPermits(Leases leases, Duration lease, long atOnce, long aSecond, long aDay) {
        this.leases = leases;
        limits = Map.of("lease", lease.toString(), "at_once", atOnce, "a_second", aSecond, "a_day", aDay);
    }

    /**
     * The parameters of {@code take-call.sql}.
     *
     * @param caller   a row with the login and the counter that the call counts against
     * @param isUpload whether the call sends conversions, or only asks about them
     */
    public Map<String, Object> parameters(@Variable("caller") Map<String, ?> caller, @Variable("is-upload") boolean isUpload) {
        var parameters = new HashMap<>(limits);
        parameters.put("login", caller.get("login"));
        parameters.put("counter_id", caller.get("counter_id"));
        parameters.put("is_upload", isUpload);
        return parameters;
    }

    /**
     * Reads the answer of {@code take-call.sql}.
     *
     * @return              the number of the call
     * @throws MetrikaException with the pause until there is one again, when the quotas leave none
     */
    public long taken(@Body Iterable<Map<String, Object>> rows) throws MetrikaException {
        var row = rows.iterator().next();
        if (row.get("call") instanceof Number call) {
            leases.begin(call.longValue());
            return call.longValue();
        }
        var pause = Duration.ofMillis((long) (1000 * ((Number) row.get("pause")).doubleValue()));
        throw MetrikaException.notCalled(String.valueOf(row.get("reason")),
                "Metrika takes only so many calls of this login and counter (metrika.calls-per-day, -per-second, -at-once). "
                        + "The next one is due in %d s; it is made by itself.".formatted(Math.max(1, pause.toSeconds())), pause);
    }

    /** The call is over, one way or the other. An answer that nobody reads to its end leaves nothing behind on the disk. */
    public void ended(Exchange exchange, @Variable("call") long call) {
        leases.end(call);
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
