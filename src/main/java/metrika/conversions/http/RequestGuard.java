package metrika.conversions.http;

import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;

/** Who says which requests get to routes. */
public interface RequestGuard {

    /** Adds what a request meets before any route. */
    void guard(Router router);

    /** Lets a request go on to its route, now that its form is read, or answers it. */
    void verify(RoutingContext context);
}
