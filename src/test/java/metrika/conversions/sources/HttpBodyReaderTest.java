package metrika.conversions.sources;

import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;

import metrika.conversions.api.RequestBodyDecoder;

import static org.assertj.core.api.Assertions.assertThat;

/** The answer has the fields of the message as soon as that is read. */
class HttpBodyReaderTest {

    private final HttpBodyReader reader = new HttpBodyReader(new HttpBodies(new RequestBodyDecoder(1000), 10), null);

    private static Exchange request(String query) {
        var exchange = new DefaultExchange(new DefaultCamelContext());
        exchange.getMessage().setHeader(Exchange.HTTP_QUERY, query);
        exchange.setVariable("answer", "OK{number}{secret}{json}{order.id}");
        return exchange;
    }

    @Test
    void theAnswerHasFieldsOfAFormWithoutTheSecret() throws Exception {
        var exchange = request("number=42&secret=S");
        reader.read(exchange, "form", "", "", "", "");
        assertThat(exchange.getVariable("answer")).isEqualTo("OK42");
    }

    @Test
    void theAnswerHasFieldsOfTheJsonThatIsTheMessage() throws Exception {
        var exchange = request("number=42&json=%7B%22order%22:%7B%22id%22:7%7D%7D");
        reader.read(exchange, "form", "json", "", "", "");
        assertThat(exchange.getVariable("answer")).isEqualTo("OK7");
    }

    @Test
    void aFirstMessageIsAnsweredToo() {
        var exchange = request("number=42");
        assertThat(reader.isPing(exchange, "number")).isTrue();
        assertThat(exchange.getVariable("answer")).isEqualTo("OK42");
    }

    /** What is no first message may have a wrong signature: nothing of it goes into an answer yet. */
    @Test
    void whatIsNoFirstMessageIsNotYetAnswered() {
        var exchange = request("number=42&sum=1");
        assertThat(reader.isPing(exchange, "number")).isFalse();
        assertThat(exchange.getVariable("answer")).isEqualTo("OK{number}{secret}{json}{order.id}");
    }
}
