package metrika.conversions.dashboard;

import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
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

/**
 * Lists of batches and uploads, the lines of a batch, retries of all that match, and diagnostics, as a browser sees
 * them.
 */
@ResourceLock("dashboard") // sessions and faults are of one product
class DashboardListsIT {

    /** A batch that Metrika has not taken. */
    private static String failed(TestWebhook webhook) {
        METRIKA.fault(Fault.error(400, "invalid_uploading", "Invalid file")
                .on(Operation.UPLOAD)
                .times(1));
        var batch = webhook.batch(conversion());
        webhook.awaitStatus(batch, "error");
        return batch;
    }

    @Test
    void batchesAreListedByAFilterInTheAddress() {
        var webhook = webhook("listed");
        var bad = failed(webhook);
        var good = webhook.batch(conversion());
        webhook.awaitStatus(good, "completed");
        var browser = Browser.signedIn(PRODUCT, ANNA);
        var of = "/dashboard/batches?webhook=" + webhook.id();
        assertThat(browser.get(of).body()).contains(bad, good, "Match: 2.", "invalid_uploading");
        assertThat(browser.get(of + "&state=error&code=&since=&until=").body())
                .contains(bad, "Match: 1.")
                .doesNotContain(good);
        assertThat(browser.get(of + "&code=invalid_uploading").body())
                .contains(bad)
                .doesNotContain(good);
        assertThat(browser.get(of + "&until=2020-01-01").body())
                .contains("Nothing matches", "value=\"2020-01-01\"")
                .doesNotContain(bad);
        assertThat(browser.get(of + "&since=2020-01-01&until=2999-01-01T00:00:00%2B03:00")
                        .body())
                .contains(bad, good);
        assertThat(browser.get("/dashboard/batches?webhook=00000000-0000-0000-0000-000000000000")
                        .body())
                .contains("no such webhook");
        assertThat(browser.get(of + "&after=" + good).body())
                .contains(bad, "To the newest")
                .doesNotContain(good + "\"");
        var refused = browser.get(of + "&state=lost&code=a+b&since=soon&until=2025-02-30&after=1");
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.body())
                .contains(
                        "state is 'lost': one of waiting, in_flight, accepted",
                        "code is 'a b'",
                        "since is 'soon': a day such as",
                        "until is '2025-02-30'",
                        "after is '1'");
        assertThat(browser.get(page(webhook)).body())
                .contains("/dashboard/batches?webhook=" + webhook.id() + "&amp;state=error");
        assertThat(browser.get("/dashboard").body()).contains("/dashboard/batches?state=error");
    }

    @Test
    void webhooksAreListedByNameStateAndCounterAPageAtATime() throws SQLException {
        try (var connection = DATABASE.connection();
                var statement = connection.createStatement()) {
            statement.execute("""
                insert into webhook (id, name, counter_id, token, login, time_zone, requests_per_minute, secret_hash, is_active)
                select gen_random_uuid(), 'Kiosk ' || lpad(n::text, 2, '0'), 777000 + n, '', 'kiosks', 'UTC', 60, '', n <> 7
                  from generate_series(1, 60) as n\
                """);
            var browser = Browser.signedIn(PRODUCT, ANNA);
            var first = browser.get("/dashboard/webhooks?name=kIOSK").body();
            assertThat(first)
                    .contains("Kiosk 01<", "Kiosk 50<", "Match: 60.", "value=\"kIOSK\"")
                    .doesNotContain("Kiosk 51<");
            var next = Pattern.compile("href=\"(/dashboard/webhooks\\?[^\"]*after=[^\"]*)\"")
                    .matcher(first);
            assertThat(next.find()).isTrue();
            assertThat(browser.get(next.group(1).replace("&amp;", "&")).body())
                    .contains("Kiosk 51<", "Kiosk 60<", "To the first page")
                    .doesNotContain("Kiosk 50<", "Next page");
            assertThat(browser.get("/dashboard/webhooks?name=Kiosk&state=paused")
                            .body())
                    .contains("Kiosk 07<", "Match: 1.")
                    .doesNotContain("Kiosk 08<");
            assertThat(browser.get("/dashboard/webhooks?name=777008").body()).contains("Kiosk 08<", "Match: 1.");
            assertThat(browser.get("/dashboard/webhooks?name=%25").body()).contains("Nothing matches");
            var refused = browser.get("/dashboard/webhooks?state=lost&after=1");
            assertThat(refused.status()).isEqualTo(400);
            assertThat(refused.body())
                    .contains("state is 'lost': one of active, paused, token_lost is expected", "after is '1'");
            statement.execute("delete from webhook where login = 'kiosks'");
        }
    }

    @Test
    void aWebhookIsShownWhoseCounterMetrikaHasNeverAnsweredFor() {
        var webhook = webhook("unreachable");
        assertThat(DATABASE.update("""
                        insert into counter_check (counter_id, login, outcome, checked_at, next_check_at)
                        select counter_id, login, 'unreachable', now(), now() + interval '1 hour'
                          from webhook where id = ?::uuid
                            on conflict (counter_id, login) do update set outcome = 'unreachable', goals = null\
                        """, webhook.id())).isEqualTo(1);
        assertThat(Browser.signedIn(PRODUCT, ANNA).get(page(webhook)).status()).isEqualTo(200);
    }

    @Test
    void whatCannotBeLoadedIsNoEmptyList() throws SQLException {
        var browser = Browser.signedIn(PRODUCT, ANNA);
        try (var connection = DATABASE.connection();
                var statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("lock table batch in access exclusive mode");
            var answer = browser.get("/dashboard/batches");
            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.body())
                    .contains("could not be loaded")
                    .doesNotContain("Nothing has come", "Nothing matches");
            connection.rollback();
        }
    }

    @Test
    void linesAreShownToTheDigitAndGivenAsMetrikaGetsThem() {
        var webhook = webhook("lines");
        var batch = webhook.batch(
                conversion(
                        "client_id",
                        "123456789012345678",
                        "yclid",
                        "987654321098765432",
                        "price",
                        "19.90",
                        "currency",
                        "RUB"),
                conversion("user_id", "secret-person", "purchase_id", "a,b \"c\""));
        var number = webhook.awaitStatus(batch, "completed")
                .path("metrika_upload_id")
                .asText();
        var path = page(webhook) + "/batches/" + batch;
        var reader = Browser.signedIn(PRODUCT, READER);
        assertThat(reader.get(path).body())
                .contains(">123456789012345678<", ">987654321098765432<", ">19.90<", path + "/lines.csv");
        var file = reader.get(path + "/lines.csv");
        assertThat(file.status()).isEqualTo(200);
        assertThat(file.header("Content-Type")).isEqualTo("text/csv; charset=utf-8");
        assertThat(file.header("Content-Disposition")).isEqualTo("attachment; filename=\"" + batch + ".csv\"");
        var sent = new String(METRIKA.file(Long.parseLong(number)), StandardCharsets.UTF_8);
        assertThat(file.body()).isEqualTo(sent);

        DATABASE.update("insert into pending_erasure values ('" + batch + "', 1)");
        assertThat(reader.get(path).body()).doesNotContain("secret-person");
        assertThat(reader.get(path + "/lines.csv").body())
                .doesNotContain("secret-person")
                .contains("987654321098765432");
        DATABASE.update("update batch set purged_at = clock() where id = '" + batch + "'");
        assertThat(reader.get(path).body())
                .contains("kept for 30 days after the end")
                .doesNotContain("123456789012345678", "lines.csv");
        assertThat(reader.get(path + "/lines.csv").body()).doesNotContain("123456789012345678");
        assertThat(reader.get(page(webhook("other of lines")) + "/batches/" + batch + "/lines.csv")
                        .status())
                .as("another webhook's")
                .isEqualTo(404);
    }

    @Test
    void aHundredLinesAreShownAndALinkLeadsOn() {
        var webhook = webhook("long");
        var lines = new String[120];
        for (int i = 0; i < lines.length; i++) {
            lines[i] = conversion("purchase_id", "order-" + i + ".");
        }
        var batch = webhook.batch(lines);
        var path = page(webhook) + "/batches/" + batch;
        var browser = Browser.signedIn(PRODUCT, ANNA);
        var first = browser.get(path).body();
        assertThat(first)
                .contains(">order-0.<", ">order-99.<", path + "?after=99\"")
                .doesNotContain(">order-100.<");
        assertThat(browser.get(path + "?after=99").body())
                .contains(">order-100.<", ">order-119.<", "To the first lines")
                .doesNotContain(">order-99.<", "rel=\"next\"");
        assertThat(browser.get(path + "?after=x").status()).isEqualTo(400);
        assertThat(browser.get(path + "/lines.csv").body().lines()).hasSize(121);
        webhook.awaitStatus(batch, "completed");
    }

    @Test
    void allThatMatchIsSentAgainAfterAQuestion() {
        var webhook = webhook("retried");
        var batches = List.of(failed(webhook), failed(webhook));
        var browser = Browser.signedIn(PRODUCT, ANNA);
        var query = "webhook=" + webhook.id() + "&state=error&code=invalid_uploading";
        assertThat(browser.get("/dashboard/batches?" + query).body())
                .contains("/dashboard/retries/new?" + query.replace("&", "&amp;"));
        assertThat(browser.get("/dashboard/retries/new?" + query).body())
                .contains("Batches in error that match: 2.", "action=\"/dashboard/retries\"", "retried");
        var form = Map.of("webhook", webhook.id(), "code", "invalid_uploading", "since", "", "until", "");
        var reader = Browser.signedIn(PRODUCT, READER);
        assertThat(reader.get("/dashboard/batches?" + query).body()).doesNotContain("/dashboard/retries/new");
        assertThat(reader.act("/dashboard/retries", form).status()).isEqualTo(403);
        assertThat(browser.post("/dashboard/retries", form).status())
                .as("no form of the session")
                .isEqualTo(403);
        assertThat(DATABASE.<Long>value("select count(*) from retry_job where webhook_id = '" + webhook.id() + "'"))
                .isZero();

        var begun = browser.act("/dashboard/retries", form);
        assertThat(begun.status()).as("%s", begun).isEqualTo(303);
        var progress = begun.header("Location");
        assertThat(progress).startsWith("/dashboard/retries/");
        batches.forEach(batch -> webhook.awaitStatus(batch, "completed"));
        var done = await().until(
                        () -> reader.get(progress), answer -> answer.body().contains("This is done"));
        assertThat(done.body()).contains("2 of 2", ">anna<");
        assertThat(done.header("Refresh")).isEmpty();
        var audit = api("GET", "/audit", null, ANNA).json().get("entries").get(0);
        assertThat(audit.get("action").textValue() + " " + audit.get("details"))
                .isEqualTo("retry-batches {\"code\":\"invalid_uploading\"}");

        assertThat(browser.act("/dashboard/retries", Map.of("since", "soon")).status())
                .isEqualTo(400);
        assertThat(browser.act("/dashboard/retries", Map.of("webhook", "00000000-0000-0000-0000-000000000000"))
                        .status())
                .isEqualTo(404);
        assertThat(browser.get("/dashboard/retries/00000000-0000-0000-0000-000000000000")
                        .status())
                .isEqualTo(404);
    }

    @Test
    void aJobThatRunsRenewsItsPageAndGoesOnWhenItsProcessHasDied() {
        var webhook = webhook("left behind");
        var batch = failed(webhook);
        DATABASE.update("insert into retry_job (actor, webhook_id, last_upload, claim_number, lease_expires_at, total)"
                + " select 'anna', '" + webhook.id() + "', max(id), 7, clock() + interval '1 hour', 1 from upload");
        var id = DATABASE.<String>value("select id::text from retry_job where webhook_id = '" + webhook.id() + "'");
        var browser = Browser.signedIn(PRODUCT, ANNA);
        var shown = browser.get("/dashboard/retries/" + id);
        assertThat(shown.header("Refresh")).isEqualTo("3");
        assertThat(shown.body()).contains("being sent again", "0 of 1");
        assertThat(browser.get("/dashboard/batches").body()).contains("/dashboard/retries/" + id);
        var again = api("POST", webhook.path() + "/retries", "{}", ANNA);
        assertThat(again.status()).isEqualTo(202);
        assertThat(again.text("retry_id")).isEqualTo(id);
        assertThat(again.header("Location")).endsWith(webhook.path() + "/retries/" + id);

        DATABASE.update("update retry_job set lease_expires_at = clock() where id = '" + id + "'");
        webhook.awaitStatus(batch, "completed");
        await().until(
                        () -> api("GET", webhook.path() + "/retries/" + id, null, READER)
                                .text("state"),
                        "done"::equals);
        assertThat(DATABASE.<Long>value("select count(*) from audit where webhook_id = '" + webhook.id()
                        + "' and action = 'retry-batches'"))
                .as("it was begun by another hand")
                .isZero();
    }

    @Test
    void uploadsAreListedAndShownWithTheirTries() {
        var webhook = webhook("files");
        var bad = failed(webhook);
        var good = webhook.batch(conversion());
        var number =
                webhook.awaitStatus(good, "completed").path("metrika_upload_id").asText();
        var browser = Browser.signedIn(PRODUCT, ANNA);
        var of = "/dashboard/uploads?webhook=" + webhook.id();
        assertThat(browser.get(of).body())
                .contains(number, "invalid_uploading", "Match: 2.", "Metrika refuses the file");
        assertThat(browser.get(of + "&state=error").body())
                .contains("Match: 1.")
                .doesNotContain(number);
        assertThat(browser.get(of + "&state=lost").status()).isEqualTo(400);
        assertThat(browser.get(of + "&after=x").status()).isEqualTo(400);
        assertThat(browser.get(of + "&until=2020-01-01").body()).contains("Nothing matches");
        var upload = DATABASE.<Long>value("select upload_id from batch where id = '" + bad + "'");
        assertThat(browser.get("/dashboard/uploads/" + upload).body())
                .contains(bad, "Invalid file", "Metrika refuses the file", "Europe/Moscow");
        assertThat(browser.get("/dashboard/uploads/0").status()).isEqualTo(404);
        assertThat(browser.get("/dashboard/uploads/x").status()).isEqualTo(404);
        assertThat(browser.get("/dashboard/uploads/" + upload + "?after=x").status())
                .isEqualTo(400);
    }

    @Test
    void diagnosticsAreByWebhookDayAndGoal() throws SQLException {
        var webhook = webhook("diagnosed");
        webhook.awaitStatus(webhook.batch(conversion("target", "goal-of-files")), "completed");
        failed(webhook);
        var browser = Browser.signedIn(PRODUCT, ANNA);
        assertThat(browser.get("/dashboard/diagnostics").body())
                .contains("/dashboard/diagnostics/" + webhook.id(), "invalid_uploading");
        var path = "/dashboard/diagnostics/" + webhook.id();
        assertThat(browser.get(path).body())
                .contains("50 %", "invalid_uploading", "goal-of-files")
                .doesNotContain("could not be read");
        assertThat(browser.get("/dashboard/diagnostics/"
                                + webhook("nothing came").id())
                        .body())
                .contains("There was no error", "Nothing came in the last seven days");
        assertThat(browser.get("/dashboard/diagnostics/00000000-0000-0000-0000-000000000000")
                        .status())
                .isEqualTo(404);
        try (var connection = DATABASE.connection();
                var statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("lock table conversion in access exclusive mode");
            var without = browser.get(path);
            assertThat(without.status()).isEqualTo(200);
            assertThat(without.body())
                    .contains("50 %", "could not be read by goal")
                    .doesNotContain("goal-of-files");
            connection.rollback();
        }
    }

    @Test
    void nothingThatIsShownRunsAnywhere() {
        var webhook = webhook(HOSTILE);
        var batch = failed(webhook);
        var quoted = "'" + HOSTILE.replace("'", "''") + "'";
        DATABASE.update(
                "update conversion set client_id = %s, user_id = %s, yclid = %s, purchase_id = %s, target = %s, currency = %s where batch_id = '%s'"
                        .formatted(quoted, quoted, quoted, quoted, quoted, quoted, batch));
        DATABASE.update(
                ("update upload set metrika_status = %s, tag = %s || id, errors = jsonb_build_array(jsonb_build_object("
                                + "'code', %s, 'message', %s, 'at', '2026-01-01T00:00:00Z')) where webhook_id = '%s'")
                        .formatted(quoted, quoted, quoted, quoted, webhook.id()));
        DATABASE.update(
                ("insert into retry_job (actor, webhook_id, filter, last_upload, state, ended_at) values (%s, '%s', "
                                + "jsonb_build_object('code', %s, 'since', %s, 'until', %s), 0, 'done', clock())")
                        .formatted(quoted, webhook.id(), quoted, quoted, quoted));
        var job = DATABASE.<String>value("select id::text from retry_job where webhook_id = '" + webhook.id() + "'");
        var upload = DATABASE.<Long>value("select upload_id from batch where id = '" + batch + "'");
        var browser = Browser.signedIn(PRODUCT, ANNA);
        for (var path : List.of(
                "/dashboard/batches?webhook=" + webhook.id(),
                "/dashboard/retries/new?state=error&webhook=" + webhook.id(),
                "/dashboard/retries/" + job,
                "/dashboard/uploads?webhook=" + webhook.id(),
                "/dashboard/uploads/" + upload,
                page(webhook) + "/batches/" + batch,
                "/dashboard/diagnostics",
                "/dashboard/diagnostics/" + webhook.id())) {
            var answer = browser.get(path);
            assertThat(answer.status()).as("%s", answer).isEqualTo(200);
            assertThat(answer.body())
                    .as(path)
                    .contains("&lt;script&gt;alert(1)")
                    .doesNotContain("<script>", "<img");
        }
        for (var field : List.of("webhook", "state", "code", "since", "until", "after")) {
            var answer = browser.get("/dashboard/batches?" + field + "=%3Cscript%3E");
            assertThat(answer.status()).as(field).isEqualTo(400);
            assertThat(answer.body()).as(field).doesNotContain("<script>");
        }
        assertThat(browser.get("/dashboard/batches?other=%3Cscript%3E").body()).doesNotContain("<script>");
    }
}
