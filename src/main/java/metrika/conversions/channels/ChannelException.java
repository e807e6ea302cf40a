package metrika.conversions.channels;

/** Why somebody could not be told, in words that quote nothing of what was sent. */
public final class ChannelException extends Exception {

    private static final long serialVersionUID = 1L;

    private final boolean isAway;
    private final long retryAfterSeconds;

    /**
     * @param isAway whether the next message would fare no better
     * @param retryAfterSeconds for how long the receiver asks to be left alone
     */
    ChannelException(String message, boolean isAway, long retryAfterSeconds) {
        super(message);
        this.isAway = isAway;
        this.retryAfterSeconds = retryAfterSeconds;
    }

    boolean isAway() {
        return isAway;
    }

    long retryAfterSeconds() {
        return retryAfterSeconds;
    }
}
