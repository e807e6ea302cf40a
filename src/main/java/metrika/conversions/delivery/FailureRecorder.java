package metrika.conversions.delivery;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.nio.file.FileSystemException;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.Variable;
import org.apache.hc.client5.http.ConnectTimeoutException;
import org.apache.hc.client5.http.HttpHostConnectException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a failed delivery is recorded as: the parameters of {@code record-upload-failure.sql} and
 * {@code record-poll-failure.sql}, and of {@code record-check-failure.sql}.
 */
public final class FailureRecorder {

    private static final Logger LOG = LoggerFactory.getLogger(FailureRecorder.class);

    private static final String NO_COUNTER =
            "It was asked several times whether it has the file, and always said that there is no such counter: the"
                    + " file counts as rejected. Correct counter_id (PATCH), then POST .../batches/<batch_id>/retry.";
    /** What Metrika says of a token that is none to it, whatever the counter. */
    private static final Set<String> DEAD_TOKEN = Set.of("unauthorized", "invalid_token", "http_401");
    /** A row that Metrika is sent again has the same identifier, Target and DateTime, by which it knows it. */
    private static final String SEND_AGAIN =
            " Whether its rows were counted is not known. POST .../batches/<batch_id>/retry sends them again, and is"
                    + " safe: rows that Metrika has it overwrites. DELETE .../batches/<batch_id> withdraws them.";

    /** Whether a failure is over in seconds, and worth to be waited for on the spot: the condition of a redelivery. */
    public boolean isBrief(@ExchangeProperty(Exchange.EXCEPTION_CAUGHT) Throwable failure) {
        for (var cause = failure; cause != null; cause = cause.getCause()) { // in a split it comes wrapped
            if (cause instanceof MetrikaException fault) {
                return fault.isBrief();
            }
        }
        return false;
    }

    /**
     * What a failure means to an upload: the row {@code failure} of {@code halve-upload.sql} and
     * {@code record-upload-failure.sql}.
     *
     * @param call the method of the call that was begun, none before it
     */
    public Map<String, Object> describeUploadFailure(
            @ExchangeProperty(Exchange.EXCEPTION_CAUGHT) Throwable failure, @Variable("called-method") String call) {
        var posted = "POST".equals(call);
        var described = describe(failure);
        // The look-up was rejected: that says nothing of the file, which may be there.
        var isQuestionRejected = !posted && described.errorClass() == MetrikaErrorClass.REJECTED;
        var parameters = described.parameters(isQuestionRejected ? MetrikaErrorClass.UNKNOWN : described.errorClass());
        parameters.put("message_at_end", posted ? null : described.messageAtEnd());
        parameters.put("posted", posted);
        return parameters;
    }

    /**
     * What a failure means to a question: the row {@code failure} of {@code record-poll-failure.sql}.
     *
     * @param operation {@code list-uploads}, or {@code read-upload} when it was for one of them
     * @param uploadings the ids that were asked about, with commas
     * @param due those of them whose turn it was
     * @param page of the list, from 0
     */
    public Map<String, Object> describePollFailure(
            @ExchangeProperty(Exchange.EXCEPTION_CAUGHT) Throwable failure,
            @Variable("metrika-account") Map<String, ?> account,
            @Variable("operation") String operation,
            @Variable("uploadings") String uploadings,
            @Variable("due") String due,
            @Variable("page") int page) {
        var described = describe(failure);
        var parameters = described.parameters(described.errorClass());
        parameters.put("login", account.get("login"));
        parameters.put("counter_id", account.get("counter_id"));
        parameters.put("uploadings", uploadings);
        parameters.put("due", due);
        // With its first call a poll has had its turn
        var isFirstCall = operation.equals("list-uploads") && page == 0;
        parameters.put("due_since", isFirstCall ? account.get("due_since") : null);
        var isLost = described.errorClass() == MetrikaErrorClass.ACCESS_LOST;
        parameters.put("is_refusal", isLost || described.errorClass() == MetrikaErrorClass.REJECTED);
        if (isLost) {
            end(
                    parameters,
                    BatchErrorCode.ACCESS_LOST,
                    "Metrika has this file, but there was no valid token to poll it with. "
                            + "Give the webhook one with access to the counter (PATCH).");
        } else if (!described.isWrongCounter()) {
            end(parameters, BatchErrorCode.NOT_TOLD, "Metrika took this file, and has not reported its result since.");
        } else if (operation.equals("read-upload")) {
            end(parameters, BatchErrorCode.FORGOTTEN, "Metrika took this file, and does not know it any more.");
        } else {
            end(
                    parameters,
                    BatchErrorCode.COUNTER_GONE,
                    ("Metrika took this file, and does not know its counter %s any more: "
                                    + "correct counter_id (PATCH) before the file is sent again.")
                            .formatted(account.get("counter_id")));
        }
        return parameters;
    }

    /** What a failure means to the check of a counter: the row {@code failure} of {@code record-check-failure.sql}. */
    public Map<String, Object> describeCheckFailure(@ExchangeProperty(Exchange.EXCEPTION_CAUGHT) Throwable failure) {
        var described = describe(failure);
        var parameters = new HashMap<String, Object>();
        parameters.put("outcome", outcome(described));
        parameters.put("detail", described.answer());
        parameters.put("retry_after", described.retryAfter());
        parameters.put("own_quota", described.isOwnQuota());
        return parameters;
    }

    private static String outcome(Failure failure) {
        return switch (failure.errorClass()) {
            case ACCESS_LOST -> DEAD_TOKEN.contains(failure.code()) ? "token_invalid" : "no_access";
            case REJECTED -> "counter_not_found"; // its number is all that the question has
            default -> "unreachable";
        };
    }

    private static void end(Map<String, Object> parameters, BatchErrorCode code, String message) {
        parameters.put("code_at_end", code.toString());
        parameters.put("message_at_end", message + SEND_AGAIN);
    }

    /**
     * A failure as it is recorded.
     *
     * @param advice for the log: the message without the words of Metrika, which may quote what it was sent
     * @param retryAfter in seconds, or {@code null}
     * @param answer what happened, without what follows for an upload
     * @param messageAtEnd for an upload that is not looked for any more; or {@code null}
     */
    private record Failure(
            MetrikaErrorClass errorClass,
            String code,
            String message,
            String advice,
            Double retryAfter,
            boolean isOwnQuota,
            boolean isWrongCounter,
            String answer,
            String messageAtEnd) {

        static Failure of(MetrikaErrorClass errorClass, BatchErrorCode code, String message) {
            return new Failure(
                    errorClass, code.toString(), message, message, null, false, false, code.toString(), null);
        }

        static Failure of(MetrikaException fault) {
            return new Failure(
                    fault.errorClass(),
                    fault.code(),
                    fault.getMessage(),
                    fault.advice(),
                    fault.pause() == null ? null : fault.pause().toMillis() / 1000.0,
                    fault.isOwnQuota(),
                    fault.isWrongCounter(),
                    fault.answer().strip(),
                    fault.answer() + NO_COUNTER);
        }

        /** @param recorded the class that it is recorded as */
        Map<String, Object> parameters(MetrikaErrorClass recorded) {
            var parameters = new HashMap<String, Object>();
            parameters.put("outcome", recorded.toString());
            parameters.put("code", code);
            parameters.put("message", message);
            parameters.put("advice", advice);
            parameters.put("retry_after", retryAfter);
            parameters.put("own_quota", isOwnQuota);
            parameters.put("wrong_counter", isWrongCounter);
            return parameters;
        }
    }

    private static Failure describe(Throwable failure) {
        for (var cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof MetrikaException fault) {
                return Failure.of(fault);
            }
            if (cause instanceof SQLException) {
                LOG.error("The database failed in the middle of a delivery", failure);
                return Failure.of(
                        MetrikaErrorClass.UNKNOWN,
                        BatchErrorCode.DATABASE,
                        "The database failed in the middle of the delivery. It goes on automatically; what may have"
                                + " reached Metrika is looked up there before it is sent again.");
            }
            if (cause instanceof ConnectException
                    || cause instanceof HttpHostConnectException
                    || cause instanceof ConnectTimeoutException
                    || cause instanceof UnknownHostException
                    || cause instanceof NoRouteToHostException) {
                return Failure.of(
                        MetrikaErrorClass.UNREACHABLE,
                        BatchErrorCode.UNREACHABLE,
                        "Metrika cannot be reached (metrika.url): it is tried again automatically.");
            }
            if (cause instanceof FileNotFoundException
                    || cause instanceof FileSystemException
                    || String.valueOf(cause.getMessage()).contains("No space left on device")) {
                LOG.error("The file cannot be spooled", failure);
                return Failure.of(
                        MetrikaErrorClass.UNREACHABLE,
                        BatchErrorCode.DISK,
                        "The file cannot be spooled to this machine's disk: is it full? It is tried again"
                                + " automatically.");
            }
            if (cause instanceof IOException) {
                return Failure.of(
                        MetrikaErrorClass.UNKNOWN,
                        BatchErrorCode.NO_ANSWER,
                        "The connection to Metrika broke, or no response came in time (metrika.response-timeout): the"
                                + " file is looked up in Metrika and sent again only if it is not there.");
            }
        }
        var id = UUID.randomUUID().toString();
        LOG.error("Delivery failed, error id {}", id, failure);
        return Failure.of(
                MetrikaErrorClass.UNKNOWN,
                BatchErrorCode.INTERNAL,
                "Something went wrong on our side; it is tried again automatically. The log has it under the error id "
                        + id + ".");
    }
}
