package metrika.conversions.http;

import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;

/** The lanes of the HTTP API, each as wide as the connections to the database that its requests use. */
final class Bulkheads {

    private static final String WEBHOOKS = "/webhook/offline-conversions";
    private static final String WEBHOOK = WEBHOOKS + "/{webhook_id}";
    private static final String SOURCES = "/inbound/";
    private static final Duration PATIENCE_OF_SENDERS = Duration.ofMillis(1500);

    private static final Set<String> REPORTS = Set.of(
            "/ledger",
            "/audit",
            "/cursors",
            WEBHOOKS,
            WEBHOOK + "/batches",
            WEBHOOK + "/batches/{batch_id}/conversions",
            WEBHOOK + "/retries/{retry_id}",
            WEBHOOK + "/refused");

    private final Vertx vertx;
    private final int workers;

    /** Who sends conversions. These wait for no database here as a rule: what stores them does not hold a thread. */
    private final Bulkhead intake;
    /** Each source over HTTP, by its name: one that asks a server which hangs holds up no other sender. */
    private final Map<String, Bulkhead> sources = new ConcurrentHashMap<>();
    /** Who asks what became of a batch. */
    private final Bulkhead status;
    /** Lists and sums. */
    private final Bulkhead reports;
    /** Who has a person erased, who is looked for in all that a webhook has. */
    private final Bulkhead erasures;
    /** All else. */
    private final Bulkhead changes;

    /** @param workers of the intake, and of each source */
    Bulkheads(Vertx vertx, int workers) {
        this.vertx = vertx;
        this.workers = workers;
        intake = new Bulkhead(vertx, "intake", workers, PATIENCE_OF_SENDERS);
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
        if (path.startsWith(SOURCES)) {
            return sources.computeIfAbsent(
                    path.substring(SOURCES.length()).replaceFirst("/.*", ""),
                    name -> new Bulkhead(vertx, "source " + name, workers, PATIENCE_OF_SENDERS));
        }
        if (path.equals(WEBHOOK) && method.equals(HttpMethod.POST)) {
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
