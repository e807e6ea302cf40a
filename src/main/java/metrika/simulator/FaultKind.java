package metrika.simulator;

/** What a fault does. */
public enum FaultKind {
    /** Answers with another status and body than the right one. */
    ERROR,
    /** Closes the connection. */
    CLOSE,
    /** Waits some time, then goes on if the caller is still there; in the body: reads it slowly. */
    DELAY,
    /** Waits until it is released, then goes on if the caller is still there. */
    STALL,
    /** Changes the fields of a right answer. */
    ODD
}
