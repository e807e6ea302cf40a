package metrika.conversions.delivery;

import java.time.Duration;

/** A call to Metrika that was answered and did not succeed, or that our own account of its quotas did not let go. */
public final class MetrikaException extends Exception {

    private static final long serialVersionUID = 1L;
    /** The longest pause for a redelivery; longer ones are written into the upload's row. */
    private static final Duration BRIEF = Duration.ofSeconds(1);

    private final MetrikaErrorType type;
    private final String code;
    private final String answer;
    private final String advice;
    private final transient Duration pause;

    /**
     * An answer of Metrika.
     *
     * @param type what Metrika's error means
     * @param code Metrika's error type, or {@code http_<status>}
     * @param answer for the batch's {@code errors}: what happened, in Metrika's own words
     * @param advice the same: what to do
     * @param pause how long Metrika wants to be left alone; {@code null} when it does not say
     */
    MetrikaException(MetrikaErrorType type, String code, String answer, String advice, Duration pause) {
        super(answer + advice);
        this.type = type;
        this.code = code;
        this.answer = answer;
        this.advice = advice;
        this.pause = pause;
    }

    /**
     * A call that was not made, to stay within Metrika's quotas.
     *
     * @param pause until there is one again
     */
    static MetrikaException notCalled(String reason, String message, Duration pause) {
        return new MetrikaException(MetrikaErrorType.NOT_CALLED, reason, "", message, pause);
    }

    /** What becomes of the upload. */
    public MetrikaErrorClass errorClass() {
        return type.errorClass();
    }

    public String code() {
        return code;
    }

    /** Its message without the advice; empty when the call was not made. */
    public String answer() {
        return answer;
    }

    /** The rest of its message, in our own words. */
    String advice() {
        return advice;
    }

    public Duration pause() {
        return pause;
    }

    /** Whether the call was never made: then the pause is known exactly, and nothing has failed. */
    boolean isOwnQuota() {
        return type == MetrikaErrorType.NOT_CALLED;
    }

    /** Whether Metrika says that there is no such counter. */
    boolean isWrongCounter() {
        return type == MetrikaErrorType.NOT_FOUND;
    }

    /** Whether it passes within seconds: the condition of a redelivery in {@code on-error-metrika}. */
    public boolean isBrief() {
        return errorClass() == MetrikaErrorClass.THROTTLED && pause != null && pause.compareTo(BRIEF) <= 0;
    }
}
