package metrika.simulator;

import java.time.Duration;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Something that goes wrong with the calls that match it. Immutable: start from a factory such as {@link #error(int,
 * String, String)} and narrow it down, for example {@code Fault.error(429, "quota_parallel_requests",
 * "Wait").on(Operation.UPLOAD).times(3)}.
 *
 * @param scope which calls it strikes
 * @param effect what it does to them
 */
public record Fault(FaultScope scope, FaultEffect effect) {

    /** An answer with this status; an upload is not kept unless {@link #store(boolean)} says so. */
    public static Fault error(int code, String errorType, String message) {
        return of(new FaultEffect(
                FaultKind.ERROR,
                Point.BEFORE_STORE,
                code,
                errorType,
                message,
                FaultBody.JSON,
                null,
                RetryAfterForm.SECONDS,
                Duration.ZERO,
                null));
    }

    /** An answer with this status whose body is not what Metrika documents. */
    public static Fault error(int code, FaultBody body) {
        return error(code, "backend_error", "Backend error").body(body);
    }

    /** The connection is closed at this point, and no whole answer is given. */
    public static Fault close(Point at) {
        return of(FaultEffect.plain(FaultKind.CLOSE, at));
    }

    /** The answer comes this much later; an upload is kept before the wait. */
    public static Fault delay(Duration delay) {
        return of(FaultEffect.waiting(Point.BEFORE_ANSWER, delay));
    }

    /** An upload's body is read with this pause after each piece. */
    public static Fault slowReading(Duration pause) {
        return of(FaultEffect.waiting(Point.IN_BODY, pause)).on(Operation.UPLOAD);
    }

    /** The call is held at this point until {@link Simulator#release()}. */
    public static Fault stall(Point at) {
        return of(FaultEffect.plain(FaultKind.STALL, at));
    }

    /** A right answer with other fields: each is a name and a value, null takes the field away. */
    public static Fault odd(ObjectNode set) {
        return of(new FaultEffect(
                FaultKind.ODD,
                Point.BEFORE_ANSWER,
                200,
                null,
                null,
                FaultBody.JSON,
                null,
                RetryAfterForm.SECONDS,
                Duration.ZERO,
                set.deepCopy()));
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

    private static Fault of(FaultEffect effect) {
        return new Fault(new FaultScope(Operation.ANY, null, null, 1, 0), effect);
    }

    public Fault on(Operation value) {
        return new Fault(new FaultScope(value, scope.counter(), scope.token(), scope.times(), scope.skip()), effect);
    }

    public Fault counter(long value) {
        return new Fault(new FaultScope(scope.on(), value, scope.token(), scope.times(), scope.skip()), effect);
    }

    public Fault token(String value) {
        return new Fault(new FaultScope(scope.on(), scope.counter(), value, scope.times(), scope.skip()), effect);
    }

    /** 0: until it is taken away. */
    public Fault times(int value) {
        return new Fault(new FaultScope(scope.on(), scope.counter(), scope.token(), value, scope.skip()), effect);
    }

    public Fault skip(int value) {
        return new Fault(new FaultScope(scope.on(), scope.counter(), scope.token(), scope.times(), value), effect);
    }

    public Fault at(Point value) {
        return new Fault(scope, effect.at(value));
    }

    /** Whether an upload is kept: moves the fault behind the storing or before it. */
    public Fault store(boolean value) {
        return value == effect.store() ? this : at(value ? Point.BEFORE_ANSWER : Point.BEFORE_STORE);
    }

    public Fault body(FaultBody value) {
        return new Fault(scope, effect.body(value));
    }

    public Fault retryAfter(Duration value, RetryAfterForm form) {
        return new Fault(scope, effect.retryAfter(value, form));
    }

    /** Metrika's {@code error_type} in an error. */
    public String errorType() {
        return effect.errorType();
    }

    boolean strikes(Operation operation, long callCounter, String callToken) {
        return scope.covers(operation, callCounter, callToken)
                && (effect.at() != Point.IN_BODY || operation == Operation.UPLOAD);
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

    static void require(boolean holds, String rule) {
        if (!holds) {
            throw new IllegalArgumentException("Fault: " + rule);
        }
    }
}
