package metrika.conversions.sources;

import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;

/** What a source answers with values of the message. */
class AnswerTextTest {

    private static final Map<String, ?> FIELDS = Map.of(
            "InvId",
            "42",
            "payment",
            Map.of("id", 7),
            "sum",
            new BigDecimal("1E+2"),
            "list",
            List.of("1", "2"),
            "quote",
            "a\"},\\$1{InvId}");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "OK{InvId}|OK42",
                "OK{payment.id}-{sum}|OK7-100",
                "OK{none}{payment}{list}|OK",
                "{InvId}|42",
                "{quote}|a\"},\\$1{InvId}",
                "{\"code\":0}|{\"code\":0}",
                "{ \"code\": {InvId}, \"text\": \"{quote}\"}|{ \"code\": 42, \"text\": \"a\\\"},\\\\$1{InvId}\"}",
                "{}{a b}{a:b}|{}{a b}{a:b}"
            })
    void theValuesOfFieldsAreIn(String answer, String text) {
        assertThat(AnswerText.filled(answer, FIELDS)).isEqualTo(text);
    }

    @ParameterizedTest
    @ValueSource(strings = {"4\r\n2", "\u00004\u001b2", "4\u00852\u2028", "4\u20292\u007f"})
    void aValueMakesNoLineOfItsOwn(String value) {
        assertThat(AnswerText.filled("OK{InvId}", Map.of("InvId", value))).isEqualTo("OK42");
    }

    @Test
    void ofJsonOneObjectHasFields() {
        for (var expected : List.of(
                Map.entry("{\"InvId\":42}", "OK42"),
                Map.entry("[{\"InvId\":42}]", "OK"),
                Map.entry("{\"InvId\":1}{\"InvId\":2}", "OK"),
                Map.entry("{\"InvId\":", "OK"))) {
            var exchange = new DefaultExchange(new DefaultCamelContext());
            exchange.setVariable("answer", "OK{InvId}");
            AnswerText.fill(exchange, expected.getKey().getBytes(StandardCharsets.UTF_8));
            assertThat(exchange.getVariable("answer")).as(expected.getKey()).isEqualTo(expected.getValue());
        }
    }
}
