package metrika.conversions.delivery;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

import static metrika.conversions.delivery.MetrikaErrorClass.ACCESS_LOST;
import static metrika.conversions.delivery.MetrikaErrorClass.REJECTED;
import static metrika.conversions.delivery.MetrikaErrorClass.THROTTLED;
import static metrika.conversions.delivery.MetrikaErrorClass.UNKNOWN;

/**
 * The one table of Metrika's errors: what follows for an upload, with the advice for people, and how long to wait where
 * the response has no {@code Retry-After}. The source is its public documentation of errors and quotas.
 *
 * <p>The pause also says where it is tried again. {@link Pause#A_SECOND} is waited for by redelivery; any other is
 * written into the upload's row, which the schedule then comes back to.
 */
public enum MetrikaErrorType {
    INVALID_PARAMETER(REJECTED, Pause.BACKOFF),
    MISSING_PARAMETER(REJECTED, Pause.BACKOFF),
    INVALID_UPLOADING(REJECTED, Pause.BACKOFF),
    LIMIT_EXCEEDED(REJECTED, Pause.BACKOFF),
    INVALID_JSON(REJECTED, Pause.BACKOFF),
    CONFLICT(REJECTED, Pause.BACKOFF),
    NOT_ACCEPTABLE(REJECTED, Pause.BACKOFF),
    /** There is no such counter. */
    NOT_FOUND(REJECTED, Pause.BACKOFF),
    UNAUTHORIZED(ACCESS_LOST, Pause.BACKOFF),
    INVALID_TOKEN(ACCESS_LOST, Pause.BACKOFF),
    ACCESS_DENIED(ACCESS_LOST, Pause.BACKOFF),
    COUNTER_IN_CONNECT(ACCESS_LOST, Pause.BACKOFF),
    QUOTA_REQUESTS_BY_IP(THROTTLED, Pause.A_SECOND),
    QUOTA_PARALLEL_REQUESTS(THROTTLED, Pause.A_SECOND),
    QUOTA_REQUESTS_BY_UID(THROTTLED, Pause.UNTIL_MIDNIGHT),
    QUOTA_REQUESTS_BY_COUNTER_ID(THROTTLED, Pause.UNTIL_MIDNIGHT),
    BACKEND_ERROR(UNKNOWN, Pause.BACKOFF),
    TIMEOUT(UNKNOWN, Pause.BACKOFF),

    // Responses whose type is missing or new: by their status

    /** 401 and 403. */
    OTHER_ACCESS(ACCESS_LOST, Pause.BACKOFF),
    /** 420 and 429. */
    OTHER_QUOTA(THROTTLED, Pause.BACKOFF),
    /** Any other 4xx that has the form of Metrika's errors. */
    OTHER_REJECTION(REJECTED, Pause.BACKOFF),
    /**
     * A failure of the server, whatever type it names; 408, which says of the time that the request took and nothing of
     * the request; an answer that is not Metrika's, but of something on the way; and a success without what was asked
     * for.
     */
    NO_CLEAR_ANSWER(UNKNOWN, Pause.BACKOFF),
    /** The call was never made, to stay within the quotas: the pause is known exactly, and nothing has failed. */
    NOT_CALLED(THROTTLED, Pause.BACKOFF);

    private static final Map<String, MetrikaErrorType> BY_NAME = Arrays.stream(values())
            .filter(type -> type.compareTo(OTHER_ACCESS) < 0)
            .collect(Collectors.toUnmodifiableMap(type -> type.name().toLowerCase(Locale.ROOT), Function.identity()));

    private final MetrikaErrorClass errorClass;
    private final Pause pause;

    MetrikaErrorType(MetrikaErrorClass errorClass, Pause pause) {
        this.errorClass = errorClass;
        this.pause = pause;
    }

    /**
     * What an answer that is not a success is.
     *
     * @param status of HTTP
     * @param name Metrika's error type, or {@code null} when the answer names none
     * @param isMetrikas whether the answer has the form of Metrika's errors: else it is not Metrika that speaks, but
     *     something on the way
     */
    static MetrikaErrorType of(int status, String name, boolean isMetrikas) {
        if (status >= 500) {
            return NO_CLEAR_ANSWER;
        }
        var known = name == null ? null : BY_NAME.get(name);
        var type = known != null ? known : byStatus(status, isMetrikas);
        return status == 404 && type.errorClass == REJECTED ? NOT_FOUND : type;
    }

    private static MetrikaErrorType byStatus(int status, boolean isMetrikas) {
        return switch (status) {
            case 401, 403 -> OTHER_ACCESS;
            case 420, 429 -> OTHER_QUOTA;
            case 408 -> NO_CLEAR_ANSWER;
            default -> status >= 400 && isMetrikas ? OTHER_REJECTION : NO_CLEAR_ANSWER;
        };
    }

    /** Metrika's names of its error types, as far as they are known. */
    public static List<String> names() {
        return Arrays.stream(values())
                .map(type -> type.name().toLowerCase(Locale.ROOT))
                .filter(BY_NAME::containsKey)
                .toList();
    }

    /** What becomes of the upload. */
    public MetrikaErrorClass errorClass() {
        return errorClass;
    }

    /** How long to wait where Metrika does not say; {@code null} when the pauses grow with the failures in a row. */
    Duration pause(Instant now) {
        return pause.from(now);
    }

    /** How long to leave Metrika alone. */
    private enum Pause {
        /** As {@code record-upload-failure.sql} and {@code record-poll-failure.sql} reckon. */
        BACKOFF,
        A_SECOND,
        /** The daily quotas begin anew at 00:00 UTC. */
        UNTIL_MIDNIGHT;

        private Duration from(Instant now) {
            return switch (this) {
                case BACKOFF -> null;
                case A_SECOND -> Duration.ofSeconds(1);
                case UNTIL_MIDNIGHT ->
                    Duration.between(
                            now,
                            now.atOffset(ZoneOffset.UTC)
                                    .truncatedTo(ChronoUnit.DAYS)
                                    .plusDays(1)
                                    .toInstant());
            };
        }
    }
}
