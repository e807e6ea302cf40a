package metrika.conversions.sources;

import java.net.ConnectException;
import java.util.concurrent.atomic.AtomicReference;

import org.apache.camel.Processor;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.PluginHelper;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** A source with a schedule of its own, and on-error-schedule as it is. */
class ScheduledSourcesTest {

    @Test
    void whatFailsIsInTroubleUntilARunEndsWell() throws Exception {
        var failure = new AtomicReference<Exception>();
        var scheduled = new ScheduledSources();
        try (var context = new DefaultCamelContext()) {
            context.getRegistry().bind("scheduledSources", scheduled);
            context.getRegistry().bind("routeFailureLogger", (Processor) exchange -> {});
            context.addRoutePolicyFactory(scheduled);
            PluginHelper.getRoutesLoader(context)
                    .loadRoutes(PluginHelper.getResourceLoader(context)
                            .resolveResource("file:routes/errors/on-error-schedule.camel.yaml"));
            context.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    for (var id : new String[] {"in-sheet", "purge-sheets"}) {
                        from("direct:" + id)
                                .routeId(id)
                                .routeConfigurationId("on-error-schedule")
                                .process(exchange -> {
                                    if (failure.get() != null) {
                                        throw failure.get();
                                    }
                                });
                    }
                }
            });
            context.start();
            var run = context.createProducerTemplate();
            failure.set(new ConnectException("https://user:word@sheets.example is away"));
            run.sendBody("direct:purge-sheets", "");
            assertThat(scheduled.troubles()).as("a schedule of the product").isEmpty();
            run.sendBody("direct:in-sheet", "");
            assertThat(scheduled.troubles()).containsOnlyKeys("in-sheet");
            assertThat(scheduled.troubles().get("in-sheet"))
                    .startsWith("ConnectException")
                    .doesNotContain("word");
            failure.set(null);
            run.sendBody("direct:purge-sheets", "");
            assertThat(scheduled.troubles()).hasSize(1);
            run.sendBody("direct:in-sheet", "");
            assertThat(scheduled.troubles()).isEmpty();
            failure.set(new ConnectException("away"));
            run.sendBody("direct:in-sheet", "");
            context.getRouteController().stopRoute("in-sheet");
            context.removeRoute("in-sheet");
            assertThat(scheduled.troubles()).as("it is not there any more").isEmpty();
        }
    }
}
