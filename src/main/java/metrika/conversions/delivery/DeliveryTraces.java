package metrika.conversions.delivery;

import java.util.Map;
import java.util.stream.Stream;

import org.apache.camel.Exchange;
import org.apache.camel.Variable;
import org.apache.camel.support.SynchronizationAdapter;

import metrika.conversions.tracing.TraceSpan;
import metrika.conversions.tracing.Traces;

/**
 * The steps by which the trace of an upload is told: each try to send it and each poll is a span of it, which ends with
 * its exchange. Its requests have traces of their own, which it names by links.
 */
public final class DeliveryTraces {

    /** Of a poll for many uploads. */
    private static final int MAX_LINKS = 100;

    private final Traces traces;

    /** @param traces {@code null} when there are none */
    public DeliveryTraces(Traces traces) {
        this.traces = traces;
    }

    /** An upload is about to be sent. Leaves the variable {@code trace-parent}. */
    public void beginUpload(Exchange exchange, @Variable("upload") Map<String, ?> upload) {
        var span = begin(exchange, "send-upload", TraceSpan.Kind.INTERNAL, (String) upload.get("trace_parent"));
        span.set("metrika.upload", upload.get("id"))
                .set("metrika.webhook", upload.get("webhook_id"))
                .set("metrika.counter", upload.get("counter_id"))
                .set("metrika.conversions", upload.get("conversions"))
                .set("metrika.attempt", upload.get("attempt_count"));
        exchange.setVariable("trace-parent", span.traceparent());
    }

    /**
     * Names the traces of the requests that an upload carries.
     *
     * @param requests with commas between; {@code null} when there are none
     */
    public void linkRequests(Exchange exchange, @Variable("traces") String requests) {
        link(exchange.getProperty(TraceSpan.PROPERTY, TraceSpan.class), requests, 0);
    }

    /**
     * A counter is about to be polled. It is a part of the trace of the first of its uploads, and names the others.
     *
     * @param counter a row of {@code claim-polls.sql}
     */
    public void beginPoll(Exchange exchange, @Variable("metrika-account") Map<String, ?> counter) {
        if (traces == null) {
            return;
        }
        var uploads = (String) counter.get("traces");
        var span = begin(
                exchange, "poll-counter", TraceSpan.Kind.INTERNAL, uploads == null ? null : uploads.split(",", 2)[0]);
        span.set("metrika.counter", counter.get("counter_id")).set("metrika.webhook", counter.get("webhook_id"));
        link(span, uploads, 1);
    }

    private TraceSpan begin(Exchange exchange, String name, TraceSpan.Kind kind, String traceparent) {
        var span = traces.begin(name, kind, traceparent);
        exchange.setProperty(TraceSpan.PROPERTY, span);
        exchange.getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
            @Override
            public void onDone(Exchange done) {
                span.set("metrika.upload.id", done.getVariable("metrika-upload-id"));
                if (done.getVariable("failure") instanceof Map<?, ?> failure) {
                    span.fail(String.valueOf(failure.get("code")));
                } else if (done.getException() != null) {
                    span.fail(done.getException().getClass().getName());
                }
                span.end();
            }
        });
        return span;
    }

    private static void link(TraceSpan span, String traces, int from) {
        if (traces != null) {
            Stream.of(traces.split(",")).skip(from).limit(MAX_LINKS).forEach(span::link);
        }
    }
}
