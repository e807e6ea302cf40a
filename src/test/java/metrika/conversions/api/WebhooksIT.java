package metrika.conversions.api;

import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import metrika.conversions.problem.Json;
import metrika.conversions.support.Shared;
import metrika.conversions.support.TestWebhook;

import static metrika.conversions.support.Samples.conversion;
import static metrika.conversions.support.Shared.PRODUCT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

/** What administrators do with webhooks, through HTTP. */
class WebhooksIT {

    private static final String BODY = """
        {"name": "CRM System", "counter_id": 12345678, "token": "y0_secret-of-metrika", "description": "of the CRM",
         "time_zone": "Europe/Moscow", "requests_per_minute": 600}\
        """;

    @Test
    void creationAnswersWithIdSecretAndUrl() {
        var answer = PRODUCT.post(TestWebhook.PATH, BODY);
        assertThat(answer.status()).isEqualTo(201);
        assertThat(answer.json().fieldNames()).toIterable().containsExactly("webhook_id", "secret", "url");
        assertThat(answer.text("secret")).matches("[A-Za-z0-9_-]{43}");
        assertThat(answer.text("url"))
                .isEqualTo("http://localhost:" + PRODUCT.port() + TestWebhook.PATH + "/" + answer.text("webhook_id"));
    }

    @Test
    void noAnswerEverShowsASecretOrAToken() {
        var webhook = PRODUCT.webhook(BODY);
        var list = PRODUCT.get(TestWebhook.PATH);
        var shown = PRODUCT.get(webhook.path());
        var patched = PRODUCT.patch(webhook.path(), "{\"token\": \"y0_another-secret\"}");
        assertThat(list.body()).contains(webhook.id());
        assertThat(list.body() + shown.body() + patched.body())
                .doesNotContain(webhook.secret(), "y0_secret-of-metrika", "y0_another-secret");
        assertThat(shown.json().fieldNames())
                .toIterable()
                .containsExactly(
                        "webhook_id",
                        "name",
                        "description",
                        "counter_id",
                        "time_zone",
                        "requests_per_minute",
                        "is_active",
                        "auth",
                        "callback_url",
                        "url",
                        "created_at",
                        "updated_at",
                        "counter_check");
    }

    @Test
    void theDatabaseHoldsNeitherTheSecretNorTheToken() {
        var webhook = PRODUCT.webhook(BODY);
        String row = Shared.DATABASE.value("""
                  select row_to_json(webhook)::text || encode(token, 'escape') || encode(secret_hash, 'escape')
                    from webhook where id = ?::uuid\
                  """, webhook.id());
        assertThat(row).doesNotContain(webhook.secret(), "y0_secret-of-metrika");
    }

    @Test
    void aPatchChangesWhatItNamesAndNothingElse() {
        var webhook = PRODUCT.webhook(BODY);
        var answer = PRODUCT.patch(webhook.path(), "{\"name\": \"Касса\", \"description\": null}");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.text("name")).isEqualTo("Касса");
        assertThat(answer.json().get("description").isNull()).isTrue();
        assertThat(answer.text("counter_id")).isEqualTo("12345678");
        assertThat(answer.text("time_zone")).isEqualTo("Europe/Moscow");
        assertThat(answer.text("requests_per_minute")).isEqualTo("600");
        assertThat(webhook.send("{\"conversions\": [" + conversion() + "]}").status())
                .isEqualTo(200);
    }

    @Test
    void aDisabledWebhookSaysSoAndStillAnswersForWhatItTook() {
        var webhook = PRODUCT.webhook(BODY);
        var batch = webhook.batch(conversion());
        assertThat(PRODUCT.patch(webhook.path(), "{\"is_active\": false}")
                        .json()
                        .get("is_active")
                        .booleanValue())
                .isFalse();
        var refused = webhook.send("{\"conversions\": [" + conversion() + "]}");
        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.text("detail")).contains("disabled");
        webhook.awaitStatus(batch, "completed");
        PRODUCT.patch(webhook.path(), "{\"is_active\": true}");
        webhook.batch(conversion());
    }

    @Test
    void aRotationLeavesTheSecretBeforeValidForAWhile() {
        var webhook = PRODUCT.webhook(BODY);
        var answer = PRODUCT.post(webhook.path() + "/secret", "");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(Instant.parse(answer.text("previous_valid_until")))
                .isCloseTo(Instant.now().plus(Duration.ofHours(24)), within(Duration.ofMinutes(5)));
        var renewed = new TestWebhook(PRODUCT, webhook.id(), answer.text("secret"));
        renewed.batch(conversion());
        webhook.batch(conversion());
    }

    @Test
    void aRotationWithoutGraceEndsTheSecretBeforeAtOnce() {
        var webhook = PRODUCT.webhook(BODY);
        var renewed = new TestWebhook(
                PRODUCT,
                webhook.id(),
                PRODUCT.post(webhook.path() + "/secret?grace=PT0S", "").text("secret"));
        renewed.batch(conversion());
        assertThat(webhook.send("{\"conversions\": [" + conversion() + "]}").status())
                .isEqualTo(403);
        assertThat(PRODUCT.post(webhook.path() + "/secret?grace=soon", "").text("detail"))
                .contains("grace", "'soon'");
    }

    @Test
    void deletionWaitsForWhatIsOnItsWayUnlessItIsForced() {
        var webhook = PRODUCT.webhook("{\"name\": \"t\", \"counter_id\": 1, \"token\": \"t\"}");
        webhook.batch(conversion(
                "date_time", Instant.now().plus(Duration.ofMinutes(30)).toString()));
        var refused = PRODUCT.delete(webhook.path());
        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.text("detail")).contains("force=true");
        var deleted = PRODUCT.delete(webhook.path() + "?force=true");
        assertThat(deleted.status()).isEqualTo(204);
        assertThat(deleted.body()).isEmpty();
        assertThat(PRODUCT.get(webhook.path()).status()).isEqualTo(404);
        assertThat(webhook.send("{\"conversions\": [" + conversion() + "]}").status())
                .isEqualTo(403);
        assertThat(Shared.DATABASE.<Long>value("""
            select count(*) from conversion where not exists (select from batch where batch.id = conversion.batch_id)\
            """)).isZero();
    }

    @Test
    void oneThatCannotBeReadIsNoTroubleToTheOthers() {
        var signed = PRODUCT.webhook(
                "{\"name\": \"t\", \"counter_id\": 1, \"token\": \"t\", \"auth\": \"standard-webhooks\"}");
        Shared.DATABASE.update("update webhook set signing_key = 'of another key' where id = ?::uuid", signed.id());
        var elsewhere = PRODUCT.webhook(BODY);
        Shared.DATABASE.update("update webhook set time_zone = 'Mars/Olympus' where id = ?::uuid", elsewhere.id());

        PRODUCT.webhook(BODY).batch(conversion());
        assertThat(signed.send("{\"conversions\": [" + conversion() + "]}").status())
                .isEqualTo(403);
        var refused = elsewhere.send("{\"conversions\": [" + conversion() + "]}");
        assertThat(refused.status()).as("%s", refused).isEqualTo(503);
        assertThat(refused.text("detail")).contains("time_zone");
        assertThat(PRODUCT.log()).containsOnlyOnce("'Mars/Olympus' of webhook " + elsewhere.id());
        assertThat(PRODUCT.get(TestWebhook.PATH).body()).contains("Mars/Olympus");
        assertThat(PRODUCT.patch(elsewhere.path(), "{\"time_zone\": \"Europe/Moscow\"}")
                        .status())
                .isEqualTo(200);
        elsewhere.batch(conversion());
        PRODUCT.delete(signed.path());
    }

    @Test
    void allThatIsWrongWithACreationIsToldAtOnce() {
        var answer = PRODUCT.post(TestWebhook.PATH, """
            {"name": " ", "counter_id": 1.5, "time_zone": "Moscow", "requests_per_minute": 0, "colour": "red"}\
            """);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().get("errors").findValuesAsText("field"))
                .containsExactlyInAnyOrder("name", "counter_id", "time_zone", "requests_per_minute", "colour", "token");
    }

    @ParameterizedTest
    @ValueSource(strings = {"name", "counter_id", "token", "time_zone", "requests_per_minute", "is_active", "auth"})
    void nullIsRefusedWhereNothingCanBeEmpty(String field) {
        var webhook = PRODUCT.webhook(71020);
        var before = PRODUCT.get(webhook.path()).body();
        var answer = PRODUCT.patch(webhook.path(), "{\"description\": \"new\", \"%s\": null}".formatted(field));
        assertThat(answer.status()).as("%s", answer).isEqualTo(400);
        assertThat(answer.json().get("errors")).singleElement().satisfies(error -> {
            assertThat(error.get("field").textValue()).isEqualTo(field);
            assertThat(error.get("code").textValue()).isEqualTo("required");
            assertThat(error.get("message").textValue()).contains("null");
        });
        assertThat(PRODUCT.get(webhook.path()).body()).isEqualTo(before);
        var form = new HashMap<String, Object>(Map.of("name", "n", "counter_id", 1, "token", "t"));
        form.put(field, null);
        var created = PRODUCT.post(TestWebhook.PATH, Json.write(form));
        assertThat(created.status()).as("%s", created).isEqualTo(400);
        assertThat(created.json().at("/errors/0/field").textValue()).isEqualTo(field);
    }

    @Test
    void whatIsNotAWebhookCannotBeFound() {
        for (var id : new String[] {"00000000-0000-4000-8000-000000000000", "1-2-3-4-5", "x"}) {
            assertThat(PRODUCT.get(TestWebhook.PATH + "/" + id).status()).isEqualTo(404);
            assertThat(PRODUCT.patch(TestWebhook.PATH + "/" + id, "{}").status())
                    .isEqualTo(404);
            assertThat(PRODUCT.delete(TestWebhook.PATH + "/" + id).status()).isEqualTo(404);
            assertThat(PRODUCT.post(TestWebhook.PATH + "/" + id + "/secret", "").status())
                    .isEqualTo(404);
            assertThat(PRODUCT.get(TestWebhook.PATH + "/" + id + "/batches").status())
                    .isEqualTo(404);
        }
    }
}
