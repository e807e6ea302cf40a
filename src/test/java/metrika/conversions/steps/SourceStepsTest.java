package metrika.conversions.steps;

import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/** What fails in a source's route that handles no failures is known by its file and line, when the route is over. */
class SourceStepsTest {

    private static final String ROUTE = """
            - route:
                id: %s
                errorHandler:
                  noErrorHandler: {}
                from:
                  uri: direct:in
                  steps:
                    - doTry:
                        steps:
                          - throwException: {exceptionType: java.io.IOException, message: caught}
                        doCatch:
                          - exception: [java.io.IOException]
                            steps:
                              - setVariable: {name: caught, constant: "yes"}
                    - choice:
                        when:
                          - simple: ${body} == 'inner'
                            steps:
                              - throwException:
                                  exceptionType: java.lang.IllegalStateException
                                  message: inner
                    - filter:
                        simple: ${body} == 'last'
                        steps:
                          - throwException:
                              exceptionType: java.lang.IllegalArgumentException
                              message: last
            """;

    private static String placeOf(String route, String body) throws Exception {
        try (var context = new DefaultCamelContext()) {
            context.getCamelContextExtension().addInterceptStrategy(new SourceSteps());
            PluginHelper.getRoutesLoader(context)
                    .loadRoutes(ResourceHelper.fromString(
                            "file:routes/sources/%s.camel.yaml".formatted(route), ROUTE.formatted(route)));
            context.start();
            Exchange exchange = context.createProducerTemplate()
                    .send("direct:in", each -> each.getMessage().setBody(body));
            return FailedStep.of(exchange, exchange.getException());
        }
    }

    @ParameterizedTest
    @CsvSource({"inner, 19", "last, 25"})
    void theInnermostStepIsNamed(String body, int line) throws Exception {
        assertThat(placeOf("in-shop", body)).isEqualTo("in-shop.camel.yaml, line " + line);
    }

    @Test
    void whatWasCaughtIsNoFailure() throws Exception {
        assertThat(placeOf("in-shop", "none")).isEmpty();
    }

    @Test
    void otherRoutesAreLeftAsTheyAre() throws Exception {
        assertThat(placeOf("store-shop", "last")).isEmpty();
    }
}
