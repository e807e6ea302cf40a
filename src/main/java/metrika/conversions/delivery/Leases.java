package metrika.conversions.delivery;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import javax.sql.DataSource;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Metrics;
import org.apache.camel.Body;
import org.apache.camel.Variable;

import metrika.conversions.database.ArrayText;
import metrika.conversions.database.SqlFile;

/**
 * The uploads that this process is at. Each is claimed in the database for the length of a lease, which is renewed
 * while the work goes on; a process that stalls loses it, and learns so here before it sends another byte.
 */
public final class Leases {

    private static final String RELEASE = SqlFile.text("delivery/release-leases");

    private final Map<Long, Lease> held = new ConcurrentHashMap<>();
    private final Set<Long> calls = ConcurrentHashMap.newKeySet();
    private final long lengthNanos;
    private final Counter lost = Metrics.counter("leases.lost");
    /** What the renewal under way is about: of what is claimed meanwhile it says nothing. */
    private volatile Map<Long, Lease> renewing = Map.of();
    /** When the last renewal began, on this machine's monotonic clock. */
    private volatile long beat = System.nanoTime();

    /**
     * @param number counts the claims of the upload
     * @param until on this machine's monotonic clock
     */
    private record Lease(int number, long until) {}

    public Leases(Duration length) {
        lengthNanos = length.toNanos();
    }

    /**
     * The moment before a claim or a renewal, on this machine's monotonic clock: kept in the variable
     * {@code lease-clock}. Leases count from here, so that they end in this process no later than in the database.
     */
    public long readClock() {
        return System.nanoTime();
    }

    /** Takes note of a claimed upload. */
    public void hold(@Variable("upload") Map<String, ?> upload, @Variable("lease-clock") long asked) {
        held.put(id(upload), new Lease(number(upload), asked + lengthNanos));
    }

    /** How long ago leases were last about to be renewed; since the start where they never were. */
    public Duration sinceBeat() {
        return Duration.ofNanos(System.nanoTime() - beat);
    }

    /** The work on an upload is over, one way or the other. */
    public void release(@Variable("upload") Map<String, ?> upload) {
        // Only this claim's own: another thread of this process may hold a later one.
        held.computeIfPresent(id(upload), (id, lease) -> lease.number() == number(upload) ? null : lease);
    }

    /** Takes note of a call to Metrika that is under way. */
    void begin(long call) {
        calls.add(call);
    }

    /** A call to Metrika is over. */
    void end(long call) {
        calls.remove(call);
    }

    /** The row {@code held} of {@code renew-leases.sql}; {@code null} when nothing is held. */
    public Map<String, Object> listHeld() {
        beat = System.nanoTime();
        var now = Map.copyOf(held); // its views share one order
        renewing = now;
        return now.isEmpty() && calls.isEmpty()
                ? null
                : Map.of(
                        "ids", ArrayText.of(now.keySet()),
                        "claim_numbers",
                                ArrayText.of(
                                        now.values().stream().map(Lease::number).toList()),
                        "calls", ArrayText.of(calls));
    }

    /**
     * Takes note of what was renewed and what has been lost to another process. What is not mentioned was locked by
     * somebody: it is held for as long as it was.
     */
    public void recordRenewal(@Body List<Map<String, Object>> rows, @Variable("lease-clock") long asked) {
        var until = asked + lengthNanos;
        var isHeld = rows.stream().collect(Collectors.toMap(Leases::id, row -> (Boolean) row.get("is_held")));
        held.forEach((id, lease) -> {
            if (lease.equals(renewing.get(id)) && Boolean.FALSE.equals(isHeld.get(id))) {
                lost.increment();
            }
        });
        held.replaceAll((id, lease) -> lease.equals(renewing.get(id)) && isHeld.containsKey(id)
                ? new Lease(lease.number(), isHeld.get(id) ? until : asked)
                : lease);
    }

    /** Whether a claimed upload is surely still held under that claim. */
    boolean isHeld(Map<String, ?> upload) {
        var lease = held.get(id(upload));
        return lease != null && lease.number() == number(upload) && System.nanoTime() - lease.until() < 0;
    }

    /** Gives back all that is held, when the process stops. */
    public void releaseAll(DataSource database) throws SQLException {
        var now = Map.copyOf(held); // its views share one order
        if (now.isEmpty() && calls.isEmpty()) {
            return;
        }
        try (Connection connection = database.getConnection();
                var statement = connection.prepareStatement(RELEASE)) {
            statement.setArray(1, connection.createArrayOf("int8", calls.toArray()));
            statement.setArray(2, connection.createArrayOf("int8", now.keySet().toArray()));
            statement.setArray(
                    3,
                    connection.createArrayOf(
                            "int4", now.values().stream().map(Lease::number).toArray()));
            statement.executeUpdate();
        }
    }

    private static int number(Map<String, ?> upload) {
        return ((Number) upload.get("claim_number")).intValue();
    }

    private static long id(Map<String, ?> upload) {
        return ((Number) upload.get("id")).longValue();
    }
}
