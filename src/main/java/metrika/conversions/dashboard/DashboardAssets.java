package metrika.conversions.dashboard;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;

/** What pages load: the files that are named here, out of the jars, and nothing else. */
final class DashboardAssets implements Handler<RoutingContext> {

    private static final String LIBRARIES = "/META-INF/resources/webjars/";
    private static final Map<String, String> FILES = Map.of(
            "htmx.min.js",
            LIBRARIES + "htmx.org/2.0.4/dist/htmx.min.js",
            "pico.min.css",
            LIBRARIES + "picocss__pico/2.1.1/css/pico.min.css",
            "uplot.min.js",
            LIBRARIES + "uplot/1.6.30/dist/uPlot.iife.min.js",
            "uplot.min.css",
            LIBRARIES + "uplot/1.6.30/dist/uPlot.min.css",
            "plots.js",
            "/dashboard/plots.js",
            "dashboard.js",
            "/dashboard/dashboard.js",
            "dashboard.css",
            "/dashboard/dashboard.css");

    /** Those that were asked for. */
    private final Map<String, Buffer> read = new ConcurrentHashMap<>();

    @Override
    public void handle(RoutingContext context) {
        var name = context.pathParam("name");
        var file = FILES.get(name);
        if (file == null) {
            context.fail(404);
            return;
        }
        context.vertx().executeBlocking(() -> bytes(name, file), false).onComplete(loaded -> {
            if (loaded.failed()) {
                context.fail(loaded.cause());
                return;
            }
            context.response()
                    .putHeader("Content-Type", name.endsWith(".js") ? "text/javascript" : "text/css")
                    .putHeader("Cache-Control", "private, max-age=3600")
                    .end(loaded.result());
        });
    }

    private Buffer bytes(String name, String file) throws IOException {
        var known = read.get(name);
        if (known == null) {
            try (var stream = DashboardAssets.class.getResourceAsStream(file)) {
                if (stream == null) {
                    throw new IOException(file + " is in no jar");
                }
                known = Buffer.buffer(stream.readAllBytes());
            }
            read.put(name, known);
        }
        return known;
    }
}
