package metrika.conversions.http;

import java.util.Map;

import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.component.platform.http.vertx.HttpMessage;
import org.apache.camel.impl.engine.DefaultUnitOfWork;
import org.slf4j.MDC;

import metrika.conversions.ids.LogIds;

/**
 * Has what the steps of an exchange log carry its ids. They are shown before each step, since a step may leave one, and
 * the next one may run on another thread. Camel's own means do less: {@code use-mdc-logging} knows no ids of ours, and
 * camel-mdc has each step wait for what goes on without it.
 */
final class LoggedUnitOfWork extends DefaultUnitOfWork {

    private final String request;
    private final Thread thread = Thread.currentThread();
    /** What the lines of this thread carried before, as those of a step that splits. */
    private final Map<String, String> before = MDC.getCopyOfContextMap();

    LoggedUnitOfWork(Exchange exchange) {
        super(exchange);
        request = exchange.getMessage() instanceof HttpMessage message
                ? message.getRequest().getHeader(RequestLog.ID)
                : null;
        LogIds.show(exchange, request);
    }

    @Override
    public boolean isBeforeAfterProcess() {
        return true;
    }

    @Override
    public AsyncCallback beforeProcess(Processor processor, Exchange exchange, AsyncCallback callback) {
        LogIds.show(exchange, request);
        return callback;
    }

    /** Where the exchange goes on on another thread, this one is free for something else. */
    @Override
    public void afterProcess(Processor processor, Exchange exchange, AsyncCallback callback, boolean doneSync) {
        if (!doneSync) {
            restore();
        }
    }

    @Override
    public void done(Exchange exchange) {
        super.done(exchange);
        restore();
    }

    private void restore() {
        if (before != null && thread == Thread.currentThread()) {
            MDC.setContextMap(before);
        } else {
            LogIds.clear();
        }
    }
}
