package metrika.conversions.http;

import java.net.http.HttpRequest;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import metrika.conversions.support.Answer;
import metrika.conversions.support.TestWebhook;

import static metrika.conversions.support.Samples.conversion;
import static metrika.conversions.support.Shared.PRODUCT;
import static org.assertj.core.api.Assertions.assertThat;

/** Media types are read as RFC 9110 has them, not by the letter. */
class ContentTypeIT {

    private static final TestWebhook WEBHOOK = PRODUCT.webhook(83100);

    private static Answer send(String type) {
        return PRODUCT.send(WEBHOOK.request("?dry_run=true")
                .header("Content-Type", type)
                .POST(HttpRequest.BodyPublishers.ofString("{\"conversions\": [" + conversion() + "]}")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/json ; x=y",
                "application/json\t;\tx=y",
                "application/json;",
                "application/json; ;",
                "Application/JSON;Charset=UTF-8",
                "application/json; charset=utf8",
                "application/json; charset=UTF_8",
                "application/json; charset=us-ascii",
                "application/json; charset=ASCII",
                "application/json ; charset = utf-8",
                "application/json; charset=\"utf-8\"",
                "application/json; charset=\"utf\\-8\"",
                "application/json;x=\"a;charset=cp1251\"",
                "application/json; profile=\"*/*\"",
                "application/json; charset",
                "application/json; charset=",
                "application/json; charset=utf-8; charset=UTF8",
                "application/json; q=1; version=2; odata.metadata=none"
            })
    void isTaken(String type) {
        assertThat(send(type).status()).as("%s", send(type)).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "application/json; charset=windows-1251",
                "application/json;charset=cp1251",
                "application/json; charset=utf-16",
                "application/json; charset=iso-8859-1",
                "application/json; charset=nonsense",
                "application/json; charset='utf-8'",
                "application/json; charset=utf-8; charset=windows-1251",
                "application/*",
                "*/*",
                "application",
                "json",
                "/json",
                "application/",
                "text/json",
                "application/jsonp",
                "application/json, text/plain",
                "application /json",
                "text/plain; charset=utf-8"
            })
    void isRefusedAndTold(String type) {
        var answer = send(type);
        assertThat(answer.status()).as("%s", answer).isEqualTo(415);
        assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
        assertThat(answer.text("detail")).containsAnyOf("UTF-8", "utf-8", "application/json", "one is expected");
    }
}
