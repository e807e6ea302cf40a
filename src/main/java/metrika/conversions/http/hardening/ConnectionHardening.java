package metrika.conversions.http.hardening;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What guards connections by means that lean on the inside of Vert.x and Netty: how many there are, how long the head
 * of a request may take and a connection stay unanswered, and what two servers may read in different ways. Should
 * another version of theirs not get on with it, {@code http.hardening=false} leaves all this to Vert.x's own ways.
 */
public final class ConnectionHardening {

    private static final Logger LOG = LoggerFactory.getLogger(ConnectionHardening.class);

    private final boolean isOn;
    private final Duration requestTime;
    private final Duration idleTime;

    /**
     * @param requestTime for the head of a request to arrive
     * @param idleTime how long a connection is kept on which nothing is answered
     */
    public ConnectionHardening(boolean isOn, Duration requestTime, Duration idleTime) {
        this.isOn = isOn;
        this.requestTime = requestTime;
        this.idleTime = idleTime;
        if (!isOn) {
            LOG.warn("http.hardening is false: connections are not counted (limits.connections), a request's head may"
                    + " take its time (limits.request-time), and requests that two servers may read in different ways"
                    + " are not refused. Put a proxy in front that does it");
        }
    }

    /**
     * A Vert.x whose servers together have so many connections at most.
     *
     * @param max connections
     */
    public Vertx vertx(VertxOptions options, int max) {
        return isOn ? ConnectionLimit.vertx(options, max, idleTime) : Vertx.vertx(options);
    }

    /** Sets what Vert.x itself can do in the place of this. */
    public void apply(HttpServerOptions options) {
        if (!isOn) {
            options.setIdleTimeout((int) Math.min(Integer.MAX_VALUE, idleTime.toMillis()))
                    .setIdleTimeoutUnit(TimeUnit.MILLISECONDS);
        }
    }

    /**
     * Guards a new connection.
     *
     * @param headers of an answer to a request that cannot be read
     */
    public void watch(HttpConnection connection, HttpServerOptions options, Supplier<Map<String, String>> headers) {
        if (isOn) {
            RequestHeadTimeout.watch(connection, requestTime, options, headers);
            Http2IdleTimeout.watch(connection, idleTime, requestTime);
        }
    }

    /** Tells that the head of a request is there. */
    public void headRead(HttpConnection connection) {
        if (isOn) {
            RequestHeadTimeout.headRead(connection);
        }
    }

    /** Tells that something is answered on a connection. */
    public void answered(HttpConnection connection) {
        if (isOn) {
            Http2IdleTimeout.answered(connection);
        }
    }

    /** Tells that the next request may come on a connection of HTTP/1. */
    public void finished(HttpConnection connection) {
        if (isOn) {
            RequestHeadTimeout.answered(connection);
        }
    }
}
