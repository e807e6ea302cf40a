package metrika.conversions.http.hardening;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.impl.ConnectionBase;

import metrika.conversions.problem.Json;
import metrika.conversions.problem.ProblemException;

/**
 * Sees the bytes of an HTTP/1 connection before they are decoded: the head of a request has to be there within a time
 * of its first byte, however it trickles.
 */
final class RequestHeadTimeout extends ChannelInboundHandlerAdapter {

    private final Duration time;
    private final Supplier<Map<String, String>> headers;
    private ChannelHandlerContext context;
    private Future<?> deadline;
    /**
     * Requests whose head is there and which are not answered. While there are any, what comes is a body, or a request
     * that waits its turn.
     */
    private int underWay;

    private boolean refused;

    RequestHeadTimeout(Duration time, Supplier<Map<String, String>> headers) {
        this.time = time;
        this.headers = headers;
    }

    /** Puts a guard in front of an HTTP/1 connection's decoder, and has the decoder be a strict one. */
    static void watch(
            HttpConnection connection,
            Duration time,
            HttpServerOptions options,
            Supplier<Map<String, String>> headers) {
        var pipeline = ((ConnectionBase) connection).channel().pipeline();
        if (pipeline.get("httpDecoder") != null) {
            pipeline.replace("httpDecoder", "httpDecoder", new StrictHttpDecoder(options));
            pipeline.addBefore("httpDecoder", "headGuard", new RequestHeadTimeout(time, headers));
        }
    }

    /** Tells the guard of a connection, if it has one, that a request's head is there. */
    static void headRead(HttpConnection connection) {
        var guard = ((ConnectionBase) connection).channel().pipeline().get(RequestHeadTimeout.class);
        if (guard != null) {
            guard.underWay++;
            guard.stopWaiting();
        }
    }

    /** Tells the guard that the request is answered and the next head may come. */
    static void answered(HttpConnection connection) {
        var guard = ((ConnectionBase) connection).channel().pipeline().get(RequestHeadTimeout.class);
        if (guard != null) {
            guard.underWay--;
        }
    }

    @Override
    public void handlerAdded(ChannelHandlerContext added) {
        context = added;
    }

    @Override
    public void channelRead(ChannelHandlerContext from, Object message) {
        if (refused) {
            ReferenceCountUtil.release(message);
            return;
        }
        if (underWay == 0 && deadline == null) {
            deadline = from.executor()
                    .schedule(
                            () -> refuse(ProblemException.of(
                                    408,
                                    ("The request line and headers did not arrive within %d s"
                                                    + " (limits.request-time)")
                                            .formatted(time.toSeconds()))),
                            time.toMillis(),
                            TimeUnit.MILLISECONDS);
        }
        from.fireChannelRead(message);
    }

    @Override
    public void channelInactive(ChannelHandlerContext from) {
        stopWaiting();
        from.fireChannelInactive();
    }

    private void refuse(ProblemException problem) {
        if (underWay > 0 || refused) {
            return;
        }
        refused = true;
        stopWaiting();
        var body = Json.write(problem.document()).getBytes(StandardCharsets.UTF_8);
        var head = "HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %d\r\nConnection: close\r\n"
                .formatted(problem.status(), problem.document().get("title"), ProblemException.MEDIA_TYPE, body.length);
        var headers = new StringBuilder(head);
        this.headers
                .get()
                .forEach((name, value) ->
                        headers.append(name).append(": ").append(value).append("\r\n"));
        headers.append("\r\n");
        var answer = Unpooled.wrappedBuffer(headers.toString().getBytes(StandardCharsets.US_ASCII), body);
        context.writeAndFlush(answer).addListener(ChannelFutureListener.CLOSE);
    }

    private void stopWaiting() {
        if (deadline != null) {
            deadline.cancel(false);
            deadline = null;
        }
    }
}
