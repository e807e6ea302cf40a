package metrika.conversions.api;

import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import metrika.conversions.support.Answer;
import metrika.conversions.support.TestWebhook;
import metrika.simulator.Fault;
import metrika.simulator.Operation;

import static metrika.conversions.support.Samples.conversion;
import static metrika.conversions.support.Samples.request;
import static metrika.conversions.support.Shared.DATABASE;
import static metrika.conversions.support.Shared.METRIKA;
import static metrika.conversions.support.Shared.PRODUCT;
import static org.awaitility.Awaitility.await;

/** Answers of a product that is well, each one brought about by a call of the operation. */
final class ApiAnswers {

    private static final String UNKNOWN = UUID.randomUUID().toString();
    /** Held back until it has passed, so that its batch stays accepted as long as a test needs. */
    private static final String FUTURE =
            conversion("date_time", Instant.now().plusSeconds(1800).toString());

    private final ApiDescription api;
    private final Map<String, List<Answer>> answers = new TreeMap<>();
    private long counter = 71_000;
    private TestWebhook webhook = PRODUCT.webhook(counter);

    private ApiAnswers(ApiDescription api) {
        this.api = api;
    }

    /** Answers by operation and expected status, as in {@code create-webhook 201}. */
    static Map<String, List<Answer>> of(ApiDescription api) {
        var all = new ApiAnswers(api);
        DATABASE.update("insert into source_cursor (source, format, position) values ('shop', 'unix', '1751364000')");
        api.operations().forEach(all::examples);
        all.webhooks();
        all.secrets();
        all.sending();
        all.refusedSending();
        all.batches();
        all.onTheirWay();
        all.retries();
        all.retriesOfMany();
        all.goals();
        all.erasure();
        all.audit();
        all.cursors();
        all.deletion();
        all.ask("show-openapi", 200, call -> {});
        return all.answers;
    }

    private void ask(String operation, int status, Consumer<ApiCall> change) {
        var call = new ApiCall(api.operation(operation), webhook);
        change.accept(call);
        answers.computeIfAbsent(operation + " " + status, key -> new ArrayList<>())
                .add(call.send());
    }

    private void newWebhook() {
        webhook = PRODUCT.webhook(++counter);
    }

    private void examples(ApiOperation operation) {
        newWebhook();
        METRIKA.goals(counter, "order_paid", "purchase", "registration");
        var success = operation.responses().keySet().iterator().next();
        operation.requestExamples().values().forEach(body -> ask(operation.id(), success, call -> call.body(body)));
    }

    private void webhooks() {
        newWebhook();
        ask("list-webhooks", 200, call -> {});
        ask("show-webhook", 200, call -> {});
        for (var operation : List.of("create-webhook", "update-webhook")) {
            for (var body : List.of(
                    "",
                    "{",
                    "[]",
                    "{\"name\": \"\", \"counter_id\": 0, \"token\": \"a b\", \"nme\": 1}",
                    "{\"name\": 5, \"time_zone\": \"Moscow\", \"requests_per_minute\": 1.5, \"is_active\": \"no\"}",
                    "{\"name\": \"\\u0000\"}",
                    "{\"callback_url\": \"https://127.0.0.1/\"}")) {
                ask(operation, 400, call -> call.body(body));
            }
            ask(operation, 415, call -> call.header("Content-Type", "application/xml"));
            ask(operation, 415, call -> call.header("Content-Type", null));
        }
        for (var operation : List.of("show-webhook", "update-webhook", "delete-webhook", "rotate-secret")) {
            ask(operation, 404, call -> call.webhookId(UNKNOWN));
            ask(operation, 404, call -> call.webhookId("1"));
        }
    }

    private void secrets() {
        newWebhook();
        ask("rotate-secret", 200, call -> {});
        ask("rotate-secret", 200, call -> call.query("grace=PT0S"));
        for (var grace : List.of("", "1d", "-PT1S", "P367D")) {
            ask("rotate-secret", 400, call -> call.query("grace=" + grace));
        }
    }

    private void sending() {
        newWebhook();
        ask("send-conversions", 200, ApiCall::gzipped);
        ask("send-conversions", 200, call -> call.query("dry_run=true"));
        ask("send-conversions", 200, call -> call.query("dry_run=false").header("Idempotency-Key", "one"));
        ask("send-conversions", 200, call -> call.header("Idempotency-Key", "one"));
        ask(
                "send-conversions",
                409,
                call -> call.header("Idempotency-Key", "one").body("{\"conversions\": [%s]}".formatted(conversion())));
        ask(
                "send-conversions",
                200,
                call -> call.body("{\"conversions\": [%s, %s], \"source\": 1}"
                        .formatted(
                                conversion("price", 1),
                                conversion("clientId", "1", "date_time", "2025-07-01T12:34:56"))));
        PRODUCT.patch(webhook.path(), "{\"time_zone\": \"Europe/Berlin\"}");
        ask(
                "send-conversions",
                200,
                call -> call.query("dry_run=true")
                        .body("{\"conversions\": [%s, %s]}"
                                .formatted(
                                        conversion("date_time", "2025-10-26T02:30:00"),
                                        conversion("date_time", "2025-03-30T02:30:00"))));
        ask(
                "send-conversions",
                200,
                call -> call.query("dry_run=true")
                        .body(request(101, "w")
                                .replace("client_id", "yclid")
                                .replace("\"target\"", "\"goal\":1,\"target\"")));
        var unknown =
                IntStream.range(0, 101).mapToObj(i -> "\"x%d\":1,".formatted(i)).collect(Collectors.joining());
        ask(
                "send-conversions",
                200,
                call -> call.body("{\"conversions\": [%s]}"
                        .formatted(conversion("client_id", "GA1.2.3", "currency", "RUR")
                                .replace("{", "{" + unknown))));
    }

    private void refusedSending() {
        newWebhook();
        for (var body : List.of(
                "",
                "{",
                "[]",
                "{}",
                "{\"conversions\": {}}",
                "{\"conversions\": []}",
                "{\"conversions\": [], \"conversions\": []}",
                "{\"conversions\": [1, {}]}",
                request(1001, "m"),
                request(101, "e").replace("\"target\"", "\"goal\""),
                "{\"conversions\": [%s, %s, %s]}"
                        .formatted(
                                conversion(
                                        "client_id",
                                        1234567890123456L,
                                        "target",
                                        "a/b",
                                        "date_time",
                                        "01.07.2025",
                                        "price",
                                        "1,5",
                                        "currency",
                                        "rub"),
                                conversion("yclid", "1.33591E+17", "target", 7, "date_time", "2999-01-01T00:00:00Z"),
                                conversion("user_id", "\0").replace("{", "{\"target\": \"t\", ")),
                "{\"conversions\": [%s, %s]}"
                        .formatted(
                                conversion(
                                        "client_id",
                                        "undefined",
                                        "user_id",
                                        "=A1",
                                        "target",
                                        "t".repeat(256),
                                        "price",
                                        -1),
                                conversion("client_id", "1 ", "currency", "XXX")))) {
            ask("send-conversions", 400, call -> call.body(body));
        }
        ask("send-conversions", 400, call -> call.query("dry_run=yes"));
        ask("send-conversions", 400, call -> call.header("Idempotency-Key", "k".repeat(256)));
        ask("send-conversions", 400, call -> call.header("Content-Encoding", "gzip"));
        ask("send-conversions", 403, call -> call.header("X-Webhook-Secret", null));
        ask("send-conversions", 403, call -> call.header("X-Webhook-Secret", "wrong"));
        ask("send-conversions", 403, call -> call.webhookId(UNKNOWN));
        ask(
                "send-conversions",
                413,
                call -> call.body(" ".repeat(10 * 1024 * 1024 + 1)).gzipped());
        ask("send-conversions", 415, call -> call.header("Content-Type", "text/csv"));
        ask("send-conversions", 415, call -> call.header("Content-Type", "application/json; charset=windows-1251"));
        ask("send-conversions", 415, call -> call.header("Content-Encoding", "br"));
        PRODUCT.patch(webhook.path(), "{\"is_active\": false}");
        ask("send-conversions", 403, call -> {});
        PRODUCT.patch(webhook.path(), "{\"is_active\": true, \"requests_per_minute\": 1}");
        ask("send-conversions", 429, call -> {});
    }

    private void batches() {
        newWebhook();
        ask("list-batches", 200, call -> {});
        var accepted = webhook.batch(FUTURE);
        webhook.batch(FUTURE);
        ask("show-batch", 200, call -> call.batch(accepted));
        api.enumOf("BatchStatus").forEach(status -> ask("list-batches", 200, call -> call.query("status=" + status)));
        ask("list-batches", 200, call -> call.query("limit=1").header("X-Webhook-Secret", null));
        ask("list-batches", 200, call -> call.query("limit=1000&after=" + accepted));
        for (var query : List.of("status=done", "limit=0", "limit=1001", "limit=ten", "after=1")) {
            ask("list-batches", 400, call -> call.query(query));
        }
        ask("list-batches", 404, call -> call.webhookId(UNKNOWN).header("X-Webhook-Secret", null));
        DATABASE.update("""
            insert into refused_row (id, webhook_id, source, content, field, reason, digest)
            values (uuidv7(), ?::uuid, 'form', '{"price": "much"}', 'price', 'price is not a number', 'd')\
            """, webhook.id());
        ask("list-refused", 200, call -> {});
        ask("list-refused", 200, call -> call.query("limit=1").header("X-Webhook-Secret", null));
        ask("list-refused", 200, call -> call.query("after=" + accepted));
        for (var query : List.of("limit=0", "limit=ten", "after=1")) {
            ask("list-refused", 400, call -> call.query(query));
        }
        ask("list-refused", 404, call -> call.webhookId(UNKNOWN).header("X-Webhook-Secret", null));
        ask("show-batch", 400, call -> call.query("batch_id="));
        ask("show-batch", 404, call -> {});
        ask("show-batch", 404, call -> call.batch("1"));
        for (var operation : List.of("show-batch", "list-batches", "list-refused")) {
            ask(operation, 403, call -> call.header("X-Webhook-Secret", "wrong"));
            ask(operation, 403, call -> call.webhookId(UNKNOWN));
        }
    }

    /** Batches that stay in one status each. */
    private void onTheirWay() {
        var batches = new LinkedHashMap<String, TestWebhook>();
        send(batches, "completed", null);
        send(
                batches,
                "pending",
                Fault.error(429, "quota_requests_by_uid", "Quota exceeded").on(Operation.UPLOAD));
        send(batches, "uploaded", Fault.odd("status", "UPLOADED").on(Operation.LIST));
        send(batches, "processing", Fault.odd("status", "MATCHED").on(Operation.LIST));
        send(batches, "error", Fault.odd("status", "LINKAGE_FAILURE").on(Operation.LIST));
        batches.forEach((status, its) -> {
            webhook = its;
            var batch = PRODUCT.send(webhook.request("/batches"))
                    .json()
                    .at("/batches/0/batch_id")
                    .textValue();
            webhook.awaitStatus(batch, status);
            if (status.equals("pending")) {
                await().until(() -> webhook.status(batch).get("errors").isArray());
            }
            ask("show-batch", 200, call -> call.batch(batch));
            ask("list-batches", 200, call -> {});
        });
    }

    private void send(Map<String, TestWebhook> batches, String status, Fault fault) {
        newWebhook();
        if (fault != null) {
            METRIKA.fault(fault.counter(counter).times(0));
        }
        webhook.batch(conversion());
        batches.put(status, webhook);
    }

    private void retries() {
        newWebhook();
        METRIKA.fault(Fault.error(400, "invalid_uploading", "Invalid file")
                .on(Operation.UPLOAD)
                .counter(counter)
                .times(1));
        var failed = webhook.batch(conversion());
        webhook.awaitStatus(failed, "error");
        ask("show-batch", 200, call -> call.batch(failed));
        ask("show-conversions", 200, call -> call.batch(failed));
        ask("show-conversions", 200, call -> call.batch(failed).header("X-Webhook-Secret", null));
        ask("show-conversions", 403, call -> call.batch(failed).header("X-Webhook-Secret", "wrong"));
        ask("show-conversions", 404, call -> {});
        ask("show-conversions", 404, call -> call.batch("1"));
        DATABASE.update("update batch set purged_at = now() where id = ?::uuid", failed);
        ask("show-conversions", 410, call -> call.batch(failed));
        DATABASE.update("update batch set purged_at = null where id = ?::uuid", failed);
        ask("retry-batch", 202, call -> call.batch(failed));
        ask("retry-batch", 404, call -> {});
        ask("retry-batch", 404, call -> call.batch("1"));
        var accepted = webhook.batch(FUTURE);
        ask("retry-batch", 409, call -> call.batch(accepted));
        ask("show-conversions", 409, call -> call.batch(accepted));
        webhook.awaitStatus(failed, "completed");
        ask("withdraw-batch", 409, call -> call.batch(failed));
        ask("withdraw-batch", 204, call -> call.batch(accepted));
        ask("withdraw-batch", 204, call -> call.batch(accepted).header("X-Webhook-Secret", null));
        ask("show-batch", 200, call -> call.batch(accepted));
        ask("withdraw-batch", 404, call -> call.batch("1"));
        ask("withdraw-batch", 403, call -> call.batch(accepted).header("X-Webhook-Secret", "wrong"));
        ask("show-ledger", 200, call -> {});
        newWebhook();
        ask("retry-batch", 404, call -> call.batch(failed));
        ask("show-conversions", 404, call -> call.batch(failed));
        ask("withdraw-batch", 404, call -> call.batch(failed));
    }

    private void retriesOfMany() {
        newWebhook();
        ask("retry-batches", 202, call -> call.body("{}").query("limit=1"));
        ask(
                "retry-batches",
                202,
                call -> call.body("{\"code\": null, \"since\": \"2025-07-01\", \"until\": \"2025-07-01T00:00:01Z\"}"));
        for (var body : List.of(
                "",
                "{",
                "[]",
                "{\"state\": \"error\"}",
                "{\"code\": 1, \"since\": [], \"until\": {}}",
                "{\"code\": \"a b\"}",
                "{\"code\": \"%s\"}".formatted("c".repeat(101)),
                "{\"since\": \"yesterday\", \"until\": \"2025-02-30\"}",
                "{\"since\": \"1969-12-31\", \"until\": \"9999-12-31\"}")) {
            ask("retry-batches", 400, call -> call.body(body));
        }
        ask("retry-batches", 404, call -> call.webhookId(UNKNOWN));
        ask("retry-batches", 404, call -> call.webhookId("1"));
        ask("retry-batches", 415, call -> call.header("Content-Type", "text/csv"));
        var given = answers.get("retry-batches 202");
        var begun = given.get(given.size() - 1).text("retry_id");
        var of = webhook;
        ask("show-retries", 404, call -> call.retry("1"));
        ask("show-retries", 404, call -> {});
        newWebhook();
        ask("show-retries", 404, call -> call.retry(begun));
        webhook = of;
        await().until(() -> DATABASE.<String>value("select state from retry_job where id = ?::uuid", begun)
                .equals("done"));
        ask("show-retries", 200, call -> call.retry(begun));
    }

    private void goals() {
        newWebhook();
        ask("create-goal", 201, call -> {});
        ask("create-goal", 200, call -> {});
        ask(
                "create-goal",
                201,
                call -> call.body("{\"target\": \"заказ оплачен\"}").query("limit=1"));
        for (var body : List.of(
                "",
                "[]",
                "{}",
                "{\"target\": \"\"}",
                "{\"target\": 1, \"nme\": 1}",
                "{\"target\": \"a/b\"}",
                "{\"target\": \"undefined\"}",
                "{\"target\": \"lead\", \"name\": \"\\u0000\"}",
                "{\"target\": \"%s\"}".formatted("t".repeat(256)))) {
            ask("create-goal", 400, call -> call.body(body));
        }
        ask("create-goal", 404, call -> call.webhookId(UNKNOWN));
        ask("create-goal", 404, call -> call.webhookId("1"));
        ask("create-goal", 415, call -> call.header("Content-Type", "text/csv"));
        METRIKA.fault(Fault.error(403, "access_denied", "Access is denied")
                .on(Operation.CREATE_GOAL)
                .counter(counter)
                .times(1));
        ask("create-goal", 409, call -> call.body("{\"target\": \"refused\"}"));
        METRIKA.fault(Fault.error(503, "backend_error", "Away")
                .on(Operation.GOALS)
                .counter(counter)
                .times(1));
        ask("create-goal", 503, call -> call.body("{\"target\": \"refused\"}"));
        DATABASE.update("""
            insert into counter_check (counter_id, login, outcome, since, checked_at, counter_name, counter_time_zone, permission,
                                       goals, goals_read_at, next_check_at)
            select counter_id, login, 'ok', clock(), clock(), 'Shop', 'Europe/Moscow', 'own',
                   '[{"id": 1, "name": "", "type": "url", "conditions": []},
                     {"id": 2, "name": "Lead", "type": "action", "conditions": [{"type": "exact", "url": "lead"}]}]', clock(), clock()
              from webhook where id = ?::uuid\
            """, webhook.id());
        ask("show-webhook", 200, call -> {});
        DATABASE.update("""
            update counter_check
               set outcome = 'token_invalid', detail = 'No.', counter_name = null, counter_time_zone = null, goals = null,
                   goals_read_at = null, permission = null
             where counter_id = ?\
            """, counter);
        ask("show-webhook", 200, call -> {});
    }

    private void erasure() {
        newWebhook();
        for (var body : List.of(
                "",
                "{",
                "[]",
                "{}",
                "{\"user_id\": \"\"}",
                "{\"email\": 1}",
                "{\"client_id\": 1.5}",
                "{\"yclid\": {}}",
                "{\"user_id\": \"\\u0000\"}")) {
            ask("erase-person", 400, call -> call.body(body));
        }
        var batch = webhook.batch(conversion("user_id", "user123"));
        webhook.awaitStatus(batch, "completed");
        ask("erase-person", 200, call -> {});
        ask("erase-person", 200, call -> call.header("X-Webhook-Secret", null));
        ask("erase-person", 404, call -> call.webhookId(UNKNOWN).header("X-Webhook-Secret", null));
        ask("erase-person", 403, call -> call.header("X-Webhook-Secret", "wrong"));
        ask("erase-person", 415, call -> call.header("Content-Type", "text/csv"));
        ask("show-batch", 200, call -> call.batch(batch));
        PRODUCT.patch(webhook.path(), "{\"requests_per_minute\": 1}");
        ask("erase-person", 429, call -> {});
    }

    private void audit() {
        newWebhook();
        ask("show-audit", 200, call -> {});
        ask("show-audit", 200, call -> call.query("limit=1"));
        ask("show-audit", 200, call -> call.query("limit=1000&after=3"));
        for (var query : List.of("limit=0", "limit=1001", "after=x", "after=-1")) {
            ask("show-audit", 400, call -> call.query(query));
        }
    }

    private void cursors() {
        newWebhook();
        ask("list-cursors", 200, call -> {});
        for (var body :
                List.of("", "[]", "{}", "{\"position\": 1}", "{\"position\": \"soon\"}", "{\"place\": \"1\"}")) {
            ask("set-cursor", 400, call -> call.body(body));
        }
        ask("set-cursor", 404, call -> call.source("toy-shop"));
        ask("set-cursor", 415, call -> call.header("Content-Type", "application/xml"));
    }

    private void deletion() {
        newWebhook();
        webhook.batch(FUTURE);
        ask("delete-webhook", 409, call -> {});
        ask("delete-webhook", 400, call -> call.query("force=1"));
        ask("delete-webhook", 204, call -> call.query("force=true"));
        newWebhook();
        ask("delete-webhook", 204, call -> {});
    }
}
