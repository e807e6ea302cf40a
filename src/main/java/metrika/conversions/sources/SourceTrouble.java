package metrika.conversions.sources;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

import metrika.conversions.log.Logs;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.spi.ExceptionHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says in a line what is in the way of a source, where Camel would print its settings and a stack trace each time. An
 * exception handler for what keeps it from being looked at, a processor for what fails on the way of what it has delivered.
 */
public final class SourceTrouble implements ExceptionHandler, Processor {

    private static final Logger LOG = LoggerFactory.getLogger(SourceTrouble.class);
    /** Between two lines of the same text: many messages fail at the same moment, for one reason. */
    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(10);

    private record Line(String text, long time) {
    }

    /** The last line of each route. */
    private final Map<String, Line> last = new ConcurrentHashMap<>();

    @Override
    public void handleException(Throwable exception) {
        handleException("", exception);
    }

    @Override
    public void handleException(String message, Throwable exception) {
        handleException(message, null, exception);
    }

    /** @param message Camel's own, which ends in the endpoint with all its parameters */
    @Override
    public void handleException(String message, Exchange exchange, Throwable exception) {
        var cause = exception;
        while (cause != null && cause.getCause() != null && cause.getCause() != cause) {
            cause = cause.getCause();
        }
        LOG.error("{}: {}", message.replaceAll("\\?.*|\\. Caused by.*", ""), exchange == null ? String.valueOf(cause) : Logs.reason(exception));
    }

    /** Says why an exchange has failed, or fails at the moment. */
    @Override
    public void process(Exchange exchange) {
        var failure = exchange.getException() != null ? exchange.getException()
                : exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Throwable.class);
        var mail = exchange.getVariable("mail");
        var name = mail != null ? mail : exchange.getMessage().getHeader(Exchange.FILE_NAME_ONLY);
        var text = (name == null ? "" : name + ": ") + Logs.reason(failure);
        var now = System.nanoTime();
        var line = new Line(text, now);
        // The first of those that find the last line to be another, or old
        if (last.merge(exchange.getFromRouteId(), line, (before, mine) -> before.text().equals(text) && now - before.time() < PAUSE_NANOS
                ? before : mine) == line) {
            LOG.warn("{} is tried again: {}", exchange.getFromRouteId(), text);
        }
    }
}
