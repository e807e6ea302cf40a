package metrika.conversions.routes;

import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import java.util.Map;

import org.apache.camel.BindToRegistry;
import org.apache.camel.Endpoint;
import org.apache.camel.EndpointInject;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.Produce;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.component.kafka.KafkaComponent;
import org.apache.camel.component.mock.MockEndpoint;
import org.apache.camel.test.main.junit5.CamelMainTest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import metrika.conversions.problem.ProblemException;
import metrika.conversions.problem.ProblemMapper;
import metrika.conversions.sources.RowMapper;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What becomes of one message of Kafka: {@code store-kafka-message} and {@code dead-letter-message}, without a broker,
 * and with what stores it mocked.
 */
@CamelMainTest(
        properties = {
            "camel.main.routesIncludePattern=file:routes/intake/store-kafka-message.camel.yaml,"
                    + "file:routes/intake/dead-letter-message.camel.yaml",
            "inbound.kafka.enabled=true",
            "inbound.kafka.webhook=of-kafka",
            "inbound.kafka.columns=target=goal",
            "inbound.kafka.dead-letter-topic=dead-letters"
        },
        mockEndpointsAndSkip = "direct:store-conversions")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StoreKafkaMessageTest {

    private static final byte[] MESSAGE =
            "{\"client_id\": \"1.1\", \"goal\": \"покупка\"}".getBytes(StandardCharsets.UTF_8);

    @Produce
    private ProducerTemplate caller;

    @BindToRegistry("rowMapper")
    private final RowMapper rowMapper = new RowMapper(Clock.systemUTC());

    @BindToRegistry("problemMapper")
    private final ProblemMapper problemMapper = new ProblemMapper();

    /** Its topics are mocks, whatever is said of how to write into them. */
    @BindToRegistry("kafka")
    private final KafkaComponent kafka = new KafkaComponent() {
        @Override
        public Endpoint createEndpoint(String uri, Map<String, Object> parameters) {
            return getCamelContext()
                    .getEndpoint("mock:" + uri.replaceFirst("^kafka:(//)?", "").replaceFirst("[?].*", ""));
        }
    };

    @EndpointInject("mock:direct:store-conversions")
    private MockEndpoint store;

    @EndpointInject("mock:dead-letters")
    private MockEndpoint deadLetters;

    @BeforeEach
    void forget() {
        store.reset();
        deadLetters.reset();
    }

    private Exchange send(byte[] message) {
        return caller.request("direct:store-kafka-message", exchange -> {
            exchange.getMessage()
                    .setHeaders(Map.of(
                            "kafka.TOPIC",
                            "orders",
                            "kafka.PARTITION",
                            3,
                            "kafka.OFFSET",
                            42L,
                            "kafka.TIMESTAMP",
                            1751371200000L));
            exchange.getMessage().setBody(message);
        });
    }

    private static Processor failing(Exception failure) {
        return exchange -> {
            throw failure;
        };
    }

    @Test
    void itIsStoredOnceHoweverOftenItComes() throws Exception {
        store.expectedMessageCount(1);
        deadLetters.expectedMessageCount(0);
        assertThat(send(MESSAGE).getException()).isNull();
        store.assertIsSatisfied();
        deadLetters.assertIsSatisfied();
        var stored = store.getExchanges().get(0);
        assertThat(stored.getVariable("webhook")).isEqualTo("of-kafka");
        assertThat(stored.getVariable("idempotency-key")).isEqualTo("kafka:orders:3:42:1751371200000");
        assertThat(stored.getMessage().getBody()).isEqualTo(List.of(Map.of("client_id", "1.1", "target", "покупка")));
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 409, 413})
    void whatCanNeverBeStoredIsLaidAsideAsItCame(int status) throws Exception {
        store.whenAnyExchangeReceived(failing(ProblemException.of(status, "It breaks a rule")));
        deadLetters.expectedMessageCount(1);
        assertThat(send(MESSAGE).getException()).as("its offset is committed").isNull();
        deadLetters.assertIsSatisfied();
        var laid = deadLetters.getExchanges().get(0).getMessage();
        assertThat(laid.getBody(byte[].class)).isEqualTo(MESSAGE);
        assertThat(laid.getHeader("source")).isEqualTo("orders:3:42");
        assertThat(laid.getHeader("problem", String.class))
                .contains("\"status\":" + status, "\"detail\":\"It breaks a rule\"");
    }

    @Test
    void whatIsNoJsonIsLaidAsideBeforeItIsStored() throws Exception {
        store.expectedMessageCount(0);
        deadLetters.expectedMessageCount(1);
        var broken = new byte[] {'{', (byte) 0xff};
        assertThat(send(broken).getException()).isNull();
        store.assertIsSatisfied();
        deadLetters.assertIsSatisfied();
        assertThat(deadLetters.getExchanges().get(0).getMessage().getBody()).isEqualTo(broken);
    }

    @ParameterizedTest
    @ValueSource(ints = {404, 410, 429, 503})
    void whatMayChangeIsAFailureThatTheConsumerComesBackTo(int status) throws Exception {
        store.whenAnyExchangeReceived(failing(ProblemException.of(status, "Not now")));
        deadLetters.expectedMessageCount(0);
        assertThat(send(MESSAGE).getException()).hasMessage("Not now");
        deadLetters.assertIsSatisfied();
    }

    @Test
    void soIsADatabaseThatIsAway() throws Exception {
        store.whenAnyExchangeReceived(failing(new SQLException("no database")));
        deadLetters.expectedMessageCount(0);
        assertThat(send(MESSAGE).getException()).hasMessage("no database");
        deadLetters.assertIsSatisfied();
    }

    @Test
    void whatCannotBeLaidAsideIsNotLost() {
        store.whenAnyExchangeReceived(failing(ProblemException.of(400, "It breaks a rule")));
        deadLetters.whenAnyExchangeReceived(failing(new IllegalStateException("no broker")));
        assertThat(send(MESSAGE).getException()).hasMessage("no broker");
    }
}
