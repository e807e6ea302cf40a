package metrika.simulator;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The last calls one by one, and all calls in number. */
final class Calls {
    static final int KEPT = 10_000;

    private final Deque<Entry> ring = new ArrayDeque<>();
    private final Map<Operation, Map<Integer, Long>> counters = new EnumMap<>(Operation.class);

    /** Notes a call as it comes in, yet unanswered. */
    synchronized Entry open(Call call) {
        if (ring.size() == KEPT) {
            ring.removeFirst();
        }
        Entry entry = new Entry(call);
        ring.addLast(entry);
        count(call, 1);
        return entry;
    }

    synchronized List<Call> last() {
        return ring.stream().map(entry -> entry.call).toList();
    }

    /** Operation, then status (0: none), then the number of calls. */
    synchronized Map<Operation, Map<Integer, Long>> counters() {
        Map<Operation, Map<Integer, Long>> copy = new EnumMap<>(Operation.class);
        counters.forEach((operation, byStatus) -> copy.put(operation, new TreeMap<>(byStatus)));
        return copy;
    }

    synchronized void clear() {
        ring.clear();
        counters.clear();
    }

    private void count(Call call, long more) {
        counters.computeIfAbsent(call.operation(), operation -> new TreeMap<>())
                .compute(call.status(), (status, number) -> {
                    long sum = (number == null ? 0 : number) + more;
                    return sum > 0 ? sum : null;
                });
    }

    final class Entry {
        private Call call;

        private Entry(Call call) {
            this.call = call;
        }

        void answered(int status) {
            synchronized (Calls.this) {
                count(call, -1);
                call = call.answered(status);
                count(call, 1);
            }
        }
    }
}
