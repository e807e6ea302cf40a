package metrika.conversions.dashboard;

import java.net.http.HttpRequest;

import metrika.conversions.support.Answer;
import metrika.conversions.support.Product;
import metrika.conversions.support.Shared;
import metrika.conversions.support.TestDatabase;
import metrika.conversions.support.TestWebhook;
import metrika.simulator.Simulator;

import static org.assertj.core.api.Assertions.assertThat;

/** A product whose dashboard is looked at, with an administrator and one who only reads. */
final class DashboardProduct {

    static final String ANNA = "anna-0f1e2d3c4b5a6978";
    static final String READER = "reader-9876543210abcd";
    static final String HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>";
    static final TestDatabase DATABASE = TestDatabase.create();
    static final Simulator METRIKA = Shared.metrika("dashboard");
    static final Product PRODUCT = Product.on(DATABASE, METRIKA.url())
            .with("admin.tokens", "anna:" + ANNA + ", olga:" + READER + ":read")
            .with("http.trusted-proxies", "127.0.0.1")
            .start();

    static TestWebhook webhook(String name) {
        var answer = api(
                "POST",
                TestWebhook.PATH,
                "{\"name\": \"%s\", \"description\": \"%s\", \"counter_id\": 123456789012345678, \"token\": \"t-%s\", "
                                .formatted(escaped(name), escaped(HOSTILE), name.hashCode())
                        + "\"time_zone\": \"Europe/Moscow\"}",
                ANNA);
        assertThat(answer.status()).as("%s", answer).isEqualTo(201);
        return new TestWebhook(PRODUCT, answer.text("webhook_id"), answer.text("secret"));
    }

    static String escaped(String text) {
        return text.replace("\"", "\\\"");
    }

    static Answer api(String method, String path, String json, String token) {
        return PRODUCT.send(PRODUCT.request(path)
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json")
                .method(
                        method,
                        json == null
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(json)));
    }

    static String page(TestWebhook webhook) {
        return "/dashboard/webhooks/" + webhook.id();
    }

    private DashboardProduct() {}
}
