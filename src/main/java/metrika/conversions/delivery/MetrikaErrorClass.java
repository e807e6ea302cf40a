package metrika.conversions.delivery;

import java.util.Locale;
import java.util.Map;

/**
 * What a call to Metrika came to, and so what is done next. The one table of Metrika's error types; the source is its
 * public documentation of errors and quotas.
 */
public enum MetrikaErrorClass {

    /** The file or the call is wrong: the same again would end the same. */
    REJECTED,
    /** Refused for now, and not taken: again after a pause. */
    THROTTLED,
    /** The token is not accepted: a person has to give another one; the data waits. */
    ACCESS_LOST,
    /** The call never left: again after a pause. */
    UNREACHABLE,
    /** No clear answer: after a POST, Metrika may have the file. It is looked for before it is sent again. */
    UNKNOWN;

    private static final Map<String, MetrikaErrorClass> BY_ERROR_TYPE = Map.ofEntries(
            Map.entry("invalid_parameter", REJECTED),
            Map.entry("missing_parameter", REJECTED),
            Map.entry("invalid_uploading", REJECTED),
            Map.entry("limit_exceeded", REJECTED),
            Map.entry("invalid_json", REJECTED),
            Map.entry("conflict", REJECTED),
            Map.entry("not_acceptable", REJECTED),
            Map.entry("not_found", REJECTED),
            Map.entry("unauthorized", ACCESS_LOST),
            Map.entry("invalid_token", ACCESS_LOST),
            Map.entry("access_denied", ACCESS_LOST),
            Map.entry("counter_in_connect", ACCESS_LOST),
            Map.entry("quota_requests_by_ip", THROTTLED),
            Map.entry("quota_parallel_requests", THROTTLED),
            Map.entry("quota_requests_by_uid", THROTTLED),
            Map.entry("quota_requests_by_counter_id", THROTTLED),
            Map.entry("backend_error", UNKNOWN),
            Map.entry("timeout", UNKNOWN));

    /**
     * The outcome of an answer that is not a success.
     *
     * @param status     of HTTP
     * @param errorType  Metrika's, or {@code null} when the answer names none
     * @param isMetrikas whether the answer has the form of Metrika's errors: else it is not Metrika that speaks, but something
     *                   on the way
     */
    static MetrikaErrorClass of(int status, String errorType, boolean isMetrikas) {
        if (status >= 500) {
            return UNKNOWN;
        }
        var known = errorType == null ? null : BY_ERROR_TYPE.get(errorType);
        if (known != null) {
            return known;
        }
        return switch (status) {
            case 401, 403 -> ACCESS_LOST;
            case 420, 429 -> THROTTLED;
            // It says of the time that the request took, and nothing of the request.
            case 408 -> UNKNOWN;
            default -> status >= 400 && isMetrikas ? REJECTED : UNKNOWN;
        };
    }

    /** Its name in the parameters of {@code record-fault.sql}. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
