package metrika.conversions.http;

import java.net.http.HttpRequest;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import metrika.conversions.support.Answer;
import metrika.conversions.support.Shared;
import metrika.conversions.support.TestWebhook;

import static metrika.conversions.support.Samples.conversion;
import static metrika.conversions.support.Shared.PRODUCT;
import static org.assertj.core.api.Assertions.assertThat;

/** Nothing in a URL stands for a header, and a parameter that is misspelt is not passed over. */
class QueryParametersIT {

    private final TestWebhook webhook = PRODUCT.webhook(83000);

    private Answer send(String query) {
        return PRODUCT.send(webhook.request(query)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"conversions\": [" + conversion() + "]}")));
    }

    private long batches() {
        return Shared.DATABASE.<Long>value("select count(*) from batch where webhook_id = ?::uuid", webhook.id());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "Content-Encoding=gzip",
                "content-encoding=br",
                "Idempotency-Key=k",
                "X-Webhook-Secret=wrong",
                "webhook=1",
                "webhook_id=00000000-0000-4000-8000-000000000000",
                "webhook-id=m",
                "webhook-signature=v1,x",
                "Authorization=Bearer%20x",
                "CamelHttpResponseCode=500",
                "CamelHttpMethod=GET",
                "batch_id=1",
                "message-id=1",
                "status=error",
                "Content-Type=text/plain",
                "foo",
                "%D1%86%D0%B5%D0%BB%D1%8C=1"
            })
    void whatIsNoParameterIsPassedOverWithAWarning(String parameter) {
        for (int i = 1; i < 3; i++) {
            var answer = send("?" + parameter);
            assertThat(answer.status()).as("%s", answer).isEqualTo(200);
            assertThat(answer.text("status")).isEqualTo("accepted");
            assertThat(answer.json().get("warnings")).singleElement().satisfies(warning -> {
                assertThat(warning.get("code").textValue()).isEqualTo("unknown_parameter");
                assertThat(warning.get("message").textValue()).contains("dry_run");
            });
            assertThat(batches()).as("no idempotency key").isEqualTo(i);
        }
    }

    @Test
    void warningsOfTheConversionsStayBesideThoseOfTheQuery() {
        var answer = PRODUCT.send(webhook.request("?a=1&b=2&a=3&dry_run=true")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"conversions\": [" + conversion("clientId", "1") + "]}")));
        assertThat(answer.text("status")).as("%s", answer).isEqualTo("valid");
        assertThat(answer.json().get("warnings"))
                .extracting(warning -> warning.get("field").textValue())
                .containsExactly("a", "b", "clientId");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "dryrun",
                "dry-run",
                "DRY_RUN",
                "dryRun",
                "Dry-Run",
                "dry.run",
                "dry%20run",
                "dry_run%20",
                "dry_runs",
                "dry_rn",
                "dry_urn",
                "dry",
                "dry_run%5B%5D",
                "dry_run_only"
            })
    void aParameterThatIsNearlyOneIsRefusedAndNothingStored(String name) {
        var answer = send("?" + name + "=true");
        assertThat(answer.status()).as("%s", answer).isEqualTo(400);
        assertThat(answer.text("detail")).contains("dry_run is meant");
        assertThat(answer.json().at("/errors/0/code").textValue()).isEqualTo("unknown_parameter");
        assertThat(batches()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /status?batchid=1 batch_id",
                "GET /status?Batch_Id=1 batch_id",
                "GET /status?batch-id=1 batch_id",
                "GET /batches?Limit=1 limit",
                "GET /batches?limits=1 limit",
                "GET /batches?STATUS=error status",
                "DELETE ?Force=true force",
                "POST /secret?graceperiod=PT0S grace",
                "POST /secret?Grace=PT0S grace"
            })
    void soItIsAtEveryOperation(String call) {
        var parts = call.split(" ");
        var answer = PRODUCT.send(PRODUCT.request(webhook.path() + parts[1])
                .header("X-Webhook-Secret", webhook.secret())
                .method(parts[0], HttpRequest.BodyPublishers.noBody()));
        assertThat(answer.status()).as("%s", answer).isEqualTo(400);
        assertThat(answer.text("detail")).contains(parts[2] + " is meant");
        assertThat(webhook.batch(conversion())).as("all is as it was").isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "?dry_run=true&dry_run=true",
                "?dry_run=false&dry_run=true",
                "?dry_run=yes",
                "?dry_run=",
                "?dry_run",
                "?dry_run=TRUE"
            })
    void aParameterThatSaysNothingCertainIsRefused(String query) {
        var answer = send(query);
        assertThat(answer.status()).as("%s", answer).isEqualTo(400);
        assertThat(answer.text("detail")).contains("dry_run");
        assertThat(batches()).isZero();
    }

    @Test
    void everyOperationThatChangesSomethingWarns() {
        var created =
                PRODUCT.post(TestWebhook.PATH + "?x=1", "{\"name\": \"q\", \"counter_id\": 83000, \"token\": \"t\"}");
        var changed = PRODUCT.patch(webhook.path() + "?x=1", "{\"name\": \"q\"}");
        var rotated = PRODUCT.post(webhook.path() + "/secret?x=1", "");
        var erased = PRODUCT.post(webhook.path() + "/erase?x=1", "{\"user_id\": \"a-person\"}");
        for (var answer : new Answer[] {created, changed, rotated, erased}) {
            assertThat(answer.status()).as("%s", answer).isIn(200, 201);
            assertThat(answer.json().at("/warnings/0/field").textValue())
                    .as("%s", answer)
                    .isEqualTo("x");
        }
    }

    @Test
    void theBatchOfThePathIsNotThatOfTheQuery() {
        var batch = webhook.batch(conversion());
        var other = webhook.batch(conversion());
        var answer = PRODUCT.send(PRODUCT.request(webhook.path() + "/batches/" + batch + "/retry?batch_id=" + other)
                .POST(HttpRequest.BodyPublishers.noBody()));
        assertThat(answer.status()).as("%s", answer).isEqualTo(409);
        assertThat(answer.text("detail")).contains("Only a batch that ended in error");
    }

    @Test
    void aHeaderStandsForNoParameter() {
        var sent = PRODUCT.send(webhook.request("")
                .header("Content-Type", "application/json")
                .header("dry_run", "true")
                .POST(HttpRequest.BodyPublishers.ofString("{\"conversions\": [" + conversion() + "]}")));
        assertThat(sent.text("status")).as("%s", sent).isEqualTo("accepted");
        assertThat(PRODUCT.send(webhook.request("/status").header("batch_id", sent.text("batch_id")))
                        .status())
                .isEqualTo(400);
    }

    @Test
    void questionsPassOverWhatTheyDoNotKnow() {
        var batch = webhook.batch(conversion());
        var answer = PRODUCT.send(webhook.request("/status?batch_id=" + batch + "&_=1751373296"));
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().has("warnings")).isFalse();
    }
}
