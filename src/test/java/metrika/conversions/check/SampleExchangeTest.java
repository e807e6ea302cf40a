package metrika.conversions.check;

import java.nio.file.Files;
import java.nio.file.Path;

import io.vertx.core.MultiMap;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import metrika.conversions.http.HttpApiServer;

import static org.assertj.core.api.Assertions.assertThat;

/** What a sample becomes as a message. */
class SampleExchangeTest {

    private static final String FORM =
            "POST /inbound/x/W HTTP/1.1\\nContent-Type: application/x-www-form-urlencoded; charset=utf-8\\n\\n";

    @TempDir
    private Path folder;

    /** Its last field would have a line break at its end, and its signature be another. */
    @ParameterizedTest
    @CsvSource({
        "a.http, '" + FORM + "a=1&b=2\\n', a=1&b=2",
        "a.http, '" + FORM + "a=1&b=2\\r\\n', a=1&b=2",
        "a.http, '" + FORM + "a=1&b=2\\n\\n', a=1&b=2\\n",
        "a.http, '" + FORM + "a=1&b=2', a=1&b=2",
        "a.form, 'a=1&b=2\\n', a=1&b=2",
        "a.json, '{}\\n', '{}\\n'"
    })
    void theLineEndOfAFileIsNoPartOfAForm(String name, String written, String body) throws Exception {
        var sample = Files.writeString(folder.resolve(name), unescaped(written));
        try (var context = new DefaultCamelContext()) {
            var exchange = new DefaultExchange(context);
            SampleExchange.fill(exchange, sample, false, null);
            assertThat(exchange.getMessage().getBody(String.class)).isEqualTo(unescaped(body));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n", "\n\n", "\r\n\r\n", "\nHost: example.com\n\n"})
    void aRequestMayEndWithItsFirstLine(String end) throws Exception {
        var sample = Files.writeString(folder.resolve("a.http"), "GET /inbound/x/W?order_id=7 HTTP/1.1" + end);
        try (var context = new DefaultCamelContext()) {
            var exchange = new DefaultExchange(context);
            SampleExchange.fill(exchange, sample, false, null);
            assertThat(exchange.getMessage().getHeader(Exchange.HTTP_METHOD)).isEqualTo("GET");
            assertThat(exchange.getMessage().getHeader("order_id")).isEqualTo("7");
            assertThat(exchange.getMessage().getBody(String.class)).isEmpty();
        }
    }

    /** As in operation: what a route must not rely on is not there when it is tried, either. */
    @Test
    void aRequestIsWhatASourceOverHttpGets() throws Exception {
        var form = Files.writeString(folder.resolve("a.http"), unescaped(FORM).replace("x/W", "x/W?secret=s") + "a=1");
        var json = Files.writeString(
                folder.resolve("b.http"),
                "POST /inbound/x/W HTTP/1.1\nContent-Type: application/json\nX-Signature: abc\n\n{}");
        try (var context = new DefaultCamelContext()) {
            var exchange = new DefaultExchange(context);
            SampleExchange.fill(exchange, form, false, null);
            SampleExchange.asRequest(exchange);
            assertThat(exchange.getMessage().getBody()).as("not read yet").isNull();
            assertThat(exchange.getMessage().getHeaders()).doesNotContainKeys("Content-Type", "secret");
            assertThat(exchange.getMessage().getHeader(Exchange.HTTP_QUERY)).isEqualTo("secret=s");
            var other = new DefaultExchange(context);
            SampleExchange.fill(other, json, false, null);
            SampleExchange.asRequest(other);
            assertThat(other.getMessage().getBody(String.class)).isEqualTo("{}");
            assertThat(other.getMessage().getHeader("X-Signature")).isNull();
            assertThat(other.getProperty(HttpApiServer.SAMPLE_HEADERS, MultiMap.class)
                            .get("x-signature"))
                    .isEqualTo("abc");
        }
    }

    private static String unescaped(String text) {
        return text.replace("\\r", "\r").replace("\\n", "\n");
    }
}
