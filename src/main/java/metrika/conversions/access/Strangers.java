package metrika.conversions.access;

import java.util.regex.Pattern;

import io.vertx.core.Handler;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.RoutingContext;
import metrika.conversions.web.Json;
import metrika.conversions.web.Problem;

/**
 * Turns away at the door who is surely not to be let in, before the body is read and a worker is taken: a flood of wrong
 * secrets does not stand in the way of the right one. Who cannot be judged from memory goes on, and is judged by
 * {@link Access}; so is who signs, since that takes the body.
 */
public final class Strangers implements Handler<RoutingContext> {

    /** What only senders call. */
    private static final Pattern PATH = Pattern.compile("/webhook/offline-conversions/([^/]+)(/status)?");
    private static final Problem PROBLEM = Webhooks.notLetIn();
    private static final String BODY = Json.write(PROBLEM.document());

    private final Access access;

    public Strangers(Access access) {
        this.access = access;
    }

    @Override
    public void handle(RoutingContext context) {
        var request = context.request();
        var path = PATH.matcher(context.normalizedPath());
        var isForSenders = path.matches() && request.method().equals(path.group(2) == null ? HttpMethod.POST : HttpMethod.GET);
        if (isForSenders && access.isStranger(path.group(1), request)) {
            request.response().setStatusCode(PROBLEM.status()).putHeader("Content-Type", Problem.MEDIA_TYPE).setChunked(true)
                    .end(BODY);
        } else {
            context.next();
        }
    }
}
