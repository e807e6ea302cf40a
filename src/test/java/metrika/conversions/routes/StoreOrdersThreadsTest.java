package metrika.conversions.routes;

import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

import org.apache.camel.AsyncCallback;
import org.apache.camel.BindToRegistry;
import org.apache.camel.Exchange;
import org.apache.camel.Produce;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.main.MainConfigurationProperties;
import org.apache.camel.support.AsyncProcessorSupport;
import org.apache.camel.test.main.junit5.CamelMainTest;
import org.apache.camel.test.main.junit5.Configure;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

import metrika.conversions.intake.StoredBatch;
import metrika.conversions.sources.HttpSource;
import metrika.conversions.sources.LeftOutMetrics;
import metrika.conversions.sources.RefusedOrders;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Orders begin on the threads on which they go on when they are stored: however many messages come at once, none of
 * these may wait for another one.
 */
@CamelMainTest(
        properties = "camel.main.routesIncludePattern=file:routes/intake/store-orders.camel.yaml,"
                + "file:routes/intake/store-order.camel.yaml")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StoreOrdersThreadsTest {

    private static final int MESSAGES = 20;
    private static final int ORDERS = 40;

    @Produce
    private ProducerTemplate caller;

    @BindToRegistry("httpSource")
    private final HttpSource httpSource = new HttpSource(Clock.systemUTC(), new LeftOutMetrics());

    @BindToRegistry("refusedOrders")
    private final RefusedOrders refusedOrders = new RefusedOrders(null);

    @BindToRegistry("storedThreads")
    private final ExecutorService threads = Executors.newFixedThreadPool(2);

    private final ExecutorService writer = Executors.newSingleThreadExecutor();

    /** As the real one does: what is stored goes on on the threads for it. */
    @Configure
    void store(MainConfigurationProperties configuration) {
        configuration.addRoutesBuilder(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:store-conversions").errorHandler(noErrorHandler()).process(new AsyncProcessorSupport() {
                    @Override
                    public boolean process(Exchange exchange, AsyncCallback callback) {
                        writer.execute(() -> {
                            exchange.setVariable("batch", new StoredBatch(UUID.randomUUID(), 1, null, List.of()));
                            threads.execute(() -> callback.done(false));
                        });
                        return false;
                    }
                });
            }
        });
    }

    @AfterAll
    void stop() {
        threads.shutdownNow();
        writer.shutdownNow();
    }

    @Test
    void manyMessagesAtOnceComeToTheirEnd() throws Exception {
        var orders = IntStream.range(0, ORDERS)
                .mapToObj(i -> Map.of("purchase_id", "A-" + i, "client_id", "1." + i, "target", "order", "price", "1"))
                .toList();
        var ended = IntStream.range(0, MESSAGES)
                .mapToObj(i -> {
                    var exchange = caller.getCamelContext()
                            .getEndpoint("direct:store-orders")
                            .createExchange();
                    exchange.setVariable("webhook", "of-tills");
                    exchange.setVariable("bad-rows", "log");
                    exchange.setVariable("each-order", "true");
                    exchange.getMessage().setBody(orders);
                    return caller.asyncSend("direct:store-orders", exchange);
                })
                .toList();
        for (var each : ended) {
            assertThat(each.get(30, TimeUnit.SECONDS).getException()).isNull();
        }
    }
}
