package metrika.conversions.sources;

import org.apache.camel.Exchange;
import org.apache.camel.component.file.GenericFileOperationFailedException;
import org.apache.camel.spi.ExceptionHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import metrika.conversions.intake.ConversionStore;
import metrika.conversions.logging.LoggingConfig;
import metrika.conversions.logging.RouteFailureLogger;
import metrika.conversions.logging.SourceErrors;

/**
 * Says in a line what keeps a source from being looked at, where Camel would print its settings and a stack trace each
 * time. What fails on the way of what it has delivered is told by {@link RouteFailureLogger}.
 */
public final class SourceFailureLogger implements ExceptionHandler {

    private static final Logger LOG = LoggerFactory.getLogger(SourceFailureLogger.class);

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
        if (exchange != null) {
            SourceErrors.count(ConversionStore.sourceOf(exchange), exception);
        }
        if (exception instanceof GenericFileOperationFailedException && exchange != null) {
            LOG.error(
                    "File {} is processed, cannot be moved, and comes again: {}",
                    RouteFailureLogger.file(exchange),
                    exception.getMessage().lines().findFirst().orElse(""));
            return;
        }
        var cause = exception;
        while (cause != null && cause.getCause() != null && cause.getCause() != cause) {
            cause = cause.getCause();
        }
        LOG.error(
                "{}: {}",
                message.replaceAll("\\?.*|\\. Caused by.*", ""),
                exchange != null
                        ? LoggingConfig.reason(exception)
                        : cause instanceof IllegalStateException ? cause.getMessage() : String.valueOf(cause));
    }
}
