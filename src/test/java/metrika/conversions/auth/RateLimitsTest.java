package metrika.conversions.auth;

import java.nio.file.Files;
import java.nio.file.Path;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.PluginHelper;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.slf4j.LoggerFactory;

import metrika.conversions.problem.ProblemMapper;

import static org.assertj.core.api.Assertions.assertThat;

/** What a route is told that counts a request before it knows whose it is. */
@Isolated("it reads the log, which a trial of a route silences")
class RateLimitsTest {

    private static final String ROUTE = """
            - route:
                id: in-own
                routeConfigurationId: on-error-api
                from:
                  uri: direct:own
                  steps:
                    - bean:
                        ref: rateLimits
                        method: countRequest
            """;

    @TempDir
    private Path folder;

    @Test
    void theReasonIsLoggedWithTheStep() throws Exception {
        var logger = (Logger) LoggerFactory.getLogger(ProblemMapper.class);
        var lines = new ListAppender<ILoggingEvent>();
        lines.start();
        var level = logger.getLevel();
        logger.setLevel(Level.ERROR);
        logger.addAppender(lines);
        var route = Files.writeString(folder.resolve("in-own.camel.yaml"), ROUTE);
        try (var context = new DefaultCamelContext()) {
            context.setSourceLocationEnabled(true);
            context.getRegistry().bind("rateLimits", new RateLimits());
            context.getRegistry().bind("problemMapper", new ProblemMapper());
            for (var file : new Path[] {Path.of("routes/errors/on-error-api.camel.yaml"), route}) {
                PluginHelper.getRoutesLoader(context)
                        .loadRoutes(PluginHelper.getResourceLoader(context).resolveResource("file:" + file));
            }
            context.start();
            var answered = context.createProducerTemplate().request("direct:own", exchange -> {});
            assertThat(answered.getMessage().getHeader("CamelHttpResponseCode")).isEqualTo(500);
        } finally {
            logger.detachAppender(lines);
            logger.setLevel(level);
        }
        assertThat(lines.list).singleElement().satisfies(line -> {
            assertThat(line.getFormattedMessage()).startsWith("Request failed at in-own.camel.yaml, line 7, error id ");
            assertThat(line.getThrowableProxy().getClassName()).isEqualTo("java.lang.IllegalStateException");
            assertThat(line.getThrowableProxy().getMessage())
                    .isEqualTo("rateLimits.countRequest finds no webhook whose request it counts: let"
                            + " authenticator.authorizeSource come before it");
        });
    }
}
