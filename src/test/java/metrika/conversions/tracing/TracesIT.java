package metrika.conversions.tracing;

import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import metrika.conversions.support.Accounts;
import metrika.conversions.support.Product;
import metrika.conversions.support.Shared;
import metrika.conversions.support.TestDatabase;
import metrika.conversions.support.TestWebhook;
import metrika.simulator.Fault;
import metrika.simulator.Operation;

import static metrika.conversions.support.Samples.conversion;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** A collector of OpenTelemetry sees the way of a request, and of the upload that carries it. */
class TracesIT {

    private static final String CALLERS_TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String CALLERS_SPAN = "00f067aa0ba902b7";
    private static final String ROUTE = "POST /webhook/offline-conversions/{webhook_id}";

    private static List<Collector.Received> awaitSpans(Collector collector, String name, int number) {
        return await().until(
                        () -> collector.spans().stream()
                                .filter(span -> span.name().equals(name))
                                .toList(),
                        found -> found.size() >= number);
    }

    private static String send(TestWebhook webhook, String traceparent) {
        var request = webhook.request("?secret=" + webhook.id())
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"conversions\": ["
                        + conversion("user_id", "canaryUser", "purchase_id", "canary" + System.nanoTime()) + "]}"));
        if (traceparent != null) {
            request.header("traceparent", traceparent);
        }
        return webhook.product().send(request).text("batch_id");
    }

    @Test
    void theTraceOfARequestIsContinuedAndItsUploadNamesIt() {
        try (var collector = new Collector();
                var metrika = Shared.metrika("traces");
                var product = Product.on(TestDatabase.create(), metrika.url())
                        .with("tracing.enabled", true)
                        .with("tracing.endpoint", collector.url())
                        .with("upload.schedule", "0/4 * * * * ?")
                        .start()) {
            metrika.fault(Fault.error(429, "quota_requests_by_ip", "Slower").on(Operation.UPLOAD));
            var webhook = product.webhook(1);
            var batch = send(webhook, "00-%s-%s-01".formatted(CALLERS_TRACE, CALLERS_SPAN));
            webhook.awaitStatus(batch, "completed");

            var request = awaitSpans(collector, ROUTE, 1).get(0);
            assertThat(request.trace()).isEqualTo(CALLERS_TRACE);
            assertThat(request.parent()).isEqualTo(CALLERS_SPAN);
            assertThat(request.attributes())
                    .containsEntry("http.response.status_code", "200")
                    .containsEntry("metrika.webhook", webhook.id());
            var store = awaitSpans(collector, "store-conversions", 1).get(0);
            assertThat(store.trace()).isEqualTo(CALLERS_TRACE);
            assertThat(store.parent()).isEqualTo(request.id());
            assertThat(store.attributes()).containsEntry("metrika.batch", batch).containsEntry("metrika.source", "api");

            var upload = awaitSpans(collector, "send-upload", 1).get(0);
            assertThat(upload.trace()).isNotEqualTo(CALLERS_TRACE);
            assertThat(upload.links()).containsExactly(CALLERS_TRACE);
            assertThat(upload.attributes()).containsEntry("metrika.upload", "1");
            var calls = awaitSpans(collector, "metrika post-upload", 2);
            assertThat(calls).allMatch(call -> call.trace().equals(upload.trace()));
            assertThat(calls.get(0).attributes()).containsEntry("http.response.status_code", "429");
            assertThat(calls.get(0).isFailed()).isTrue();
            assertThat(calls.get(1).attributes()).containsEntry("http.response.status_code", "200");
            var poll = awaitSpans(collector, "poll-counter", 1).get(0);
            assertThat(poll.trace()).isEqualTo(upload.trace());
            assertThat(awaitSpans(collector, "metrika list-uploads", 1))
                    .anyMatch(call -> call.parent().equals(poll.id()));

            send(webhook, "00-%s-%s-00".formatted(CALLERS_TRACE, CALLERS_SPAN));
            send(webhook, "nonsense");
            assertThat(awaitSpans(collector, ROUTE, 2))
                    .as("of what its caller does not record nothing is")
                    .hasSize(2)
                    .anyMatch(span -> !span.trace().equals(CALLERS_TRACE));
            assertThat(collector.text()).doesNotContain("canary", webhook.secret(), "secret=", "token-1");
            Accounts.assertBalanced(product);
        }
    }

    @Test
    void nothingOfItIsLoadedWhenItIsOff(@TempDir Path folder) throws IOException {
        var classes = folder.resolve("classes.txt");
        try (var product = Product.idle(TestDatabase.create(), Shared.METRIKA.url())
                .java("-Xlog:class+load:file=" + classes)
                .start()) {
            var webhook = product.webhook(1);
            assertThat(send(webhook, null)).isNotNull();
        }
        assertThat(Files.readString(classes))
                .contains("metrika.conversions.intake.StoreConversions ")
                .doesNotContain("io.opentelemetry", "OpenTelemetryTraces");
    }

    @Test
    void aCollectorThatIsAwayKeepsNothingFromGoingOn() {
        try (var product = Product.idle(TestDatabase.create(), Shared.METRIKA.url())
                .with("tracing.enabled", true)
                .with("tracing.endpoint", "http://127.0.0.1:" + Product.freePort() + "/v1/traces")
                .start()) {
            assertThat(send(product.webhook(1), null)).isNotNull();
        }
    }

    @Test
    void aWrongSettingIsRefused() {
        assertThat(Product.idle(TestDatabase.create(), Shared.METRIKA.url())
                        .with("tracing.enabled", true)
                        .with("tracing.endpoint", "collector:4318")
                        .refused())
                .contains("tracing.endpoint");
    }
}
