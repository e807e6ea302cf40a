package metrika.conversions.http;

import java.net.BindException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import org.apache.camel.CamelContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import metrika.conversions.http.hardening.ConnectionHardening;
import metrika.conversions.problem.ProblemException;
import metrika.conversions.settings.SettingException;
import metrika.conversions.settings.Settings;

/**
 * The public HTTP server under camel-platform-http: the component brings a server of its own, but one that goes on
 * without its port, answers 404, 405, 413 and 415 with HTML or text, and lets nothing of it be set.
 */
public final class HttpApiServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(HttpApiServer.class);
    private static final Duration STARTING_PAUSE = Duration.ofSeconds(5);
    /** How long, in ms, a caller may go on sending what is not read any more, so that it gets to see the answer. */
    private static final long LINGER_MILLIS = 500;
    /**
     * Connections to health and metrics. They have places of their own: a flood of callers does not make us look dead.
     */
    private static final int MANAGEMENT_CONNECTIONS = 50;
    /**
     * A request's own datum, and the property of its exchange: when its head was there, in ns of the monotonic clock.
     */
    public static final String ARRIVAL = "metrika.arrival";
    /** The property of a request's exchange: its body as it was sent, for those who check what was signed. */
    public static final String BODY = "metrika.body";
    /** A request's own datum: its caller is let in. */
    private static final String AUTHENTICATED = "metrika.authenticated";

    private final String host;
    private final int port;
    private final HttpLimits limits;
    private final ConnectionHardening hardening;
    private final TrustedProxies proxies;
    private final ReloadingTlsCertificate certificates;
    private final Vertx vertx;
    private final Vertx managementVertx;
    private final Router router;
    private final RequestPolicy policy;
    private final CamelHttpBinding binding;
    private HttpServer server;
    private volatile boolean taking;

    public HttpApiServer(Settings settings, int workers) {
        host = settings.text("http.host");
        port = (int) settings.number("http.port", 1, 65535);
        limits = HttpLimits.of(settings);
        hardening = new ConnectionHardening(settings.flag("http.hardening"), limits.requestTime(), limits.idleTime());
        proxies = new TrustedProxies(settings);
        certificates = ReloadingTlsCertificate.of(settings);
        policy = new RequestPolicy(limits);
        vertx = hardening.vertx(new VertxOptions().setWorkerPoolSize(workers), limits.connections());
        managementVertx = hardening.vertx(
                new VertxOptions().setEventLoopPoolSize(1).setWorkerPoolSize(2), MANAGEMENT_CONNECTIONS);
        router = Router.router(vertx);
        router.route().handler(this::begin);
        router.route().handler(this::refuseUnlessTaking);
        router.route().handler(RequestPolicy::readContentType);
        binding =
                new CamelHttpBinding(port, vertx, router, new BodyLimitHandler(limits), new Bulkheads(vertx, workers));
        new ErrorPages(router, binding).handleFailures();
    }

    /** Makes this server the one that {@code platform-http} endpoints are served by. */
    public void serve(CamelContext context) {
        binding.bind(context);
        context.getRegistry().bind("proxies", proxies);
        // Camel's management server takes the one Vert.x that it finds.
        context.getRegistry().bind("managementVertx", managementVertx);
    }

    /**
     * Takes the address, so that the product does not start without it. Until {@link #take} every caller is told 503.
     *
     * @throws SettingException when the address cannot be listened on
     */
    public void listen() throws InterruptedException {
        var options = new HttpServerOptions()
                .setHost(host)
                .setPort(port)
                .setMaxInitialLineLength(limits.urlBytes())
                .setMaxHeaderSize(limits.headerBytes())
                .setSslHandshakeTimeout(limits.requestTime().toMillis())
                .setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
                // HTTP/2 is spoken within TLS only: in clear text nobody asks for it but those who test what it lets
                // through.
                .setHttp2ClearTextEnabled(false)
                .setInitialSettings(new Http2Settings()
                        .setMaxHeaderListSize(limits.headerBytes())
                        .setMaxConcurrentStreams(100))
                .setRegisterWebSocketWriteHandlers(false);
        hardening.apply(options);
        if (certificates != null) {
            certificates.apply(options);
        }
        try {
            server = vertx.createHttpServer(options)
                    .requestHandler(this::receive)
                    .invalidRequestHandler(this::refuseUnreadable)
                    .connectionHandler(
                            connection -> hardening.watch(connection, options, HttpApiServer::headersOfAnswer))
                    .exceptionHandler(broken -> LOG.debug("A connection failed", broken))
                    .listen()
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(10, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            var reason = e.getCause() instanceof BindException
                    ? "the address is taken or not this machine's"
                    : String.valueOf(e.getCause());
            throw new SettingException(
                    "Cannot listen on %s:%d (http.host, http.port): %s".formatted(host, port, reason));
        }
        if (certificates != null) {
            certificates.watch(vertx);
        }
    }

    /** Where it listens, as a person on this machine would call it. */
    public String url() {
        var isHere =
                List.of("127.0.0.1", "0.0.0.0", "::1", "::", "[::1]", "[::]").contains(host);
        return "%s://%s:%d"
                .formatted(
                        certificates == null ? "http" : "https",
                        isHere ? "localhost" : host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host,
                        port);
    }

    /** From now on requests are worked on. To be called when the routes run, so that no early caller is told 404. */
    public void take() {
        taking = true;
    }

    /** From now on every new request is answered 503; those under way go on. */
    public void stopTaking() {
        taking = false;
    }

    @Override
    public void close() {
        stopTaking();
        vertx.close().toCompletionStage().toCompletableFuture().join();
        managementVertx.close().toCompletionStage().toCompletableFuture().join();
    }

    /** Where each request comes in: what the router would refuse before its first handler is refused here. */
    private void receive(HttpServerRequest request) {
        hardening.headRead(request.connection());
        prepare(request);
        var problem = policy.violation(request);
        if (problem == null) {
            router.handle(request);
        } else {
            refuse(request, problem);
        }
    }

    /** What every request begins and every answer ends with. */
    private void begin(RoutingContext context) {
        var request = context.request();
        var start = System.nanoTime();
        context.put(ARRIVAL, start);
        var slow = new AtomicLong(-1);
        context.addHeadersEndHandler(writing -> slow.set(vertx.setTimer(
                limits.requestTime().toMillis(), late -> request.connection().close())));
        context.addEndHandler(done -> {
            vertx.cancelTimer(slow.get());
            hardening.answered(request.connection());
            RequestLog.log(context, proxies.from(request), start);
            finishWhenRead(request);
        });
        context.next();
    }

    /** The headers of an answer to a request that has not been read so far that it has an id. */
    private static Map<String, String> headersOfAnswer() {
        var headers = new HashMap<>(ResponseHeaders.ALWAYS);
        headers.put(RequestLog.ID, RequestLog.newId());
        return headers;
    }

    /** Gives the request its id and the answer the headers of every answer. */
    private void prepare(HttpServerRequest request) {
        var id = RequestLog.identify(request);
        var headers = request.response().headers();
        headers.set(RequestLog.ID, id);
        ResponseHeaders.ALWAYS.forEach(headers::set);
        if (proxies.isSecure(request)) {
            headers.set(ResponseHeaders.HSTS, ResponseHeaders.HSTS_VALUE);
        }
    }

    /** Once a request is answered: what of it is still to come is passed over, and not waited for long. */
    private void finishWhenRead(HttpServerRequest request) {
        if (request.isEnded()) {
            finish(request);
            return;
        }
        var late = vertx.setTimer(LINGER_MILLIS, over -> finish(request));
        // At its end, not some time after it: the next request on the connection may follow at once
        request.endHandler(read -> {
            if (vertx.cancelTimer(late)) {
                finish(request);
            }
        });
    }

    private void finish(HttpServerRequest request) {
        if (request.version() == HttpVersion.HTTP_2) {
            if (!request.isEnded()) {
                request.response().reset(0);
            }
        } else if (!request.isEnded() || request.response().headers().contains("Connection", "close", true)) {
            request.connection().close();
        } else {
            hardening.finished(request.connection());
        }
    }

    /** Answers, and ends the connection: where the next request on it begins is not certain. */
    private void refuse(HttpServerRequest request, ProblemException problem) {
        var start = System.nanoTime();
        ErrorPages.closeAfter(request);
        ErrorPages.write(request.response(), problem).onComplete(written -> {
            hardening.answered(request.connection());
            RequestLog.log(request, null, null, proxies.from(request), start);
            if (request.decoderResult().isFailure()) {
                request.connection().close(); // nothing more is read
            } else {
                finishWhenRead(request);
            }
        });
    }

    private void refuseUnlessTaking(RoutingContext context) {
        if (taking) {
            context.next();
        } else {
            ErrorPages.closeAfter(context.request());
            ErrorPages.write(
                    context.response(),
                    ProblemException.of(503, "The server is starting or shutting down")
                            .retryAfter(STARTING_PAUSE));
        }
    }

    /** What is not HTTP, or more of it than is taken. */
    private void refuseUnreadable(HttpServerRequest request) {
        hardening.headRead(request.connection());
        prepare(request);
        refuse(request, policy.complaintOfUnreadable(request));
    }

    /**
     * The path that routes are found by: without what can be written in several ways, and without a slash at its end.
     */
    public static String path(RoutingContext context) {
        var path = context.normalizedPath();
        return path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    }

    /** When a request's head was there, on this machine's monotonic clock. */
    public static long arrival(RoutingContext context) {
        return context.get(ARRIVAL);
    }

    /** Notes that the caller has shown a credential that opens what it asks for, before the body is read. */
    public static void markAuthenticated(RoutingContext context) {
        context.put(AUTHENTICATED, true);
    }

    static boolean isAuthenticated(RoutingContext context) {
        return context.get(AUTHENTICATED, false);
    }
}
