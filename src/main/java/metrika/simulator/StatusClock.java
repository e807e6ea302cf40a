package metrika.simulator;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;

/** The simulator's time, which can be hurried, and the walk of an upload's status along it. */
final class StatusClock {
    private final Clock clock;
    private final AtomicReference<Duration> ahead = new AtomicReference<>(Duration.ZERO);

    StatusClock(Clock clock) {
        this.clock = clock;
    }

    Instant now() {
        return clock.instant().plus(ahead.get());
    }

    /** How far this clock is ahead of the system's. */
    Duration ahead() {
        return ahead.get();
    }

    void advance(Duration duration) {
        if (duration.isNegative()) {
            throw new IllegalArgumentException("The clock only goes forward, not by " + duration);
        }
        ahead.updateAndGet(duration::plus);
    }

    void reset() {
        ahead.set(Duration.ZERO);
    }

    /** Makes sure that it is not earlier than an instant that was already seen. */
    void reach(Instant seen) {
        Duration missing = Duration.between(now(), seen);
        if (!missing.isNegative()) {
            advance(missing);
        }
    }

    /** The status that the upload has by now, and since when; its quantities are left as they are. */
    ReceivedUpload walk(ReceivedUpload upload, SimulatorSettings settings) {
        Instant now = now();
        List<String> statuses = settings.statuses();
        ReceivedUpload walked = upload;
        int at = statuses.indexOf(upload.status());
        // A status that a test made up stays until the test ends it.
        while (at >= 0
                && at < statuses.size() - 1
                && !now.isBefore(walked.statusSince().plus(settings.step()))) {
            at++;
            Instant since = walked.statusSince().plus(settings.step());
            boolean failed = at == statuses.size() - 1 && settings.linkage() == Linkage.NONE;
            walked = walked.at(failed ? "LINKAGE_FAILURE" : statuses.get(at), since);
        }
        return walked;
    }
}
