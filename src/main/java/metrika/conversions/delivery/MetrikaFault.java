package metrika.conversions.delivery;

import java.time.Duration;

/** A call to Metrika that was answered, and did not succeed. */
public final class MetrikaFault extends Exception {

    private static final long serialVersionUID = 1L;
    /** What a redelivery waits for on the spot; longer pauses are written into the upload's row. */
    private static final Duration BRIEF = Duration.ofSeconds(1);

    private final Outcome outcome;
    private final String code;
    private final transient Duration pause;

    /**
     * @param code    Metrika's error type, or {@code http_<status>}
     * @param message for the batch's {@code errors}: what happened, in Metrika's own words, and what to do
     * @param pause   how long Metrika wants to be left alone; {@code null} when it does not say
     */
    MetrikaFault(Outcome outcome, String code, String message, Duration pause) {
        super(message);
        this.outcome = outcome;
        this.code = code;
        this.pause = pause;
    }

    public Outcome outcome() {
        return outcome;
    }

    public String code() {
        return code;
    }

    public Duration pause() {
        return pause;
    }

    /** Whether it is worth waiting for on the spot: the condition of a redelivery in {@code on-error-metrika}. */
    public boolean isBrief() {
        return outcome == Outcome.THROTTLED && pause != null && pause.compareTo(BRIEF) <= 0;
    }
}
