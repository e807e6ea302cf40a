package metrika.conversions.sources;

import java.time.Clock;

import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Which orders a route has left out. */
class HttpSourceTest {

    private static Object conversion(String reason, String fault) {
        var exchange = new DefaultExchange(new DefaultCamelContext());
        exchange.setVariable("client_id", "1.2");
        exchange.setVariable("left-out-reason", reason);
        exchange.setVariable("fault", fault);
        return new HttpSource(Clock.systemUTC(), new LeftOutMetrics()).createConversion(exchange);
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = {"", " "})
    void anEmptyTextIsNoReason(String nothing) {
        assertThat(conversion(nothing, nothing)).isNotInstanceOf(LeftOutOrder.class);
    }

    @Test
    void aReasonIs() {
        assertThat(conversion("a return", "")).isInstanceOf(LeftOutOrder.class);
        assertThat(conversion("", "no time")).isInstanceOf(LeftOutOrder.class);
    }
}
