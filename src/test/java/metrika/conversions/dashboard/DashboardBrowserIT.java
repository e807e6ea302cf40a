package metrika.conversions.dashboard;

import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.openqa.selenium.By;
import org.openqa.selenium.Keys;

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

/** The pages in a real browser: what somebody does with them, and whether everybody can. */
class DashboardBrowserIT {

    private static final String ANNA = "anna-in-a-browser-5f0c";

    private static Product product;
    private static Simulator metrika;
    private Chromium browser;

    @BeforeAll
    static void start() {
        Chromium.assume();
        metrika = Shared.metrika("browser");
        var port = Product.freePort();
        product = Product.on(TestDatabase.create(), metrika.url())
                .with("admin.tokens", "anna:" + ANNA)
                .with("http.port", port)
                .with("public.url", "http://127.0.0.1:" + port)
                .start();
    }

    @AfterAll
    static void stop() {
        if (product != null) {
            product.close();
            metrika.close();
        }
    }

    @BeforeEach
    void openBrowser() {
        browser = Chromium.at(product);
    }

    /** Whatever a test does, nothing leaves the dashboard, and nothing is kept from being done by its policy. */
    @AfterEach
    void closeBrowser() {
        try (var closed = browser) {
            assertThat(closed.requests()).isNotEmpty().allMatch(url -> url.startsWith(product.dashboardUrl() + "/"));
            assertThat(closed.complaints()).isEmpty();
        }
    }

    @Test
    void aDayOfAnOperator() throws Exception {
        browser.signIn(ANNA);
        browser.open("/dashboard/new-webhook");
        browser.fill("name", "Shop of the story");
        browser.fill("counter_id", "12345678");
        browser.fill("token", "y0_first");
        browser.submit("/dashboard/new-webhook");
        var curl = browser.find("pre code").getText();
        assertThat(shell(curl)).as("what the page has to try it").contains("\"status\":\"valid\"");
        var order = "order-of-the-story-1";
        assertThat(shell(sending(curl, order))).contains("\"status\":\"accepted\"");
        browser.driver().findElement(By.linkText("To the webhook")).click();
        var webhook = browser.driver().getCurrentUrl();
        var batch = browser.find("td a").getAttribute("href");
        browser.openUntil(batch, "Processed");

        metrika.fault(Fault.error(403, "access_denied", "Access is denied")
                .token("y0_first")
                .times(0));
        assertThat(shell(sending(curl, "order-of-the-story-2"))).contains("\"status\":\"accepted\"");
        browser.open("/dashboard");
        await("the page renews itself")
                .until(() -> browser.text().contains("Metrika refuses the token of Shop of the story"));
        assertThat(browser.text()).contains("nothing is lost", "Conversions concerned: 1.");
        browser.fill("token", "y0_second");
        browser.find("#live form button").click();
        await().until(() -> browser.driver().getCurrentUrl().equals(webhook));
        var waiting = browser.find("td a").getAttribute("href");
        browser.openUntil(waiting, "Processed");
        await().until(() -> !browser.open("/dashboard").text().contains("Metrika refuses the token"));

        browser.open("/dashboard/search");
        browser.fill("q", order);
        browser.submit("/dashboard/search");
        browser.find("td a").click();
        assertThat(browser.driver().getCurrentUrl()).isEqualTo(batch);

        browser.driver().findElement(By.linkText("Русский")).click();
        assertThat(browser.find("html").getAttribute("lang")).isEqualTo("ru");
        assertThat(browser.text()).contains("Обработан", "собран в файл");
        browser.open("/dashboard/audit");
        assertThat(browser.text()).contains("Журнал действий", "update-webhook", "create-webhook", "anna");
    }

    private static String sending(String curl, String order) {
        return curl.replace("?dry_run=true", "").replace("\"target\"", "\"purchase_id\":\"" + order + "\",\"target\"");
    }

    /** Runs a line as somebody does who has copied it. */
    private static String shell(String line) throws Exception {
        var process = new ProcessBuilder("bash", "-c", line)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        var said = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor(30, TimeUnit.SECONDS)).as(said).isTrue();
        return said;
    }

    @Test
    void aWebhookIsCreatedByTheKeyboardAlone() {
        browser.open("/dashboard/login");
        browser.type("token", ANNA + Keys.ENTER);
        await().until(() -> browser.driver().getCurrentUrl().endsWith("/dashboard"));
        browser.tab();
        assertThat(browser.focused()).as("the first stop").contains("#content");
        assertThat(browser.driver().switchTo().activeElement().isDisplayed()).isTrue();
        browser.press(Keys.ENTER);
        browser.tab();
        assertThat((Boolean)
                        browser.script("return document.getElementById('content').contains(document.activeElement)"))
                .as("past the navigation")
                .isTrue();
        browser.open("/dashboard/webhooks");
        browser.tabTo("href$='/dashboard/new-webhook'");
        assertThat((String) browser.script("return getComputedStyle(document.activeElement).outlineStyle + ' '"
                        + " + getComputedStyle(document.activeElement).boxShadow"))
                .as("the focus is seen")
                .isNotEqualTo("none none");
        browser.press(Keys.ENTER);
        await().until(() -> browser.driver().getCurrentUrl().endsWith("/new-webhook"));
        browser.type("name", "Made by keys");
        browser.type("counter_id", "7654321");
        browser.type("token", "y0_keys");
        browser.tab();
        browser.tab();
        browser.press(Keys.ENTER);
        await().until(() -> browser.text().contains("The webhook is created"));
        browser.open("/dashboard/webhooks");
        assertThat(browser.text()).contains("Made by keys");
    }

    /** What is hard to read in the dark is so in any language, so each is looked at in one of them. */
    @ParameterizedTest
    @CsvSource({"en, light", "ru, dark"})
    void everybodyCanUseEveryPage(String language, String scheme) {
        var paths = everyKindOfPage();
        browser.scheme(scheme);
        browser.open("/dashboard/login?lang=" + language);
        assertThat(browser.barriers()).isEmpty();
        browser.signIn(ANNA);
        for (var path : paths) {
            browser.width(1280);
            browser.open(path);
            assertThat(browser.find("html").getAttribute("lang")).isEqualTo(language);
            assertThat(browser.barriers()).as("%s, %s", path, scheme).isEmpty();
            browser.width(390);
            assertThat((Long) browser.script("return document.documentElement.scrollWidth"))
                    .as("%s fits on a phone", path)
                    .isLessThanOrEqualTo(390);
        }
    }

    /** Pages with all that they can show. */
    private static List<String> everyKindOfPage() {
        var webhook = webhook("accessible", "y0_accessible");
        var completed = webhook.batch(conversion("purchase_id", "accessible-1"));
        webhook.awaitStatus(completed, "completed");
        metrika.fault(Fault.error(400, "invalid_uploading", "Invalid file")
                .on(Operation.UPLOAD)
                .times(1));
        var failed = webhook.batch(conversion());
        webhook.awaitStatus(failed, "error");
        var page = "/dashboard/webhooks/" + webhook.id();
        return List.of(
                "/dashboard",
                "/dashboard/webhooks",
                page,
                page + "/batches/" + completed,
                page + "/batches/" + failed,
                page + "/delete",
                page + "?range=30d",
                "/dashboard/new-webhook",
                "/dashboard/search?q=accessible-1",
                "/dashboard/search?q=nothing-like-it",
                "/dashboard/sources",
                "/dashboard/audit",
                page + "/batches/00000000-0000-0000-0000-000000000000");
    }

    private static TestWebhook webhook(String name, String token) {
        var answer = product.send(product.request(TestWebhook.PATH)
                .header("Authorization", "Bearer " + ANNA)
                .header("Content-Type", "application/json")
                .POST(java.net.http.HttpRequest.BodyPublishers.ofString(
                        "{\"name\": \"%s\", \"counter_id\": 87654321, \"token\": \"%s\"}".formatted(name, token))));
        assertThat(answer.status()).as("%s", answer).isEqualTo(201);
        return new TestWebhook(product, answer.text("webhook_id"), answer.text("secret"));
    }

    @Test
    void theOverviewRenewsItselfWhileItIsSeenAndNobodyHasStoppedIt() {
        browser.driver()
                .executeCdpCommand(
                        "Page.addScriptToEvaluateOnNewDocument",
                        Map.of(
                                "source",
                                "window.setInterval = (renew) => { window.due = renew; };"
                                        + "window.asked = 0;"
                                        + "window.answered = 0;"
                                        + "document.addEventListener('htmx:beforeRequest', () => window.asked++);"
                                        + "document.addEventListener('htmx:afterRequest', () => window.answered++);"));
        browser.signIn(ANNA);
        assertThat(renewals()).isEqualTo(1);
        browser.script("Object.defineProperty(document, 'visibilityState', {value: 'hidden', configurable: true})");
        assertThat(renewals()).as("hidden").isEqualTo(1);
        browser.script("delete document.visibilityState");
        assertThat(renewals()).as("seen again").isEqualTo(2);
        browser.find("#refreshing button").click();
        assertThat(browser.find("#refreshing button").getText()).isEqualTo("Renew every 5 seconds");
        assertThat(renewals()).as("stopped").isEqualTo(2);
        browser.find("#refreshing button").click();
        assertThat(renewals()).as("going on").isEqualTo(3);
        browser.script("window.due(); const live = document.getElementById('live'); live.tabIndex = -1; live.focus();"
                + "live.dataset.old = 'yes'");
        await().until(() -> (Long) browser.script("return window.answered") == 4);
        assertThat(browser.all("#live[data-old]"))
                .as("what somebody has begun to fill in while the answer was on its way")
                .hasSize(1);
    }

    /** Has the time come to renew the page, and counts how often it was asked for, when all is answered. */
    private long renewals() {
        browser.script("window.due()");
        await().until(() -> (Boolean) browser.script("return window.asked === window.answered"));
        return (Long) browser.script("return window.asked");
    }

    @Test
    void plotsAreDrawnFromTheirTablesWhichAreThereWithoutAScriptToo() {
        var webhook = webhook("plotted", "y0_plotted");
        webhook.awaitStatus(webhook.batch(conversion()), "completed");
        browser.signIn(ANNA);
        browser.driver().findElement(By.linkText("7 days")).click();
        assertThat(browser.driver().getCurrentUrl()).endsWith("/dashboard?range=7d");
        assertThat(browser.all("figure.plot .drawn canvas"))
                .hasSize(2)
                .allMatch(canvas -> canvas.getSize().width > 500);
        assertThat(browser.find("#course").getText()).contains("api", "Sent", "Linked");
        assertThat((String) browser.script("return document.querySelector('.u-over').style.left"))
                .as("the policy lets it set styles so")
                .endsWith("px");
        browser.driver().executeCdpCommand("Emulation.setScriptExecutionDisabled", Map.of("value", true));
        browser.open("/dashboard?range=1h");
        assertThat(browser.all("figure.plot canvas")).isEmpty();
        assertThat(browser.find("#refreshing").isDisplayed()).isFalse();
        browser.find("figure.plot summary").click();
        assertThat(browser.find("figure.plot table").getText()).contains("api", ":00:00 UTC");
    }
}
