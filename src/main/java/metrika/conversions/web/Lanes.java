package metrika.conversions.web;

import java.time.Duration;
import java.util.Set;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;

/** The lanes of the HTTP API, each as wide as the connections to the database that its requests use. */
final class Lanes {

    private static final String WEBHOOKS = "/webhook/offline-conversions";
    private static final String WEBHOOK = WEBHOOKS + "/{webhook_id}";
    private static final Set<String> REPORTS = Set.of("/ledger", "/audit", WEBHOOKS, WEBHOOK + "/batches",
            WEBHOOK + "/batches/{batch_id}/conversions");

    /** Who sends conversions. These wait for no database here as a rule: what stores them does not hold a thread. */
    private final Lane intake;
    /** Who asks what became of a batch. */
    private final Lane status;
    /** Lists and sums. */
    private final Lane reports;
    /** Who has a person erased, who is looked for in all that a webhook has. */
    private final Lane erasures;
    /** All else. */
    private final Lane changes;

    /** @param workers of the intake */
    Lanes(Vertx vertx, int workers) {
        intake = new Lane(vertx, "intake", workers, Duration.ofMillis(1500));
        status = new Lane(vertx, "status", 4, Duration.ofSeconds(1));
        reports = new Lane(vertx, "reports", 2, Duration.ofSeconds(2));
        erasures = new Lane(vertx, "erasures", 2, Duration.ofSeconds(1));
        changes = new Lane(vertx, "changes", 5, Duration.ofSeconds(2));
    }

    /**
     * The lane of a request.
     *
     * @param path as the route has it, with the names of its parameters
     */
    Lane of(HttpMethod method, String path) {
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
