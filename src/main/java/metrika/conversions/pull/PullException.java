package metrika.conversions.pull;

import metrika.conversions.logging.SourceErrors;

/** What keeps a source from being pulled, in words for whoever operates it. Holds nothing secret. */
public final class PullException extends RuntimeException implements SourceErrors.Coded {

    private static final long serialVersionUID = 1L;

    private final long retryAfterSeconds;
    private final String code;

    /** What the source gives cannot be read. */
    PullException(String message) {
        this(message, 0, "content");
    }

    /**
     * @param retryAfterSeconds for how long the source asks to be left alone
     * @param code for the metric {@code source_errors_total}
     */
    PullException(String message, long retryAfterSeconds, String code) {
        super(message, null, false, false);
        this.retryAfterSeconds = retryAfterSeconds;
        this.code = code;
    }

    @Override
    public String code() {
        return code;
    }

    long retryAfterSeconds() {
        return retryAfterSeconds;
    }
}
