package metrika.simulator;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/** Metrika's quotas: 30 calls a second for an address, 3 at once for a login, 5000 a day for a login or a counter. */
final class Quota {
    static final int PER_SECOND = 30;
    static final int AT_ONCE = 3;
    static final int PER_DAY = 5000;

    private final Map<String, Deque<Instant>> lastSecond = new HashMap<>();
    private final Map<String, Integer> atOnce = new HashMap<>();
    private final Map<String, Integer> today = new HashMap<>();
    private LocalDate day = LocalDate.EPOCH;

    /** Lets a call in, or says which quota is used up; a call that is let in must {@link #leave}. */
    synchronized MetrikaError enter(String address, String token, long counter, Instant now) {
        LocalDate date = LocalDate.ofInstant(now, ZoneOffset.UTC);
        if (!date.equals(day)) {
            day = date;
            today.clear();
        }
        Deque<Instant> times = lastSecond.computeIfAbsent(address, key -> new ArrayDeque<>());
        while (!times.isEmpty() && !times.peekFirst().isAfter(now.minusSeconds(1))) {
            times.removeFirst();
        }
        if (times.size() >= PER_SECOND) {
            return MetrikaError.quota("requests_by_ip");
        }
        if (atOnce.getOrDefault(token, 0) >= AT_ONCE) {
            return MetrikaError.quota("parallel_requests");
        }
        if (today.getOrDefault("login " + token, 0) >= PER_DAY) {
            return MetrikaError.quota("requests_by_uid");
        }
        if (today.getOrDefault("counter " + counter, 0) >= PER_DAY) {
            return MetrikaError.quota("requests_by_counter_id");
        }
        times.addLast(now);
        atOnce.merge(token, 1, Integer::sum);
        today.merge("login " + token, 1, Integer::sum);
        today.merge("counter " + counter, 1, Integer::sum);
        return null;
    }

    synchronized void leave(String token) {
        atOnce.computeIfPresent(token, (key, number) -> number > 1 ? number - 1 : null);
    }

    /** Forgets the day's calls; those under way still leave. */
    synchronized void clear() {
        lastSecond.clear();
        today.clear();
    }
}
