package metrika.conversions.pull;

/** What keeps a source from being pulled, in words for whoever operates it. Holds nothing secret. */
public final class PullException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final long retryAfterSeconds;

    PullException(String message) {
        this(message, 0);
    }

    /** @param retryAfterSeconds for how long the source asks to be left alone */
    PullException(String message, long retryAfterSeconds) {
        super(message, null, false, false);
        this.retryAfterSeconds = retryAfterSeconds;
    }

    long retryAfterSeconds() {
        return retryAfterSeconds;
    }
}
