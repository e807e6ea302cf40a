package metrika.conversions.http;

import java.net.BindException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;

import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.Http2Settings;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import metrika.conversions.http.hardening.ConnectionLimit;
import metrika.conversions.http.hardening.Http2IdleTimeout;
import metrika.conversions.http.hardening.RequestHeadTimeout;
import metrika.conversions.http.hardening.StrictHttpDecoder;
import metrika.conversions.problem.FieldErrors;
import metrika.conversions.problem.Json;
import metrika.conversions.problem.ProblemException;
import metrika.conversions.problem.ProblemMapper;
import metrika.conversions.settings.SettingException;
import metrika.conversions.settings.Settings;
import org.apache.camel.CamelContext;
import org.apache.camel.Processor;
import org.apache.camel.component.platform.http.PlatformHttpConstants;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.component.platform.http.spi.PlatformHttpConsumer;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpEngine;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.apache.camel.spi.UnitOfWorkFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.MDC;

/**
 * The public HTTP server under camel-platform-http: the component brings a server of its own, but one that goes on without
 * its port, answers 404, 405, 413 and 415 with HTML or text, and lets nothing of it be set.
 */
public final class HttpApiServer implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(HttpApiServer.class);
    private static final Duration STARTING_PAUSE = Duration.ofSeconds(5);
    /** How long, in ms, a caller may go on sending what is not read any more, so that it gets to see the answer. */
    private static final long LINGER_MILLIS = 500;
    /** Connections to health and metrics. They have places of their own: a flood of callers does not make us look dead. */
    private static final int MANAGEMENT_CONNECTIONS = 50;
    /** A request's own datum, and the property of its exchange: when its head was there, in ns of the monotonic clock. */
    public static final String ARRIVAL = "metrika.arrival";
    /** A request's own datum: its caller is let in. */
    private static final String LET_IN = "metrika.let-in";

    /** Headers that two parties on a request's way may take another value of, in whatever case. */
    private static final Set<String> ONCE = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);

    static {
        ONCE.addAll(List.of("Authorization", "Content-Encoding", "Content-Type", "Idempotency-Key", "X-Webhook-Secret",
                "webhook-id", "webhook-timestamp", "webhook-signature"));
    }

    private final String host;
    private final int port;
    private final HttpLimits limits;
    private final TrustedProxies proxies;
    private final ReloadingTlsCertificate certificates;
    private final Vertx vertx;
    private final Vertx managementVertx;
    private final Router router;
    private final BodyLimitHandler bodies;
    private final Bulkheads lanes;
    private HttpServer server;
    /** What routes take, by their method and path. */
    private final Map<String, String> consumed = new ConcurrentHashMap<>();
    private volatile boolean taking;

    public HttpApiServer(Settings settings, int workers) {
        host = settings.text("http.host");
        port = (int) settings.number("http.port", 1, 65535);
        limits = HttpLimits.of(settings);
        proxies = new TrustedProxies(settings);
        certificates = ReloadingTlsCertificate.of(settings);
        bodies = new BodyLimitHandler(limits);
        vertx = ConnectionLimit.vertx(new VertxOptions().setWorkerPoolSize(workers), limits.connections(), limits.idleTime());
        managementVertx = ConnectionLimit.vertx(new VertxOptions().setEventLoopPoolSize(1).setWorkerPoolSize(2),
                MANAGEMENT_CONNECTIONS, limits.idleTime());
        lanes = new Bulkheads(vertx, workers);
        router = Router.router(vertx);
        router.route().handler(this::begin);
        router.route().handler(this::refuseUnlessTaking);
        router.route().handler(HttpApiServer::readContentType);
        for (int status : new int[] {400, 401, 403, 404, 405, 406, 413, 414, 415, 431, 500, 503}) {
            router.errorHandler(status, this::fail);
        }
    }

    /** Makes this server the one that {@code platform-http} endpoints are served by. */
    public void serve(CamelContext context) {
        var name = VertxPlatformHttpRouter.getRouterNameFromPort(port);
        // By itself the engine may take the management server, which is Camel's own, for the one to serve the API.
        var engine = new VertxPlatformHttpEngine() {
            @Override
            public int getServerPort() {
                return port;
            }

            @Override
            public PlatformHttpConsumer createConsumer(PlatformHttpEndpoint endpoint, Processor processor) {
                if (endpoint.getConsumes() != null) {
                    consumed.put(endpoint.getHttpMethodRestrict() + " " + endpoint.getPath(), endpoint.getConsumes());
                }
                return new AsyncPlatformHttpConsumer(endpoint, processor, getHandlers(), name, lanes);
            }
        };
        engine.setHandlers(List.of(HttpApiServer::readForm));
        context.getRegistry().bind(PlatformHttpConstants.PLATFORM_HTTP_ENGINE_NAME, engine);
        context.getRegistry().bind(name, new VertxPlatformHttpRouter(null, vertx, router, name,
                VertxPlatformHttpRouter.SERVER_TYPE_SERVER) {
            @Override
            public Handler<RoutingContext> bodyHandler() {
                return bodies;
            }
        });
        context.getRegistry().bind("proxies", proxies);
        // Camel's management server takes the one Vert.x that it finds.
        context.getRegistry().bind("managementVertx", managementVertx);
        context.getCamelContextExtension().addContextPlugin(UnitOfWorkFactory.class, RequestLog::unitOfWork);
    }

    /**
     * Takes the address, so that the product does not start without it. Until {@link #take} every caller is told 503.
     *
     * @throws SettingException when the address cannot be listened on
     */
    public void listen() throws InterruptedException {
        var options = new HttpServerOptions().setHost(host).setPort(port)
                .setMaxInitialLineLength(limits.urlBytes())
                .setMaxHeaderSize(limits.headerBytes())
                .setSslHandshakeTimeout(limits.requestTime().toMillis()).setSslHandshakeTimeoutUnit(TimeUnit.MILLISECONDS)
                // HTTP/2 is spoken within TLS only: in clear text nobody asks for it but those who test what it lets through.
                .setHttp2ClearTextEnabled(false)
                .setInitialSettings(new Http2Settings().setMaxHeaderListSize(limits.headerBytes()).setMaxConcurrentStreams(100))
                .setRegisterWebSocketWriteHandlers(false);
        if (certificates != null) {
            certificates.apply(options);
        }
        try {
            server = vertx.createHttpServer(options).requestHandler(this::receive).invalidRequestHandler(this::refuseUnreadable)
                    .connectionHandler(connection -> {
                        RequestHeadTimeout.watch(connection, limits.requestTime(), options, HttpApiServer::headersOfAnswer);
                        Http2IdleTimeout.watch(connection, limits.idleTime(), limits.requestTime());
                    })
                    .exceptionHandler(broken -> LOG.debug("A connection failed", broken))
                    .listen().toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            var reason = e.getCause() instanceof BindException ? "the address is taken or not this machine's"
                    : String.valueOf(e.getCause());
            throw new SettingException("Cannot listen on %s:%d (http.host, http.port): %s".formatted(host, port, reason));
        }
        if (certificates != null) {
            certificates.watch(vertx);
        }
    }

    /** Where it listens, as a person on this machine would call it. */
    public String url() {
        var isHere = List.of("127.0.0.1", "0.0.0.0", "::1", "::", "[::1]", "[::]").contains(host);
        return "%s://%s:%d".formatted(certificates == null ? "http" : "https",
                isHere ? "localhost" : host.contains(":") && !host.startsWith("[") ? "[" + host + "]" : host, port);
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
        RequestHeadTimeout.headRead(request.connection());
        prepare(request);
        var problem = unclear(request);
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
        context.addHeadersEndHandler(writing -> slow.set(vertx.setTimer(limits.requestTime().toMillis(),
                late -> request.connection().close())));
        context.addEndHandler(done -> {
            vertx.cancelTimer(slow.get());
            Http2IdleTimeout.answered(request.connection());
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

    /** Has the connection end with this answer. One of HTTP/2 carries other requests too, and knows where each ends. */
    private static void closeAfter(HttpServerRequest request) {
        if (request.version() != HttpVersion.HTTP_2) {
            request.response().putHeader("Connection", "close");
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

    private static void finish(HttpServerRequest request) {
        if (request.version() == HttpVersion.HTTP_2) {
            if (!request.isEnded()) {
                request.response().reset(0);
            }
        } else if (!request.isEnded() || request.response().headers().contains("Connection", "close", true)) {
            request.connection().close();
        } else {
            RequestHeadTimeout.answered(request.connection());
        }
    }

    /** What servers on the way of a request may read in different ways, too much of it, or what names no place here. */
    private ProblemException unclear(HttpServerRequest request) {
        var encoding = request.headers().getAll("Transfer-Encoding");
        var path = request.path();
        if (request.uri() != null && request.uri().length() > limits.urlBytes()) {
            return tooLong(); // of HTTP/1 the decoder sees to it
        }
        var headers = request.headers().entries();
        if (headers.size() > limits.headers()) {
            return ProblemException.of(431, "The request has more than %d headers (limits.headers)".formatted(limits.headers()));
        }
        var repeated = repeated(headers);
        if (repeated != null) {
            return ProblemException.of(400, repeated + " is given more than once: which of them is meant, nobody can tell");
        }
        if (!encoding.isEmpty() && (encoding.size() > 1 || !encoding.get(0).equalsIgnoreCase("chunked")
                || request.version() == HttpVersion.HTTP_1_0)) {
            return ProblemException.of(400, "The body's Transfer-Encoding can be chunked only, and in HTTP/1.1");
        }
        if (request.version() == HttpVersion.HTTP_1_1 && request.headers().getAll("Host").size() != 1
                || request.authority() == null && (request.version() != HttpVersion.HTTP_1_0 || request.headers().contains("Host"))) {
            return ProblemException.of(400, "The request needs one Host header, a name with or without a port");
        }
        return path == null || !path.startsWith("/")
                ? ProblemException.of(400, "The request's first line has to name a path that begins with /") : null;
    }

    /** A header that says one thing, and stands there twice; {@code null} if there is none. */
    private static String repeated(List<Map.Entry<String, String>> headers) {
        for (int i = 1; i < headers.size(); i++) {
            var name = headers.get(i).getKey();
            for (int before = 0; before < i; before++) {
                if (name.equalsIgnoreCase(headers.get(before).getKey()) && ONCE.contains(name)) {
                    return name;
                }
            }
        }
        return null;
    }

    /** Answers, and ends the connection: where the next request on it begins is not certain. */
    private void refuse(HttpServerRequest request, ProblemException problem) {
        var start = System.nanoTime();
        closeAfter(request);
        write(request.response(), problem).onComplete(written -> {
            Http2IdleTimeout.answered(request.connection());
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
            closeAfter(context.request());
            write(context.response(), ProblemException.of(503, "The server is starting or shutting down").retryAfter(STARTING_PAUSE));
        }
    }

    private void fail(RoutingContext context) {
        if (context.response().headWritten()) {
            context.response().reset();
            return;
        }
        if (isBodyToCome(context.request())) {
            // Nothing else can follow on this connection
            closeAfter(context.request());
        }
        var path = context.request().path();
        write(context.response(), switch (context.statusCode()) {
            case 404 -> ProblemException.of(404, "There is nothing at " + path);
            case 405 -> {
                var allowed = methods(path(context));
                yield ProblemException.of(405, "%s cannot be done at %s, but %s can".formatted(context.request().method(),
                        path, allowed)).header("Allow", allowed);
            }
            case 415 -> {
                var given = context.request().getHeader("Content-Type");
                var taken = types(path(context), context.request().method());
                yield ProblemException.of(415, "The body has to be %s (Content-Type)%s".formatted(taken,
                        given == null ? "" : ", not " + FieldErrors.quoted(given)));
            }
            case 500 -> problem(context);
            // A path or a query that is not percent-encoded as it should be is a failure without a status
            case -1, 400 -> ProblemException.of(400, "The request's path, query or form cannot be read: is it percent-encoded?");
            default -> ProblemException.of(context.statusCode(), "The request cannot be worked on");
        });
    }

    /** Whether a body is still on its way. One that has none ends a moment after its head. */
    private static boolean isBodyToCome(HttpServerRequest request) {
        return !request.isEnded() && (request.headers().contains("Transfer-Encoding")
                || request.headers().contains("Content-Length") && !request.getHeader("Content-Length").strip().equals("0"));
    }

    /** Has everyone after this see a Content-Type written in one way. */
    private static void readContentType(RoutingContext context) {
        var request = context.request();
        var given = request.getHeader("Content-Type");
        if (given != null && !given.equals("application/json") && !given.regionMatches(true, 0, "multipart/", 0, 10)) {
            try {
                request.headers().set("Content-Type", ContentType.parse(given).text());
            } catch (ProblemException e) {
                if (!request.method().equals(HttpMethod.GET) && !given.isBlank()) {
                    context.fail(e);
                    return;
                }
                request.headers().remove("Content-Type"); // of no body
            }
        }
        context.next();
    }

    /** Takes a form apart. Vert.x takes one that it cannot read for one without fields, and bytes of any charset for UTF-8. */
    private static void readForm(RoutingContext context) {
        var request = context.request();
        var type = request.getHeader("Content-Type");
        if (type == null || !type.startsWith("application/x-www-form-urlencoded")) {
            context.next();
            return;
        }
        try {
            FormFields.ofForm(context.body().buffer().getBytes(), FormFields.charset(type))
                    .forEach(field -> request.formAttributes().add(field.getKey(), field.getValue()));
        } catch (ProblemException e) {
            context.fail(e);
            return;
        }
        request.params().addAll(request.formAttributes());
        context.next();
    }

    private static ProblemException problem(RoutingContext context) {
        MDC.put(RequestLog.KEY, context.request().getHeader(RequestLog.ID));
        try {
            return ProblemMapper.of(context.failure());
        } finally {
            MDC.remove(RequestLog.KEY);
        }
    }

    /** What is not HTTP, or more of it than is taken. */
    private void refuseUnreadable(HttpServerRequest request) {
        RequestHeadTimeout.headRead(request.connection());
        prepare(request);
        var cause = request.decoderResult().cause();
        refuse(request, cause instanceof TooLongHttpLineException ? tooLong()
                : cause instanceof TooLongHttpHeaderException
                ? ProblemException.of(431, "The request's headers are larger than %d bytes (limits.header-bytes)".formatted(limits.headerBytes()))
                : cause instanceof StrictHttpDecoder.OtherVersionException
                ? ProblemException.of(505, "The request's first line has to end in HTTP/1.1 or HTTP/1.0: no other version is spoken here")
                : cause instanceof StrictHttpDecoder.FoldedHeaderException
                ? ProblemException.of(400, "The request is not HTTP: a header goes on on the next line")
                : ProblemException.of(400, "The request is not HTTP"));
    }

    private ProblemException tooLong() {
        return ProblemException.of(414, "The request's first line is longer than %d bytes (limits.url-bytes)".formatted(limits.urlBytes()));
    }

    /** The path that routes are found by: without what can be written in several ways, and without a slash at its end. */
    public static String path(RoutingContext context) {
        var path = context.normalizedPath();
        return path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    }

    /** When a request's head was there, on this machine's monotonic clock. */
    public static long arrival(RoutingContext context) {
        return context.get(ARRIVAL);
    }

    /** Notes that the caller has shown a credential that opens what it asks for, before the body is read. */
    public static void letIn(RoutingContext context) {
        context.put(LET_IN, true);
    }

    static boolean isLetIn(RoutingContext context) {
        return context.get(LET_IN, false);
    }

    /** The methods of all routes at a path, as Allow lists them. */
    private String methods(String path) {
        return router.getRoutes().stream()
                .filter(route -> route.getPath() != null && route.methods() != null)
                .filter(route -> path.matches(route.getPath().replaceAll(":[^/]+", "[^/]+")))
                .flatMap(route -> route.methods().stream())
                .map(HttpMethod::name)
                .distinct().sorted().collect(Collectors.joining(", "));
    }

    /** What the route at a path takes, for people. */
    private String types(String path, HttpMethod method) {
        return consumed.entrySet().stream()
                .filter(route -> (method + " " + path).matches(route.getKey().replaceAll("\\{[^/]+}", "[^/]+")))
                .map(route -> route.getValue().replaceAll(",\\s*", " or "))
                .findFirst().orElse("of another media type");
    }

    /** The problem of a body that is larger, as sent or unpacked, than {@code limits.body-bytes}. */
    public static ProblemException tooLarge(long bodyBytes) {
        return ProblemException.of(413, "The body is larger than %d bytes (limits.body-bytes): send it in several requests"
                .formatted(bodyBytes));
    }

    private static Future<Void> write(HttpServerResponse response, ProblemException problem) {
        response.setStatusCode(problem.status()).putHeader("Content-Type", ProblemException.MEDIA_TYPE);
        problem.headers().forEach(response::putHeader);
        return response.end(Json.write(problem.document()));
    }
}
