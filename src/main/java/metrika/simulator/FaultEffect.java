package metrika.simulator;

import java.time.Duration;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * What a fault does to a call.
 *
 * @param kind what it does
 * @param at where in the call it does it; an upload is kept when this is {@code BEFORE_ANSWER} or {@code IN_ANSWER}
 * @param code HTTP status of {@code ERROR}
 * @param errorType Metrika's {@code error_type} in an {@code ERROR}
 * @param message Metrika's message in an {@code ERROR}
 * @param body the form of the body of an {@code ERROR}
 * @param retryAfter what {@code Retry-After} of an {@code ERROR} says, null for no such header; whole seconds
 * @param retryAfterForm how it says so
 * @param delay how long {@code DELAY} waits; in the body: after each piece of at most 64 KiB that arrived
 * @param set fields that {@code ODD} puts into each uploading or goal of the answer; a null takes the field away
 */
public record FaultEffect(
        FaultKind kind,
        Point at,
        int code,
        String errorType,
        String message,
        FaultBody body,
        Duration retryAfter,
        RetryAfterForm retryAfterForm,
        Duration delay,
        ObjectNode set) {

    public FaultEffect {
        Fault.require(kind != FaultKind.ERROR || (code >= 200 && code <= 599), "code is a status from 200 to 599");
        Fault.require(
                kind != FaultKind.ERROR || (at != Point.IN_BODY && at != Point.IN_ANSWER),
                "an error is not given in the body or in the answer");
        Fault.require(kind != FaultKind.DELAY || !delay.isNegative(), "delay is not negative");
    }

    static FaultEffect plain(FaultKind kind, Point at) {
        return new FaultEffect(
                kind, at, 0, null, null, FaultBody.JSON, null, RetryAfterForm.SECONDS, Duration.ZERO, null);
    }

    static FaultEffect waiting(Point at, Duration delay) {
        return new FaultEffect(
                FaultKind.DELAY, at, 0, null, null, FaultBody.JSON, null, RetryAfterForm.SECONDS, delay, null);
    }

    /** Whether an upload that it strikes is kept (for a wait: before it). */
    boolean store() {
        return at == Point.BEFORE_ANSWER || at == Point.IN_ANSWER;
    }

    FaultEffect at(Point value) {
        return new FaultEffect(kind, value, code, errorType, message, body, retryAfter, retryAfterForm, delay, set);
    }

    FaultEffect body(FaultBody value) {
        return new FaultEffect(kind, at, code, errorType, message, value, retryAfter, retryAfterForm, delay, set);
    }

    FaultEffect retryAfter(Duration value, RetryAfterForm form) {
        return new FaultEffect(kind, at, code, errorType, message, body, value, form, delay, set);
    }
}
