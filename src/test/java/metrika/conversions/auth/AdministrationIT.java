package metrika.conversions.auth;

import java.net.http.HttpRequest;
import java.util.ArrayList;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import metrika.conversions.settings.SettingException;
import metrika.conversions.support.Answer;
import metrika.conversions.support.Product;
import metrika.conversions.support.Shared;
import metrika.conversions.support.Signing;
import metrika.conversions.support.TestDatabase;
import metrika.conversions.support.TestWebhook;
import metrika.simulator.Fault;
import metrika.simulator.Operation;
import metrika.simulator.ReceivedUpload;
import metrika.simulator.Simulator;

import static metrika.conversions.support.Samples.conversion;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Administrators have names, what they do is written down, and the keys of what is encrypted can be changed. */
@Execution(ExecutionMode.CONCURRENT) // each has what it starts to itself
class AdministrationIT {

    private static final String OLD = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    private static final String NEW = "HxwdHhsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQA=";
    private static final String TOKEN = "0f1e2d3c4b5a69788796";
    private static final String ANNA = "anna-0f1e2d3c4b5a6978";
    private static final String CI = "ci-9876543210abcdefgh";

    private record Admin(Product product, String token) {

        Answer call(String method, String path, String json) {
            var request = product.request(path).header("Authorization", "Bearer " + token);
            if (json != null) {
                request.header("Content-Type", "application/json");
            }
            return product.send(request.method(
                    method,
                    json == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(json)));
        }
    }

    @Test
    void everyActIsWrittenDownWithItsActorAndWithoutASecret() {
        try (var metrika = Shared.metrika("audit");
                var product = Product.on(TestDatabase.create(), metrika.url())
                        .with("admin.token", TOKEN)
                        .with("admin.tokens", "anna:" + ANNA + ", ci:" + CI)
                        .start()) {
            var anna = new Admin(product, ANNA);
            var ci = new Admin(product, CI);
            var created = anna.call(
                    "POST", TestWebhook.PATH, "{\"name\": \"t\", \"counter_id\": 1, \"token\": \"y0_secret\"}");
            assertThat(created.status()).isEqualTo(201);
            var webhook = new TestWebhook(product, created.text("webhook_id"), created.text("secret"));
            var patched = ci.call("PATCH", webhook.path(), "{\"is_active\": true, \"token\": \"y0_other\"}");
            assertThat(patched.status()).as("%s", patched).isEqualTo(200);
            metrika.fault(Fault.error(400, "invalid_uploading", "Invalid file")
                    .on(Operation.UPLOAD)
                    .times(1));
            var batch = webhook.batch(conversion("user_id", "a-person"));
            webhook.awaitStatus(batch, "error");
            new Admin(product, TOKEN).call("POST", webhook.path() + "/batches/" + batch + "/retry", null);
            webhook.awaitStatus(batch, "completed");
            var rotated = anna.call("POST", webhook.path() + "/secret?grace=PT1H", null);
            product.send(webhook.request("/erase")
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString("{\"user_id\": \"a-person\"}")));
            anna.call("DELETE", webhook.path() + "?force=true", null);
            // Not acts: refused, or without effect
            new Admin(product, "wrong-token-of-length").call("DELETE", webhook.path(), null);
            ci.call("DELETE", webhook.path(), null);
            ci.call("PATCH", webhook.path(), "{}");
            ci.call("POST", TestWebhook.PATH, "{}");

            var audit = anna.call("GET", "/audit", null);
            var entries = new ArrayList<JsonNode>();
            audit.json().get("entries").forEach(entries::add);
            assertThat(entries)
                    .extracting(entry -> entry.get("actor").textValue() + " "
                            + entry.get("action").textValue())
                    .containsExactly(
                            "anna delete-webhook",
                            "sender erase-person",
                            "anna rotate-secret",
                            "admin retry-batch",
                            "ci update-webhook",
                            "anna create-webhook");
            assertThat(entries).allSatisfy(entry -> {
                assertThat(entry.get("address").textValue()).isEqualTo("127.0.0.1");
                assertThat(entry.get("webhook_id").textValue()).isEqualTo(webhook.id());
            });
            assertThat(entries.get(4).get("fields").toString()).isEqualTo("[\"is_active\",\"token\"]");
            assertThat(entries.get(3).get("batch_id").textValue()).isEqualTo(batch);
            assertThat(entries.get(2).get("details").toString()).contains("PT1H");
            assertThat(entries.get(1).get("details").toString()).contains("\"sent\":1");
            assertThat(audit.body()).doesNotContain("y0_", webhook.secret(), rotated.text("secret"), "a-person", ANNA);

            var page = ci.call("GET", "/audit?limit=4", null).json();
            assertThat(page.get("entries")).hasSize(4);
            assertThat(ci.call("GET", "/audit?limit=4&after=" + page.get("next"), null)
                            .json()
                            .get("entries"))
                    .hasSize(2);
            assertThat(product.get("/audit").status()).isEqualTo(401);
            assertThat(product.log()).doesNotContain(ANNA, CI, TOKEN, "y0_secret", "a-person");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "anna:short",
                "anna",
                "anna:aaaaaaaaaaaaaaaaaaaaaaaa",
                "sender:" + ANNA,
                "anna:" + ANNA + ",anna:" + CI,
                "anna:" + ANNA + ",ci:" + ANNA,
                "a b:" + ANNA,
                "anna:" + ANNA + ",",
                "anna:\u0430" + ANNA
            })
    void weakTokensAndNamesThatAreNoneAreRefusedWithoutBeingQuoted(String tokens) {
        assertThatThrownBy(() -> new AdminTokens(null, tokens))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("ADMIN_TOKENS")
                .message()
                .doesNotContain(ANNA, CI, "aaaaa", "short");
    }

    @Test
    void aWrongKeyStopsTheStartAndANewOneTakesOver() {
        var database = TestDatabase.create();
        try (var metrika = Shared.metrika("keys")) {
            var webhook = StoredWebhook.insert(database, OLD, 1, false);
            var signed = StoredWebhook.insert(database, OLD, 2, true);
            var builder = Product.on(database, metrika.url());
            var refused = builder.with("encryption.key", NEW).refused();
            assertThat(refused)
                    .contains("encryption.key", "2 of 2 webhooks", "after the new one and a comma")
                    .doesNotContain(NEW);
            try (var running = builder.with("encryption.key", NEW + "," + OLD).start()) {
                assertBothWork(webhook.at(running), signed.at(running), metrika);
                assertThat(new Product.Builder()
                                .with("database.url", database.url())
                                .with("encryption.key", NEW + ", " + OLD)
                                .argument("re-encrypt")
                                .end(0))
                        .contains("of 2 webhooks, of which 2 were not so before");
                assertBothWork(webhook.at(running), signed.at(running), metrika);
            }
        }
    }

    private static void assertBothWork(TestWebhook webhook, TestWebhook signed, Simulator metrika) {
        webhook.awaitStatus(webhook.batch(conversion()), "completed");
        assertThat(metrika.uploads())
                .filteredOn(upload -> upload.counter() == 1)
                .extracting(ReceivedUpload::token)
                .containsOnly(metrika.uploads().get(0).token());
        assertThat(Signing.send(signed, "m" + System.nanoTime(), "{\"conversions\": [" + conversion() + "]}")
                        .status())
                .isEqualTo(200);
    }
}
