package metrika.conversions.http;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;

import metrika.conversions.http.hardening.ConnectionHardening;

/** What becomes of the rest of a request, and of its connection, once it is answered. */
final class RequestEnd {

    /** How long, in ms, a caller may go on sending what is not read any more, so that it gets to see the answer. */
    private static final long LINGER_MILLIS = 500;

    private final Vertx vertx;
    private final ConnectionHardening hardening;

    RequestEnd(Vertx vertx, ConnectionHardening hardening) {
        this.vertx = vertx;
        this.hardening = hardening;
    }

    /** What of it is still to come is passed over, and not waited for long. */
    void whenRead(HttpServerRequest request) {
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
}
