package metrika.conversions.simulator;

/** The body of an answer that a fault gives. */
public enum FaultBody {
    /** Metrika's own form of an error. */
    JSON,
    /** A page, as a proxy in between would send it. */
    HTML,
    /** A line that is not JSON, sent as JSON. */
    TEXT,
    /** No body at all. */
    EMPTY,
    /** The first half of the JSON, in a complete answer. */
    TRUNCATED
}
