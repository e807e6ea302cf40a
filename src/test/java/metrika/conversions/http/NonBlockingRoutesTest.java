package metrika.conversions.http;

import java.util.ArrayList;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

import org.apache.camel.CamelContext;
import org.apache.camel.Processor;
import org.apache.camel.Route;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.platform.http.PlatformHttpConstants;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.component.platform.http.spi.PlatformHttpConsumer;
import org.apache.camel.component.platform.http.spi.PlatformHttpEngine;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultConsumer;
import org.apache.camel.support.LifecycleStrategySupport;
import org.apache.camel.support.PluginHelper;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import metrika.conversions.api.RequestBodyDecoder;
import metrika.conversions.api.SendAdmission;
import metrika.conversions.intake.CheckConversions;
import metrika.conversions.intake.ConversionEditor;
import metrika.conversions.intake.ReadConversions;
import metrika.conversions.intake.StoreConversions;
import metrika.conversions.problem.ProblemMapper;
import metrika.conversions.steps.NonBlocking;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Which routes an event loop may run: those of which every step says that it waits for nothing, and no other. */
class NonBlockingRoutesTest {

    /** The steps of the route that a request with conversions takes. */
    private static final String[] SENDING = {
        "routes/api/api-send-conversions.camel.yaml",
        "routes/intake/store-conversions.camel.yaml",
        "routes/intake/edit-conversions.camel.yaml",
        "routes/errors/on-error-api.camel.yaml"
    };

    private final CamelContext context = new DefaultCamelContext();
    private NonBlockingRoutes routes;

    /** Two steps, of which one says so. */
    public static final class Steps {

        @NonBlocking
        public void count() {}

        public void ask() {}
    }

    @BeforeEach
    void start() {
        context.getRegistry().bind("steps", new Steps());
        context.start();
        routes = new NonBlockingRoutes(context);
    }

    @AfterEach
    void stop() throws Exception {
        context.close();
    }

    private boolean isNonBlocking(RouteBuilder route) throws Exception {
        context.addRoutes(route);
        return routes.findOut(context.getEndpoint("direct:begin"));
    }

    private static RouteBuilder route(Consumer<RouteBuilder> steps) {
        return new RouteBuilder() {
            @Override
            public void configure() {
                steps.accept(this);
            }
        };
    }

    /** A source that is tried again is added while requests come in: Camel holds locks then. */
    @Test
    void noRequestWaitsWhileARouteIsAdded() throws Exception {
        context.addRoutes(route(to -> to.from("direct:begin").to("direct:next")));
        context.addRoutes(route(to -> to.from("direct:next").bean("steps", "count")));
        var begin = context.getEndpoint("direct:begin");
        var asked = new AtomicReference<Boolean>();
        var strategies = context.getLifecycleStrategies();
        strategies.add(
                0,
                new LifecycleStrategySupport() { // before that of the routes, which forgets
                    @Override
                    public void onRoutesAdd(Collection<Route> added) {
                        var answer = CompletableFuture.supplyAsync(() -> routes.answer(begin));
                        asked.set(answer.orTimeout(10, TimeUnit.SECONDS).join());
                    }
                });

        context.addRoutes(route(to -> to.from("direct:other").bean("steps", "ask")));

        assertThat(asked.get()).as("not known yet").isFalse();
        await().until(() -> routes.answer(begin));
    }

    @Test
    void everyStepHasToSayThatItWaitsForNothing() throws Exception {
        assertThat(isNonBlocking(route(to -> to.from("direct:begin").bean("steps", "count"))))
                .isTrue();
        context.addRoutes(
                route(to -> to.from("direct:other").bean("steps", "count").bean("steps", "ask")));
        assertThat(routes.findOut(context.getEndpoint("direct:other"))).isFalse();
    }

    @Test
    void whatIsCalledCountsAsWell() throws Exception {
        context.addRoutes(route(to -> to.from("direct:called").id("called").bean("steps", "count")));
        assertThat(isNonBlocking(route(to -> to.from("direct:begin").to("direct:called"))))
                .isTrue();

        context.getRouteController().stopRoute("called");
        context.removeRoute("called");
        context.addRoutes(route(to -> to.from("direct:called").id("called").bean("steps", "ask")));

        assertThat(routes.findOut(context.getEndpoint("direct:begin")))
                .as("an edited route")
                .isFalse();
    }

    @Test
    void aStepOfAnotherKindMayWait() throws Exception {
        assertThat(isNonBlocking(route(to -> to.from("direct:begin").to("log:seen"))))
                .isFalse();
        context.addRoutes(route(to -> to.from("direct:delay").delay(1)));
        assertThat(routes.findOut(context.getEndpoint("direct:delay"))).isFalse();
    }

    @Test
    void whatARequestWithoutAQueryDoesNotComeToDoesNotCount() throws Exception {
        assertThat(isNonBlocking(route(to -> to.from("direct:begin")
                        .choice()
                        .when(to.variable("dry-run"))
                        .bean("steps", "ask")
                        .otherwise()
                        .bean("steps", "count"))))
                .isTrue();
        context.addRoutes(route(to -> to.from("direct:other")
                .choice()
                .when(to.variable("anything"))
                .bean("steps", "ask")
                .otherwise()
                .bean("steps", "count")));
        assertThat(routes.findOut(context.getEndpoint("direct:other"))).isFalse();
    }

    /** The endpoint that a request comes to is not the one that the route of a REST operation is from. */
    @Test
    void theRouteOfAnOperationIsKnownByTheEndpointThatServesIt() throws Exception {
        var served = new ArrayList<PlatformHttpEndpoint>();
        PlatformHttpEngine engine = (endpoint, steps) -> {
            served.add(endpoint);
            return new Served(endpoint, steps);
        };
        context.getRegistry().bind(PlatformHttpConstants.PLATFORM_HTTP_ENGINE_NAME, engine);
        context.addRoutes(route(to -> {
            to.restConfiguration().component("platform-http");
            to.rest("/served").get().to("direct:ask").post().to("direct:count");
            to.from("direct:ask").bean("steps", "ask");
            to.from("direct:count").bean("steps", "count");
        }));

        assertThat(served)
                .filteredOn(endpoint -> routes.findOut(endpoint))
                .extracting(PlatformHttpEndpoint::getHttpMethodRestrict)
                .containsExactly("POST");
        assertThat(served).hasSize(2);
    }

    @Test
    void whatBelongsToNoRouteMayWait() {
        assertThat(routes.findOut(context.getEndpoint("direct:nothing"))).isFalse();
    }

    /** One that no server serves. */
    private static final class Served extends DefaultConsumer implements PlatformHttpConsumer {

        Served(PlatformHttpEndpoint endpoint, Processor steps) {
            super(endpoint, steps);
        }

        @Override
        public PlatformHttpEndpoint getEndpoint() {
            return (PlatformHttpEndpoint) super.getEndpoint();
        }
    }

    @Test
    void theRouteOfSendersIsOneAsItIsShipped() throws Exception {
        loadSending("false");
        assertThat(routes.findOut(context.getEndpoint("direct:api-send-conversions")))
                .isTrue();
    }

    @Test
    void withStepsOfATeamItIsNone() throws Exception {
        loadSending("true");
        assertThat(routes.findOut(context.getEndpoint("direct:api-send-conversions")))
                .isFalse();
    }

    private void loadSending(String edit) throws Exception {
        context.getPropertiesComponent().addInitialProperty("intake.edit", edit);
        var beans = context.getRegistry();
        beans.bind("sendAdmission", new SendAdmission(sender -> {}, request -> {}, new RequestBodyDecoder(1)));
        beans.bind("readConversions", new ReadConversions(1));
        beans.bind("checkConversions", new CheckConversions(null));
        beans.bind("storeConversions", new StoreConversions(null));
        beans.bind("problemMapper", new ProblemMapper());
        beans.bind("conversionEditor", new ConversionEditor(1));
        for (var file : SENDING) {
            PluginHelper.getRoutesLoader(context)
                    .loadRoutes(PluginHelper.getResourceLoader(context).resolveResource("file:" + file));
        }
    }
}
