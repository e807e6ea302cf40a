package metrika.conversions.tracing;

import metrika.conversions.settings.Settings;

/** Where traces begin. With {@code tracing.enabled=false} nothing of OpenTelemetry is loaded. */
public interface Traces extends AutoCloseable {

    /** Those of the settings; {@code null} when there are to be none. */
    static Traces of(Settings settings) {
        return settings.flag("tracing.enabled") ? new OpenTelemetryTraces(settings) : null;
    }

    /**
     * Begins a span.
     *
     * @param traceparent of what it is a part of; a new trace begins where that is {@code null} or cannot be read
     */
    TraceSpan begin(String name, TraceSpan.Kind kind, String traceparent);

    /** Sends what is not sent yet, for some seconds at most. */
    @Override
    void close();
}
