package metrika.conversions.sources;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.Charset;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import metrika.conversions.support.Answer;
import metrika.conversions.support.SharedSources;
import metrika.conversions.support.TestWebhook;

import static metrika.conversions.support.SharedSources.post;
import static metrika.conversions.support.SharedSources.stored;
import static metrika.conversions.support.SharedSources.webhook;
import static org.assertj.core.api.Assertions.assertThat;

/**
 * What CRMs, forms and tills send every day besides good orders: nothing of it is lost, falsified, or refused without
 * need.
 */
class SourceMessagesIT {

    private static final String FORM = "application/x-www-form-urlencoded";
    private static final String CSV_HEADER = "Чек;Клиент;Цель;Дата и время;Сумма\n";
    private static final Charset CP1251 = Charset.forName("windows-1251");

    private final TestWebhook webhook = webhook();

    private Answer assertIgnored(Answer answer) {
        assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
        assertThat(answer.text("status")).as(answer.toString()).isEqualTo("ignored");
        assertThat(answer.json().at("/accepted_count").asInt(-1)).isZero();
        assertThat(answer.text("reason")).isNotBlank();
        assertThat(stored(webhook)).isEmpty();
        return answer;
    }

    private Answer assertAccepted(int count, Answer answer) {
        assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
        assertThat(answer.text("status")).as(answer.toString()).isEqualTo("accepted");
        assertThat(answer.json().at("/accepted_count").asInt()).isEqualTo(count);
        return answer;
    }

    private List<Object> storedOf(String column) {
        var values = new ArrayList<Object>();
        stored(webhook).forEach(row -> values.add(row.get(column)));
        return values;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            nullValues = "-",
            value = {
                "form | application/x-www-form-urlencoded | test=test",
                "form | application/x-www-form-urlencoded | name=Anna&phone=%2B79990000000&tranid=1:2&formid=form3",
                "form | application/x-www-form-urlencoded | ''",
                "form | application/x-www-form-urlencoded | client_id=&target=&price=",
                "form | - | ''",
                "form | application/json | {}",
                "form | application/json | {\"event\": \"ping\", \"data\": {\"target\": 1}}",
                "retailcrm | application/x-www-form-urlencoded | check=1",
                "retailcrm | application/json | {}",
                "bitrix24 | application/x-www-form-urlencoded | event=ONCRMDEALUPDATE&data[FIELDS][ID]=7&ts=1795600000",
                "amocrm | application/x-www-form-urlencoded | ''",
                "amocrm | application/x-www-form-urlencoded | leads[add][0][id]=7&leads[add][0][status_id]=142",
                "amocrm | application/x-www-form-urlencoded | leads[delete][0][id]=7&leads[delete][0][status_id]=142",
                "amocrm | application/x-www-form-urlencoded | contacts[update][0][id]=7",
                "amocrm | application/x-www-form-urlencoded | leads=x",
                "till-csv | text/csv | ''",
                "till-xml | application/xml | ''",
                "till-csv | text/csv | Чек;Клиент;Цель;Дата и время;Сумма",
                "till-xml | application/xml | <КоммерческаяИнформация/>",
                "till-xml | application/xml | <КоммерческаяИнформация"
                        + " xmlns='urn:1C.ru:commerceml_3'><Каталог/></КоммерческаяИнформация>"
            })
    void aMessageWithNothingToCountIsTakenAndSaidToBeThat(String source, String type, String body) {
        var answer = assertIgnored(post(source, webhook, type, body));
        assertThat(answer.json().has("left_out")).isFalse();
    }

    @Test
    void aTestOfTheAddressMayComeAsAGet() {
        assertIgnored(SharedSources.PRODUCT.send(SharedSources.request("form", webhook)));
        assertIgnored(post("till-csv", webhook, "text/csv", "\ufeff" + CSV_HEADER + ";;;;\n;;;;\n"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "amocrm | application/x-www-form-urlencoded | N-1 |"
                        + " leads[status][0][id]=N-1&leads[status][0][status_id]=142"
                        + "&leads[status][0][last_modified]=1795600000",
                "amocrm | application/x-www-form-urlencoded | N-2 |"
                        + " leads[status][0][id]=N-2&leads[status][0][status_id]=142"
                        + "&leads[status][0][last_modified]=1795600000"
                        + "&leads[status][0][custom_fields][0][code]=_YM_UID"
                        + "&leads[status][0][custom_fields][0][values][0][value]=undefined",
                "bitrix24?target=won&client_id=&sum=1&currency=RUB&date=25.11.2026+10:00 |"
                        + " application/x-www-form-urlencoded | DEAL_7 |"
                        + " document_id[0]=crm&document_id[1]=D&document_id[2]=DEAL_7",
                "bitrix24?target=won&client_id=null&date=25.11.2026+10:00 | application/x-www-form-urlencoded | DEAL_8"
                        + " | document_id[0]=crm&document_id[1]=D&document_id[2]=DEAL_8",
                "retailcrm | application/x-www-form-urlencoded | 10C |"
                        + " number=10C&target=paid&date=2026-11-25+10:00&sum=1&currency=RUB&customer=&client_id=",
                "retailcrm | application/json | 11C | {\"number\": \"11C\", \"target\": \"paid\", \"date\":"
                        + " \"2026-11-25 10:00\", \"client_id\": null}",
                "form | application/x-www-form-urlencoded | 12C | purchase_id=12C&target=lead",
                "till-csv | text/csv | 13C | Чек;Клиент;Цель;Дата и время;Сумма\\n13C;;won;25.11.2026 10:00;1",
                "till-xml | application/xml | 15C | <Документ><Номер>15C</Номер><Дата>2026-11-25</Дата></Документ>",
                "till-xml | application/xml | 14C |"
                        + " <Документ><Номер>14C</Номер><Дата>2026-11-25</Дата>"
                        + "<Время>10:00:00</Время><Сумма>1</Сумма></Документ>"
            })
    void anOrderThatCannotBeFoundForAnyoneIsLeftOutByName(String source, String type, String order, String body)
            throws Exception {
        var route = "in-" + source.replaceFirst("\\?.*", "");
        var counted = counted(route, "no_identifier");
        var answer = assertIgnored(post(source, webhook, type, body.replace("\\n", "\n")));
        assertThat(answer.json().at("/left_out_count").asInt()).isEqualTo(1);
        assertThat(answer.json().at("/left_out/0/order").asText())
                .as(answer.toString())
                .isEqualTo(order);
        assertThat(answer.json().at("/left_out/0/code").asText()).isEqualTo("no_identifier");
        assertThat(answer.json().at("/left_out/0/reason").asText()).contains("nobody could be found for it");
        assertThat(counted(route, "no_identifier")).isEqualTo(counted + 1);
        assertThat(SharedSources.PRODUCT.log())
                .contains(route + ": 1 order for webhook " + webhook.id() + " was left out, the last for no_identifier")
                .doesNotContain(order);
    }

    private static double counted(String route, String reason) throws IOException, InterruptedException {
        var metrics = HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create(
                                        "http://127.0.0.1:" + SharedSources.MANAGEMENT_PORT + "/observe/metrics"))
                                .build(),
                        HttpResponse.BodyHandlers.ofString())
                .body();
        return metrics.lines()
                .filter(line -> line.startsWith("conversions_left_out_total{")
                        && line.contains("\"" + route.substring("in-".length()) + "\"")
                        && line.contains("\"" + reason + "\""))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
                .sum();
    }

    /** Who sends it can mend it, and would wait in vain for what is ignored. */
    @Test
    void anIdentifierUnderAnotherNameIsNoMessageWithoutOne() {
        var answer = post("form", webhook, FORM, "ClientID=1764057600123456789&target=lead");
        assertThat(answer.status()).as(answer.toString()).isEqualTo(400);
        assertThat(answer.body()).contains("ClientID", "client_id");
    }

    @Test
    void aMappingThatIsWrongIsToldInTheLog() {
        // The first message begins a minute with one line; what comes in it is told by the next one
        var body = new StringBuilder(CSV_HEADER);
        for (int i = 0; i < 10; i++) {
            body.append(i).append(";;won;25.11.2026 10:00;1\n");
        }
        assertIgnored(post("till-csv", webhook, "text/csv", body.toString()));
        assertThat(SharedSources.PRODUCT.log())
                .contains("in-till-csv: 10 orders for webhook " + webhook.id()
                        + " in a row were left out, the last for no_identifier: is its mapping right?");
    }

    @Test
    void goodOrdersAreStoredAndBadOnesNamed() {
        var csv =
                CSV_HEADER + "1;anna;won;25.11.2026 10:00;100\n2;;won;25.11.2026 10:00;100\n3;boris;won;yesterday;100\n"
                        + "4;vera;won;25.11.2026 10:00;100;more\n5;gleb;won;25.11.2026 10:00;100\n";
        var answer = assertAccepted(2, post("till-csv", webhook, "text/csv", csv));
        assertThat(storedOf("purchase_id")).containsExactly("1", "5");
        assertThat(answer.json().at("/left_out_count").asInt()).isEqualTo(3);
        assertThat(answer.json().at("/left_out").findValuesAsText("line")).containsExactlyInAnyOrder("3", "4", "5");
        assertThat(answer.json().at("/left_out").findValuesAsText("order")).containsExactlyInAnyOrder("2", "3", "4");
        assertThat(answer.json().at("/left_out").findValuesAsText("code"))
                .containsExactlyInAnyOrder("no_identifier", "invalid", "invalid");
        assertThat(post("till-csv", webhook, "text/csv", csv).body()).isEqualTo(answer.body());
        assertThat(stored(webhook)).hasSize(2);
    }

    @Test
    void ordersOfOneFileAreJudgedOneByOne() {
        var xml = commerceMl(
                order("A-1", "<Сумма>100</Сумма>", "1764057600222333441"),
                order("A-2", "<Сумма>100</Сумма>", ""),
                order("A-3", "<Сумма>many</Сумма>", "1764057600222333443"),
                order("A-4", "<Сумма>100</Сумма><Статус>Отменен</Статус>", "1764057600222333444"));
        var answer = assertAccepted(1, post("till-xml", webhook, "application/xml", xml));
        assertThat(storedOf("purchase_id")).containsExactly("A-1");
        assertThat(answer.json().at("/left_out").findValuesAsText("order"))
                .containsExactlyInAnyOrder("A-2", "A-3", "A-4");
        assertThat(answer.json().at("/left_out").toString()).contains("\"line\":2", "\"line\":3", "\"line\":4");
        assertThat(post("till-xml", webhook, "application/xml", xml).body()).isEqualTo(answer.body());
        assertThat(stored(webhook)).hasSize(1);
    }

    private static String commerceMl(String... documents) {
        return "<КоммерческаяИнформация xmlns=\"urn:1C.ru:commerceml_2\" ВерсияСхемы=\"2.08\">"
                + String.join("", documents) + "</КоммерческаяИнформация>";
    }

    private static String order(String number, String more, String clientId) {
        return "<Документ><Номер>" + number + "</Номер><Дата>2026-11-25</Дата><Время>15:14:56</Время>" + more
                + "<ЗначенияРеквизитов>" + (clientId.isEmpty() ? "" : property("ClientID", clientId))
                + "</ЗначенияРеквизитов></Документ>";
    }

    private static String property(String name, String value) {
        return "<ЗначениеРеквизита><Наименование>" + name + "</Наименование><Значение>" + value
                + "</Значение></ЗначениеРеквизита>";
    }

    @Test
    void aFormWithoutATimeIsAConversionOfNow() {
        var before = Instant.now().getEpochSecond();
        var first = assertAccepted(
                1, post("form", webhook, FORM, "client_id=1764057600123456789&target=lead&purchase_id=F-1"));
        assertThat((Long) storedOf("date_time").get(0))
                .isBetween(before, Instant.now().getEpochSecond());
        // Said again at another moment, as after an answer that got lost
        await(before);
        assertThat(post("form", webhook, FORM, "client_id=1764057600123456789&target=lead&purchase_id=F-1")
                        .body())
                .isEqualTo(first.body());
        assertThat(stored(webhook)).hasSize(1);
        // Without a number each may be another
        assertAccepted(1, post("form", webhook, FORM, "client_id=1764057600123456789&target=lead"));
        assertAccepted(1, post("form", webhook, FORM, "client_id=1764057600123456789&target=lead"));
        assertThat(stored(webhook)).hasSize(3);
        assertAccepted(
                1,
                post(
                        "form",
                        webhook,
                        FORM,
                        "client_id=1764057600123456789&target=lead&date_time=2026-11-25T12:00:00Z"));
        assertThat(storedOf("date_time"))
                .endsWith(Instant.parse("2026-11-25T12:00:00Z").getEpochSecond());
        var bad = post("form", webhook, FORM, "client_id=1764057600123456789&target=a%26b");
        assertThat(bad.status()).as(bad.toString()).isEqualTo(400);
        assertThat(bad.json().at("/errors/0/field").asText()).isEqualTo("target");
    }

    /** Until the clock shows another second. */
    private static void await(long second) {
        org.awaitility.Awaitility.await().until(() -> Instant.now().getEpochSecond() > second + 1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "agree=&agree=1",
                "agree=0&agree=1&agree=2",
                "utm_source=a&utm_source=b",
                "tag=x&tag=y",
                "tag[]=x&tag[]=y",
                "tag[0]=x&tag[0]=y",
                "a=1&a[b]=2",
                "a[b]=2&a=1",
                "a[b]=2&a=1&a[c]=3",
                "name%5B%5D=x",
                "a[=1&a[=2",
                "currency=RUB&currency=RUB",
                "client_id=1764057600123456789",
                "client_id=&price=&price=5"
            })
    void aFieldThatNobodyMapsMayBeGivenTwice(String more) {
        var good = "client_id=1764057600123456789&target=lead&date_time=2026-11-25T12:34:56Z&";
        assertAccepted(1, post("form", webhook, FORM, good + more));
        assertAccepted(
                1,
                post(
                        "form?" + more.replace("[", "%5B").replace("]", "%5D"),
                        webhook(),
                        FORM,
                        good.replace("&", "&tag=z&")));
        assertAccepted(
                1,
                post(
                        "retailcrm",
                        webhook,
                        FORM,
                        "client_id=1&target=t&date=2026-11-25+12:00&"
                                + more.replace("client_id=1764057600123456789", "x=1")));
    }

    @Test
    void amocrmMayTagADealTwice() {
        assertAccepted(
                1,
                post(
                        "amocrm",
                        webhook,
                        FORM,
                        "leads[status][0][id]=1&leads[status][0][status_id]=142"
                                + "&leads[status][0][last_modified]=1751372096"
                                + "&leads[status][0][tags][0][name]=a&leads[status][0][tags][0][name]=b"
                                + "&leads[status][0][custom_fields][0][code]=_YM_UID"
                                + "&leads[status][0][custom_fields][0][values][0][value]=1764057600123456789"
                                + "&account[id]=1&account[id]=2"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "form | application/x-www-form-urlencoded |"
                        + " client_id=1&client_id=2&target=lead&date_time=2026-11-25T12:34:56Z | client_id",
                "form?target=a | application/x-www-form-urlencoded |"
                        + " client_id=1&target=b&date_time=2026-11-25T12:34:56Z | target",
                "form | application/json | {\"client_id\": \"1\", \"client_id\": \"2\", \"target\": \"a\","
                        + " \"date_time\": \"2026-11-25T12:34:56Z\"} | client_id",
                "form | application/json | {\"client_id\": [\"1\", \"2\"], \"target\": \"a\", \"date_time\":"
                        + " \"2026-11-25T12:34:56Z\"} | client_id",
                "form | application/x-www-form-urlencoded |"
                        + " client_id[]=1&client_id[]=2&target=lead&date_time=2026-11-25T12:34:56Z | client_id",
                "retailcrm | application/x-www-form-urlencoded |"
                        + " client_id=1&target=t&date=2026-11-25+12:00&sum=1&sum=2 | price",
                "bitrix24?target=won&client_id=1&date=25.11.2026+10:00&sum=1&sum=2 | application/x-www-form-urlencoded"
                        + " | document_id[2]=D | price",
                "bitrix24?target=won&client_id=1&date=25.11.2026+10:00 | application/x-www-form-urlencoded |"
                        + " document_id[0]=crm&document_id[1]=D&document_id[2]=D&document_id[2]=E | purchase_id"
            })
    void aMappedFieldGivenTwiceIsRefusedByName(String source, String type, String body, String field) {
        var answer = post(source, webhook, type, body);
        // What Bitrix24 sends is kept, and answered as taken
        var isKept = source.startsWith("bitrix24");
        assertThat(answer.status()).as(answer.toString()).isEqualTo(isKept ? 200 : 400);
        var fault = answer.json().at(isKept ? "/left_out/0" : "/errors/0");
        assertThat(fault.get("field").asText()).isEqualTo(field);
        assertThat(fault.get(isKept ? "reason" : "message").asText()).contains("is given twice, with different values");
        assertThat(stored(webhook)).isEmpty();
    }

    @Test
    void aNameInJsonMayBeThereTwiceWhereNobodyMapsIt() {
        assertAccepted(1, post("form", webhook, "application/json", """
            {"client_id": "1", "target": "a", "date_time": "2026-11-25T12:34:56Z", "tag": "x", "tag": "y",
             "more": {"a": 1, "a": 2}}\
            """));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"windows-1251", "KOI8-R", "cp1251", "\"windows-1251\"", "IBM866", "ISO-8859-5", "utf8", "UTF-8"})
    void aFormIsInTheCharsetThatItNames(String name) {
        var charset = Charset.forName(name.replace("\"", ""));
        for (var number : List.of("УТ-000042", "НФ-000042")) {
            assertAccepted(
                    1,
                    post(
                            "retailcrm",
                            webhook,
                            FORM + "; charset=" + name,
                            "number=" + escaped(number, charset) + "&target=" + escaped("заказ", charset)
                                    + "&date=2026-11-25+12%3A34%3A56&sum=3499.9&currency=RUB&customer=77"));
        }
        // The same as bytes
        assertAccepted(
                1,
                post(
                        "retailcrm",
                        webhook,
                        FORM + "; charset=" + name,
                        "number=ЯЯ-1&target=заказ&date=2026-11-25+12%3A34%3A56&customer=77".getBytes(charset)));
        assertThat(storedOf("purchase_id")).containsExactly("УТ-000042", "НФ-000042", "ЯЯ-1");
        assertThat(storedOf("target")).containsOnly("заказ");
        // The answer is in UTF-8 whatever the request is in
        var leftOut = post(
                "retailcrm", webhook, FORM + "; charset=" + name, "number=" + escaped("ЁЖ-1", charset) + "&target=t");
        assertThat(leftOut.json().at("/left_out/0/order").asText())
                .as(leftOut.toString())
                .isEqualTo("ЁЖ-1");
    }

    private static String escaped(String text, Charset charset) {
        var escaped = new StringBuilder();
        for (var each : text.getBytes(charset)) {
            escaped.append("%%%02X".formatted(each));
        }
        return escaped.toString();
    }

    @Test
    void jsonAndAFormMayNameTheirCharsetOtherwise() {
        assertAccepted(
                1,
                post(
                        "retailcrm",
                        webhook,
                        "application/json; charset=windows-1251",
                        ("{\"number\": \"УТ-1\", \"target\": \"заказ\", \"date\": \"2026-11-25 12:00\","
                                        + " \"customer\": 77}")
                                .getBytes(CP1251)));
        assertAccepted(
                1,
                post(
                        "form",
                        webhook,
                        FORM,
                        "_charset_=windows-1251&user_id=7&date_time=2026-11-25T12:00:00Z&target="
                                + escaped("заказ", CP1251)));
        assertThat(storedOf("target")).containsExactly("заказ", "заказ");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "retailcrm | application/x-www-form-urlencoded |"
                        + " number=%D3%D2-000042&target=t&date=2026-11-25+12:00&customer=77 | number",
                "retailcrm | application/x-www-form-urlencoded; charset=utf-8 |"
                        + " number=1&target=%E7%E0%EA%E0%E7&date=2026-11-25+12:00&customer=77 | target",
                "retailcrm | application/x-www-form-urlencoded |"
                        + " number=1&target=t&date=2026-11-25+12:00&customer=77&note=%D0 | note",
                "retailcrm | application/x-www-form-urlencoded |"
                        + " number=%C0%AF&target=t&date=2026-11-25+12:00&customer=77 | number",
                "retailcrm | application/x-www-form-urlencoded |"
                        + " number=%ED%A0%80&target=t&date=2026-11-25+12:00&customer=77 | number",
                "retailcrm?number=%CF%F0 | application/x-www-form-urlencoded |"
                        + " target=t&date=2026-11-25+12:00&customer=77 | number",
                "form?purchase_id=%CF%F0&target=t | application/x-www-form-urlencoded | user_id=7 | purchase_id",
                "bitrix24?target=%F2&client_id=1&date=25.11.2026+10:00 | application/x-www-form-urlencoded |"
                        + " document_id[2]=D | target",
                "amocrm | application/x-www-form-urlencoded | leads[status][0][name]=%C7%E2&leads[status][0][id]=1 |"
                        + " leads[status][0][name]"
            })
    void whatIsNotInItsCharsetIsRefusedByName(String source, String type, String body, String field) {
        var answer = post(source, webhook, type, body);
        assertThat(answer.status()).as(answer.toString()).isEqualTo(400);
        assertThat(answer.text("detail")).contains("'" + field + "'", "is not UTF-8");
        assertThat(answer.json().at("/errors/0/field").asText()).isEqualTo(field);
        assertThat(stored(webhook)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "form, application/x-www-form-urlencoded; charset=no-such-thing",
        "form, application/x-www-form-urlencoded; charset=utf-16",
        "form, application/json; charset=none"
    })
    void aCharsetThatCannotBeIsToldSo(String source, String type) {
        assertThat(post(source, webhook, type, "client_id=1").status()).isEqualTo(415);
    }

    private static byte[] joined(byte[] first, byte[] second) {
        var all = java.util.Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, all, first.length, second.length);
        return all;
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                // What the Content-Type says, whether there is a mark, what the prolog says, what it is
                "utf-8, -, windows-1251, UTF-8",
                "-, mark, windows-1251, UTF-8",
                "utf-8, mark, windows-1251, UTF-8",
                "windows-1251, -, UTF-8, windows-1251",
                "windows-1251, -, -, windows-1251",
                "-, -, windows-1251, windows-1251",
                "-, -, -, UTF-8",
                "-, -, KOI8-R, KOI8-R",
                "windows-1251, mark, utf-8, UTF-8",
                "-, mark, UTF-16, UTF-16LE",
                "-, mark, UTF-8, UTF-16BE",
                "-, -, UTF-16, UTF-16LE",
                "-, -, -, UTF-16LE",
                "utf-16, -, -, UTF-16BE",
                "utf-16, mark, windows-1251, UTF-16LE",
                "utf-16le, -, UTF-8, UTF-16LE",
                "-, -, UTF-16, UTF-8",
                "\"UTF-8\", -, windows-1251, UTF-8"
            })
    void xmlIsReadInItsCharsetWhereverThatIsSaid(String type, String mark, String prolog, Charset charset) {
        var text = (prolog == null ? "" : "<?xml version=\"1.0\" encoding=\"" + prolog + "\"?>\n")
                + commerceMl(order("УТ-1", "<Сумма>1</Сумма>", "1764057600222333441"));
        var bytes = text.getBytes(charset);
        assertAccepted(
                1,
                post(
                        "till-xml",
                        webhook,
                        "application/xml" + (type == null ? "" : "; charset=" + type),
                        mark == null ? bytes : joined("\ufeff".getBytes(charset), bytes)));
        assertThat(storedOf("purchase_id")).containsExactly("УТ-1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "xmlns='urn:1C.ru:commerceml_2'",
                "xmlns='urn:1C.ru:commerceml_210'",
                "",
                "xmlns:cml='urn:1C.ru:commerceml_2'",
                "xmlns:cml='urn:1C.ru:commerceml_3'"
            })
    void namesAreReadByNamespaceAndNotByPrefix(String namespace) {
        var document = order("УТ-1", "<Сумма>1</Сумма><o:Сумма xmlns:o='urn:other'>2</o:Сумма>", "1764057600222333441")
                + "<o:Документ xmlns:o='urn:other'><o:Номер>2</o:Номер></o:Документ>";
        var xml = "<КоммерческаяИнформация " + namespace + ">" + document + "</КоммерческаяИнформация>";
        var prefixed = namespace.contains(":cml") ? xml.replaceAll("<(/?)([А-Я])", "<$1cml:$2") : xml;
        assertAccepted(1, post("till-xml", webhook, "text/xml", prefixed));
        assertThat(storedOf("purchase_id")).containsExactly("УТ-1");
        assertThat(storedOf("price")).containsExactly("1");
        var envelope = "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'><s:Body>" + prefixed
                + "</s:Body></s:Envelope>";
        assertAccepted(1, post("till-xml", webhook(), "text/xml", envelope));
    }

    @Test
    void xmlThatIsNotUnderstoodIsRefused() {
        var order = commerceMl(order("УТ-1", "<Сумма>1</Сумма>", "1764057600222333441"));
        for (var wrong : List.of(
                "<a/>",
                "<html><body/></html>",
                "<Заказы><Заказ/></Заказы>",
                "<x:Документ xmlns:x='urn:other'/>",
                "<КоммерческаяИнформация xmlns='urn:other'><Документ/></КоммерческаяИнформация>",
                "{}",
                "<cml:Документ/>",
                "<?xml version=\"1.0\" encoding=\"win-1251\"?>" + order,
                "<?xml version=\"1.0\" encoding=\"windows-1251\"?>" + order)) {
            var answer = post("till-xml", webhook, "application/xml", wrong);
            assertThat(answer.status()).as("%s: %s", wrong, answer).isEqualTo(400);
            assertThat(answer.text("detail")).contains("XML");
        }
        assertThat(post("till-xml", webhook, "application/xml", "<a>".repeat(500_000))
                        .text("detail"))
                .contains("nested");
        var bytes = post("till-xml", webhook, "application/xml; charset=utf-8", order.getBytes(CP1251));
        assertThat(bytes.status()).isEqualTo(400);
        assertThat(bytes.text("detail")).contains("not XML in UTF-8, which its Content-Type names");
        assertThat(post("till-xml", webhook, "application/xml; charset=none", order)
                        .status())
                .isEqualTo(415);
        assertThat(stored(webhook)).isEmpty();
    }

    @Test
    void ofAnOrderItsPaymentAndItsShipmentTheOrderCounts() {
        var documents = new StringBuilder();
        for (var operation : List.of(
                "Заказ товара",
                "Выплата безналичных денег",
                "Выплата наличных денег",
                "Отпуск товара",
                "Возврат товара",
                "Счет на оплату")) {
            documents.append(order(
                    "№" + operation,
                    "<ХозОперация>" + operation + "</ХозОперация><Сумма>1</Сумма>",
                    "1764057600222333441"));
        }
        var answer = assertAccepted(
                1,
                post("till-xml", webhook, "application/xml", commerceMl("<Контейнер>" + documents + "</Контейнер>")));
        assertThat(storedOf("purchase_id")).containsExactly("№Заказ товара");
        assertThat(answer.json().at("/left_out_count").asInt()).isEqualTo(5);
        assertThat(answer.json().at("/left_out/0/code").asText()).isEqualTo("no_purchase");
        assertThat(answer.json().at("/left_out/4/reason").asText())
                .isEqualTo("its ХозОперация is 'Счет на оплату' (inbound.till-xml.operations)");
        assertThat(post(
                                "till-xml",
                                webhook,
                                "application/xml",
                                commerceMl("<Контейнер>" + documents.toString().replaceFirst("(?s)^.*?</Документ>", "")
                                        + "</Контейнер>"))
                        .text("status"))
                .isEqualTo("ignored");
    }

    @Test
    void aCancelledOrderIsNoPurchase() {
        var cancelled = commerceMl(
                order("УТ-1", "<ХозОперация>Заказ товара</ХозОперация><Сумма>1</Сумма>", "1764057600222333441")
                        .replace(
                                "</ЗначенияРеквизитов>",
                                property("Отменен", "true") + property("Проведен", "false") + "</ЗначенияРеквизитов>"));
        var answer = assertIgnored(post("till-xml", webhook, "application/xml", cancelled));
        assertThat(answer.json().at("/left_out/0/order").asText()).isEqualTo("УТ-1");
        assertThat(answer.json().at("/left_out/0/reason").asText()).isEqualTo("its Отменен is 'true'");
        assertAccepted(
                1,
                post(
                        "till-xml",
                        webhook,
                        "application/xml",
                        cancelled.replace("true", "false").replace(property("Проведен", "false"), "")));
    }

    @ParameterizedTest
    @CsvSource({
        "25.11.2026 0:46:38, 0:46:38, 1795556798",
        "2026-11-25T15:14:56, '', 1795608896",
        "2026-11-25, 15:14:56, 1795608896"
    })
    void aDateMayHoldItsTime(String date, String time, long moment) {
        var xml = commerceMl(order("УТ-1", "<Сумма>1</Сумма>", "1764057600222333441")
                .replace("2026-11-25", date)
                .replace("15:14:56</Время>", time + "</Время>"));
        assertAccepted(1, post("till-xml", webhook, "application/xml", xml));
        assertThat(storedOf("date_time")).containsExactly(moment);
    }

    @Test
    void aDayWithoutATimeIsRefusedForThatReason() {
        var answer = post(
                "till-xml",
                webhook,
                "application/xml",
                commerceMl(order("УТ-1", "", "1764057600222333441").replace("<Время>15:14:56</Время>", "")));
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().at("/errors/0/field").asText()).isEqualTo("date_time");
        assertThat(answer.json().at("/errors/0/message").asText())
                .isEqualTo("Дата is '2026-11-25', a day without a time, and there is no Время");
    }

    @Test
    void numbersWithTheSignsOfAKeyAreOtherOrders() {
        assertAccepted(
                2,
                post(
                        "till-csv",
                        webhook,
                        "text/csv",
                        CSV_HEADER + "1;u;a;25.11.2026 12:00;1\n2;u;b;25.11.2026 12:00;1\n"));
        assertAccepted(1, post("till-csv", webhook, "text/csv", CSV_HEADER + "1/a,2;u;b;25.11.2026 12:00;1\n"));
        assertThat(storedOf("purchase_id")).containsExactly("1", "2", "1/a,2");
    }
}
