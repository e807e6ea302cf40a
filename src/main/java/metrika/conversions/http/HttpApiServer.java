package metrika.conversions.http;

import java.time.Duration;
import java.util.HashMap;
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
    /** The property of an exchange with the headers of a sample, which has no request to be asked for them. */
    public static final String SAMPLE_HEADERS = "metrika.sample-headers";
    /** The property of an exchange with the message of a sample as it was sent, which steps put others in place of. */
    public static final String SAMPLE_MESSAGE = "metrika.sample-message";
    /** The property of a request's exchange: who was let in before the body was read, where memory knew it. */
    public static final String CALLER = "metrika.caller";
    /**
     * The property of a request's exchange, an {@link java.util.concurrent.Executor}: where its route goes on when it
     * was not made to wait on a thread. Without it, that is for the step to say.
     */
    public static final String CONTINUATION = "metrika.continuation";
    /** A request's own datum: its caller is let in. */
    private static final String AUTHENTICATED = "metrika.authenticated";

    /** A request's own datum: its answer ends where its headers do, and no timer is needed for what comes between. */
    static final String WHOLE = "metrika.whole";

    /** A request's own datum: what its route finds in its variables. */
    private static final String VARIABLES = "metrika.variables";

    private final ServerAddress address;
    private final Map<String, String> headers;
    private final HttpLimits limits;
    private final ConnectionHardening hardening;
    private final TrustedProxies proxies;
    private final ReloadingTlsCertificate certificates;
    private final Vertx vertx;
    /** {@code null} beside the API. */
    private final Vertx managementVertx;

    private final Router router;
    private final RequestPolicy policy;
    private final CamelHttpBinding binding;
    private final RequestEnd end;
    private HttpServer server;
    private volatile boolean taking;

    public HttpApiServer(Settings settings, int workers) {
        this(settings, "http", workers, ResponseHeaders.ALWAYS);
    }

    /**
     * A second server, for the dashboard: on an address, with threads and connections of its own, of which it has few.
     */
    public static HttpApiServer ofDashboard(Settings settings) {
        return new HttpApiServer(settings, "dashboard", 2, ResponseHeaders.OF_DASHBOARD);
    }

    private HttpApiServer(Settings settings, String name, int workers, Map<String, String> headers) {
        var isApi = name.equals("http");
        address = ServerAddress.of(settings, name);
        this.headers = headers;
        limits = HttpLimits.of(settings);
        hardening = new ConnectionHardening(settings.flag("http.hardening"), limits.requestTime(), limits.idleTime());
        proxies = new TrustedProxies(settings);
        certificates = ReloadingTlsCertificate.of(settings);
        policy = new RequestPolicy(limits);
        vertx = isApi ? hardening.vertx(new VertxOptions().setWorkerPoolSize(workers), limits.connections()) : ofFew();
        managementVertx = isApi ? ofFew() : null;
        end = new RequestEnd(vertx, hardening);
        router = Router.router(vertx);
        router.route().handler(this::begin);
        router.route().handler(this::refuseUnlessTaking);
        router.route().handler(RequestPolicy::readContentType);
        binding = new CamelHttpBinding(
                address.port(), vertx, router, new BodyLimitHandler(limits), new Bulkheads(vertx, workers));
        new ErrorPages(router, binding).handleFailures();
    }

    private Vertx ofFew() {
        return hardening.vertx(new VertxOptions().setEventLoopPoolSize(1).setWorkerPoolSize(2), MANAGEMENT_CONNECTIONS);
    }

    /** Makes this server the one that {@code platform-http} endpoints are served by. */
    public void serve(CamelContext context) {
        binding.bind(context);
        context.getRegistry().bind("proxies", proxies);
        // Camel's management server takes the one Vert.x that it finds.
        context.getRegistry().bind("managementVertx", managementVertx);
    }

    /** Has another server serve the routes whose paths begin so, behind a guard: the API has none of them then. */
    public void leave(String prefix, HttpApiServer other, CamelContext context, RequestGuard guard) {
        binding.leave(prefix, other.binding);
        other.binding.bindRouter(context);
        other.binding.verify(guard::verify);
        guard.guard(other.router);
    }

    /**
     * Takes the address, so that the product does not start without it. Until {@link #take} every caller is told 503.
     *
     * @throws SettingException when the address cannot be listened on
     */
    public void listen() throws InterruptedException {
        var options = new HttpServerOptions()
                .setHost(address.host())
                .setPort(address.port())
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
                .setRegisterWebSocketWriteHandlers(false)
                // No WebSocket is spoken here: what would look at each message for one is left out
                .setPerFrameWebSocketCompressionSupported(false)
                .setPerMessageWebSocketCompressionSupported(false);
        hardening.apply(options);
        if (certificates != null) {
            certificates.apply(options);
        }
        try {
            server = vertx.createHttpServer(options)
                    .requestHandler(this::receive)
                    .invalidRequestHandler(this::refuseUnreadable)
                    .connectionHandler(connection -> hardening.watch(connection, options, this::headersOfAnswer))
                    .exceptionHandler(broken -> LOG.debug("A connection failed", broken))
                    .listen()
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(10, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw address.refusal(e.getCause());
        }
        if (certificates != null) {
            certificates.watch(vertx);
        }
    }

    /** Where it listens, as a person on this machine would call it. */
    public String url() {
        return address.url(certificates == null ? "http" : "https");
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
        if (managementVertx != null) {
            managementVertx.close().toCompletionStage().toCompletableFuture().join();
        }
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
        context.addHeadersEndHandler(writing -> {
            if (!context.<Boolean>get(WHOLE, false)) {
                slow.set(vertx.setTimer(
                        limits.requestTime().toMillis(),
                        late -> request.connection().close()));
            }
        });
        context.addEndHandler(done -> {
            if (slow.get() >= 0) {
                vertx.cancelTimer(slow.get());
            }
            hardening.answered(request.connection());
            RequestLog.log(context, proxies.from(request), start);
            end.whenRead(request);
        });
        context.next();
    }

    /** The headers of an answer to a request that has not been read so far that it has an id. */
    private Map<String, String> headersOfAnswer() {
        var withId = new HashMap<>(headers);
        withId.put(RequestLog.ID, RequestLog.newId());
        return withId;
    }

    /** Gives the request its id and the answer the headers of every answer. */
    private void prepare(HttpServerRequest request) {
        var id = RequestLog.identify(request);
        var answered = request.response().headers();
        answered.set(RequestLog.ID, id);
        headers.forEach(answered::set);
        if (proxies.isSecure(request)) {
            answered.set(ResponseHeaders.HSTS, ResponseHeaders.HSTS_VALUE);
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
                end.whenRead(request);
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

    /**
     * The same of a caller for whom no step of its route need ask the database who it is.
     *
     * @param caller what its exchange has as the property {@link #CALLER}
     */
    public static void markAuthenticated(RoutingContext context, Object caller) {
        markAuthenticated(context);
        context.put(CALLER, caller);
    }

    /** Has the route of a request find these in its variables. */
    public static void giveVariables(RoutingContext context, Map<String, ?> variables) {
        context.put(VARIABLES, variables);
    }

    /** What was given by {@link #giveVariables}. */
    public static Map<String, ?> variables(RoutingContext context) {
        return context.get(VARIABLES, Map.of());
    }

    static boolean isAuthenticated(RoutingContext context) {
        return context.get(AUTHENTICATED, false);
    }
}
