package metrika.conversions.check;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/** The time while connectors are tried: the machine's own, until a test sets another, which stands still. */
public final class TrialClock extends Clock {

    private volatile Instant fixed;

    /** @param instant what it shows from now on; {@code null} for the machine's time */
    public void set(Instant instant) {
        fixed = instant;
    }

    @Override
    public Instant instant() {
        return fixed == null ? Instant.now() : fixed;
    }

    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
        return this; // nothing here asks for local time
    }
}
