package metrika.conversions.dashboard;

import java.net.http.HttpRequest;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static metrika.conversions.dashboard.DashboardProduct.ANNA;
import static metrika.conversions.dashboard.DashboardProduct.DATABASE;
import static metrika.conversions.dashboard.DashboardProduct.PRODUCT;
import static metrika.conversions.dashboard.DashboardProduct.READER;
import static metrika.conversions.dashboard.DashboardProduct.api;
import static metrika.conversions.dashboard.DashboardProduct.page;
import static metrika.conversions.dashboard.DashboardProduct.webhook;
import static metrika.conversions.support.Samples.conversion;
import static org.assertj.core.api.Assertions.assertThat;

/** Who gets in to the pages for operators, and what is refused to whom. */
@ResourceLock("dashboard") // sessions and faults are of one product
class DashboardAccessIT {

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/dashboard",
                "/dashboard/webhooks",
                "/dashboard/webhooks/00000000-0000-0000-0000-000000000000",
                "/dashboard/sources",
                "/dashboard/audit",
                "/dashboard/webhooks/00000000-0000-0000-0000-000000000000/secret",
                "/dashboard/webhooks/00000000-0000-0000-0000-000000000000/trial",
                "/dashboard/webhooks/00000000-0000-0000-0000-000000000000/delete",
                "/dashboard/webhooks/00000000-0000-0000-0000-000000000000/refused?source=x",
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
        for (var act : List.of("/secret", "/trial", "/delete", "/token")) {
            var other = page(webhook) + act;
            assertThat(browser.post(other, Map.of("force", "true")).status()).isEqualTo(403);
            assertThat(browser.post(other, Map.of("csrf", csrf, "force", "true"), "https://evil.example")
                            .status())
                    .isEqualTo(403);
        }
        webhook.awaitStatus(webhook.batch(conversion()), "completed");
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
        for (var act : List.of("/token", "/active", "/secret", "/trial", "/delete")) {
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
}
