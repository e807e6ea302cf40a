package metrika.conversions.web;

import java.net.BindException;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;

import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import metrika.conversions.SettingException;
import metrika.conversions.Settings;
import org.apache.camel.CamelContext;
import org.apache.camel.component.platform.http.PlatformHttpConstants;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpEngine;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;

/**
 * The public HTTP server under camel-platform-http: the component brings a server of its own, but one that goes on without
 * its port, answers 404, 405, 413 and 415 with HTML or text, and lets nothing of it be set.
 */
public final class WebServer implements AutoCloseable {

    /** How long a connection without traffic is kept, in seconds. */
    private static final int IDLE_SECONDS = 60;
    private static final Duration STARTING_PAUSE = Duration.ofSeconds(5);

    private final String host;
    private final int port;
    private final long bodyBytes;
    private final Vertx vertx;
    private final Router router;
    private HttpServer server;
    private volatile boolean taking;

    public WebServer(Settings settings, int workers) {
        host = settings.text("http.host");
        port = (int) settings.number("http.port", 1, 65535);
        bodyBytes = settings.number("limits.body-bytes", 1, 1L << 30);
        vertx = Vertx.vertx(new VertxOptions().setWorkerPoolSize(workers));
        router = Router.router(vertx);
        router.route().handler(this::refuseUnlessTaking);
        router.route().handler(WebServer::readContentType);
        for (int status : new int[] {400, 401, 403, 404, 405, 406, 413, 414, 415, 431, 500, 503}) {
            router.errorHandler(status, this::fail);
        }
    }

    /** Makes this server the one that {@code platform-http} endpoints are served by. */
    public void serve(CamelContext context) {
        var name = VertxPlatformHttpRouter.getRouterNameFromPort(port);
        // By itself the engine may take the management server, which is Camel's own, for the one to serve the API.
        context.getRegistry().bind(PlatformHttpConstants.PLATFORM_HTTP_ENGINE_NAME, new VertxPlatformHttpEngine() {
            @Override
            public int getServerPort() {
                return port;
            }
        });
        context.getRegistry().bind(name, new VertxPlatformHttpRouter(null, vertx, router, name,
                VertxPlatformHttpRouter.SERVER_TYPE_SERVER) {
            @Override
            public Handler<RoutingContext> bodyHandler() {
                return BodyHandler.create(false).setBodyLimit(bodyBytes);
            }
        });
    }

    /**
     * Takes the address, so that the product does not start without it. Until {@link #take} every caller is told 503.
     *
     * @throws SettingException when the address cannot be listened on
     */
    public void listen() throws InterruptedException {
        var options = new HttpServerOptions().setHost(host).setPort(port).setIdleTimeout(IDLE_SECONDS);
        try {
            server = vertx.createHttpServer(options).requestHandler(router).invalidRequestHandler(WebServer::refuse).listen()
                    .toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            var reason = e.getCause() instanceof BindException ? "the address is taken or not this machine's"
                    : String.valueOf(e.getCause());
            throw new SettingException("Cannot listen on %s:%d (http.host, http.port): %s".formatted(host, port, reason));
        }
    }

    /** Where it listens, as a person on this machine would call it. */
    public String url() {
        return "http://%s:%d".formatted(host.equals("127.0.0.1") || host.equals("0.0.0.0") ? "localhost" : host, port);
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
    }

    private void refuseUnlessTaking(RoutingContext context) {
        if (taking) {
            context.next();
        } else {
            context.response().putHeader("Connection", "close");
            write(context, Problem.of(503, "The server is starting or shutting down").retryAfter(STARTING_PAUSE));
        }
    }

    private void fail(RoutingContext context) {
        if (context.response().headWritten()) {
            context.response().reset();
            return;
        }
        var path = context.request().path();
        write(context, switch (context.statusCode()) {
            case 404 -> Problem.of(404, "There is nothing at " + path);
            case 405 -> {
                var allowed = methods(path.length() > 1 && path.endsWith("/") ? path.substring(0, path.length() - 1) : path);
                yield Problem.of(405, "%s cannot be done at %s, but %s can".formatted(context.request().method(),
                        path, allowed)).header("Allow", allowed);
            }
            case 413 -> {
                // The rest of the body is still on its way: nothing else can follow on this connection.
                context.response().putHeader("Connection", "close");
                yield tooLarge(bodyBytes);
            }
            case 415 -> Problem.of(415, "The body has to be application/json (Content-Type)");
            case 500 -> Problems.of(context.failure());
            // A path or a query that is not percent-encoded as it should be is a failure without a status
            case -1, 400 -> Problem.of(400, "The request's path or query cannot be read: is it percent-encoded?");
            default -> Problem.of(context.statusCode(), "The request cannot be worked on");
        });
    }

    /** Media types are the same in capitals, and ranges of them are no type that a body can have. */
    private static void readContentType(RoutingContext context) {
        var type = context.request().getHeader("Content-Type");
        if (type != null && type.contains("*")) {
            context.fail(415);
            return;
        }
        if (type != null) {
            context.request().headers().set("Content-Type", type.toLowerCase(Locale.ROOT));
        }
        context.next();
    }

    /** What is not HTTP, or more of it than is taken: a line of 4096 bytes, headers of 8192. */
    private static void refuse(HttpServerRequest request) {
        var cause = request.decoderResult().cause();
        var problem = cause instanceof TooLongHttpLineException ? Problem.of(414, "The request's first line is too long")
                : cause instanceof TooLongHttpHeaderException ? Problem.of(431, "The request's headers are too long")
                : Problem.of(400, "The request is not HTTP");
        request.response().setStatusCode(problem.status()).putHeader("Content-Type", Problem.MEDIA_TYPE)
                .putHeader("Connection", "close");
        request.response().end(Json.write(problem.document())).onComplete(written -> request.connection().close());
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

    /** The problem of a body that is larger, as sent or unpacked, than {@code limits.body-bytes}. */
    public static Problem tooLarge(long bodyBytes) {
        return Problem.of(413, "The body is larger than %d bytes (limits.body-bytes): send it in several requests"
                .formatted(bodyBytes));
    }

    private static void write(RoutingContext context, Problem problem) {
        HttpServerResponse response = context.response();
        response.setStatusCode(problem.status()).putHeader("Content-Type", Problem.MEDIA_TYPE);
        problem.headers().forEach(response::putHeader);
        response.end(Json.write(problem.document()));
    }
}
