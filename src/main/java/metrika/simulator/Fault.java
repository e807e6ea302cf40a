package metrika.simulator;

import java.time.Duration;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Something that goes wrong with the calls that match it. Immutable: start from a factory such as {@link #error(int,
 * String, String)} and narrow it down, for example {@code Fault.error(429, "quota_parallel_requests",
 * "Wait").on(Operation.UPLOAD).times(3)}.
 *
 * @param on the operation that it strikes
 * @param counter the counter that it strikes, null for every one
 * @param token the token that it strikes, null for every one; a secret, never shown
 * @param times how many calls it strikes, 0 for all until it is taken away
 * @param skip how many matching calls pass before the first that it strikes
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
public record Fault(
        Operation on,
        Long counter,
        String token,
        int times,
        int skip,
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

    public Fault {
        require(times >= 0 && skip >= 0, "times and skip are not negative");
        require(kind != FaultKind.ERROR || (code >= 200 && code <= 599), "code is a status from 200 to 599");
        require(
                kind != FaultKind.ERROR || (at != Point.IN_BODY && at != Point.IN_ANSWER),
                "an error is not given in the body or in the answer");
        require(kind != FaultKind.DELAY || !delay.isNegative(), "delay is not negative");
    }

    /** An answer with this status; an upload is not kept unless {@link #store(boolean)} says so. */
    public static Fault error(int code, String errorType, String message) {
        return new Fault(
                Operation.ANY,
                null,
                null,
                1,
                0,
                FaultKind.ERROR,
                Point.BEFORE_STORE,
                code,
                errorType,
                message,
                FaultBody.JSON,
                null,
                RetryAfterForm.SECONDS,
                Duration.ZERO,
                null);
    }

    /** An answer with this status whose body is not what Metrika documents. */
    public static Fault error(int code, FaultBody body) {
        return error(code, "backend_error", "Backend error").body(body);
    }

    /** The connection is closed at this point, and no whole answer is given. */
    public static Fault close(Point at) {
        return plain(FaultKind.CLOSE, at);
    }

    /** The answer comes this much later; an upload is kept before the wait. */
    public static Fault delay(Duration delay) {
        return plain(FaultKind.DELAY, Point.BEFORE_ANSWER).waiting(delay);
    }

    /** An upload's body is read with this pause after each piece. */
    public static Fault slowReading(Duration pause) {
        return plain(FaultKind.DELAY, Point.IN_BODY).waiting(pause).on(Operation.UPLOAD);
    }

    /** The call is held at this point until {@link Simulator#release()}. */
    public static Fault stall(Point at) {
        return plain(FaultKind.STALL, at);
    }

    /** A right answer with other fields: each is a name and a value, null takes the field away. */
    public static Fault odd(ObjectNode set) {
        return new Fault(
                Operation.ANY,
                null,
                null,
                1,
                0,
                FaultKind.ODD,
                Point.BEFORE_ANSWER,
                200,
                null,
                null,
                FaultBody.JSON,
                null,
                RetryAfterForm.SECONDS,
                Duration.ZERO,
                set.deepCopy());
    }

    /** A right answer in which one field has another value; null takes it away. */
    public static Fault odd(String field, Object value) {
        ObjectNode set = Json.object();
        set.set(field, Json.MAPPER.valueToTree(value));
        return odd(set);
    }

    /** A right answer without the {@code id}. */
    public static Fault missingId() {
        return odd("id", null);
    }

    public Fault on(Operation value) {
        return new Fault(
                value,
                counter,
                token,
                times,
                skip,
                kind,
                at,
                code,
                errorType,
                message,
                body,
                retryAfter,
                retryAfterForm,
                delay,
                set);
    }

    public Fault counter(long value) {
        return new Fault(
                on,
                value,
                token,
                times,
                skip,
                kind,
                at,
                code,
                errorType,
                message,
                body,
                retryAfter,
                retryAfterForm,
                delay,
                set);
    }

    public Fault token(String value) {
        return new Fault(
                on,
                counter,
                value,
                times,
                skip,
                kind,
                at,
                code,
                errorType,
                message,
                body,
                retryAfter,
                retryAfterForm,
                delay,
                set);
    }

    /** 0: until it is taken away. */
    public Fault times(int value) {
        return new Fault(
                on,
                counter,
                token,
                value,
                skip,
                kind,
                at,
                code,
                errorType,
                message,
                body,
                retryAfter,
                retryAfterForm,
                delay,
                set);
    }

    public Fault skip(int value) {
        return new Fault(
                on,
                counter,
                token,
                times,
                value,
                kind,
                at,
                code,
                errorType,
                message,
                body,
                retryAfter,
                retryAfterForm,
                delay,
                set);
    }

    public Fault at(Point value) {
        return new Fault(
                on,
                counter,
                token,
                times,
                skip,
                kind,
                value,
                code,
                errorType,
                message,
                body,
                retryAfter,
                retryAfterForm,
                delay,
                set);
    }

    /** Whether an upload is kept: moves the fault behind the storing or before it. */
    public Fault store(boolean value) {
        return value == store() ? this : at(value ? Point.BEFORE_ANSWER : Point.BEFORE_STORE);
    }

    /** Whether an upload that it strikes is kept (for a wait: before it). */
    public boolean store() {
        return at == Point.BEFORE_ANSWER || at == Point.IN_ANSWER;
    }

    public Fault body(FaultBody value) {
        return new Fault(
                on,
                counter,
                token,
                times,
                skip,
                kind,
                at,
                code,
                errorType,
                message,
                value,
                retryAfter,
                retryAfterForm,
                delay,
                set);
    }

    public Fault retryAfter(Duration value, RetryAfterForm form) {
        return new Fault(
                on, counter, token, times, skip, kind, at, code, errorType, message, body, value, form, delay, set);
    }

    Fault waiting(Duration value) {
        return new Fault(
                on,
                counter,
                token,
                times,
                skip,
                kind,
                at,
                code,
                errorType,
                message,
                body,
                retryAfter,
                retryAfterForm,
                value,
                set);
    }

    boolean strikes(Operation operation, long callCounter, String callToken) {
        return on.covers(operation)
                && (at != Point.IN_BODY || operation == Operation.UPLOAD)
                && (counter == null || counter == callCounter)
                && (token == null || token.equals(callToken));
    }

    /**
     * Reads a fault as {@code POST /simulator/faults} takes it.
     *
     * @throws IllegalArgumentException that says what is wrong
     */
    public static Fault fromJson(JsonNode json) {
        return FaultJson.read(json);
    }

    /** The fault as {@link #fromJson} takes it, but for the token, of which only the fingerprint is shown. */
    public ObjectNode toJson() {
        return FaultJson.write(this);
    }

    @Override
    public String toString() {
        return "Fault" + toJson();
    }

    private static Fault plain(FaultKind kind, Point at) {
        return new Fault(
                Operation.ANY,
                null,
                null,
                1,
                0,
                kind,
                at,
                0,
                null,
                null,
                FaultBody.JSON,
                null,
                RetryAfterForm.SECONDS,
                Duration.ZERO,
                null);
    }

    private static void require(boolean holds, String rule) {
        if (!holds) {
            throw new IllegalArgumentException("Fault: " + rule);
        }
    }
}
