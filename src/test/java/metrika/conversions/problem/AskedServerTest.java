package metrika.conversions.problem;

import java.io.IOException;
import java.net.ConnectException;
import java.util.List;

import org.apache.camel.Exchange;
import org.apache.camel.http.base.HttpOperationFailedException;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** What a server that a route asks has failed is told from what the route itself says, and from what else fails. */
class AskedServerTest {

    private static final class Said extends RuntimeException implements HasProblem {

        private static final long serialVersionUID = 1L;

        private Said(Throwable cause) {
            super(cause);
        }

        @Override
        public ProblemException problem() {
            return ProblemException.of(400, "no such JSON");
        }
    }

    private static ProblemException problem(String asked, Throwable failure) {
        var exchange = new DefaultExchange(new DefaultCamelContext());
        exchange.setProperty(Exchange.TO_ENDPOINT, asked);
        return AskedServer.problem(exchange, failure);
    }

    @Test
    void aServerThatIsAwayOrRefusesIsAReasonToTryAgain() {
        var asked = "http://user:key@crm.example:81/rest/1/k3y?auth=k3y";
        for (var failure : List.<Exception>of(
                new ConnectException("refused"),
                new RuntimeException(new ConnectException("refused")),
                new HttpOperationFailedException(asked, 401, "", null, null, null))) {
            assertThat(problem(asked, failure).status()).isEqualTo(503);
        }
    }

    @Test
    void whatTheRouteSaysItselfStays() {
        var said = new Said(new IOException("unexpected end"));
        assertThat(problem("http://crm.example/", said)).isNull();
        assertThat(problem("http://crm.example/", new RuntimeException(said))).isNull();
    }

    @Test
    void whatElseFailsIsNoServersFault() {
        assertThat(problem("direct:store-orders", new IOException("disk full"))).isNull();
        assertThat(problem(null, new IOException("disk full"))).isNull();
        assertThat(problem("http://crm.example/", new IllegalStateException("ours")))
                .isNull();
    }
}
