package metrika.conversions.http;

import java.util.stream.Collectors;

import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;

import metrika.conversions.ids.LogIds;
import metrika.conversions.problem.FieldErrors;
import metrika.conversions.problem.Json;
import metrika.conversions.problem.ProblemException;
import metrika.conversions.problem.ProblemMapper;

/** Answers what fails before, beside or in the routes with problem documents, where Vert.x has HTML or text. */
final class ErrorPages {

    private static final int[] STATUSES = {400, 401, 403, 404, 405, 406, 413, 414, 415, 431, 500, 503};

    private final Router router;
    private final CamelHttpBinding binding;

    ErrorPages(Router router, CamelHttpBinding binding) {
        this.router = router;
        this.binding = binding;
    }

    /** Has the router answer by these. */
    void handleFailures() {
        for (int status : STATUSES) {
            router.errorHandler(status, this::fail);
        }
    }

    /** Has the connection end with this answer. One of HTTP/2 carries other requests too, and knows where each ends. */
    static void closeAfter(HttpServerRequest request) {
        if (request.version() != HttpVersion.HTTP_2) {
            request.response().putHeader("Connection", "close");
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
        write(
                context.response(),
                switch (context.statusCode()) {
                    case 404 -> ProblemException.of(404, "There is nothing at " + path);
                    case 405 -> {
                        var allowed = methods(HttpApiServer.path(context));
                        yield ProblemException.of(
                                        405,
                                        "%s cannot be done at %s, but %s can"
                                                .formatted(context.request().method(), path, allowed))
                                .header("Allow", allowed);
                    }
                    case 415 -> {
                        var given = context.request().getHeader("Content-Type");
                        var taken = binding.typesAt(
                                HttpApiServer.path(context), context.request().method());
                        yield ProblemException.of(
                                415,
                                "The body has to be %s (Content-Type)%s"
                                        .formatted(taken, given == null ? "" : ", not " + FieldErrors.quoted(given)));
                    }
                    case 500 -> problem(context);
                    // A path or a query that is not percent-encoded as it should be is a failure without a status
                    case -1, 400 ->
                        ProblemException.of(
                                400, "The request's path, query or form cannot be read: is it percent-encoded?");
                    default -> ProblemException.of(context.statusCode(), "The request cannot be worked on");
                });
    }

    /** Whether a body is still on its way. One that has none ends a moment after its head. */
    private static boolean isBodyToCome(HttpServerRequest request) {
        return !request.isEnded()
                && (request.headers().contains("Transfer-Encoding")
                        || request.headers().contains("Content-Length")
                                && !request.getHeader("Content-Length").strip().equals("0"));
    }

    private static ProblemException problem(RoutingContext context) {
        LogIds.ofRequest(context.request().getHeader(RequestLog.ID)).show();
        try {
            return ProblemMapper.of(context.failure());
        } finally {
            LogIds.clear();
        }
    }

    /** The methods of all routes at a path, as Allow lists them. */
    private String methods(String path) {
        return router.getRoutes().stream()
                .filter(route -> route.getPath() != null && route.methods() != null)
                .filter(route -> path.matches(route.getPath().replaceAll(":[^/]+", "[^/]+")))
                .flatMap(route -> route.methods().stream())
                .map(HttpMethod::name)
                .distinct()
                .sorted()
                .collect(Collectors.joining(", "));
    }

    static Future<Void> write(HttpServerResponse response, ProblemException problem) {
        response.setStatusCode(problem.status()).putHeader("Content-Type", ProblemException.MEDIA_TYPE);
        problem.headers().forEach(response::putHeader);
        return response.end(Json.write(problem.document()));
    }
}
