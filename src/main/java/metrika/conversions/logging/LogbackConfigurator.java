package metrika.conversions.logging;

import java.util.Map;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ConfiguratorRank;
import ch.qos.logback.core.spi.ContextAwareBase;

/**
 * What is logged before any setting is known: all to the console, by {@link RedactingEncoder}. In Java, since Logback
 * reads a file of its own with an XML parser that the start waits for; one that is named by
 * {@code logback.configurationFile} takes the place of this.
 */
@ConfiguratorRank(ConfiguratorRank.CUSTOM_NORMAL_PRIORITY)
public final class LogbackConfigurator extends ContextAwareBase implements Configurator {

    /** What happens, not how the libraries do it. {@code log.level.<logger>} changes it. */
    private static final Map<String, Level> LEVELS = Map.ofEntries(
            Map.entry(Logger.ROOT_LOGGER_NAME, Level.INFO),
            Map.entry("org.apache.camel", Level.WARN),
            // Says with a stack trace what Application says of a start in a line
            Map.entry("org.apache.camel.impl.engine.AbstractCamelContext", Level.OFF),
            Map.entry("org.apache.camel.support.FileWatcherResourceReloadStrategy", Level.INFO),
            Map.entry("org.apache.camel.component.file.remote.RemoteFilePollingConsumerPollStrategy", Level.ERROR),
            // Prints a stack trace of each message that is no XML, which fails besides
            Map.entry("org.apache.camel.converter.jaxp.XmlConverter", Level.OFF),
            Map.entry("com.networknt.schema", Level.ERROR),
            // These say again, without the reason, what SourceTrouble and Trouble say
            Map.entry("org.apache.camel.component.kafka.consumer.support", Level.ERROR),
            Map.entry("org.apache.camel.component.mail.MailConsumer", Level.ERROR),
            Map.entry("org.apache.kafka", Level.WARN),
            Map.entry("org.quartz", Level.WARN),
            Map.entry("org.flywaydb", Level.WARN),
            Map.entry("com.zaxxer.hikari", Level.WARN),
            // Whoever asked for a connection says why there is none, once and in a line
            Map.entry("com.zaxxer.hikari.pool.PoolBase", Level.ERROR),
            // That DriverManager does not know a driver of ext/, which Hikari then finds by its class
            Map.entry("com.zaxxer.hikari.util.DriverDataSource", Level.ERROR),
            Map.entry("io.zonky.test", Level.WARN));

    @Override
    public ExecutionStatus configure(LoggerContext context) {
        if (System.getProperty("logback.configurationFile") != null) {
            return ExecutionStatus.INVOKE_NEXT_IF_ANY;
        }
        var lines = new RedactingEncoder();
        lines.setContext(context);
        lines.start();
        var console = new ConsoleLog();
        console.setContext(context);
        console.setName("console");
        console.setEncoder(lines);
        console.start();
        LEVELS.forEach((name, level) -> context.getLogger(name).setLevel(level));
        context.getLogger(Logger.ROOT_LOGGER_NAME).addAppender(console);
        return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
    }
}
