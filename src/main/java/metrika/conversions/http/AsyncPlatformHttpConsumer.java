package metrika.conversions.http;

import java.util.HashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Executor;

import io.netty.handler.codec.http.HttpResponseStatus;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import org.apache.camel.AsyncCallback;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePattern;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpConsumer;
import org.apache.camel.support.http.HttpUtil;
import org.apache.camel.util.CollectionHelper;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import metrika.conversions.ids.Identified;
import metrika.conversions.ids.LogIds;
import metrika.conversions.problem.ProblemException;
import metrika.conversions.problem.ProblemMapper;
import metrika.conversions.tracing.TraceSpan;
import metrika.conversions.tracing.Traces;

/**
 * Has routes answer requests, and no thread wait for a route that waits itself: Camel's own consumer holds a worker
 * until the route has ended. It answers with a Content-Length, which takes less than chunks do, and in JSON unless the
 * operation says otherwise.
 *
 * <p>Camel makes headers of what stands in the URL and of a form's fields. Here what means something as a header is
 * what was sent as one: nothing in a URL or a form stands for it, and of the parameters a route gets those that its
 * operation has, see {@link QueryParameters}. Other fields of a form are given as Camel's own consumer gives them, if
 * the endpoint lets them in.
 */
final class AsyncPlatformHttpConsumer extends VertxPlatformHttpConsumer {

    private static final Logger LOG = LoggerFactory.getLogger(AsyncPlatformHttpConsumer.class);
    /** A request's own datum: the names in its query that mean nothing. */
    private static final String UNKNOWN = "metrika.unknown-parameters";

    /**
     * The longest body, in bytes, that an event loop reads and checks itself: a tenth of a millisecond's work, for
     * which the requests beside it wait.
     */
    private static final int MAX_BYTES_ON_LOOP = 8192;

    private final Bulkheads lanes;
    private final NonBlockingRoutes nonBlocking;
    /** {@code null} for a source. */
    private QueryParameters parameters;
    /** {@code null} when there are none. */
    private Traces traces;

    AsyncPlatformHttpConsumer(
            PlatformHttpEndpoint endpoint,
            Processor processor,
            List<Handler<RoutingContext>> handlers,
            String router,
            Bulkheads lanes,
            NonBlockingRoutes nonBlocking) {
        super(endpoint, processor, handlers, router);
        this.lanes = lanes;
        this.nonBlocking = nonBlocking;
    }

    @Override
    protected void doInit() throws Exception {
        super.doInit();
        traces = getEndpoint().getCamelContext().getRegistry().lookupByNameAndType("traces", Traces.class);
        parameters = QueryParameters.of(getEndpoint().getCamelContext(), getEndpoint());
    }

    @Override
    protected void handleRequest(RoutingContext context) {
        if (isSuspended()) {
            super.handleRequest(context);
            return;
        }
        var exchange = createExchange(false);
        exchange.setPattern(ExchangePattern.InOut);
        exchange.setProperty(HttpApiServer.ARRIVAL, HttpApiServer.arrival(context));
        exchange.setProperty(HttpApiServer.BODY, context.body().buffer());
        if (traces != null) {
            beginSpan(exchange, context);
        }
        HttpApiServer.variables(context).forEach(exchange::setVariable);
        processHttpRequest(exchange, context).onComplete(read -> {
            if (read.succeeded()) {
                if (isForm(context.request().getHeader("Content-Type"))) {
                    giveFields(exchange, context);
                }
                work(exchange, context);
            } else {
                exchange.setException(read.cause());
                answer(exchange, context, null);
            }
        });
    }

    /** By the method and the path as the router knows it: what stands in the URL of a request may be a secret. */
    private void beginSpan(Exchange exchange, RoutingContext context) {
        var method = context.request().method().name();
        var path = getEndpoint().getPath();
        exchange.setProperty(
                TraceSpan.PROPERTY,
                traces.begin(
                                method + " " + path,
                                TraceSpan.Kind.SERVER,
                                context.request().getHeader("traceparent"))
                        .set("http.request.method", method)
                        .set("http.route", path)
                        .set("metrika.request", context.request().getHeader(RequestLog.ID)));
    }

    private static void endSpan(Exchange exchange, RoutingContext context) {
        var span = exchange.getProperty(TraceSpan.PROPERTY, TraceSpan.class);
        if (span != null) {
            var status = context.response().getStatusCode();
            if (exchange.getVariable("webhook") instanceof Identified webhook) {
                span.set("metrika.webhook", webhook.id());
            }
            span.set("http.response.status_code", status);
            if (exchange.getException() != null || status >= HttpResponseStatus.INTERNAL_SERVER_ERROR.code()) {
                span.fail(String.valueOf(status));
            }
            span.end();
        }
    }

    private static boolean isForm(String type) {
        return type != null && type.startsWith("application/x-www-form-urlencoded");
    }

    private void giveFields(Exchange exchange, RoutingContext context) {
        var allowed = getEndpoint().getHeaderFilterStrategy();
        var fields = new HashMap<String, Object>();
        context.request().formAttributes().forEach((name, value) -> {
            if (!HeaderAllowList.isHeader(name)
                    && (allowed == null || !allowed.applyFilterToExternalHeaders(name, value, exchange))) {
                CollectionHelper.appendEntry(exchange.getMessage().getHeaders(), name, value);
                CollectionHelper.appendEntry(fields, name, value);
            }
        });
        if (!fields.isEmpty()) {
            exchange.getMessage().setBody(fields);
        }
    }

    @Override
    protected Future<Void> populateCamelMessage(RoutingContext context, Exchange exchange, Message message) {
        var populated = super.populateCamelMessage(context, exchange, message);
        if (message.getBody() instanceof Buffer body) { // as bytes, of which no step makes a stream and bytes again
            message.setBody(body.getBytes());
        }
        if (parameters != null) {
            message.removeHeader(Exchange.CONTENT_TYPE); // of the request: an operation's answer has its own
        }
        var query = context.queryParams();
        if (query.isEmpty()) {
            return populated;
        }
        for (var name : query.names()) {
            if (HeaderAllowList.isHeader(name)) {
                message.removeHeader(name);
                if (context.request().headers().contains(name)) {
                    message.setHeader(name, context.request().getHeader(name));
                }
            }
        }
        if (parameters != null) {
            try {
                var read = parameters.read(query.entries());
                read.values().forEach(message::setHeader);
                context.put(UNKNOWN, read.unknown());
            } catch (ProblemException e) {
                return Future.failedFuture(e);
            }
        }
        return populated;
    }

    /**
     * A route may block, so it begins on a worker; it ends on whatever thread its last step is done by. One that waits
     * for nothing begins and ends on the request's event loop.
     */
    private void work(Exchange exchange, RoutingContext context) {
        var loop = context.vertx().getOrCreateContext();
        if (isForLoop(context)) {
            exchange.setProperty(HttpApiServer.CALLER, context.get(HttpApiServer.CALLER));
            exchange.setProperty(HttpApiServer.CONTINUATION, (Executor) step -> loop.runOnContext(turn -> step.run()));
            try {
                run(exchange, done -> answer(exchange, context, body(exchange, context)));
            } catch (Exception e) {
                exchange.setException(e);
                answer(exchange, context, null);
            }
            return;
        }
        lanes.of(context.request().method(), getEndpoint().getPath())
                .run(
                        loop,
                        () -> run(exchange, done -> {
                            var body = body(exchange, context);
                            loop.runOnContext(turn -> answer(exchange, context, body));
                        }))
                .onFailure(failure -> {
                    exchange.setException(failure);
                    answer(exchange, context, null);
                });
    }

    private void run(Exchange exchange, AsyncCallback then) throws Exception {
        createUoW(exchange);
        try {
            getAsyncProcessor().process(exchange, done -> {
                if (exchange.getException() != null) { // of a kamelet, which handles no failures
                    var failure = exchange.getException();
                    exchange.setException(null);
                    ProblemMapper.describe(exchange, failure);
                }
                then.done(done);
            });
        } finally {
            LogIds.clear(); // the exchange goes on, and this thread to another one
        }
    }

    /** Spans are recorded in the database when a route ends: none of such a route's. */
    private boolean isForLoop(RoutingContext context) {
        return context.get(HttpApiServer.CALLER) != null
                && traces == null
                && context.request().query() == null
                && context.body().length() <= MAX_BYTES_ON_LOOP
                && !context.request().headers().contains("Content-Encoding")
                && nonBlocking.answer(getEndpoint());
    }

    /** Read here, where reading may take its time. What is text is answered in UTF-8, whatever the request was in. */
    private Buffer body(Exchange exchange, RoutingContext context) {
        try {
            if (exchange.getMessage().getBody() instanceof String text) {
                Set<String> unknown = context.get(UNKNOWN, Set.of());
                return Buffer.buffer(
                        unknown.isEmpty()
                                        || context.request().method().equals(HttpMethod.GET)
                                        || exchange.getMessage().getHeader(Exchange.HTTP_RESPONSE_CODE, 200, int.class)
                                                >= 300
                                ? text
                                : parameters.warn(text, unknown));
            }
            var body = exchange.getMessage().getBody(byte[].class);
            return body == null ? null : Buffer.buffer(body);
        } catch (RuntimeException e) {
            exchange.setException(e);
            return null;
        }
    }

    private void answer(Exchange exchange, RoutingContext context, Buffer left) {
        try {
            RequestLog.keepIds(context, exchange);
            var response = context.response();
            if (response.ended() || response.closed()) {
                LOG.debug("Nobody waits for the answer any more");
            } else if (exchange.getException() != null) {
                context.fail(exchange.getException());
            } else {
                response.setStatusCode(HttpUtil.determineResponseCode(
                        exchange, exchange.getMessage().getBody()));
                setHeaders(exchange, context);
                // HTTP's No Content, whatever the route has left
                var body = response.getStatusCode() == HttpResponseStatus.NO_CONTENT.code() ? null : left;
                if (parameters != null
                        && body != null
                        && body.length() > 0
                        && !response.headers().contains(Exchange.CONTENT_TYPE)) {
                    response.putHeader(Exchange.CONTENT_TYPE, "application/json");
                }
                context.put(HttpApiServer.WHOLE, true);
                if (body == null) {
                    response.end();
                } else {
                    response.end(body);
                }
            }
        } finally {
            endSpan(exchange, context);
            doneUoW(exchange);
            releaseExchange(exchange, false);
        }
    }

    private void setHeaders(Exchange exchange, RoutingContext context) {
        var allowed = getEndpoint().getHeaderFilterStrategy();
        exchange.getMessage().getHeaders().forEach((name, value) -> {
            if (value != null
                    && (name.equalsIgnoreCase(Exchange.CONTENT_TYPE)
                            || !allowed.applyFilterToCamelHeaders(name, value, exchange))) {
                context.response().putHeader(name, value.toString());
            }
        });
    }
}
