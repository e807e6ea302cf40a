package metrika.conversions.problem;

import org.apache.camel.Predicate;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.spi.PredicateExceptionFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import metrika.conversions.logging.LoggingConfig;
import metrika.conversions.steps.FailedCheck;

import static org.assertj.core.api.Assertions.assertThat;

/** What a step validate says that refuses a message: to the sender, and to the author of the route. */
class FailedCheckTest {

    @ParameterizedTest
    @CsvSource({"It has a receipt,': It has a receipt'", ",''"})
    void theSenderGetsNoNameOfTheInside(String description, String told) throws Exception {
        try (var context = new DefaultCamelContext()) {
            context.getRegistry().bind("failedCheck", PredicateExceptionFactory.class, FailedCheck.factory());
            context.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    from("direct:orders")
                            .validate((Predicate) simple("${body} contains 'receipt'"))
                            .description(description);
                }
            });
            context.start();
            var failure = context.createProducerTemplate()
                    .request("direct:orders", exchange -> exchange.getMessage().setBody("secret"))
                    .getException();
            var problem = ProblemMapper.of(failure);
            assertThat(problem.status()).isEqualTo(400);
            assertThat(problem.document())
                    .containsEntry("detail", "The message is refused by a check of the route" + told);
            assertThat(LoggingConfig.reason(failure))
                    .startsWith("A check of the route does not hold: ${body} contains 'receipt'")
                    .doesNotContain("secret");
        }
    }
}
