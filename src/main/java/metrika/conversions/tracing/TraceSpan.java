package metrika.conversions.tracing;

/**
 * A part of a trace, from its beginning to its end. What it tells are ids, numbers and codes: never what was sent, an
 * address with its query, or a name of a person.
 */
public interface TraceSpan {

    /** The property of an exchange that holds the span that it is in. */
    String PROPERTY = "metrika.span";

    /** What a span is to its surroundings, in OpenTelemetry's words. */
    enum Kind {
        SERVER,
        CLIENT,
        CONSUMER,
        INTERNAL
    }

    /** Begins a part of this one. */
    TraceSpan child(String name, Kind kind);

    /**
     * Names another trace that this is about.
     *
     * @param traceparent as {@link #traceparent} gives it; what is none is passed over
     */
    void link(String traceparent);

    /** Adds a datum; {@code null} is passed over. */
    TraceSpan set(String name, Object value);

    /** It has failed, by a code. */
    void fail(String code);

    /** How it is named elsewhere, by W3C Trace Context; {@code null} when it is not recorded. */
    String traceparent();

    void end();
}
