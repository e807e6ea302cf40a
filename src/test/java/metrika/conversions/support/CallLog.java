package metrika.conversions.support;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;

import metrika.simulator.Call;
import metrika.simulator.Simulator;

/** All calls that a simulator was made, also those that it does not remember itself any more. */
public final class CallLog implements AutoCloseable {

    private static final int READ_MILLIS = 200;

    private final Map<Key, Call> calls = new LinkedHashMap<>();
    private final ScheduledExecutorService reader = Executors.newSingleThreadScheduledExecutor();
    private final Simulator metrika;

    private record Key(Instant at, String path, String query, String token) {}

    private CallLog(Simulator metrika) {
        this.metrika = metrika;
    }

    public static CallLog of(Simulator metrika) {
        var log = new CallLog(metrika);
        log.reader.scheduleAtFixedRate(log::read, 0, READ_MILLIS, TimeUnit.MILLISECONDS);
        return log;
    }

    private synchronized void read() {
        // Again and again the same ones: what was yet unanswered may be answered by now.
        metrika.calls().forEach(call -> calls.put(new Key(call.at(), call.path(), call.query(), call.token()), call));
    }

    /** All calls until now. */
    public synchronized Collection<Call> all() {
        read();
        return List.copyOf(calls.values());
    }

    /** How many calls fell on each UTC day of the simulator's clock, by owner. */
    public Map<LocalDate, Map<String, Long>> perDay(Function<Call, String> owner) {
        return all().stream()
                .collect(Collectors.groupingBy(
                        call -> LocalDate.ofInstant(call.at(), ZoneOffset.UTC),
                        Collectors.groupingBy(owner, Collectors.counting())));
    }

    @Override
    public void close() {
        reader.shutdownNow();
    }
}
