package metrika.conversions.http.hardening;

import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

import io.netty.channel.Channel;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.util.AttributeKey;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.net.impl.ConnectionBase;

/**
 * Ends a connection of HTTP/2 on which no request is answered for a time. {@link ConnectionLimit} does so by what is
 * written, and of HTTP/2 that is more than answers: whoever sends pings is written to as often as it likes.
 */
final class Http2IdleTimeout {

    private static final AttributeKey<Http2IdleTimeout> KEY = AttributeKey.valueOf(Http2IdleTimeout.class.getName());

    private final HttpConnection connection;
    private final Channel channel;
    private final Duration time;
    private final Duration grace;
    private volatile long last = System.nanoTime();
    private volatile Future<?> look;

    private Http2IdleTimeout(HttpConnection connection, Duration time, Duration grace) {
        this.connection = connection;
        this.channel = ((ConnectionBase) connection).channel();
        this.time = time;
        this.grace = grace;
    }

    /**
     * Watches a connection, if it is one of HTTP/2.
     *
     * @param time how long it is kept without an answer
     * @param grace how long requests that are under way then may still take
     */
    static void watch(HttpConnection connection, Duration time, Duration grace) {
        var watch = new Http2IdleTimeout(connection, time, grace);
        if (watch.channel.pipeline().get(Http2ConnectionHandler.class) != null) {
            watch.channel.attr(KEY).set(watch);
            watch.lookIn(time.toNanos());
            watch.channel.closeFuture().addListener(closed -> watch.look.cancel(false));
        }
    }

    /** Tells that something is answered on a connection. */
    static void answered(HttpConnection connection) {
        var watch = ((ConnectionBase) connection).channel().attr(KEY).get();
        if (watch != null) {
            watch.last = System.nanoTime();
        }
    }

    private void look() {
        var left = time.toNanos() - (System.nanoTime() - last);
        if (left > 0) {
            lookIn(left);
        } else if (channel.isOpen()) {
            connection.shutdown(grace.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void lookIn(long nanos) {
        look = channel.eventLoop().schedule(this::look, nanos, TimeUnit.NANOSECONDS);
    }
}
