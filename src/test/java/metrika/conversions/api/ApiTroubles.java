package metrika.conversions.api;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import metrika.conversions.support.Answer;
import metrika.conversions.support.Product;
import metrika.conversions.support.Shared;
import metrika.conversions.support.TestDatabase;
import metrika.conversions.support.TestWebhook;
import metrika.simulator.Fault;

import static org.awaitility.Awaitility.await;

/**
 * Answers of a product of its own: it has an admin token, takes small bodies only, and its database is broken, then
 * lost.
 */
final class ApiTroubles {

    private static final String TOKEN = "0123456789abcdef";
    private static final String READER = "reader-9876543210abcd";
    private static final int MAX_BYTES = 1000;

    /** With the right secret these need no administrator's token. */
    private static final List<String> SENDER_OR_ADMIN =
            List.of("list-batches", "list-refused", "show-conversions", "withdraw-batch", "erase-person");

    private final ApiDescription api;
    private final Product product;
    private final TestWebhook webhook;
    private final Map<String, List<Answer>> answers = new TreeMap<>();

    private ApiTroubles(ApiDescription api, Product product) {
        this.api = api;
        this.product = product;
        var created = call(new TestWebhook(product, UUID.randomUUID().toString(), "none"), "create-webhook")
                .send();
        webhook = new TestWebhook(product, created.text("webhook_id"), created.text("secret"));
    }

    /** Answers by operation and expected status, as in {@code list-webhooks 401}. */
    static Map<String, List<Answer>> of(ApiDescription api) {
        var database = TestDatabase.create();
        var name = Pattern.compile("test_[0-9]+")
                .matcher(database.url())
                .results()
                .findFirst()
                .orElseThrow()
                .group();
        try (var product = Product.on(database, Shared.METRIKA.url())
                .with("admin.token", TOKEN)
                .with("admin.tokens", "olga:" + READER + ":read")
                .with("limits.body-bytes", MAX_BYTES)
                .with("counter-check.wait", "3s")
                .start()) {
            var troubles = new ApiTroubles(api, product);
            Shared.METRIKA.fault(Fault.error(403, "invalid_token", "Invalid oauth_token")
                    .token("dead")
                    .times(0));
            troubles.add(
                    "create-webhook 201",
                    troubles.call(troubles.webhook, "create-webhook")
                            .body("{\"name\": \"CRM\", \"counter_id\": 71999, \"token\": \"dead\"}")
                            .send());
            troubles.add(
                    "update-webhook 200",
                    troubles.call(troubles.webhook, "update-webhook")
                            .body("{\"token\": \"dead\"}")
                            .send());
            troubles.all(401, call -> call.header("Authorization", null));
            troubles.all(401, call -> call.header("Authorization", "Bearer wrong"));
            troubles.readOnly();
            for (var operation : SENDER_OR_ADMIN) {
                troubles.add(
                        operation + " 401",
                        troubles.call(troubles.webhook, operation)
                                .header("X-Webhook-Secret", null)
                                .header("Authorization", "Bearer wrong")
                                .send());
            }
            troubles.all(413, call -> call.body(" ".repeat(MAX_BYTES + 1)));
            database.update("alter table webhook rename to webhook_away");
            database.update("alter view ledger rename to ledger_away");
            database.update("alter table audit rename to audit_away");
            database.update("alter table source_cursor rename to source_cursor_away");
            troubles.oneByOne(500);
            database.update("alter table source_cursor_away rename to source_cursor");
            database.update("alter table webhook_away rename to webhook");
            database.update("alter view ledger_away rename to ledger");
            database.update("alter table audit_away rename to audit");
            Shared.DATABASE.update("alter database " + name + " with allow_connections false");
            Shared.DATABASE.query("select pg_terminate_backend(pid) from pg_stat_activity where datname = ?", name);
            troubles.all(503, call -> call);
            Shared.DATABASE.update("alter database " + name + " with allow_connections true");
            troubles.stopping(database);
            return troubles.answers;
        }
    }

    /** Calls the operations that only an administrator may call with a token for reading only. */
    private void readOnly() {
        operations(403)
                .filter(operation ->
                        operations(401).anyMatch(other -> other.id().equals(operation.id())))
                .filter(operation -> !SENDER_OR_ADMIN.contains(operation.id()))
                .forEach(operation -> add(
                        operation.id() + " 403",
                        call(webhook, operation.id())
                                .header("Authorization", "Bearer " + READER)
                                .send()));
    }

    /** Calls all operations that are said to answer with a status, together: without a database each takes seconds. */
    private void all(int status, UnaryOperator<ApiCall> change) {
        var threads = Executors.newCachedThreadPool();
        try {
            operations(status)
                    .filter(operation -> status != 401 || !SENDER_OR_ADMIN.contains(operation.id()))
                    .map(operation -> Map.entry(
                            operation.id() + " " + status,
                            CompletableFuture.supplyAsync(
                                    () -> change.apply(call(webhook, operation.id()))
                                            .send(),
                                    threads)))
                    .toList()
                    .forEach(entry -> add(entry.getKey(), entry.getValue().join()));
        } finally {
            threads.shutdown();
        }
    }

    /** Calls them in turn: of several that ask a broken database at once, some are told that it does not answer. */
    private void oneByOne(int status) {
        operations(status)
                .forEach(operation -> add(
                        operation.id() + " " + status,
                        call(webhook, operation.id()).send()));
    }

    private Stream<ApiOperation> operations(int status) {
        return api.operations().stream()
                .filter(operation -> operation.responses().containsKey(status)
                        && !operation.id().equals("show-openapi"));
    }

    /** A request that waits for the database holds up the shutdown; what comes meanwhile is turned away. */
    private void stopping(TestDatabase database) {
        await().until(() -> call(webhook, "list-webhooks").send().status() == 200);
        try (Connection connection = DriverManager.getConnection(database.url());
                var statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("lock table webhook");
            var waiting = CompletableFuture.runAsync(
                    () -> call(webhook, "list-webhooks").send());
            await().until(() ->
                    !database.query("select from pg_locks where not granted").isEmpty());
            product.process().destroy();
            add(
                    "show-openapi 503",
                    await().until(() -> call(webhook, "show-openapi").send(), given -> given.status() != 200));
            connection.rollback();
            waiting.join();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private void add(String key, Answer answer) {
        answers.computeIfAbsent(key, any -> new ArrayList<>()).add(answer);
    }

    private ApiCall call(TestWebhook to, String operation) {
        return new ApiCall(api.operation(operation), to).header("Authorization", "Bearer " + TOKEN);
    }
}
