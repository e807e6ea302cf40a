package metrika.conversions.steps;

import org.apache.camel.AsyncCallback;
import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.NamedNode;
import org.apache.camel.Processor;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.spi.InterceptStrategy;
import org.apache.camel.support.LoggerHelper;
import org.apache.camel.support.processor.DelegateAsyncProcessor;

/**
 * Remembers at which step of a source's route something has failed. A route that begins with
 * {@code kamelet:http-source} has no error handler that could note it, and Camel forgets a step when it is over.
 */
public final class SourceSteps implements InterceptStrategy {

    private static final String SOURCE = "in-";
    private static final String PROPERTY = "metrika.failed-source-step";

    @Override
    public Processor wrapProcessorInInterceptors(
            CamelContext context, NamedNode definition, Processor target, Processor next) {
        var place = FailedStep.place(LoggerHelper.getLineNumberLoggerName(definition));
        var route = definition instanceof ProcessorDefinition<?> step ? ProcessorDefinitionHelper.getRoute(step) : null;
        return place.isEmpty()
                        || route == null
                        || !String.valueOf(route.getRouteId()).startsWith(SOURCE)
                ? target
                : new Step(target, place);
    }

    /** Where a failure of an exchange came from; an empty text where it is not known. */
    static String of(Exchange exchange, Throwable failure) {
        return exchange.getProperty(PROPERTY) instanceof Failed failed && failed.isIn(failure) ? failed.place() : "";
    }

    /** A step, around what Camel does at it. */
    private static final class Step extends DelegateAsyncProcessor {

        private final String place;

        Step(Processor target, String place) {
            super(target);
            this.place = place;
        }

        @Override
        public boolean process(Exchange exchange, AsyncCallback callback) {
            return super.process(exchange, isSync -> {
                var failure = exchange.getException();
                // The innermost step is over first, and knows best
                if (failure != null && of(exchange, failure).isEmpty()) {
                    exchange.setProperty(PROPERTY, new Failed(failure, place));
                }
                callback.done(isSync);
            });
        }
    }

    private record Failed(Throwable failure, String place) {

        /** Whether it is this failure, or a cause of it: an outer step may have put it into another. */
        boolean isIn(Throwable later) {
            for (var cause = later; cause != null; cause = cause.getCause()) {
                if (cause == failure) {
                    return true;
                }
            }
            return false;
        }
    }
}
