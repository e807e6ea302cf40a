package metrika.conversions.http;

import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.component.platform.http.vertx.HttpMessage;
import org.apache.camel.impl.engine.DefaultUnitOfWork;

import metrika.conversions.ids.LogIds;

/**
 * Has what the steps of an exchange log carry its ids. They are shown before each step, since the next one may run on
 * another thread. Camel's own means do less: {@code use-mdc-logging} knows no ids of ours, and camel-mdc has each step
 * wait for what goes on without it.
 */
final class LoggedUnitOfWork extends DefaultUnitOfWork {

    private final LogIds.Subject subject;
    private final Thread thread = Thread.currentThread();
    /** What the lines of this thread were about before, as those of a step that splits. */
    private final LogIds.Subject before = LogIds.subject();

    LoggedUnitOfWork(Exchange exchange) {
        super(exchange);
        subject = subject(exchange);
        LogIds.show(subject);
    }

    private static LogIds.Subject subject(Exchange exchange) {
        return new LogIds.Subject(
                exchange,
                exchange.getMessage() instanceof HttpMessage message
                        ? message.getRequest().getHeader(RequestLog.ID)
                        : null);
    }

    @Override
    public boolean isBeforeAfterProcess() {
        return true;
    }

    @Override
    public AsyncCallback beforeProcess(Processor processor, Exchange exchange, AsyncCallback callback) {
        LogIds.show(exchange == subject.exchange() ? subject : new LogIds.Subject(exchange, subject.request()));
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
        LogIds.show(thread == Thread.currentThread() ? before : null);
    }
}
