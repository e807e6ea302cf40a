package metrika.conversions.http;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import org.apache.camel.CamelContext;
import org.apache.camel.Processor;
import org.apache.camel.component.platform.http.PlatformHttpConstants;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.component.platform.http.spi.PlatformHttpConsumer;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpEngine;
import org.apache.camel.component.platform.http.vertx.VertxPlatformHttpRouter;
import org.apache.camel.spi.UnitOfWorkFactory;

/** Has camel-platform-http serve its endpoints by the server of this product, and remembers what they take. */
final class CamelHttpBinding {

    private final int port;
    private final Vertx vertx;
    private final Router router;
    private final BodyLimitHandler bodies;
    private final Bulkheads lanes;
    /** What looks at a request before its route, once its body is there. */
    private final List<Handler<RoutingContext>> handlers = new ArrayList<>(List.of(new FormBodyHandler()));
    /** Those of other servers, by what the paths begin with that they serve. */
    private final Map<String, CamelHttpBinding> others = new HashMap<>();
    /** What routes take, by their method and path. */
    private final Map<String, String> consumed = new ConcurrentHashMap<>();

    CamelHttpBinding(int port, Vertx vertx, Router router, BodyLimitHandler bodies, Bulkheads lanes) {
        this.port = port;
        this.vertx = vertx;
        this.router = router;
        this.bodies = bodies;
        this.lanes = lanes;
    }

    /** Makes the server the one that {@code platform-http} endpoints are served by. */
    void bind(CamelContext context) {
        // By itself the engine may take the management server, which is Camel's own, for the one to serve the API.
        var nonBlocking = new NonBlockingRoutes(context);
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
                var server = others.entrySet().stream()
                        .filter(other -> endpoint.getPath().startsWith(other.getKey()))
                        .map(Map.Entry::getValue)
                        .findFirst()
                        .orElse(CamelHttpBinding.this);
                return new AsyncPlatformHttpConsumer(
                        endpoint,
                        processor,
                        server.handlers,
                        VertxPlatformHttpRouter.getRouterNameFromPort(server.port),
                        server.lanes,
                        nonBlocking);
            }
        };
        context.getRegistry().bind(PlatformHttpConstants.PLATFORM_HTTP_ENGINE_NAME, engine);
        bindRouter(context);
        context.getCamelContextExtension().addContextPlugin(UnitOfWorkFactory.class, LoggedUnitOfWork::new);
    }

    /** Has another server serve the routes whose paths begin so: they are not to be had from this one. */
    void leave(String prefix, CamelHttpBinding other) {
        others.put(prefix, other);
    }

    /** Has requests looked at before each route, when their forms are read. */
    void verify(Handler<RoutingContext> handler) {
        handlers.add(handler);
    }

    /** Makes the server one that routes can be served by. */
    void bindRouter(CamelContext context) {
        var name = VertxPlatformHttpRouter.getRouterNameFromPort(port);
        context.getRegistry()
                .bind(
                        name,
                        new VertxPlatformHttpRouter(
                                null, vertx, router, name, VertxPlatformHttpRouter.SERVER_TYPE_SERVER) {
                            @Override
                            public Handler<RoutingContext> bodyHandler() {
                                return bodies;
                            }
                        });
    }

    /** What the route at a path takes, for people. */
    String typesAt(String path, HttpMethod method) {
        return consumed.entrySet().stream()
                .filter(route -> (method + " " + path).matches(route.getKey().replaceAll("\\{[^/]+}", "[^/]+")))
                .map(route -> route.getValue().replaceAll(",\\s*", " or "))
                .findFirst()
                .orElse("of another media type");
    }
}
