package metrika.conversions.routes;

import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import org.apache.camel.BindToRegistry;
import org.apache.camel.EndpointInject;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.Produce;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.component.mock.MockEndpoint;
import org.apache.camel.test.main.junit5.CamelMainTest;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import metrika.conversions.intake.StoredBatch;
import metrika.conversions.sources.HttpSource;
import metrika.conversions.sources.LeftOutMetrics;
import metrika.conversions.sources.QueueMessages;
import metrika.conversions.sources.RefusedOrders;

import static org.assertj.core.api.Assertions.assertThat;

/** What becomes of one message of a queue: {@code store-message}, with what stores it mocked. */
@CamelMainTest(
        properties = {
            "camel.main.routesIncludePattern=file:routes/intake/store-message.camel.yaml,"
                    + "file:routes/intake/store-orders.camel.yaml,file:routes/intake/store-order.camel.yaml"
        },
        mockEndpointsAndSkip = "direct:store-conversions")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StoreMessageTest {

    private static final List<Map<String, String>> ORDERS = List.of(
            Map.of("purchase_id", "A-1", "client_id", "1.1", "target", "order"),
            Map.of("purchase_id", "A-2", "client_id", "1.2", "target", "order"));

    @Produce
    private ProducerTemplate caller;

    @BindToRegistry("httpSource")
    private final HttpSource httpSource = new HttpSource(Clock.systemUTC(), new LeftOutMetrics());

    @BindToRegistry("refusedOrders")
    private final RefusedOrders refusedOrders = new RefusedOrders(null);

    @BindToRegistry("queueMessages")
    private final QueueMessages queueMessages = new QueueMessages(null, new LeftOutMetrics());

    @BindToRegistry("storedThreads")
    private final ExecutorService threads = Executors.newFixedThreadPool(8);

    @EndpointInject("mock:direct:store-conversions")
    private MockEndpoint store;

    @AfterAll
    void stop() {
        threads.shutdownNow();
    }

    @BeforeEach
    void forget() {
        store.reset();
    }

    private List<String> keys() {
        return store.getExchanges().stream()
                .map(each -> each.getVariable("idempotency-key", String.class))
                .toList();
    }

    private Exchange message(String eachOrder, String key) {
        var exchange =
                caller.getCamelContext().getEndpoint("direct:store-message").createExchange();
        exchange.setVariable("webhook", "of-tills");
        exchange.setVariable("each-order", eachOrder);
        exchange.setVariable("idempotency-key", key);
        exchange.getMessage().setBody(ORDERS);
        return exchange;
    }

    private static final Processor STORE =
            exchange -> exchange.setVariable("batch", new StoredBatch(UUID.randomUUID(), 1, null, List.of()));

    /** A route of a queue that calls it itself may forget the variable {@code source}. */
    @Test
    void ordersWithoutTheVariableSourceHaveTheNameOfTheirRouteInTheKey() {
        store.whenAnyExchangeReceived(STORE);
        var exchange =
                caller.getCamelContext().getEndpoint("direct:store-orders").createExchange();
        exchange.setVariable("webhook", "of-tills");
        exchange.getMessage().setBody(ORDERS);

        caller.send("direct:store-orders", exchange);

        assertThat(exchange.getException()).isNull();
        assertThat(keys()).singleElement().asString().contains("store-orders");
    }

    /**
     * As a step is tried again by the route configurations of queues: on the same exchange, with the body as it was.
     */
    @ParameterizedTest
    @CsvSource({"false,", "true,", "false, of the source", "true, of the source"})
    void whatIsTriedAgainHasTheSameKey(String eachOrder, String given) {
        store.whenAnyExchangeReceived(exchange -> {
            STORE.process(exchange); // and the answer to the commit is lost
            throw new SQLException("no database");
        });
        var message = message(eachOrder, given);
        caller.send("direct:store-message", message);
        assertThat(message.getException()).hasStackTraceContaining("no database");
        var first = keys();
        message.setException(null);
        message.getMessage().setBody(ORDERS);
        caller.send("direct:store-message", message);

        assertThat(first).hasSize("true".equals(eachOrder) ? 2 : 1).doesNotContainNull();
        assertThat(keys().subList(first.size(), keys().size())).containsExactlyInAnyOrderElementsOf(first);
        assertThat(message.getVariable("idempotency-key")).isEqualTo(given);
    }

    @Test
    void whatARouteStoresInTurnHasTheKeysThatItHasByItself() {
        store.whenAnyExchangeReceived(STORE);
        var message = message("false", null);
        caller.send("direct:store-message", message);
        message.getMessage().setBody(ORDERS.subList(0, 1));
        caller.send("direct:store-message", message);
        var alone = message("false", null);
        alone.getMessage().setBody(ORDERS.subList(0, 1));
        caller.send("direct:store-message", alone);

        assertThat(message.getException()).isNull();
        assertThat(keys()).hasSize(3).doesNotContainNull();
        assertThat(keys().get(1)).isEqualTo(keys().get(2)).isNotEqualTo(keys().get(0));
    }
}
