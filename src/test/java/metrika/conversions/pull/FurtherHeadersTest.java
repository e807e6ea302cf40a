package metrika.conversions.pull;

import java.util.Map;

import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Headers that a source gives to what it asks. */
class FurtherHeadersTest {

    private final DefaultExchange exchange = new DefaultExchange(new DefaultCamelContext());

    @Test
    void aCommaPartsThemWhereANameFollows() {
        FurtherHeaders.set(
                exchange.getMessage(), " Client-Id: 42, Accept: application/json, text/plain,X-Url: a:b, c:d ");
        assertThat(exchange.getMessage().getHeaders())
                .containsOnly(
                        Map.entry("Client-Id", "42"),
                        Map.entry("Accept", "application/json, text/plain"),
                        Map.entry("X-Url", "a:b, c:d"));
    }

    @Test
    void thereMayBeNone() {
        FurtherHeaders.set(exchange.getMessage(), " ");
        assertThat(exchange.getMessage().getHeaders()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Client-Id", "Client-Id=42", "Client Id: 42", "Client-Id: "})
    void whatIsNoHeaderIsNotTold(String headers) {
        assertThatThrownBy(() -> FurtherHeaders.set(exchange.getMessage(), headers))
                .hasMessage("headers cannot be read: 'Name: value, Other-Name: value' is expected");
    }
}
