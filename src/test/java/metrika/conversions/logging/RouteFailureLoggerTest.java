package metrika.conversions.logging;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import org.apache.camel.Exchange;
import org.apache.camel.ProducerTemplate;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.impl.DefaultCamelContext;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;
import org.slf4j.LoggerFactory;

import metrika.conversions.problem.ProblemException;

import static org.assertj.core.api.Assertions.assertThat;

/** What is said of what is tried again. */
@Isolated("it reads the log, which a trial of a route silences")
class RouteFailureLoggerTest {

    private static final RouteFailureLogger FAILURES = new RouteFailureLogger();

    private static void fail(ProducerTemplate drop, String folder, String name) {
        drop.send("direct:drop", exchange -> {
            exchange.getMessage().setHeader(Exchange.FILE_NAME, folder + name);
            exchange.getMessage().setHeader(Exchange.FILE_NAME_ONLY, name);
        });
    }

    @Test
    void filesOfOneNameInTwoFoldersAreTwo() throws Exception {
        var logger = (Logger) LoggerFactory.getLogger(RouteFailureLogger.class);
        var lines = new ListAppender<ILoggingEvent>();
        lines.start();
        var level = logger.getLevel();
        logger.setLevel(Level.WARN);
        logger.addAppender(lines);
        try (var context = new DefaultCamelContext()) {
            context.addRoutes(new RouteBuilder() {
                @Override
                public void configure() {
                    onException(ProblemException.class).handled(true).process(FAILURES);
                    from("direct:drop")
                            .routeId("in-dealers")
                            .throwException(ProblemException.of(403, "This webhook is disabled"));
                }
            });
            context.start();
            var drop = context.createProducerTemplate();
            fail(drop, "omsk/", "sales.csv");
            fail(drop, "omsk/", "sales.csv");
            fail(drop, "tomsk\\2\\", "sales.csv");
            fail(drop, "", "sales.csv");
        } finally {
            logger.detachAppender(lines);
            logger.setLevel(level);
        }
        assertThat(lines.list)
                .extracting(ILoggingEvent::getFormattedMessage)
                .containsExactly(
                        "in-dealers is tried again: omsk/sales.csv: This webhook is disabled",
                        "in-dealers is tried again: tomsk/2/sales.csv: This webhook is disabled",
                        "in-dealers is tried again: sales.csv: This webhook is disabled");
    }
}
