package metrika.conversions.delivery;

import java.net.http.HttpRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import metrika.conversions.support.Answer;
import metrika.conversions.support.Product;
import metrika.conversions.support.Shared;
import metrika.conversions.support.TestDatabase;
import metrika.conversions.support.TestWebhook;
import metrika.simulator.Fault;
import metrika.simulator.Operation;
import metrika.simulator.Point;
import metrika.simulator.Simulator;

import static metrika.conversions.support.Samples.conversion;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** A webhook's token, counter and goals are looked at before the first file is sent. */
class CounterCheckIT {

    private static final TestDatabase DATABASE = TestDatabase.create();
    private static Simulator metrika;
    private static Product product;
    private static long counter = 91_000;

    @BeforeAll
    static void start() {
        metrika = Shared.metrika("counter-check");
        product = Product.on(DATABASE, metrika.url())
                .with("counter-check.wait", "5s")
                .with("counter-check.schedule", "* * * * * ?")
                .with("metrika.calls-per-day", 1_000_000)
                .start();
        create("first"); // which takes longer than all that follow
    }

    @AfterAll
    static void stop() {
        product.close();
        metrika.close();
    }

    @AfterEach
    void aNewCounter() {
        metrika.clearFaults();
        counter++;
    }

    private static Answer create(String token) {
        return product.post(
                TestWebhook.PATH,
                "{\"name\": \"CRM\", \"counter_id\": %d, \"token\": \"%s\"}".formatted(counter, token));
    }

    private static TestWebhook webhook(Answer created) {
        assertThat(created.status()).as("%s", created).isEqualTo(201);
        return new TestWebhook(product, created.text("webhook_id"), created.text("secret"));
    }

    private static JsonNode check(TestWebhook webhook) {
        return product.get(webhook.path()).json().get("counter_check");
    }

    private static JsonNode warnings(Answer answer) {
        assertThat(answer.status()).as("%s", answer).isEqualTo(200);
        return answer.json().path("warnings");
    }

    private static Answer send(TestWebhook webhook, String target) {
        return webhook.send("{\"conversions\": [%s]}".formatted(conversion("target", target)));
    }

    @Test
    void whatIsRightIsShownAndNotTalkedAbout() {
        var created = create("good");
        assertThat(created.json().fieldNames()).toIterable().containsExactly("webhook_id", "secret", "url");
        var check = check(webhook(created));
        assertThat(check.get("outcome").asText()).isEqualTo("ok");
        assertThat(check.get("can_upload").booleanValue()).isTrue();
        assertThat(check.get("problem").isNull()).isTrue();
        assertThat(check.get("counter_name").asText()).isEqualTo("Counter " + counter);
        assertThat(check.get("counter_time_zone").asText()).isEqualTo("Europe/Moscow");
        assertThat(Instant.parse(check.get("checked_at").asText()))
                .isAfter(Instant.now().minusSeconds(60));
        assertThat(check.get("goals").findValues("targets").toString())
                .isEqualTo("[[], [\"order_confirmed\"], [\"purchase\"], [\"registration\"]]");
    }

    @Test
    void aTargetThatIsNoGoalIsWarnedOfAtOnce() {
        var webhook = webhook(create("good"));
        assertThat(warnings(send(webhook, "purchase")).isMissingNode()).isTrue();
        var warning = warnings(send(webhook, "Purchase")).get(0);
        assertThat(warning.get("code").asText()).isEqualTo("goal_not_found");
        assertThat(warning.get("field").asText()).isEqualTo("target");
        assertThat(warning.get("message").asText()).contains("'Purchase'", "Is 'purchase' meant?");
        assertThat(warnings(send(webhook, "Goal: purchase"))
                        .get(0)
                        .get("message")
                        .asText())
                .contains("the name of a goal: send its identifier, 'purchase'");
    }

    @Test
    void aTokenThatIsDeadIsWarnedOfAndTheWebhookIsThere() {
        metrika.fault(Fault.error(403, "invalid_token", "Invalid oauth_token")
                .token("dead")
                .times(0));
        var created = create("dead");
        assertThat(created.json().at("/warnings/0/code").asText()).isEqualTo("token_invalid");
        assertThat(created.json().at("/warnings/0/field").asText()).isEqualTo("token");
        var webhook = webhook(created);
        assertThat(check(webhook).get("can_upload").booleanValue()).isFalse();
        assertThat(check(webhook).get("problem").asText()).contains("PATCH", "Invalid oauth_token");
        assertThat(check(webhook).get("goals").isNull()).isTrue();
        assertThat(warnings(send(webhook, "anything")).isMissingNode()).isTrue();

        var changed = product.patch(webhook.path(), "{\"token\": \"alive\"}");
        assertThat(changed.json().at("/counter_check/outcome").asText()).isEqualTo("ok");
        assertThat(changed.json().has("warnings")).isFalse();
        assertThat(warnings(send(webhook, "anything")).get(0).get("code").asText())
                .isEqualTo("goal_not_found");
    }

    @Test
    void aCounterThatIsNotThereOrMayOnlyBeLookedAtIsWarnedOf() {
        metrika.fault(Fault.error(404, "not_found", "Object not found")
                .counter(counter)
                .times(0));
        var created = create("good");
        assertThat(created.json().at("/warnings/0/code").asText()).isEqualTo("counter_not_found");

        var other = ++counter;
        metrika.fault(Fault.odd("permission", "view")
                .on(Operation.COUNTER)
                .counter(other)
                .times(0));
        var changed = product.patch(webhook(created).path(), "{\"counter_id\": %d}".formatted(other));
        assertThat(changed.json().at("/warnings/0/code").asText()).isEqualTo("no_access");
        assertThat(changed.json().at("/counter_check/problem").asText()).contains("permission view", "" + other);
        assertThat(changed.json().at("/counter_check/goals").size()).isEqualTo(4);
    }

    @Test
    void whileMetrikaHangsTheWebhookIsThereInTimeAndIsCheckedLater() {
        metrika.fault(Fault.stall(Point.BEFORE_BODY).counter(counter).times(1));
        var asked = System.nanoTime();
        var created = create("good");
        assertThat(Duration.ofNanos(System.nanoTime() - asked)).isLessThan(Duration.ofSeconds(9));
        assertThat(created.json().at("/warnings/0/code").asText()).isEqualTo("not_checked_yet");
        var webhook = webhook(created);
        assertThat(warnings(send(webhook, "anything")).isMissingNode()).isTrue();
        metrika.release();
        await().until(() -> check(webhook).path("outcome").asText().equals("ok"));
        await().untilAsserted(() ->
                assertThat(warnings(send(webhook, "anything")).isMissingNode()).isFalse());
    }

    @Test
    void aScheduleChecksAgainAndSaysSinceWhenItIsSo() {
        var webhook = webhook(create("good"));
        var since = check(webhook).get("since").asText();
        metrika.fault(
                Fault.error(500, "backend_error", "Oh no").counter(counter).times(0));
        due();
        await().until(() -> check(webhook).get("outcome").asText().equals("unreachable"));
        assertThat(check(webhook).get("can_upload").booleanValue())
                .as("as it was known")
                .isTrue();
        assertThat(check(webhook).get("since").asText()).isGreaterThanOrEqualTo(since);
        assertThat(warnings(send(webhook, "anything")).get(0).get("code").asText())
                .as("goals that are known stay known")
                .isEqualTo("goal_not_found");
        metrika.clearFaults();
        due();
        await().until(() -> check(webhook).get("outcome").asText().equals("ok"));
    }

    /** Makes the counter due, when the check before is over. */
    private static void due() {
        awaitChecked();
        DATABASE.update("update counter_check set next_check_at = clock() where counter_id = ?", counter);
    }

    private static void awaitChecked() {
        await().until(() -> DATABASE.value(
                "select next_check_at > clock() + interval '5 minutes' from counter_check where counter_id = ?",
                counter));
    }

    @Test
    void aGoalIsCreatedOnce() {
        var webhook = webhook(create("good"));
        var body = "{\"target\": \"lead\", \"name\": \"Заявка\"}";
        assertThat(warnings(send(webhook, "lead")).get(0).get("code").asText()).isEqualTo("goal_not_found");
        var first = product.post(webhook.path() + "/goals", body);
        assertThat(first.status()).as("%s", first).isEqualTo(201);
        assertThat(first.text("target")).isEqualTo("lead");
        assertThat(first.text("name")).isEqualTo("Заявка");
        var second = product.post(webhook.path() + "/goals", body);
        assertThat(second.status()).isEqualTo(200);
        assertThat(second.json()).isEqualTo(first.json());
        assertThat(warnings(send(webhook, "lead")).isMissingNode()).isTrue();
        assertThat(check(webhook).get("goals").findValuesAsText("name")).contains("Заявка");
        assertThat(DATABASE.query(
                        "select fields::text from audit where action = 'create-goal' and webhook_id = ?::uuid",
                        webhook.id()))
                .hasSize(2);
    }

    /** The second waits while the first is on its way to Metrika, and then finds the goal. */
    @Test
    void twoRequestsForAGoalAtOnceCreateItOnce() {
        var webhook = webhook(create("good"));
        var path = webhook.path() + "/goals";
        var body = "{\"target\": \"lead\"}";
        metrika.fault(Fault.stall(Point.BEFORE_STORE)
                .on(Operation.CREATE_GOAL)
                .counter(counter)
                .times(1));
        var first = CompletableFuture.supplyAsync(() -> product.post(path, body));
        await().until(() -> metrika.held() == 1);
        var second = product.post(path, body);
        metrika.release();
        first.join();
        await().untilAsserted(
                        () -> assertThat(product.post(path, body).status()).isEqualTo(200));
        assertThat(metrika.calls().stream()
                        .filter(call -> call.operation() == Operation.CREATE_GOAL
                                && call.path().contains("/" + counter + "/")))
                .hasSize(1);
        assertThat(second.status()).isEqualTo(503);
    }

    @Test
    void whileMetrikaHangsTheCreationOfAGoalIsAnsweredInTime() {
        var webhook = webhook(create("good"));
        metrika.fault(Fault.stall(Point.BEFORE_BODY)
                .on(Operation.GOALS)
                .counter(counter)
                .times(1));
        var asked = System.nanoTime();
        var answer = product.post(webhook.path() + "/goals", "{\"target\": \"lead\"}");
        assertThat(Duration.ofNanos(System.nanoTime() - asked))
                .isBetween(Duration.ofSeconds(7), Duration.ofSeconds(10));
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.header("Retry-After")).isNotEmpty();
        metrika.release();
        await().untilAsserted(() -> assertThat(product.post(webhook.path() + "/goals", "{\"target\": \"lead\"}")
                        .status())
                .as("what was begun has gone on")
                .isEqualTo(200));
    }

    @Test
    void aGoalThatMetrikaRefusesOrDoesNotAnswerForIsNotCreated() {
        var webhook = webhook(create("good"));
        var path = webhook.path() + "/goals";
        metrika.fault(Fault.error(403, "access_denied", "Access is denied")
                .on(Operation.CREATE_GOAL)
                .counter(counter));
        var refused = product.post(path, "{\"target\": \"lead\"}");
        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.text("detail")).contains("Access is denied", "" + counter);
        metrika.fault(Fault.error(503, "backend_error", "Away")
                .on(Operation.CREATE_GOAL)
                .counter(counter));
        var away = product.post(path, "{\"target\": \"lead\"}");
        assertThat(away.status()).isEqualTo(503);
        assertThat(away.header("Retry-After")).isNotEmpty();
        assertThat(check(webhook).get("goals").findValues("targets").toString()).doesNotContain("lead");
    }

    @Test
    void webhooksOfOneCounterAndTokenShareACheck() {
        var webhooks = List.of(webhook(create("good")), webhook(create("good")), webhook(create("good")));
        awaitChecked();
        var before = calls();
        due();
        awaitChecked();
        assertThat(calls()).isEqualTo(before + 2);
        assertThat(webhooks)
                .allMatch(webhook -> check(webhook).get("outcome").asText().equals("ok"));
    }

    private static long calls() {
        return metrika.calls().stream()
                .filter(call -> call.path().startsWith("/management/v1/counter/" + counter))
                .count();
    }

    @Test
    void nothingOfARequestGoesOutToMetrika() {
        var created = product.send(product.request(TestWebhook.PATH + "?limit=3")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(
                        "{\"name\": \"CRM\", \"counter_id\": %d, \"token\": \"good\"}".formatted(counter))));
        assertThat(created.json().get("warnings").findValuesAsText("code")).containsExactly("unknown_parameter");
        assertThat(metrika.calls().stream().filter(call -> call.path().startsWith("/management/v1/counter/" + counter)))
                .isNotEmpty()
                .allMatch(call -> call.query() == null);
    }
}
