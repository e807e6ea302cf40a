package metrika.conversions.dashboard;

import java.net.http.HttpRequest;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import metrika.conversions.support.Answer;
import metrika.conversions.support.Product;
import metrika.conversions.support.Shared;
import metrika.conversions.support.TestDatabase;
import metrika.conversions.support.TestWebhook;
import metrika.simulator.Fault;
import metrika.simulator.Operation;
import metrika.simulator.Simulator;

import static metrika.conversions.support.Samples.conversion;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** The pages for operators: who gets in, what is refused, and what is shown. */
class DashboardIT {

    private static final String ANNA = "anna-0f1e2d3c4b5a6978";
    private static final String READER = "reader-9876543210abcd";
    private static final String HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>";
    private static final TestDatabase DATABASE = TestDatabase.create();
    private static final Simulator METRIKA = Shared.metrika("dashboard");
    private static final Product PRODUCT = Product.on(DATABASE, METRIKA.url())
            .with("admin.tokens", "anna:" + ANNA + ", olga:" + READER + ":read")
            .with("http.trusted-proxies", "127.0.0.1")
            .start();

    @AfterAll
    static void stop() {
        PRODUCT.close();
        METRIKA.close();
    }

    private static TestWebhook webhook(String name) {
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

    private static String escaped(String text) {
        return text.replace("\"", "\\\"");
    }

    private static Answer api(String method, String path, String json, String token) {
        return PRODUCT.send(PRODUCT.request(path)
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json")
                .method(
                        method,
                        json == null
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofString(json)));
    }

    private static String page(TestWebhook webhook) {
        return "/dashboard/webhooks/" + webhook.id();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/dashboard",
                "/dashboard/webhooks",
                "/dashboard/webhooks/00000000-0000-0000-0000-000000000000",
                "/dashboard/sources",
                "/dashboard/audit",
                "/dashboard/no-such-page"
            })
    void whoHasNoSessionIsLedToTheLogin(String path) {
        for (var cookie : List.of("", "no-session-of-ours")) {
            var browser = new Browser(PRODUCT);
            if (!cookie.isEmpty()) {
                browser.cookies().put("session", cookie);
            }
            for (var answer : List.of(browser.get(path), browser.post(path, Map.of("csrf", "0")))) {
                assertThat(answer.status()).isEqualTo(303);
                assertThat(answer.header("Location")).isEqualTo("/dashboard/login");
                assertThat(answer.body()).isEmpty();
            }
        }
    }

    @Test
    void theApiHasNoneOfIt() {
        assertThat(api("GET", "/dashboard", null, ANNA).status()).isEqualTo(404);
        assertThat(api("GET", "/dashboard/login", null, ANNA).status()).isEqualTo(404);
    }

    @Test
    void onlyATokenOfAnAdministratorOpensASessionAndItsCookieIsForNobodyElse() {
        var stranger = new Browser(PRODUCT);
        var refused = stranger.post("/dashboard/login", Map.of("token", ANNA + "x"));
        assertThat(refused.status()).isEqualTo(403);
        assertThat(refused.body()).contains("no administrator").doesNotContain(ANNA);
        assertThat(stranger.cookies()).isEmpty();
        assertThat(stranger.post("/dashboard/login", Map.of()).status()).isEqualTo(403);

        var answer = new Browser(PRODUCT).post("/dashboard/login", Map.of("token", ANNA));
        assertThat(answer.status()).isEqualTo(303);
        assertThat(answer.header("Set-Cookie"))
                .startsWith("session=")
                .contains("HttpOnly", "SameSite=Strict", "Path=/")
                .doesNotContain(ANNA);
        assertThat(DATABASE.<String>value(
                        "select count(*)::text from dashboard_session where encode(hash, 'escape') like '%"
                                + answer.header("Set-Cookie").split("[=;]")[1] + "%'"))
                .as("a hash only")
                .isEqualTo("0");
        assertThat(PRODUCT.log()).doesNotContain(ANNA);
    }

    @Test
    void aSessionEndsWithTheLogoutAndAfterTwelveHoursOfNothing() {
        var browser = Browser.signedIn(PRODUCT, ANNA);
        var session = browser.cookies().get("session");
        assertThat(browser.get("/dashboard").status()).isEqualTo(200);
        assertThat(browser.act("/dashboard/logout", Map.of()).header("Location"))
                .isEqualTo("/dashboard/login");
        assertThat(browser.cookies()).isEmpty();
        browser.cookies().put("session", session);
        assertThat(browser.get("/dashboard").status())
                .as("the same cookie again")
                .isEqualTo(303);

        var idle = Browser.signedIn(PRODUCT, READER);
        DATABASE.update(
                "update dashboard_session set used_at = clock() - interval '11 hours 59 minutes' where actor = 'olga'");
        assertThat(idle.get("/dashboard").status()).isEqualTo(200);
        DATABASE.update("update dashboard_session set used_at = clock() - interval '12 hours' where actor = 'olga'");
        assertThat(idle.get("/dashboard").status()).isEqualTo(303);
    }

    @Test
    void aSessionIsWorthNoMoreThanItsToken() {
        var browser = Browser.signedIn(PRODUCT, ANNA);
        var hash = "(select hash from dashboard_session order by created_at desc limit 1)";
        DATABASE.update("update dashboard_session set token_hash = 'another' where hash = " + hash);
        assertThat(browser.get("/dashboard").status()).isEqualTo(303);
    }

    @Test
    void byTlsTheCookieIsForTlsAlone() {
        var answer = PRODUCT.send(PRODUCT.dashboard("/dashboard/login")
                .header("Content-Type", "application/x-www-form-urlencoded")
                .header("Origin", PRODUCT.dashboardUrl())
                .header("X-Forwarded-Proto", "https")
                .header("X-Forwarded-For", "203.0.113.7")
                .POST(HttpRequest.BodyPublishers.ofString("token=" + ANNA)));
        assertThat(answer.header("Set-Cookie")).startsWith("__Host-session=").contains("; Secure", "; Path=/;");
        assertThat(answer.header("Strict-Transport-Security")).isNotEmpty();
        var browser = Browser.signedIn(PRODUCT, ANNA);
        assertThat(browser.get("/dashboard/audit").body()).contains("203.0.113.7");
    }

    @Test
    void aFormOfAnotherPageIsRefused() {
        var webhook = webhook("forged");
        var browser = Browser.signedIn(PRODUCT, ANNA);
        var path = page(webhook) + "/active";
        var csrf = browser.csrf();
        var right = Map.of("is_active", "false", "csrf", csrf);
        for (var answer : List.of(
                browser.post(path, Map.of("is_active", "false")),
                browser.post(path, Map.of("is_active", "false", "csrf", csrf.replace(csrf.charAt(0), 'x'))),
                browser.post(
                        path,
                        Map.of(
                                "is_active",
                                "false",
                                "csrf",
                                Browser.signedIn(PRODUCT, ANNA).csrf())),
                browser.post(path, right, "https://evil.example"),
                browser.post(path, right, "null"),
                browser.post(path, right, null))) {
            assertThat(answer.status()).as("%s", answer).isEqualTo(403);
            assertThat(answer.header("Content-Type")).startsWith("text/html");
        }
        assertThat(webhook.send("{\"conversions\": [" + conversion() + "]}").status())
                .isEqualTo(200);
        assertThat(browser.post(path, right).status()).isEqualTo(303);
        assertThat(webhook.send("{\"conversions\": [" + conversion() + "]}").status())
                .isEqualTo(403);
        var login = new Browser(PRODUCT).post("/dashboard/login", Map.of("token", ANNA), "https://evil.example");
        assertThat(login.status()).isEqualTo(403);
    }

    @Test
    void aTokenForReadingChangesNothingNeitherHereNorInTheApi() {
        var webhook = webhook("read-only");
        var reader = Browser.signedIn(PRODUCT, READER);
        var shown = reader.get(page(webhook));
        assertThat(shown.status()).isEqualTo(200);
        assertThat(shown.body()).contains("for reading only", "disabled");
        for (var act : List.of("/token", "/active")) {
            var answer = reader.act(page(webhook) + act, Map.of("token", "new", "is_active", "false"));
            assertThat(answer.status()).as("%s", answer).isEqualTo(403);
        }
        var path = webhook.path();
        assertThat(api("GET", path, null, READER).status()).isEqualTo(200);
        assertThat(api("PATCH", path, "{\"name\": \"x\"}", READER).status()).isEqualTo(403);
        assertThat(api("POST", path + "/secret", null, READER).status()).isEqualTo(403);
        assertThat(api("POST", path + "/erase", "{\"user_id\": \"x\"}", READER).status())
                .isEqualTo(403);
        assertThat(api("DELETE", path, null, READER).status()).isEqualTo(403);
        assertThat(reader.act("/dashboard/logout", Map.of()).status()).isEqualTo(303);
        assertThat(PRODUCT.log()).doesNotContain(READER);
    }

    @Test
    void pagesLoadNothingButTheirOwnScriptAndStyle() {
        var browser = Browser.signedIn(PRODUCT, ANNA);
        var page = browser.get("/dashboard");
        assertThat(page.header("Content-Security-Policy"))
                .contains("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "form-action 'self'")
                .doesNotContain("unsafe");
        assertThat(page.header("Cache-Control")).isEqualTo("no-store");
        assertThat(page.header("X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(page.body()).doesNotContainPattern("<style|style=|<script(?! src=)|\\son[a-z]+=|https?://");
        for (var asset : List.of("htmx.min.js", "pico.min.css", "dashboard.js", "dashboard.css")) {
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
        METRIKA.fault(Fault.error(401, "invalid_token", "Invalid oauth_token")
                .on(Operation.UPLOAD)
                .times(1));
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
        METRIKA.clearFaults();
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
        assertThat(webhook.send("{\"conversions\": [" + conversion() + "]}").status())
                .isEqualTo(200);
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
