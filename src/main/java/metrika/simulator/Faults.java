package metrika.simulator;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/** The faults that wait for a call, in the order in which they were given; a call is struck by one at most. */
final class Faults {
    private final List<Waiting> queue = new ArrayList<>();

    synchronized void add(Fault fault) {
        queue.add(new Waiting(fault));
    }

    synchronized void clear() {
        queue.clear();
    }

    synchronized void clear(long counter) {
        queue.removeIf(waiting ->
                waiting.fault.scope().counter() != null && waiting.fault.scope().counter() == counter);
    }

    /** What is left of each: {@code skip} and {@code times} are those still to come. */
    synchronized List<Fault> waiting() {
        return queue.stream().map(Waiting::rest).toList();
    }

    /** The fault that strikes this call, null when none does. */
    synchronized Fault take(Operation operation, long counter, String token) {
        for (Iterator<Waiting> each = queue.iterator(); each.hasNext(); ) {
            Waiting waiting = each.next();
            if (!waiting.fault.strikes(operation, counter, token)) {
                continue;
            }
            if (waiting.skip > 0) {
                waiting.skip--;
                continue;
            }
            if (waiting.times == 1) {
                each.remove();
            } else if (waiting.times > 1) {
                waiting.times--;
            }
            return waiting.fault;
        }
        return null;
    }

    private static final class Waiting {
        private final Fault fault;
        private int skip;
        private int times;

        Waiting(Fault fault) {
            this.fault = fault;
            skip = fault.scope().skip();
            times = fault.scope().times();
        }

        Fault rest() {
            return fault.times(times).skip(skip);
        }
    }
}
