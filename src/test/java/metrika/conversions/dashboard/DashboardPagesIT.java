package metrika.conversions.dashboard;

import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

import metrika.conversions.support.TestWebhook;
import metrika.simulator.Fault;
import metrika.simulator.Operation;

import static metrika.conversions.dashboard.DashboardProduct.ANNA;
import static metrika.conversions.dashboard.DashboardProduct.DATABASE;
import static metrika.conversions.dashboard.DashboardProduct.HOSTILE;
import static metrika.conversions.dashboard.DashboardProduct.METRIKA;
import static metrika.conversions.dashboard.DashboardProduct.PRODUCT;
import static metrika.conversions.dashboard.DashboardProduct.READER;
import static metrika.conversions.dashboard.DashboardProduct.api;
import static metrika.conversions.dashboard.DashboardProduct.page;
import static metrika.conversions.dashboard.DashboardProduct.webhook;
import static metrika.conversions.support.Samples.conversion;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** What the pages for operators show, and what becomes of their forms. */
@ResourceLock("dashboard") // sessions and faults are of one product
class DashboardPagesIT {

    @Test
    void pagesLoadNothingButTheirOwnScriptAndStyle() {
        var browser = Browser.signedIn(PRODUCT, ANNA);
        var page = browser.get("/dashboard");
        assertThat(page.header("Content-Security-Policy"))
                .contains("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "form-action 'self'")
                .doesNotContain("unsafe");
        assertThat(page.header("Cache-Control")).isEqualTo("no-store");
        assertThat(page.header("X-Content-Type-Options")).isEqualTo("nosniff");
        // But for names of other tests, which are texts there
        assertThat(page.body().replace("x onerror=alert(2)", ""))
                .doesNotContainPattern("<style|style=|<script(?! src=)|\\son[a-z]+=|https?://");
        for (var asset : List.of(
                "htmx.min.js",
                "pico.min.css",
                "uplot.min.js",
                "uplot.min.css",
                "plots.js",
                "dashboard.js",
                "dashboard.css")) {
            assertThat(page.body()).contains("/dashboard/assets/" + asset);
            assertThat(new Browser(PRODUCT).get("/dashboard/assets/" + asset).status())
                    .as(asset)
                    .isEqualTo(200);
        }
        assertThat(browser.get("/dashboard/assets/messages.properties").status())
                .isEqualTo(404);
    }

    @Test
    void whateverACallerCanFillIsShownAsItIsAndRunsNowhere() throws Exception {
        var webhook = webhook(HOSTILE);
        var batch = webhook.batch(conversion("purchase_id", HOSTILE, "target", "goal"));
        webhook.awaitStatus(batch, "completed");
        DATABASE.update("insert into source_cursor (source, format, position, failure, failing_since) values ("
                + quoted(HOSTILE) + ", 'text', 'x', " + quoted(HOSTILE) + ", clock())");
        DATABASE.update("insert into audit (actor, address, action, details) values (" + quoted(HOSTILE) + ", "
                + quoted(HOSTILE) + ", " + quoted(HOSTILE) + ", jsonb_build_object('x', " + quoted(HOSTILE) + "))");
        DATABASE.update("update upload set errors = jsonb_build_array(jsonb_build_object('code', " + quoted(HOSTILE)
                + ", 'message', " + quoted(HOSTILE) + ", 'at', '2026-01-01T00:00:00Z'))");
        var browser = Browser.signedIn(PRODUCT, ANNA);
        for (var path : List.of(
                "/dashboard/webhooks",
                page(webhook),
                page(webhook) + "/batches/" + batch,
                "/dashboard/sources",
                "/dashboard/audit")) {
            var answer = browser.get(path);
            assertThat(answer.status()).as("%s", answer).isEqualTo(200);
            assertThat(answer.body()).contains("&lt;script&gt;alert(1)").doesNotContain("<script>", "<img");
        }
        var lost = browser.get("/dashboard/audit?after=" + "%3Cscript%3E");
        assertThat(lost.status()).isEqualTo(400);
        assertThat(lost.body()).doesNotContain("<script>");
    }

    private static String quoted(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    @Test
    void aLostTokenIsShownWithItsWayOutAndReplacedThere() {
        var webhook = webhook("shop of the lost token");
        DATABASE.update("update webhook set access_lost_at = clock() where id = '" + webhook.id() + "'");
        var browser = Browser.signedIn(PRODUCT, ANNA);
        var shown = await().until(
                        () -> browser.get("/dashboard").body(),
                        page -> page.contains("Metrika refuses the token of shop of the lost token"));
        assertThat(shown).contains("action=\"" + page(webhook) + "/token\"");
        var answer = browser.act(page(webhook) + "/token", Map.of("token", " y0_replaced "));
        assertThat(answer.header("Location")).as("%s", answer).isEqualTo(page(webhook));
        assertThat(browser.get(page(webhook)).body()).contains("has not refused it");
        var audit = api("GET", "/audit", null, ANNA).json().get("entries").get(0);
        assertThat(audit.get("actor").textValue() + " " + audit.get("action").textValue() + " " + audit.get("fields"))
                .isEqualTo("anna update-webhook [\"token\"]");
        assertThat(browser.act(page(webhook) + "/token", Map.of("token", "")).status())
                .isEqualTo(400);
    }

    @Test
    void aBatchShowsItsWayAndIsSentAgainOrWithdrawn() {
        var webhook = webhook("batches");
        var browser = Browser.signedIn(PRODUCT, ANNA);
        METRIKA.fault(Fault.error(400, "invalid_uploading", "Invalid file")
                .on(Operation.UPLOAD)
                .times(1));
        var batch = webhook.batch(conversion());
        webhook.awaitStatus(batch, "error");
        var path = page(webhook) + "/batches/" + batch;
        assertThat(browser.get(path).body())
                .contains("In error", "ended in error", "Europe/Moscow", path + "/retry", path + "/withdraw");
        assertThat(browser.act(path + "/retry", Map.of()).header("Location")).isEqualTo(path);
        webhook.awaitStatus(batch, "completed");
        assertThat(browser.get(path).body())
                .contains("processed by Metrika")
                .doesNotContain(path + "/retry", path + "/withdraw");
        assertThat(browser.act(path + "/retry", Map.of()).status()).isEqualTo(409);
        assertThat(browser.act(path + "/withdraw", Map.of()).status()).isEqualTo(409);

        METRIKA.fault(Fault.error(400, "invalid_uploading", "Invalid file")
                .on(Operation.UPLOAD)
                .times(1));
        var second = webhook.batch(conversion());
        webhook.awaitStatus(second, "error");
        var other = page(webhook) + "/batches/" + second;
        assertThat(browser.act(other + "/withdraw", Map.of()).header("Location"))
                .isEqualTo(other);
        assertThat(browser.get(other).body()).contains("withdrawn");
        assertThat(browser.get(page(webhook) + "/batches/00000000-0000-0000-0000-000000000000")
                        .status())
                .isEqualTo(404);
    }

    @Test
    void pagesSpeakEnglishAndRussian() {
        var browser = Browser.signedIn(PRODUCT, ANNA).reading("ru-RU,ru;q=0.9,en;q=0.8");
        assertThat(browser.get("/dashboard").body()).contains("<html lang=\"ru\">", "Где конверсии", "?lang=en");
        assertThat(browser.get("/dashboard?lang=en").body())
                .contains("<html lang=\"en\">", "Where the conversions are");
        assertThat(browser.get("/dashboard/webhooks").body()).as("remembered").contains("<html lang=\"en\">");
        assertThat(new Browser(PRODUCT).reading("de").get("/dashboard/login").body())
                .contains("<html lang=\"en\">");
    }

    @Test
    void numbersKeepAllTheirDigits() {
        var webhook = webhook("digits");
        DATABASE.update("insert into tally_change (webhook_id, hour, source, outcome, quantity) values ('"
                + webhook.id() + "', date_trunc('hour', clock(), 'UTC'), 'api', 'duplicate', 123456789012345678)");
        assertThat(Browser.signedIn(PRODUCT, ANNA).get(page(webhook)).body())
                .contains(">123456789012345678<", "123,456,789,012,345,678");
    }

    @Test
    void aWebhookIsCreatedAndItsSecretIsShownOnceWithACommandToTryIt() {
        var browser = Browser.signedIn(PRODUCT, ANNA);
        assertThat(browser.get("/dashboard/new-webhook").body()).contains("action=\"/dashboard/new-webhook\"");
        var fields = Map.of(
                "name", HOSTILE, "counter_id", "123456789012345678", "token", "y0_new", "time_zone", "Europe/Moscow");
        var created = browser.act("/dashboard/new-webhook", fields);
        assertThat(created.status()).as("%s", created).isEqualTo(200);
        var secret = Pattern.compile("X-Webhook-Secret: ([\\w-]+)").matcher(created.body());
        var id = Pattern.compile("/dashboard/webhooks/([0-9a-f-]{36})").matcher(created.body());
        assertThat(secret.find() && id.find()).as("%s", created).isTrue();
        var webhook = new TestWebhook(PRODUCT, id.group(1), secret.group(1));
        webhook.awaitStatus(webhook.batch(conversion()), "completed");
        assertThat(browser.get(page(webhook)).body())
                .contains("123456789012345678", "Europe/Moscow")
                .doesNotContain(webhook.secret(), "y0_new");
        var wrong = browser.act("/dashboard/new-webhook", Map.of("name", "x", "counter_id", "no number"));
        assertThat(wrong.status()).isEqualTo(400);
        assertThat(wrong.body()).contains("counter_id", "token is required");
        assertThat(Browser.signedIn(PRODUCT, READER)
                        .act("/dashboard/new-webhook", fields)
                        .status())
                .isEqualTo(403);
    }

    @Test
    void aBatchIsFoundByWhatSomebodyHasOfIt() {
        var webhook = webhook("searched");
        var batch = webhook.batch(conversion("purchase_id", "order-4711", "client_id", "987654321012345678"));
        var upload = webhook.awaitStatus(batch, "completed")
                .path("metrika_upload_id")
                .asText();
        var browser = Browser.signedIn(PRODUCT, ANNA);
        for (var q : List.of(batch, upload, "order-4711", "987654321012345678")) {
            assertThat(browser.get("/dashboard/search?days=1&q=" + q).body())
                    .as(q)
                    .contains(page(webhook) + "/batches/" + batch, "in batches since");
        }
        var none = browser.get("/dashboard/search?q=order-471").body();
        assertThat(none).contains("Nothing matches").doesNotContain("/batches/");
        assertThat(browser.get("/dashboard/search").body()).doesNotContain("Nothing matches", "/batches/");
        assertThat(browser.get("/dashboard/search?q=x&days=365").status()).isEqualTo(400);
        assertThat(browser.get("/dashboard/search?q=%3Cscript%3E").body()).doesNotContain("<script>");
        assertThat(PRODUCT.log()).doesNotContain("order-4711", "987654321012345678");
    }
}
