package metrika.simulator;

/** The body of an answer that a fault gives. */
public enum FaultBody {
    /** Metrika's own form of an error. */
    JSON,
    /** The same without its list of errors: only code and message. */
    BARE,
    /** The same with an empty list of errors. */
    NO_ERRORS,
    /** An object with nothing in it. */
    EMPTY_OBJECT,
    /** An object whose list of uploads is null. */
    NULL_LIST,
    /** A page, as a proxy in between would send it. */
    HTML,
    /** A line that is not JSON, sent as JSON. */
    TEXT,
    /** No body at all. */
    EMPTY,
    /** The first half of the JSON, in a complete answer. */
    TRUNCATED
}
