package metrika.conversions.docs;

import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import metrika.conversions.support.Answer;
import metrika.conversions.support.SharedSources;
import metrika.conversions.support.TestWebhook;

import static metrika.conversions.support.SharedSources.stored;
import static metrika.conversions.support.SharedSources.webhook;
import static org.assertj.core.api.Assertions.assertThat;

/** The source of docs/sources/robokassa.md: signed forms and URLs, and the answer with the number of the payment. */
class RobokassaExampleIT {

    private static final String CLIENT = "&Shp_client=1751360000123456789";

    private static String signed(String sum, String number, String own) throws Exception {
        var text = "%s:%s:PASSWORD2%s".formatted(sum, number, own.replace('&', ':'));
        var digest = MessageDigest.getInstance("MD5").digest(text.getBytes(StandardCharsets.UTF_8));
        return "OutSum=%s&InvId=%s&SignatureValue=%s%s"
                .formatted(sum, number, HexFormat.of().withUpperCase().formatHex(digest), own);
    }

    private static Answer send(TestWebhook webhook, String method, String message) {
        return SharedSources.PRODUCT.send(
                method.equals("GET")
                        ? SharedSources.request("robokassa?" + message, webhook).GET()
                        : SharedSources.request("robokassa", webhook)
                                .header("Content-Type", "application/x-www-form-urlencoded")
                                .POST(HttpRequest.BodyPublishers.ofString(message)));
    }

    private static void assertOk(Answer answer, String text) {
        assertThat(answer.status()).as("%s", answer).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(text);
        assertThat(answer.header("Content-Type")).startsWith("text/plain");
    }

    @ParameterizedTest
    @CsvSource({"POST,&Shp_goal=course,course", "POST,'',purchase", "GET,&Shp_goal=course,course", "GET,'',purchase"})
    void aPaymentIsStoredOnceAndItsNumberAnswered(String method, String own, String goal) throws Exception {
        var webhook = webhook();
        for (int i = 0; i < 2; i++) {
            assertOk(send(webhook, method, signed("1500.50", "42", CLIENT + own)), "OK42");
            assertThat(stored(webhook)).singleElement().satisfies(row -> {
                assertThat(row.get("client_id")).isEqualTo("1751360000123456789");
                assertThat(row.get("purchase_id")).isEqualTo("42");
                assertThat(row.get("target")).isEqualTo(goal);
                assertThat((String) row.get("price")).startsWith("1500.5");
                assertThat(row.get("currency")).isEqualTo("RUB");
            });
        }
    }

    @ParameterizedTest
    @CsvSource({"POST,'',''", "GET,'',''", "POST,&Shp_goal=course,''", "POST,&Shp_client=,''", "POST,,&IsTest=1"})
    void whatIsLeftOutIsAnsweredToo(String method, String own, String unsigned) throws Exception {
        var webhook = webhook();
        assertOk(send(webhook, method, signed("10", "7", own == null ? CLIENT : own) + unsigned), "OK7");
        assertThat(stored(webhook)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"POST", "GET"})
    void whatIsNotSignedSoIsRefused(String method) throws Exception {
        var webhook = webhook();
        var right = signed("1500.50", "42", CLIENT + "&Shp_goal=course");
        for (var wrong : new String[] {
            right.replace("1500.50", "1500.5"),
            right.replace("&Shp_goal=course", ""),
            right.replace(CLIENT, ""),
            right.replace("789&Shp_goal=course", "789%3AShp_goal%3Dcourse"),
            right + "&Shp_goal=other",
            signed("1500.50", "42", "") + CLIENT,
            signed("1500.50", "42", CLIENT) + "&Shp_goal=",
            "OutSum=1500.50&InvId=42" + CLIENT
        }) {
            assertThat(send(webhook, method, wrong).status()).as(wrong).isEqualTo(403);
        }
        assertThat(stored(webhook)).isEmpty();
        assertOk(send(webhook, method, right), "OK42");
    }

    /** It is stored for nobody to see: Robokassa would repeat it. */
    @Test
    void aWrongPriceIsKeptAndAnswered() throws Exception {
        var webhook = webhook();
        assertOk(send(webhook, "POST", signed("free", "9", CLIENT)), "OK9");
        assertThat(SharedSources.PRODUCT
                        .send(webhook.request("/refused"))
                        .json()
                        .path("refused"))
                .hasSize(1);
    }
}
