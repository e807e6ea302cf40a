package metrika.conversions.http;

import java.util.HexFormat;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import org.apache.camel.Exchange;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import metrika.conversions.ids.LogIds;
import metrika.conversions.ids.Uuids;

/**
 * The id of each request, by which its lines in the log belong together: the caller's own when it is a sane one, else a
 * new one. The answer carries it, and each line that is logged while the request is worked on.
 */
public final class RequestLog {

    /** The header that it comes in and goes out by. */
    public static final String ID = "X-Request-Id";

    /** A request's own datum: the ids that its line carries. */
    private static final String IDS = "metrika.ids";

    private static final Logger LOG = LoggerFactory.getLogger(RequestLog.class);
    private static final HexFormat HEX = HexFormat.of();
    private static final Pattern SANE = Pattern.compile("[A-Za-z0-9._-]{1,64}");

    private RequestLog() {}

    public static String newId() {
        var random = ThreadLocalRandom.current(); // it tells requests apart, and opens nothing
        return HEX.toHexDigits(random.nextLong()) + HEX.toHexDigits(random.nextInt());
    }

    /** Gives a request its id, for whoever reads the header from now on. */
    static String identify(HttpServerRequest request) {
        var given = request.headers().getAll(ID);
        var id = given.size() == 1 && SANE.matcher(given.get(0)).matches() ? given.get(0) : newId();
        request.headers().set(ID, id);
        return id;
    }

    /**
     * Counts an answered request and writes its line: nothing of what the caller sent but its method, its id and a
     * webhook's id.
     */
    static void log(RoutingContext context, String from, long startNanos) {
        log(
                context.request(),
                context.currentRoute() == null ? null : context.currentRoute().getPath(),
                context.pathParam("webhook_id"),
                from,
                startNanos,
                context.get(IDS));
    }

    /** Keeps what a request was about for its line, which is written when its answer is out. */
    static void keepIds(RoutingContext context, Exchange exchange) {
        context.put(IDS, LogIds.of(exchange, context.request().getHeader(ID)));
    }

    /**
     * The same of a request that did not get to the routes.
     *
     * @param route the path of its route, with names for what stands in it, or {@code null}
     * @param webhook the id that the path gives, whatever it is, or {@code null}
     */
    static void log(HttpServerRequest request, String route, String webhook, String from, long startNanos) {
        log(request, route, webhook, from, startNanos, null);
    }

    private static void log(
            HttpServerRequest request, String route, String webhook, String from, long startNanos, LogIds ids) {
        var method = method(request);
        var path = route == null ? "-" : route;
        var status = request.response().getStatusCode();
        var nanos = System.nanoTime() - startNanos;
        RequestMetrics.record(method, path, status, nanos);
        if (!LOG.isInfoEnabled()) {
            return;
        }
        (ids == null ? LogIds.ofRequest(request.getHeader(ID)) : ids).show();
        try {
            // Put together here: there is a line for every request
            LOG.info(method + ' ' + path + ' ' + status + ", " + TimeUnit.NANOSECONDS.toMillis(nanos) + " ms, from "
                    + from + (webhook != null && Uuids.parse(webhook).isPresent() ? ", webhook " + webhook : ""));
        } finally {
            LogIds.clear();
        }
    }

    private static String method(HttpServerRequest request) {
        var name = request.method().name();
        return request.method() == HttpMethod.POST || SANE.matcher(name).matches() ? name : "?";
    }
}
