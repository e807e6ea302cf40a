package metrika.conversions.sources;

import java.io.IOException;
import java.time.Clock;

import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

import metrika.conversions.problem.ProblemException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Which orders of a message are left out. */
class HttpSourceTest {

    private static final RowMapper MAPPER = new RowMapper(Clock.systemUTC());

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

    /** An engine that repeats what is not answered 200 would repeat all of it for ever. */
    @ParameterizedTest
    @ValueSource(strings = {"log", "leave-out"})
    void anElementThatIsNoConversionIsLeftOutWithItsPlace(String badRows) throws IOException {
        var exchange = new DefaultExchange(new DefaultCamelContext());
        exchange.setVariable("bad-rows", badRows);
        var source = new HttpSource(Clock.systemUTC(), new LeftOutMetrics());
        var good = "{\"client_id\": \"1.1\", \"target\": \"buy\"}";
        var mapped = MAPPER.map("[%s, null, 5, \"x\", [], %s]".formatted(good, good), null, badRows);
        assertThat(source.keepCountable(exchange, mapped))
                .extracting(row -> row.line())
                .containsExactly(1L, 6L);
        assertThat(exchange.getVariable(OrderMessage.VARIABLE, OrderMessage.class)
                        .faults())
                .extracting(row -> row.line() + " " + row.reason())
                .containsExactly(
                        "2 line 2: a conversion has to be a JSON object",
                        "3 line 3: a conversion has to be a JSON object",
                        "4 line 4: a conversion has to be a JSON object",
                        "5 line 5: a conversion has to be a JSON object");
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(strings = "refuse")
    void elsewhereTheMessageIsRefusedWithThePlaceOfTheElement(String badRows) {
        assertThatThrownBy(() -> MAPPER.map("[{\"client_id\": \"1.1\"}, null]", null, badRows))
                .isInstanceOf(ProblemException.class)
                .hasMessage("Element 2 of the message: a conversion has to be a JSON object");
    }

    @Test
    void aReasonIs() {
        assertThat(conversion("a return", "")).isInstanceOf(LeftOutOrder.class);
        assertThat(conversion("", "no time")).isInstanceOf(LeftOutOrder.class);
    }
}
