package metrika.conversions.http;

import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;

import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.spi.UnitOfWorkFactory;
import org.apache.camel.support.AsyncProcessorSupport;
import org.junit.jupiter.api.Test;

import metrika.conversions.ids.LogIds;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** What carries the ids of an exchange through the steps of routes, and over to other threads. */
class LoggedUnitOfWorkTest {

    private static final String WEBHOOK = UUID.randomUUID().toString();
    private static final Map<String, ?> UPLOAD = Map.of("id", 7L, "webhook_id", UUID.fromString(WEBHOOK));

    private final Map<String, Map<String, String>> seen = new ConcurrentHashMap<>();

    private void note(String step) {
        seen.put(step, LogIds.shown());
    }

    /** Goes on on a thread of its own, as what waits for the writer does. */
    private final AsyncProcessorSupport elsewhere = new AsyncProcessorSupport() {
        @Override
        public boolean process(Exchange exchange, AsyncCallback callback) {
            new Thread(() -> callback.done(false)).start();
            return false;
        }
    };

    private RouteBuilder routes() {
        return new RouteBuilder() {
            @Override
            public void configure() {
                var threads = Executors.newFixedThreadPool(2);
                errorHandler(noErrorHandler());
                from("direct:upload")
                        .process(exchange -> exchange.setVariable("upload", UPLOAD))
                        .process(exchange -> note("next step"))
                        .process(elsewhere)
                        .process(exchange -> note("another thread"))
                        .split(constant(List.of(1)))
                        .process(exchange -> note("split"))
                        .process(exchange -> exchange.setVariable(
                                "polled", Map.of("upload", 8L, "id", 99L, "webhook_id", UUID.fromString(WEBHOOK))))
                        .process(exchange -> note("row of a split"))
                        .end()
                        .process(exchange -> note("after the split"))
                        .split(constant(List.of(1)))
                        .parallelProcessing()
                        .executorService(threads)
                        .process(exchange -> note("split in parallel"))
                        .end()
                        .wireTap("direct:tapped")
                        .executorService(threads)
                        .doTry()
                        .process(exchange -> {
                            throw new IllegalStateException();
                        })
                        .doCatch(Exception.class)
                        .process(exchange -> note("caught"));
                from("direct:tapped").process(exchange -> note("wire tap"));
                from("direct:nothing").process(exchange -> note("nothing"));
            }
        };
    }

    @Test
    void idsGoWithTheExchange() throws Exception {
        try (var context = new DefaultCamelContext()) {
            context.getCamelContextExtension().addContextPlugin(UnitOfWorkFactory.class, LoggedUnitOfWork::new);
            context.addRoutes(routes());
            context.start();
            var caller = context.createProducerTemplate();
            caller.sendBody("direct:upload", "");
            await().until(() -> seen.containsKey("wire tap"));
            var ids = Map.of("upload", "7", "webhook", WEBHOOK);
            for (var step : List.of(
                    "next step",
                    "another thread",
                    "split",
                    "after the split",
                    "split in parallel",
                    "wire tap",
                    "caught")) {
                assertThat(seen.get(step)).as(step).isEqualTo(ids);
            }
            assertThat(seen.get("row of a split"))
                    .isEqualTo(Map.of("upload", "8", "metrika_upload", "99", "webhook", WEBHOOK));
            caller.sendBody("direct:nothing", "");
            assertThat(seen.get("nothing")).as("of what ran before").isEmpty();
            assertThat(LogIds.subject()).as("when all is done").isNull();
        }
    }

    @Test
    void whatIsNoIdIsNotShown() throws Exception {
        try (var context = new DefaultCamelContext()) {
            context.start();
            var exchange = context.getEndpoint("mock:any").createExchange();
            exchange.setVariable("webhook", "y0_secret");
            exchange.setVariable("batch", "a\nline");
            exchange.setVariable("upload", Map.of("id", "y0_secret", "webhook_id", "secret"));
            LogIds.show(new LogIds.Subject(exchange, null));
            assertThat(LogIds.shown()).isEmpty();

            exchange.removeVariable("upload");
            exchange.setVariable("metrika-account", Map.of("uploads", "1,2,3,4,5", "uploadings", "6,7,8"));
            LogIds.show(new LogIds.Subject(exchange, null));
            assertThat(LogIds.shown()).isEqualTo(Map.of("upload", "1+4", "metrika_upload", "6,7,8"));
            LogIds.clear();
        }
    }
}
