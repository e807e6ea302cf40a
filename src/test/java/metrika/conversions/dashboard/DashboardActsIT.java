package metrika.conversions.dashboard;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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
import static metrika.conversions.dashboard.DashboardProduct.page;
import static metrika.conversions.dashboard.DashboardProduct.webhook;
import static metrika.conversions.support.Samples.conversion;
import static org.assertj.core.api.Assertions.assertThat;

/** What can be done with a webhook on its page, and what its plots, goals and refused rows show. */
@ResourceLock("dashboard") // sessions and faults are of one product
class DashboardActsIT {

    private static Browser anna() {
        return Browser.signedIn(PRODUCT, ANNA);
    }

    private static String audited(TestWebhook webhook, String action) {
        return DATABASE.value("select max(actor || ' ' || coalesce(details::text, '')) from audit where action = '"
                + action + "' and webhook_id = '" + webhook.id() + "'");
    }

    @Test
    void aNewSecretIsShownOnceAndTheOldOneEndsAtOnceOrLater() {
        var webhook = webhook("rotated");
        var first = anna().act(page(webhook) + "/secret", Map.of());
        assertThat(first.status()).as("%s", first).isEqualTo(200);
        var renewed = new TestWebhook(PRODUCT, webhook.id(), secret(first.body()));
        assertThat(webhook.send("{\"conversions\": [" + conversion() + "]}").status())
                .as("the old one, for a while")
                .isEqualTo(200);
        assertThat(audited(webhook, "rotate-secret")).isEqualTo("anna {\"grace\": \"PT24H\"}");
        var second = anna().act(page(webhook) + "/secret", Map.of("at_once", "true"));
        assertThat(renewed.send("{\"conversions\": [" + conversion() + "]}").status())
                .as("the one that ended at once")
                .isEqualTo(403);
        var last = new TestWebhook(PRODUCT, webhook.id(), secret(second.body()));
        last.awaitStatus(last.batch(conversion()), "completed");
        assertThat(anna().get(page(webhook)).body()).doesNotContain(last.secret());
        assertThat(PRODUCT.log()).doesNotContain(last.secret());
    }

    private static String secret(String body) {
        var found = Pattern.compile("<dd><code>([\\w-]{20,})</code>").matcher(body);
        assertThat(found.find()).as(body).isTrue();
        return found.group(1);
    }

    @Test
    void aConversionIsTriedAndNothingIsStored() {
        var webhook = webhook("tried");
        var right = Map.of(
                "identifier",
                "client_id",
                "value",
                "1234567890",
                "target",
                "purchase",
                "date_time",
                Instant.now().minusSeconds(3600).toString(),
                "price",
                "19.90",
                "currency",
                "RUB");
        var shown = anna().act(page(webhook) + "/trial", right);
        assertThat(shown.status()).as("%s", shown).isEqualTo(200);
        assertThat(shown.body())
                .contains(
                        "It is right",
                        "ClientId,UserId,Yclid,PurchaseId,Target,DateTime,Price,Currency",
                        "1234567890,,,,purchase,",
                        ",19.90,RUB");
        var wrong = new TreeMap<>(right);
        wrong.putAll(Map.of("value", HOSTILE, "price", "many", "date_time", ""));
        var refused = anna().act(page(webhook) + "/trial", wrong).body();
        assertThat(refused)
                .contains("A sender would be refused", "<code>price</code>", "<code>date_time</code>", "value=\"many\"")
                .contains("&lt;script&gt;alert(1)")
                .doesNotContain("<script>", "<img");
        assertThat(DATABASE.<Long>value("select count(*) from batch where webhook_id = '" + webhook.id() + "'"))
                .isZero();
        assertThat(anna().act("/dashboard/webhooks/00000000-0000-0000-0000-000000000000/trial", right)
                        .status())
                .isEqualTo(404);
    }

    @Test
    void aWebhookIsDeletedWhenNothingIsOnItsWayOrSomebodyWantsThatToo() {
        var webhook = webhook("to be deleted " + HOSTILE);
        var asked = anna().get(page(webhook) + "/delete");
        assertThat(asked.body())
                .contains("for good", "name=\"force\"", "&lt;script&gt;")
                .doesNotContain("<script>", "<img");
        METRIKA.fault(
                Fault.error(500, "backend_error", "Away").on(Operation.UPLOAD).times(0));
        try {
            webhook.batch(conversion());
            assertThat(anna().act(page(webhook) + "/delete", Map.of()).status()).isEqualTo(409);
            assertThat(anna().get(page(webhook)).status()).isEqualTo(200);
            assertThat(anna().act(page(webhook) + "/delete", Map.of("force", "true"))
                            .header("Location"))
                    .isEqualTo("/dashboard/webhooks");
        } finally {
            METRIKA.clearFaults();
        }
        assertThat(anna().get(page(webhook)).status()).isEqualTo(404);
        assertThat(anna().act(page(webhook) + "/delete", Map.of()).status()).isEqualTo(404);
        assertThat(audited(webhook, "delete-webhook")).startsWith("anna ").contains("\"force\": true");
    }

    @Test
    void refusedRowsAreListedByFileAndGivenAsCsv() {
        var webhook = webhook("refusing");
        DATABASE.update(
                "insert into refused_row (id, webhook_id, source, content, field, reason, digest, file, line) values "
                        + "(gen_random_uuid(), '" + webhook.id() + "', 'shop drop', '[\"=1+1\", \""
                        + "x\"]', 'price', '=HYPERLINK(\"x\")', "
                        + "'a', 'orders <b>.csv', 7), (gen_random_uuid(), '" + webhook.id()
                        + "', 'shop drop', '{}', '', 'of no file', 'b', null, null)");
        DATABASE.update("insert into source_trouble (source, process, reason) values ('away " + webhook.id()
                + "', gen_random_uuid(), 'No route to <host>')");
        var shown = anna().get("/dashboard/sources").body();
        var link = page(webhook) + "/refused?source=shop+drop&amp;file=orders+%3Cb%3E.csv";
        assertThat(shown).contains(link, "orders &lt;b&gt;.csv", "No route to &lt;host&gt;");
        var file = anna().get(link.replace("&amp;", "&"));
        assertThat(file.header("Content-Type")).startsWith("text/csv");
        assertThat(file.header("Content-Disposition")).isEqualTo("attachment; filename=\"refused-rows.csv\"");
        assertThat(file.body().split("\r\n")).hasSize(2);
        assertThat(file.body())
                .contains(
                        "\"1\",\"orders <b>.csv\",\"7\",\"price\",\"'=HYPERLINK(\"\"x\"\")\",\"[\"\"=1+1\"\", \"\"x\"\"]\"");
        assertThat(anna().get(page(webhook) + "/refused?source=shop+drop").body())
                .contains("of no file")
                .doesNotContain("HYPERLINK");
    }

    @Test
    void theCourseIsThatOfTheTalliesByTheHourAndByTheDay() {
        var webhook = webhook("course");
        for (var tally : List.of(
                "interval '0', 'shop', 'accepted', 11",
                "interval '5 hours', 'shop', 'accepted', 22",
                "interval '3 days', 'till', 'duplicate', 33",
                "interval '20 days', 'till', 'accepted', 44",
                "interval '5 hours', '', 'linked', 55")) {
            var parts = tally.split(", ", 2);
            DATABASE.update("insert into tally_change (webhook_id, hour, source, outcome, quantity) values ('"
                    + webhook.id() + "', this_hour() - " + parts[0] + ", " + parts[1] + ")");
        }
        assertThat(counts(webhook, "1h")).isEqualTo("[11]");
        assertThat(counts(webhook, "24h")).isEqualTo("[11, 22, 55]");
        assertThat(counts(webhook, "7d")).isEqualTo("[11, 22, 33, 55]");
        assertThat(counts(webhook, "30d")).isIn("[33, 33, 44, 55]", "[11, 22, 33, 44, 55]"); // the day that it is
        assertThat(anna().get(page(webhook) + "?range=none").body()).doesNotContain("<figure");
        assertThat(anna().get(page(webhook) + "?range=2d").status()).isEqualTo(400);
        assertThat(anna().get("/dashboard?range=30d").body())
                .contains("aria-current=\"true\">30 days", "whole days of UTC");
    }

    /** The numbers of a webhook's plots that are not 0, sorted. */
    private static String counts(TestWebhook webhook, String range) {
        return Pattern.compile("data-value=\"([1-9]\\d*)\"")
                .matcher(anna().get(page(webhook) + "?range=" + range).body())
                .results()
                .map(found -> Integer.valueOf(found.group(1)))
                .sorted()
                .toList()
                .toString();
    }

    @Test
    void goalsAreThoseOfTheCounterWithWhatCameForThem() {
        var webhook = webhook("goals");
        DATABASE.update("insert into counter_check (counter_id, login, outcome, checked_at, next_check_at, goals) "
                + "select counter_id, login, 'ok', clock(), clock() + interval '1 year', "
                + "'[{\"id\": 1, \"name\": \"Bought <b>\", \"type\": \"action\", "
                + "\"conditions\": [{\"type\": \"exact\", \"url\": \"purchase\"}]}]' from webhook where id = '"
                + webhook.id()
                + "' on conflict (counter_id, login) do update set goals = excluded.goals, outcome = 'ok'");
        webhook.batch(conversion(), conversion("target", "purchase"), conversion("target", "no-goal"));
        var shown = anna().get(page(webhook)).body();
        assertThat(shown)
                .contains("Bought &lt;b&gt;", "may upload to the counter")
                .doesNotContain("<img");
        assertThat(shown.replaceAll("\\s+", " "))
                .contains(
                        "<td>purchase</td> <td class=\"number\">2</td>",
                        "<td>no-goal</td> <td class=\"number\">1</td>");
    }

    @Test
    void theOverviewSaysWhatCallsAreLeftAndHowLongTheOldestWaits() {
        var webhook = webhook("calling");
        DATABASE.update(
                "insert into daily_calls (owner, day, calls) select 'login:' || login, (clock() at time zone 'UTC')::date, 1234 "
                        + "from webhook where id = '" + webhook.id()
                        + "' on conflict (owner, day) do update set calls = 1234");
        var shown = anna().get("/dashboard").body().replaceAll("\\s+", " ");
        assertThat(shown).contains("calling </th> <td class=\"number\">3,766</td> <td class=\"number\">1,234</td>");
        assertThat(anna().get("/dashboard/webhooks").body()).contains("<polyline points=\"2.0,22.0 ");
    }

    @Test
    void errorPagesSpeakTheVisitorsLanguage() {
        var browser = anna().reading("ru");
        for (var path : List.of("/dashboard/no-such-page", "/dashboard/webhooks/x", "/dashboard/assets/x.js")) {
            var answer = browser.get(path);
            assertThat(answer.status()).as(path).isEqualTo(404);
            assertThat(answer.header("Content-Type")).startsWith("text/html");
            assertThat(answer.body()).contains("<html lang=\"ru\">", "Здесь ничего нет", "адрес неверен");
        }
        assertThat(browser.get("/dashboard/search?days=5").body()).contains("Это не удалось прочитать");
        assertThat(browser.get("/dashboard/logout").status()).isEqualTo(405);
    }

    @Test
    void aPageThatCannotLoadItsFiguresSaysThatItIsNotEmpty() throws Exception {
        var browser = anna();
        try (var connection = DATABASE.connection();
                var statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("lock table incident in access exclusive mode");
            var answer = browser.get("/dashboard");
            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.body())
                    .contains("this does not mean that there are none")
                    .doesNotContain("Nothing needs you");
            connection.rollback();
        }
    }
}
