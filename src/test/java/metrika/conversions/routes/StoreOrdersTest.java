package metrika.conversions.routes;

import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

import org.apache.camel.BindToRegistry;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.Produce;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.main.MainConfigurationProperties;
import org.apache.camel.test.main.junit5.CamelMainTest;
import org.apache.camel.test.main.junit5.Configure;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import metrika.conversions.intake.RejectedRow;
import metrika.conversions.intake.SourceRow;
import metrika.conversions.intake.StoredBatch;
import metrika.conversions.sources.HttpSource;
import metrika.conversions.sources.LeftOutMetrics;
import metrika.conversions.sources.OrderMessage;
import metrika.conversions.sources.RefusedOrders;

import static org.assertj.core.api.Assertions.assertThat;

/** Orders of a message that are stored each by itself: {@code store-orders}, with a store in place of the real one. */
@CamelMainTest(
        properties = "camel.main.routesIncludePattern=file:routes/intake/store-orders.camel.yaml,"
                + "file:routes/intake/store-order.camel.yaml")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class StoreOrdersTest {

    @Produce
    private ProducerTemplate caller;

    @BindToRegistry("httpSource")
    private final HttpSource httpSource = new HttpSource(Clock.systemUTC(), new LeftOutMetrics());

    @BindToRegistry("refusedOrders")
    private final RefusedOrders refusedOrders = new RefusedOrders(null);

    @BindToRegistry("storedThreads")
    private final ExecutorService threads = Executors.newCachedThreadPool();

    private volatile Processor store;

    /** A mock would take one exchange after another. */
    @Configure
    void store(MainConfigurationProperties configuration) {
        configuration.addRoutesBuilder(new RouteBuilder() {
            @Override
            public void configure() {
                from("direct:store-conversions")
                        .errorHandler(noErrorHandler())
                        .process(exchange -> store.process(exchange));
            }
        });
    }

    @AfterAll
    void stop() {
        threads.shutdownNow();
    }

    private Exchange message(String badRows, List<?> orders) {
        var exchange =
                caller.getCamelContext().getEndpoint("direct:store-orders").createExchange();
        exchange.setVariable("webhook", "of-tills");
        exchange.setVariable("bad-rows", badRows);
        exchange.setVariable("each-order", "true");
        exchange.getMessage().setBody(orders);
        return exchange;
    }

    private static Map<String, String> order(int number, String price) {
        return Map.of("purchase_id", "A-" + number, "client_id", "1." + number, "target", "order", "price", price);
    }

    private static SourceRow row(Exchange exchange) {
        return (SourceRow) exchange.getMessage().getBody(List.class).get(0);
    }

    private static OrderMessage read(Exchange exchange) {
        return exchange.getVariable(OrderMessage.VARIABLE, OrderMessage.class);
    }

    /** Fails by an exception: after an error no exchange would go on. */
    private static void await(CountDownLatch latch) throws InterruptedException {
        if (!latch.await(10, TimeUnit.SECONDS)) {
            throw new IllegalStateException("what it waits for has not begun beside it");
        }
    }

    private static void storeAs(UUID id, Exchange exchange) {
        exchange.setVariable("batch", new StoredBatch(id, 1, null, List.of()));
    }

    /** One at a time, each of thousands of orders would wait for a commit of its own. */
    @ParameterizedTest
    @CsvSource({"log, 2", "leave-out, 2", "refuse, 1", ", 1"})
    void ordersAreUnderWaySideBySideUnlessABadOneHoldsUpThoseAfterIt(String badRows, int together) {
        var underWay = new AtomicInteger();
        var most = new AtomicInteger();
        var begun = new CountDownLatch(together);
        store = exchange -> {
            most.accumulateAndGet(underWay.incrementAndGet(), Math::max);
            begun.countDown();
            await(begun);
            storeAs(UUID.randomUUID(), exchange);
            underWay.decrementAndGet();
        };
        var message = message(badRows, List.of(order(1, "1"), order(2, "1")));

        caller.send("direct:store-orders", message);

        assertThat(message.getException()).isNull();
        assertThat(most.get()).isEqualTo(together);
    }

    @Test
    void whatBecameOfOrdersIsToldInTheirOrderAndThoseWithOneKeyAreStoredInIt() {
        var orders = IntStream.range(0, 40)
                .mapToObj(i -> order(i < 38 ? i : 39 - i, i < 38 ? "1" : "2"))
                .toList();
        var ids = new ConcurrentHashMap<Long, UUID>();
        var prices = new ConcurrentHashMap<Object, List<Object>>();
        var overtaken = new CountDownLatch(1);
        store = exchange -> {
            var row = row(exchange);
            if (row.line() == 1) {
                await(overtaken);
            }
            prices.computeIfAbsent(row.fields().get("purchase_id"), number -> new CopyOnWriteArrayList<>())
                    .add(row.fields().get("price"));
            storeAs(ids.computeIfAbsent(row.line(), line -> UUID.randomUUID()), exchange);
            if (row.line() % 10 == 0) {
                var refused = new RejectedRow(row.line(), "price", "no", List.of());
                exchange.setVariable("batch", new StoredBatch(null, 0, null, List.of(refused)));
            }
            if (row.line() == 16) {
                overtaken.countDown();
            }
        };
        var message = message("log", orders);

        caller.send("direct:store-orders", message);

        assertThat(message.getException()).isNull();
        assertThat(read(message).refused()).extracting(RejectedRow::line).containsExactly(10L, 20L, 30L, 40L);
        assertThat(httpSource.answer(message, null, read(message)))
                .contains(LongStream.rangeClosed(1, 40)
                        .filter(line -> line % 10 != 0)
                        .mapToObj(line -> "\"" + ids.get(line) + "\"")
                        .collect(Collectors.joining(",")));
        assertThat(prices.get("A-0")).containsExactly("1", "2");
        assertThat(prices.get("A-1")).containsExactly("1", "2");
    }

    @Test
    void whereOneFailsTheOthersAreDoneWithBeforeTheCallerIsTold() {
        var ended = new AtomicInteger();
        var failing = new CountDownLatch(1);
        store = exchange -> {
            if (row(exchange).line() == 1) {
                failing.countDown();
                throw new SQLException("no database");
            }
            await(failing);
            storeAs(UUID.randomUUID(), exchange);
            ended.incrementAndGet();
        };
        var message = message(
                "log", IntStream.range(0, 8).mapToObj(i -> order(i, "1")).toList());

        caller.send("direct:store-orders", message);

        assertThat(message.getException()).hasStackTraceContaining("no database");
        assertThat(ended.get()).isEqualTo(7);
    }
}
