package metrika.conversions.tracing;

import java.net.URI;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanContext;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.TraceFlags;
import io.opentelemetry.api.trace.TraceState;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Context;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;

import metrika.conversions.settings.SettingException;
import metrika.conversions.settings.Settings;

/** Traces by OpenTelemetry's SDK, sent by OTLP over HTTP. A collector that is away keeps nothing from going on. */
final class OpenTelemetryTraces implements Traces {

    private static final String ENDPOINT = "tracing.endpoint";
    private static final String RATIO = "tracing.ratio";
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int CLOSE_SECONDS = 3;
    /** Version 00 of W3C Trace Context, the only one that there is. */
    private static final Pattern TRACEPARENT = Pattern.compile("00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})");

    private final SdkTracerProvider provider;
    private final Tracer tracer;

    OpenTelemetryTraces(Settings settings) {
        var exporter = OtlpHttpSpanExporter.builder()
                .setEndpoint(endpoint(settings))
                .setTimeout(PATIENCE)
                .build();
        var byRatio = Sampler.traceIdRatioBased(ratio(settings));
        provider = SdkTracerProvider.builder()
                .setResource(Resource.create(
                        Attributes.of(AttributeKey.stringKey("service.name"), settings.text("tracing.service"))))
                // Also where a caller has decided: whoever sends a traceparent does not decide how much is recorded
                // here
                .setSampler(Sampler.parentBasedBuilder(byRatio)
                        .setRemoteParentSampled(byRatio)
                        .build())
                .addSpanProcessor(BatchSpanProcessor.builder(exporter).build())
                .build();
        tracer = provider.get("metrika-conversions");
    }

    private static String endpoint(Settings settings) {
        var text = settings.text(ENDPOINT);
        if (!text.matches("https?://[^/?#@\\s]+(?:/[^?#\\s]*)?")) {
            throw new SettingException("%s is no address such as http://localhost:4318/v1/traces".formatted(ENDPOINT));
        }
        try {
            return URI.create(text).toString();
        } catch (IllegalArgumentException e) { // its message has the address
            throw new SettingException("%s is no address such as http://localhost:4318/v1/traces".formatted(ENDPOINT));
        }
    }

    private static double ratio(Settings settings) {
        var text = settings.text(RATIO);
        if (!text.matches("0(?:\\.[0-9]+)?|1(?:\\.0+)?")) {
            throw new SettingException("%s is '%s': 0 to 1 is expected, such as 0.1".formatted(RATIO, text));
        }
        return Double.parseDouble(text);
    }

    @Override
    public TraceSpan begin(String name, TraceSpan.Kind kind, String traceparent) {
        var parent = context(traceparent);
        return new OpenTelemetrySpan(name, kind, parent == null ? Context.root() : in(Span.wrap(parent)));
    }

    private static Context in(Span span) {
        return Context.root().with(span);
    }

    /** {@code null} for what is no traceparent. */
    private static SpanContext context(String traceparent) {
        var parts = TRACEPARENT.matcher(traceparent == null ? "" : traceparent);
        if (!parts.matches()) {
            return null;
        }
        var context = SpanContext.createFromRemoteParent(
                parts.group(1), parts.group(2), TraceFlags.fromHex(parts.group(3), 0), TraceState.getDefault());
        return context.isValid() ? context : null;
    }

    @Override
    public void close() {
        provider.shutdown().join(CLOSE_SECONDS, TimeUnit.SECONDS);
    }

    private final class OpenTelemetrySpan implements TraceSpan {

        private final Span span;

        OpenTelemetrySpan(String name, Kind kind, Context parent) {
            span = tracer.spanBuilder(name)
                    .setSpanKind(SpanKind.valueOf(kind.name()))
                    .setParent(parent)
                    .startSpan();
        }

        @Override
        public TraceSpan child(String name, Kind kind) {
            return new OpenTelemetrySpan(name, kind, in(span));
        }

        @Override
        public void link(String traceparent) {
            var other = context(traceparent);
            if (other != null) {
                span.addLink(other);
            }
        }

        @Override
        public TraceSpan set(String name, Object value) {
            if (value instanceof Long || value instanceof Integer) {
                span.setAttribute(name, ((Number) value).longValue());
            } else if (value != null) {
                span.setAttribute(name, value.toString());
            }
            return this;
        }

        @Override
        public void fail(String code) {
            span.setStatus(StatusCode.ERROR);
            set("error.type", code);
        }

        @Override
        public String traceparent() {
            var context = span.getSpanContext();
            return context.isSampled()
                    ? "00-%s-%s-%s"
                            .formatted(
                                    context.getTraceId(),
                                    context.getSpanId(),
                                    context.getTraceFlags().asHex())
                    : null;
        }

        @Override
        public void end() {
            span.end();
        }
    }
}
