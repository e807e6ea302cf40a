package metrika.conversions.check;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;

import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** What people are told of a sample. */
class TrialReportTest {

    @Test
    void aMessageThatTriesTheAddressIsNoFault() {
        var exchange = new DefaultExchange(new DefaultCamelContext());
        exchange.setVariable("ignored-reason", "It tries the address, and holds no order");
        exchange.getMessage().setBody("{\"status\":\"ignored\"}");
        var trace = new TrialTrace();
        trace.ended(exchange, 0);
        var out = new ByteArrayOutputStream();

        var isGood = new TrialReport(new PrintStream(out, true, StandardCharsets.UTF_8))
                .tell(
                        new TrialResult(new DryRunBatchStore(null, null), "", null, trace, null),
                        ZoneOffset.UTC,
                        "its setting",
                        "test.properties",
                        "now");

        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("What the sender gets:", "{\"status\":\"ignored\"}")
                .contains("The sample is ignored: It tries the address, and holds no order")
                .doesNotContain("Nothing came");
        assertThat(isGood).isTrue();
    }
}
