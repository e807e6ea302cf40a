package metrika.simulator;

/** Where in a call a fault strikes. */
public enum Point {
    /** The head of the request is read, its body is not. */
    BEFORE_BODY,
    /** Part of an upload's body is read. */
    IN_BODY,
    /** The request is read and nothing is kept of it yet. */
    BEFORE_STORE,
    /** The upload is kept, nothing of the answer is sent. */
    BEFORE_ANSWER,
    /** Half of the answer's body is sent. */
    IN_ANSWER
}
