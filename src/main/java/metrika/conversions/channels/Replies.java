package metrika.conversions.channels;

import java.time.Clock;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;

import metrika.conversions.outbound.HttpCall;

/** What a receiver's answer means. */
final class Replies {

    private static final int TOO_MANY = 429;
    private static final int TIMEOUT = 408;

    private Replies() {}

    /**
     * Nothing where the receiver has taken the message.
     *
     * @param said what it says of its refusal, {@code null} for nothing
     * @param wish seconds for which it asks to be left alone besides the header {@code Retry-After}
     */
    static void check(HttpCall.Reply reply, String said, long wish, Clock clock) throws ChannelException {
        var status = reply.status();
        if (status / 100 == 2) {
            return;
        }
        throw new ChannelException(
                "the receiver answered with %d%s%s"
                        .formatted(
                                status,
                                status / 100 == 3 ? ", a redirect, which is not followed" : "",
                                said == null ? "" : ": " + said),
                status / 100 == 5 || status == TOO_MANY || status == TIMEOUT,
                Math.max(wish, seconds(reply.retryAfter(), clock)));
    }

    /** {@code Retry-After} in both its forms; 0 when it is neither. */
    private static long seconds(String header, Clock clock) {
        if (header == null) {
            return 0;
        }
        var value = header.strip();
        if (value.matches("[0-9]{1,9}")) {
            return Long.parseLong(value);
        }
        try {
            var then = ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME);
            return Math.max(0, Duration.between(clock.instant(), then).toSeconds());
        } catch (DateTimeParseException e) {
            return 0; // a wish that nobody can read
        }
    }
}
