package metrika.conversions.http;

import java.time.Duration;
import java.util.Set;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;

/** The lanes of the HTTP API, each as wide as the connections to the database that its requests use. */
final class Bulkheads {

    private static final String WEBHOOKS = "/webhook/offline-conversions";
    private static final String WEBHOOK = WEBHOOKS + "/{webhook_id}";
    private static final Set<String> REPORTS = Set.of(
            "/ledger",
            "/audit",
            WEBHOOKS,
            WEBHOOK + "/batches",
            WEBHOOK + "/batches/{batch_id}/conversions",
            WEBHOOK + "/retries/{retry_id}",
            WEBHOOK + "/refused");

    /** Who sends conversions. These wait for no database here as a rule: what stores them does not hold a thread. */
    private final Bulkhead intake;
    /** Who asks what became of a batch. */
    private final Bulkhead status;
    /** Lists and sums. */
    private final Bulkhead reports;
    /** Who has a person erased, who is looked for in all that a webhook has. */
    private final Bulkhead erasures;
    /** All else. */
    private final Bulkhead changes;

    /** @param workers of the intake */
    Bulkheads(Vertx vertx, int workers) {
        intake = new Bulkhead(vertx, "intake", workers, Duration.ofMillis(1500));
        status = new Bulkhead(vertx, "status", 4, Duration.ofSeconds(1));
        reports = new Bulkhead(vertx, "reports", 2, Duration.ofSeconds(2));
        erasures = new Bulkhead(vertx, "erasures", 2, Duration.ofSeconds(1));
        changes = new Bulkhead(vertx, "changes", 5, Duration.ofSeconds(2));
    }

    /**
     * The lane of a request.
     *
     * @param path as the route has it, with the names of its parameters
     */
    Bulkhead of(HttpMethod method, String path) {
        if (path.startsWith("/inbound/") || path.equals(WEBHOOK) && method.equals(HttpMethod.POST)) {
            return intake;
        }
        if (path.equals(WEBHOOK + "/status")) {
            return status;
        }
        if (path.equals(WEBHOOK + "/erase")) {
            return erasures;
        }
        return REPORTS.contains(path) && method.equals(HttpMethod.GET) ? reports : changes;
    }
}
