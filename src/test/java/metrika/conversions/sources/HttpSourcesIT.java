package metrika.conversions.sources;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import metrika.conversions.support.Answer;
import metrika.conversions.support.Product;
import metrika.conversions.support.Shared;
import metrika.conversions.support.SharedSources;
import metrika.conversions.support.TestWebhook;
import metrika.conversions.support.Wire;

import static metrika.conversions.support.SharedSources.stored;
import static metrika.conversions.support.SharedSources.webhook;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Sources over HTTP that send what they send, not our JSON: each with a request as it is recorded from one. */
class HttpSourcesIT {

    private static final String FORM = "application/x-www-form-urlencoded";

    private final Product product = SharedSources.PRODUCT;

    private static String sample(String source) throws IOException {
        return Files.readString(Path.of("routes/sources/in-" + source + ".test/recorded.http"), charset(source));
    }

    /** What 1C and tills write is in windows-1251. */
    private static Charset charset(String source) {
        return source.startsWith("till") ? Charset.forName("windows-1251") : StandardCharsets.UTF_8;
    }

    /** Sends a request as it was recorded, to a webhook and with its secret. */
    private Answer send(String recorded, TestWebhook webhook) {
        var parts = recorded.split("\r\n\r\n", 2);
        var lines = parts[0].lines().toList();
        var first = lines.get(0)
                .replace("WEBHOOK", webhook.id())
                .replace("SECRET", webhook.secret())
                .split(" ");
        var request = product.request(first[1])
                .method(
                        first[0],
                        HttpRequest.BodyPublishers.ofString(parts[1], charset(first[1].replace("/inbound/", ""))));
        lines.stream()
                .filter(line -> line.startsWith("Content-Type"))
                .forEach(line -> request.header("Content-Type", line.substring(14)));
        return product.send(request);
    }

    private Answer post(String path, TestWebhook webhook, String type, String body) {
        return product.send(product.request(
                        "/inbound/" + path.replace("WEBHOOK", webhook.id()).replace("SECRET", webhook.secret()))
                .header("Content-Type", type)
                .POST(HttpRequest.BodyPublishers.ofString(body)));
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "amocrm, 1751360000123456789, -, -, 70000001, purchase, 15500, RUB, 1751372096",
                "bitrix24, 1751360000.987654321, -, -, DEAL_3141, deal_won, 1990.50, RUB, 1751372096",
                "form, -, -, 4455667788990011223, call-88, call, 0, -, 1751362496",
                "retailcrm, -, customer-77, -, 1042C, order_paid, 3499.9, RUB, 1751362496",
                "till-xml, 1751360000222333444, -, -, УТ-000042, purchase, 4250.50, RUB, 1751372096",
                "till-csv, -, card-5501, -, 000315, Покупка в магазине, 1249.90, RUB, 1751372040"
            })
    void whatIsRecordedIsStoredOnce(
            String source,
            String clientId,
            String userId,
            String yclid,
            String purchaseId,
            String target,
            String price,
            String currency,
            long dateTime)
            throws IOException {
        var webhook = webhook();
        var first = send(sample(source), webhook);
        assertThat(first.status()).as(first.toString()).isEqualTo(200);
        assertThat(first.text("status")).isEqualTo("accepted");
        assertThat(stored(webhook)).hasSize(1).first().satisfies(row -> {
            assertThat(row.get("client_id")).isEqualTo(clientId);
            assertThat(row.get("user_id")).isEqualTo(userId);
            assertThat(row.get("yclid")).isEqualTo(yclid);
            assertThat(row.get("purchase_id")).isEqualTo(purchaseId);
            assertThat(row.get("target")).isEqualTo(target);
            assertThat(row.get("price")).isEqualTo(price);
            assertThat(row.get("currency")).isEqualTo(currency);
            assertThat(row.get("date_time")).isEqualTo(dateTime);
        });
        var again = send(sample(source), webhook);
        assertThat(again.body()).isEqualTo(first.body());
        assertThat(stored(webhook)).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource({
        "amocrm, 1751372096, yesterday, date_time",
        "form, 2025-07-01T12:34:56%2B03:00, 07/01/2025, date_time",
        "retailcrm, RUB, roubles, currency",
        "till-xml, 4250.50, many, price",
        "till-csv, 01.07.2025, 07/01/2025, date_time"
    })
    void aWrongOneIsToldByRowAndField(String source, String right, String wrong, String field) throws IOException {
        var webhook = webhook();
        assertThat(sample(source)).contains(right);
        var answer = send(sample(source).replace(right, wrong == null ? "" : wrong), webhook);
        assertThat(answer.status()).as(answer.toString()).isEqualTo(400);
        assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
        assertThat(answer.json().at("/errors/0/index").asInt(-1)).isZero();
        assertThat(answer.json().at("/errors/0/field").asText()).isEqualTo(field);
        assertThat(answer.body()).doesNotContain(webhook.secret());
        assertThat(stored(webhook)).isEmpty();
    }

    /** Bitrix24 reads no answer: what it is not told is kept, and whoever looks for it finds it. */
    @ParameterizedTest
    @CsvSource({
        "deal_won, a%26b, target, a&b",
        "1+990%2C50, much, price, much",
        "client_id=1751360000.987654321, client_id=1751360000.987654321&client_id=2, client_id, 2"
    })
    void whatItsSenderIsNotToldIsKept(String right, String wrong, String field, String value) throws IOException {
        var webhook = webhook();
        assertThat(sample("bitrix24")).contains(right);
        for (int i = 0; i < 2; i++) {
            var answer = send(sample("bitrix24").replace(right, wrong), webhook);
            assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
            assertThat(answer.text("status")).isEqualTo("ignored");
            assertThat(answer.json().at("/left_out/0/field").asText()).isEqualTo(field);
        }
        assertThat(stored(webhook)).isEmpty();
        var kept = product.send(webhook.request("/refused")).json();
        assertThat(kept.at("/refused")).as(kept.toString()).hasSize(1);
        assertThat(kept.at("/refused/0/source").asText()).isEqualTo("bitrix24");
        assertThat(kept.at("/refused/0/times").asInt()).isEqualTo(2);
        assertThat(kept.at("/refused/0/field").asText()).isEqualTo(field);
        assertThat(kept.at("/refused/0/reason").asText()).contains(field);
        assertThat(kept.at("/refused/0/row/" + field).toString()).contains(value);
        assertThat(kept.at("/next").isNull()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"amocrm", "bitrix24", "form", "retailcrm", "till-xml", "till-csv"})
    void theSecretIsAskedFor(String source) throws IOException {
        var webhook = webhook();
        for (var wrong : List.of("secret=", "secret=x", "sekret=SECRET")) {
            var answer = send(sample(source).replace("secret=SECRET", wrong), webhook);
            assertThat(answer.status()).isEqualTo(403);
            assertThat(answer.body()).contains("its secret is missing or wrong");
        }
        assertThat(send(sample(source).replace("WEBHOOK", "00000000-0000-0000-0000-000000000000"), webhook)
                        .status())
                .isEqualTo(403);
        assertThat(stored(webhook)).isEmpty();
    }

    @Test
    void theSecretMayBeABearerToken() {
        var webhook = webhook();
        var answer = product.send(product.request("/inbound/till-csv/" + webhook.id())
                .header("Authorization", "Bearer " + webhook.secret())
                .header("Content-Type", "text/csv")
                .POST(HttpRequest.BodyPublishers.ofString(
                        "Клиент;Цель;Дата и время;Сумма;Чек\nuser-1;bearer;25.06.2025 12:00;1;b1\n")));
        assertThat(answer.status()).as("%s", answer).isEqualTo(200);
        assertThat(stored(webhook)).extracting(each -> each.get("target")).containsExactly("bearer");
    }

    @Test
    void theSecretMayBeThePasswordOfBasicAuthentication() {
        var webhook = webhook();
        var till = product.request("/inbound/till-csv/" + webhook.id());
        var row = HttpRequest.BodyPublishers.ofString(
                "Клиент;Цель;Дата и время;Сумма;Чек\nuser-1;basic;25.06.2025 12:00;1;b1\n");
        for (var wrong : List.of("1c:wrong", "1c:", webhook.secret(), webhook.secret() + ":")) {
            assertThat(product.send(till.copy()
                                    .header("Authorization", basic(wrong))
                                    .POST(row))
                            .status())
                    .as(wrong)
                    .isEqualTo(403);
        }
        for (var odd : List.of("Basic", "Basic !", "Bearer", "Bearer wrong", "Token " + webhook.secret())) {
            assertThat(product.send(till.copy().header("Authorization", odd).POST(row))
                            .status())
                    .as(odd)
                    .isEqualTo(403);
        }
        var answer = product.send(till.copy()
                .header("Authorization", basic("1c:" + webhook.secret()).replace("Basic", "basic"))
                .header("Content-Type", "text/csv")
                .POST(row));
        assertThat(answer.status()).as("%s", answer).isEqualTo(200);
        assertThat(stored(webhook)).extracting(each -> each.get("target")).containsExactly("basic");
        // A proxy's own password is not the webhook's
        assertThat(product.send(product.request("/inbound/till-csv/" + webhook.id() + "?secret=" + webhook.secret())
                                .header("Authorization", basic("proxy:other"))
                                .header("Content-Type", "text/csv")
                                .POST(row))
                        .status())
                .isEqualTo(200);
        assertThat(product.send(product.request("/inbound/form/" + webhook.id())
                                .header("Authorization", basic("proxy:other"))
                                .header("Content-Type", FORM)
                                .POST(HttpRequest.BodyPublishers.ofString("client_id=1.3&target=form&date_time="
                                        + "2025-07-01T12:00:00Z&secret=" + webhook.secret())))
                        .status())
                .as("nor is it asked for where a form has the secret")
                .isEqualTo(200);
        assertThat(product.send(product.request(webhook.path())
                                .header("Authorization", basic("1c:" + webhook.secret()))
                                .POST(row))
                        .status())
                .as("the API takes it from its header alone")
                .isIn(401, 403);
    }

    private static String basic(String pair) {
        return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    }

    /** As the API does, so that a flood of wrong secrets takes no worker: bench/wrong-secret-flood. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "amocrm/WEBHOOK?secret=wrong",
                "retailcrm/WEBHOOK",
                "retailcrm/unknown?secret=SECRET",
                "till-csv/WEBHOOK?secret="
            })
    void aStrangerIsTurnedAwayBeforeTheBodyIsRead(String path) {
        var webhook = webhook();
        var request = "POST /inbound/" + path.replace("WEBHOOK", webhook.id()).replace("SECRET", webhook.secret())
                + " HTTP/1.1\r\nHost: x\r\nContent-Type: " + (path.startsWith("till") ? "text/csv" : "application/json")
                + "\r\nContent-Length: 1000\r\n\r\nthe rest never comes";
        // What is known of webhooks holds for a moment after a question: one that finds it old is let further, and not
        // answered.
        await().until(
                        () -> {
                            try (var wire = new Wire(product.port(), 1000)) {
                                assertThat(post("retailcrm/WEBHOOK?secret=wrong", webhook, "application/json", "{}")
                                                .status())
                                        .isEqualTo(403);
                                wire.send(request);
                                return wire.until("of the URL");
                            } catch (UncheckedIOException e) {
                                return "";
                            }
                        },
                        answer ->
                                answer.startsWith("HTTP/1.1 403") && answer.contains("its secret is missing or wrong"));
    }

    @Test
    void aTillsCsvIsReadInWhateverExcelWritesItIn() {
        var webhook = webhook();
        var text = "Клиент\tЦель\tДата и время\tСумма\tЧек\nuser-1\tпокупка\t25.06.2025 12:00\t1 990,50\t%s\n";
        var types = Map.of(
                "text/csv",
                StandardCharsets.UTF_16LE,
                "application/vnd.ms-excel",
                Charset.forName("windows-1251"),
                "text/csv; charset=cp866",
                Charset.forName("IBM866"),
                "text/csv;charset=UTF-8",
                StandardCharsets.UTF_8);
        types.forEach((type, charset) -> {
            var mark = charset.equals(StandardCharsets.UTF_16LE) ? "\ufeff" : "";
            var answer = postBytes(webhook, type, (mark + text.formatted(charset)).getBytes(charset));
            assertThat(answer.status()).as("%s: %s", type, answer).isEqualTo(200);
        });
        assertThat(stored(webhook))
                .hasSize(4)
                .allSatisfy(row -> assertThat(row.get("target")).isEqualTo("покупка"));
        var broken = postBytes(
                webhook, "text/csv;charset=utf-8", text.formatted("x").getBytes(Charset.forName("windows-1251")));
        assertThat(broken.status()).isEqualTo(400);
        assertThat(broken.body()).contains("no letter in UTF-8");
        var unknown = postBytes(
                webhook, "text/csv;charset=x-unknown", text.formatted("x").getBytes(StandardCharsets.UTF_8));
        assertThat(unknown.status()).isEqualTo(415);
    }

    @Test
    void whatIsPostedIsMappedByASetting() {
        var webhook = webhook();
        var order = "{\"number\": %d, \"state\": \"%s\", \"visitor\": {\"cid\": \"%s\"}, \"sum\": 1500.5}";
        var paid = order.formatted(15, "paid", "1.15");
        for (int times = 0; times < 2; times++) {
            var answer = SharedSources.post("http-columns", webhook, "application/json", paid);
            assertThat(answer.status()).as("%s", answer).isEqualTo(200);
            assertThat(answer.body()).contains("\"status\":\"accepted\"");
        }
        // Lists that overlap: an order is known again wherever it stands, and its first values stay
        var sixteen = order.formatted(16, "paid", "1.16");
        var list = "[" + sixteen + "," + order.formatted(17, "new", "1.17") + "," + paid + "]";
        assertThat(SharedSources.post("http-columns", webhook, "application/json", list)
                        .body())
                .contains("\"accepted_count\":2", "\"batch_ids\":[", "\"left_out_count\":1");
        SharedSources.post("http-columns", webhook, "application/json", "[" + paid + "," + sixteen + "]");
        var changed = SharedSources.post(
                "http-columns", webhook, "application/json", "[" + sixteen.replace("1500.5", "9") + "]");
        assertThat(changed.status()).as("%s", changed).isEqualTo(400);
        assertThat(changed.body()).contains("it came before with another time, price or other values");
        assertThat(SharedSources.post("http-columns", webhook, "application/json", order.formatted(18, "new", "1"))
                        .body())
                .contains("\"status\":\"ignored\"");
        assertThat(stored(webhook))
                .extracting(row -> row.get("purchase_id") + " " + row.get("target") + " " + row.get("price"))
                .containsExactly("15 purchase 1500.5", "16 purchase 1500.5");
    }

    /** The server has taken it apart: read as anything else it was empty, and answered 200 as if nothing was in it. */
    @ParameterizedTest
    @ValueSource(strings = {"http-columns", "csv-columns", "till-csv", "till-xml"})
    void aFormIsRefusedWhereSomethingElseIsRead(String source) {
        var answer = SharedSources.post(source, webhook(), "application/x-www-form-urlencoded", "number=15&state=paid");
        assertThat(answer.status()).as(answer.toString()).isEqualTo(415);
        assertThat(answer.body()).contains("application/x-www-form-urlencoded");
    }

    /** As a list of JSON: each by its number, wherever it stands, and what breaks a rule is told in the answer. */
    @Test
    void xmlIsMappedByASetting() {
        var webhook = webhook();
        var sale = "<sales xmlns='urn:x'>\n<order number='%s'><state>%s</state><visitor cid='%s'/><sum>1 500,5</sum>"
                + "</order>%s</sales>";
        var second = "<order number='22' state='paid' sum='x'><visitor><cid>1.22</cid></visitor></order>";
        for (var type : List.of("text/xml", "application/xml", "application/vnd.till+xml; charset=utf-8")) {
            var answer = SharedSources.post("xml-columns", webhook, type, sale.formatted(21, "paid", "1.21", second));
            assertThat(answer.status()).as("%s: %s", type, answer).isEqualTo(200);
            assertThat(answer.body())
                    .contains("\"accepted_count\":1", "\"left_out\":[{\"line\":2,\"order\":\"22\",\"field\":\"price\"");
        }
        assertThat(SharedSources.post("xml-columns", webhook, "text/xml", sale.formatted(23, "new", "1.23", ""))
                        .body())
                .contains("\"status\":\"ignored\"", "by 'new' in state");
        var cyrillic = sale.formatted("Ю-24", "paid", "1.24", "");
        var windows = Charset.forName("windows-1251");
        SharedSources.post("xml-columns", webhook, "text/xml;charset=windows-1251", cyrillic.getBytes(windows));
        var declared = "<?xml version='1.0' encoding='windows-1251'?>" + cyrillic.replace("24", "25");
        SharedSources.post("xml-columns", webhook, "application/xml", declared.getBytes(windows));
        assertThat(stored(webhook))
                .extracting(row -> row.get("purchase_id") + " " + row.get("target") + " " + row.get("price"))
                .containsExactly("21 purchase 1500.5", "Ю-24 purchase 1500.5", "Ю-25 purchase 1500.5");
    }

    @Test
    void xmlThatHasNoRowsIsRefused() {
        var webhook = webhook();
        var order = "<order><state>paid</state><visitor cid='1.31'/></order>";
        var faults = Map.of(
                "<sales>\n" + order + "</sale>",
                "Line 2 of the message: this is not XML to its end",
                "<!DOCTYPE sales [<!ENTITY x SYSTEM 'file:///etc/hostname'>]>\n<sales>" + order + "</sales>",
                "Line 1 of the message: it has a DOCTYPE, which is not taken",
                "<sales><receipt/></sales>",
                "there is no element 'order' in it, which is to be a row (rows). There are: sales, receipt",
                "{\"order\": 1}",
                "this is not XML",
                "",
                "this is not XML",
                "<?xml version='1.0' encoding='x-none'?><sales/>",
                "encoding 'x-none'",
                "<a>".repeat(200),
                "nested more than 100 deep");
        faults.forEach((body, fault) -> {
            var answer = SharedSources.post("xml-columns", webhook, "text/xml", body);
            assertThat(answer.status()).as("%s: %s", body, answer).isEqualTo(400);
            assertThat(answer.body()).contains(fault);
        });
        var windows = "<sales>\n<order number='Ю'/></sales>".getBytes(Charset.forName("windows-1251"));
        assertThat(SharedSources.post("xml-columns", webhook, "text/xml; charset=utf-8", windows)
                        .body())
                .contains("\"status\":400", "this is not text in UTF-8, as its first line, its Content-Type");
        var unset = SharedSources.post("http-columns", webhook, "application/xml", "<sales>" + order + "</sales>");
        assertThat(unset.status()).isEqualTo(415);
        assertThat(unset.body()).contains("set inbound.http-columns.rows, such as inbound.http-columns.rows=order");
        assertThat(stored(webhook)).isEmpty();
    }

    @Test
    void csvIsMappedByASetting() {
        var webhook = webhook();
        var answer = SharedSources.post("csv-columns", webhook, "text/csv", "cid,n\n1.41,41\n,42\n1.43,43,x\n");
        assertThat(answer.status()).as("%s", answer).isEqualTo(200);
        assertThat(answer.body()).contains("\"accepted_count\":1", "\"line\":3", "\"line\":4");
        assertThat(stored(webhook))
                .extracting(row -> row.get("purchase_id") + " " + row.get("target"))
                .containsExactly("41 sale");
    }

    /** Bitrix24 reads no answer: that it says something else now is kept for people to see. */
    @Test
    void anOrderThatCameBeforeWithAnotherPriceIsKept() {
        var webhook = webhook();
        var deal = "document_id[2]=DEAL_7&client_id=1.7&target=won&sum=%d&currency=RUB&date=2025-07-01 12:00";
        for (var sum : new int[] {100, 200, 200}) {
            var answer = SharedSources.post("bitrix24", webhook, FORM, deal.formatted(sum));
            assertThat(answer.status()).as("%s", answer).isEqualTo(200);
        }
        assertThat(stored(webhook)).extracting(row -> row.get("price")).containsExactly("100");
        assertThat(product.send(webhook.request("/refused")).body())
                .contains("it came before with another time, price or other values", "\"times\" : 2");
    }

    private Answer postBytes(TestWebhook webhook, String type, byte[] body) {
        return product.send(product.request("/inbound/till-csv/" + webhook.id() + "?secret=" + webhook.secret())
                .header("Content-Type", type)
                .POST(HttpRequest.BodyPublishers.ofByteArray(body)));
    }

    /**
     * As long a body as is taken, of the shortest rows: with all of them in memory, three of them are more than there
     * is.
     */
    @Test
    void rowsThatAreTooManyAreCountedAndNotKept() throws Exception {
        try (var small = Product.idle(Shared.DATABASE, Shared.METRIKA.url())
                .with("inbound.till-csv.enabled", true)
                .with("inbound.form.enabled", true)
                .with("inbound.form.bad-rows", "leave-out")
                .java("-Xmx320m")
                .start()) {
            var webhook = small.webhook(603);
            var timeless = small.send(small.request(
                    "/inbound/form/" + webhook.id() + "?client_id=1&target=a&secret=" + webhook.secret()));
            assertThat(timeless.status())
                    .as("a time is asked for unless the setting says otherwise: %s", timeless)
                    .isEqualTo(400);
            var request = small.request("/inbound/till-csv/" + webhook.id() + "?secret=" + webhook.secret())
                    .header("Content-Type", "text/csv")
                    .timeout(Duration.ofSeconds(60));
            var good = "client_id;target;date_time\n" + "1;a;2\n".repeat(1_700_000);
            var answer = small.send(request.POST(HttpRequest.BodyPublishers.ofString(good)));
            assertThat(answer.status()).as("%s", answer).isEqualTo(400);
            assertThat(answer.text("detail")).startsWith("1700000 conversions are too many");
            var bad = "client_id;target;date_time\n" + ";;;x\n".repeat(2_000_000);
            answer = small.send(request.POST(HttpRequest.BodyPublishers.ofString(bad)));
            assertThat(answer.text("detail"))
                    .as("%s", answer)
                    .isEqualTo("2000000 of 2000000 conversions cannot be taken");
        }
    }

    /** A batch outlives its conversions: whoever is erased must not be named by its key. */
    @ParameterizedTest
    @ValueSource(strings = {"amocrm", "bitrix24", "form", "retailcrm", "till-xml", "till-csv"})
    void whatIsStoredOnceIsToldByAHash(String source) throws IOException {
        var webhook = webhook();
        assertThat(send(sample(source), webhook).status()).isEqualTo(200);
        assertThat(Shared.DATABASE.<String>value(
                        "select idempotency_key from batch where webhook_id = ?::uuid", webhook.id()))
                .matches(source + ":[0-9a-f]{64}");
    }

    @Test
    void aSourceKeepsToTheLimitOfItsWebhook() throws IOException {
        var webhook = product.webhook(
                "{\"name\": \"limited\", \"counter_id\": 602, \"token\": \"t602\", \"requests_per_minute\": 2}");
        for (int i = 0; i < 2; i++) {
            assertThat(send(sample("form"), webhook).status()).isEqualTo(200);
        }
        for (var source : List.of("amocrm", "bitrix24", "form", "retailcrm", "till-xml", "till-csv")) {
            var refused = send(sample(source), webhook);
            assertThat(refused.status()).as("%s: %s", source, refused).isEqualTo(429);
            assertThat(refused.header("Retry-After")).matches("[1-9][0-9]?");
        }
    }

    @Test
    void theApiTakesNoSecretFromTheUrl() {
        var webhook = webhook();
        assertThat(product.get(webhook.path() + "/status?batch_id=x&secret=" + webhook.secret())
                        .status())
                .isEqualTo(403);
        assertThat(product.post(webhook.path() + "?secret=" + webhook.secret(), "{}")
                        .status())
                .isEqualTo(403);
        assertThat(product.log()).doesNotContain(webhook.secret());
    }

    @Test
    void dealsOfOtherStatusesAreLeftAndBadOnesDoNotHoldUpGoodOnes() throws IOException {
        var webhook = webhook();
        var none = send(sample("amocrm").replace("=142&", "=143&"), webhook);
        assertThat(none.status()).as(none.toString()).isEqualTo(200);
        assertThat(none.body())
                .isEqualTo("{\"status\":\"ignored\",\"accepted_count\":0,"
                        + "\"reason\":\"no deal in the message has reached the status 142 (inbound.amocrm.status)\"}");
        assertThat(post("amocrm/WEBHOOK?secret=SECRET", webhook, FORM, "contacts[add][0][id]=7")
                        .body())
                .isEqualTo(none.body());
        assertThat(stored(webhook)).isEmpty();
        var two = send(sample("amocrm").replace("=9012345&", "=142&").replace("1751360000123456789", ""), webhook);
        assertThat(two.status()).as(two.toString()).isEqualTo(200);
        assertThat(two.json().at("/left_out/0/line").asInt()).isEqualTo(1);
        assertThat(two.json().at("/left_out/0/field").asText()).isEqualTo("client_id");
        assertThat(stored(webhook))
                .hasSize(1)
                .first()
                .satisfies(row -> assertThat(row.get("purchase_id")).isEqualTo("70000002"));
        // Said again with another price
        assertThat(send(sample("amocrm"), webhook).status()).isEqualTo(200);
        assertThat(send(sample("amocrm").replace("=15500&", "=15600&"), webhook).status())
                .isEqualTo(409);
        assertThat(stored(webhook)).hasSize(2);
    }

    @Test
    void anOrderWhoseNumberIsNoTextIsAFaultOfItsRow() throws IOException {
        var webhook = webhook();
        var form = post(
                "form/WEBHOOK?secret=SECRET",
                webhook,
                FORM,
                "user_id=u&target=sent&date_time=2025-07-01T12:00:00Z&purchase_id=a%00b");
        assertThat(form.status()).as(form.toString()).isEqualTo(400);
        assertThat(form.json().at("/errors/0/field").asText()).isEqualTo("purchase_id");
        var two = send(sample("amocrm").replace("=9012345&", "=142&").replace("=70000001&", "=7%00&"), webhook);
        assertThat(two.status()).as(two.toString()).isEqualTo(200);
        assertThat(two.json().at("/left_out/0/field").asText()).isEqualTo("purchase_id");
        assertThat(stored(webhook))
                .hasSize(1)
                .first()
                .satisfies(row -> assertThat(row.get("purchase_id")).isEqualTo("70000002"));
    }

    @Test
    void unixSecondsAreATimeAsANumberToo() {
        var webhook = webhook();
        var trigger = post(
                "form/WEBHOOK?secret=SECRET",
                webhook,
                "application/json",
                "{\"user_id\": \"u\", \"target\": \"paid\", \"date_time\": 1751364000}");
        assertThat(trigger.status()).as(trigger.toString()).isEqualTo(200);
        assertThat(stored(webhook)).extracting(row -> row.get("date_time")).containsExactly(1751364000L);
    }

    @Test
    void jsonFromATriggerAndAFormFromAPage() {
        var webhook = webhook();
        var trigger = post("retailcrm/WEBHOOK?secret=SECRET", webhook, "application/json", """
            {"number": "2000A", "target": "paid", "date": "2025-07-01T12:34:56", "sum": 10.10,
             "currency": "RUB", "client_id": "1.2"}\
            """);
        assertThat(trigger.status()).as(trigger.toString()).isEqualTo(200);
        var page = post(
                "form/WEBHOOK",
                webhook,
                FORM + "; charset=UTF-8",
                "secret=SECRET&user_id=u&target=sent&date_time=2025-07-01T12:00:00Z&comment=x"
                        .replace("SECRET", webhook.secret()));
        assertThat(page.status()).as(page.toString()).isEqualTo(200);
        assertThat(page.json().at("/warnings").toString())
                .contains("unknown_field", "comment")
                .doesNotContain("secret");
        assertThat(stored(webhook)).extracting(row -> row.get("price")).containsExactly("10.10", null);
    }

    @Test
    void whatNoFormIsLikeIsRefusedAndSaid() {
        var webhook = webhook();
        var amo = "amocrm/WEBHOOK?secret=SECRET";
        assertThat(post(amo, webhook, FORM, "a[0]=x&" + "b=1&".repeat(6000)).body())
                .contains("more than 5000 fields");
        assertThat(post(amo, webhook, FORM, "&".repeat(5_000_000)).body()).contains("more than 5000 fields");
        assertThat(post(amo, webhook, FORM, "b=1&".repeat(4998) + "b=1").body()).contains("ignored");
        assertThat(post(amo, webhook, FORM, "a" + "[b]".repeat(10) + "=1").body())
                .contains("nested more than 10 deep");
        for (var broken : List.of("a=%zz", "a=%", "a=1&b=%e", "leads[status][0][id]=1&a=%zz&b=1")) {
            assertThat(post(amo, webhook, FORM, broken).toString())
                    .startsWith("400")
                    .contains("is it percent-encoded?");
            assertThat(post("form/WEBHOOK?secret=SECRET", webhook, FORM, broken).status())
                    .isEqualTo(400);
        }
        assertThat(post(amo, webhook, "application/json", "{}").status()).isEqualTo(415);
        assertThat(post("form/WEBHOOK?secret=SECRET", webhook, "multipart/form-data; boundary=x", "--x--")
                        .status())
                .isEqualTo(415);
        assertThat(post("form/WEBHOOK?secret=SECRET", webhook, "application/json", "[1]")
                        .body())
                .contains("has to be a JSON object");
        assertThat(product.send(product.request("/inbound/amocrm/" + webhook.id() + "?secret=" + webhook.secret()))
                        .status())
                .isEqualTo(405);
        // Neither of these is a header of ours
        assertThat(post(
                                amo + "&CamelHttpResponseCode=299&CamelHttpQuery=x&webhook_id=x",
                                webhook,
                                FORM,
                                "CamelHttpUri=298")
                        .toString())
                .startsWith("200")
                .contains("ignored");
        assertThat(stored(webhook)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "form/x?secret=%zz",
                "form/WEBHOOK?secret=%",
                "form/WEBHOOK?secret=SECRET&a=%zz",
                "form/%zz?secret=SECRET",
                "amocrm/WEBHOOK?secret=%e",
                "till-csv/WEBHOOK?%zz=1&secret=x"
            })
    void aUrlThatIsNotPercentEncodedIsToldSo(String path) {
        var webhook = webhook();
        for (var header : List.of("", "X-Webhook-Secret: " + webhook.secret() + "\r\n")) {
            var answer = Wire.exchange(
                    product.port(),
                    (path.startsWith("form") ? "GET" : "POST") + " /inbound/"
                            + path.replace("WEBHOOK", webhook.id()).replace("SECRET", webhook.secret())
                            + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
                            + (path.startsWith("till") ? "text/csv" : FORM) + "\r\n" + header
                            + "Content-Length: 0\r\nConnection: close\r\n\r\n");
            assertThat(answer)
                    .as(path)
                    .startsWith("HTTP/1.1 400 ")
                    .containsIgnoringCase("Content-Type: application/problem+json")
                    .contains("percent-encoded?");
        }
        assertThat(product.log()).doesNotContain("Request failed");
    }

    @Test
    void whatIsNoXmlOrCsvIsRefusedWithItsLine() throws IOException {
        var webhook = webhook();
        var xml = "till-xml/WEBHOOK?secret=SECRET";
        assertThat(post(xml, webhook, "text/xml", "<a>\n<b></a>").body()).contains("not XML", "line 2");
        var bomb = "<!DOCTYPE a [<!ENTITY x SYSTEM"
                + " \"file:///etc/hostname\">]><a><Документ><Номер>&x;</Номер></Документ></a>";
        assertThat(post(xml, webhook, "application/xml", bomb).body()).contains("DOCTYPE");
        var csv = "till-csv/WEBHOOK?secret=SECRET";
        var header = "Чек;Клиент;Цель;Дата и время;Сумма\n";
        assertThat(post(csv, webhook, "text/csv", "Чек;Клиент\n1;2\n").body())
                .contains("line 1: there is no column 'Цель'");
        assertThat(post(csv, webhook, "text/csv", header + "1;2;покупка;01.07.2025 12:00;1;лишнее\n")
                        .body())
                .contains("line 2: the row has more values");
        assertThat(post(csv, webhook, "text/csv", header + "1;2;покупка;\"01.07.2025 12:00;1\n")
                        .body())
                .contains("quote");
        var many = header + "1;2;покупка;01.07.2025 12:00;1\n".repeat(1001);
        assertThat(post(csv, webhook, "text/csv", many).body()).contains("1001 conversions are too many");
        var faulty = post(csv, webhook, "text/csv", header + "1;2;покупка;01.07.2025 12:00;1;лишнее\n".repeat(1500));
        assertThat(faulty.text("detail")).isEqualTo("1500 of 1500 conversions cannot be taken");
        assertThat(faulty.json().get("errors")).hasSize(100);
        assertThat(faulty.json().at("/errors/99/index").asInt()).isEqualTo(99);
        assertThat(stored(webhook)).isEmpty();
        var document = sample("till-xml")
                .replaceFirst("(?s).*?<Документ>", "<Документ>")
                .replaceFirst("(?s)</Документ>.*", "</Документ>");
        var two = post(
                xml,
                webhook,
                "application/xml",
                "<К>" + document + document.replace("УТ-000042", "УТ-000043").replace("333444", "333445") + "</К>");
        assertThat(two.text("accepted_count")).as(two.toString()).isEqualTo("2");
        assertThat(stored(webhook))
                .extracting(row -> row.get("purchase_id") + " " + row.get("client_id"))
                .containsExactly("УТ-000042 1751360000222333444", "УТ-000043 1751360000222333445");
    }

    @Test
    void neitherAParameterNorAFieldStandsForAHeader() {
        var webhook = webhook();
        var fields = "client_id=177.%d&target=buy&date_time=2025-07-01T12:00:00"
                + "&Content-Encoding=gzip&Idempotency-Key=one&webhook=x";
        var get = product.get(
                "/inbound/form/%s?secret=%s&".formatted(webhook.id(), webhook.secret()) + fields.formatted(1));
        assertThat(get.status()).as("%s", get).isEqualTo(200);
        var post = post("form/WEBHOOK?secret=SECRET&content-encoding=br", webhook, FORM, fields.formatted(2));
        assertThat(post.status()).as("%s", post).isEqualTo(200);
        var csv = post(
                "till-csv/WEBHOOK?secret=SECRET&Content-Encoding=gzip",
                webhook,
                "text/csv",
                "Чек;Клиент;Цель;Дата и время;Сумма\n1;2;покупка;01.07.2025 12:00;1\n");
        assertThat(csv.status()).as("%s", csv).isEqualTo(200);
        assertThat(stored(webhook)).hasSize(3);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "text/csv ; header=present",
                "TEXT/CSV;charset=utf8",
                "application/vnd.ms-excel",
                "application/csv",
                "text/plain"
            })
    void csvIsTakenUnderAnyOfItsNames(String type) {
        var webhook = webhook();
        var answer = post(
                "till-csv/WEBHOOK?secret=SECRET",
                webhook,
                type,
                "Чек;Клиент;Цель;Дата и время;Сумма\n1;2;покупка;01.07.2025 12:00;1\n");
        assertThat(answer.status()).as("%s", answer).isEqualTo(200);
        assertThat(stored(webhook)).hasSize(1);
    }

    @Test
    void aTypeThatASourceDoesNotTakeIsToldWithThoseThatItDoes() {
        var answer = post("till-xml/WEBHOOK?secret=SECRET", webhook(), "text/csv", "a;b");
        assertThat(answer.status()).isEqualTo(415);
        assertThat(answer.text("detail")).contains("application/xml or text/xml", "not text/csv");
    }

    @Test
    void twoSecretsAreRefusedWhereverTheyStand() {
        var webhook = webhook();
        for (var query : List.of("?secret=SECRET&secret=wrong", "?secret=wrong&secret=SECRET")) {
            assertThat(post("till-csv/WEBHOOK" + query, webhook, "text/csv", "a")
                            .status())
                    .as(query)
                    .isEqualTo(400);
        }
        assertThat(post("form/WEBHOOK?secret=SECRET", webhook, FORM, "secret=wrong&client_id=1")
                        .status())
                .isEqualTo(400);
        assertThat(product.send(product.request("/inbound/form/%s?secret=wrong".formatted(webhook.id()))
                                .header("X-Webhook-Secret", webhook.secret()))
                        .status())
                .isEqualTo(400);
    }

    @Test
    void aSourceIsOffUnlessItIsSwitchedOn() {
        assertThat(Shared.PRODUCT.get("/inbound/form/x").status()).isEqualTo(404);
    }
}
