package metrika.conversions.http.hardening;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import io.netty.channel.Channel;
import io.netty.channel.ChannelFactory;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.socket.DatagramChannel;
import io.netty.channel.socket.InternetProtocolFamily;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.impl.VertxBuilder;
import io.vertx.core.impl.transports.JDKTransport;
import io.vertx.core.spi.transport.Transport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * TCP with a bound: connections above a number are closed as soon as they are accepted, before a byte is read or a TLS
 * handshake begins, and so are those to which nothing was written for a time, whatever they send; to HTTP/2, where
 * pings are answered too, {@link Http2IdleTimeout} sees. Vert.x itself counts connections only once it knows what they
 * speak.
 */
final class ConnectionLimit implements Transport {

    private static final Logger LOG = LoggerFactory.getLogger(ConnectionLimit.class);
    private static final long QUIET_NANOS = Duration.ofMinutes(1).toNanos();

    private final int max;
    private final Duration idleTime;
    private final AtomicInteger open = new AtomicInteger();
    private volatile long lastWarned = System.nanoTime() - QUIET_NANOS;

    private ConnectionLimit(int max, Duration idleTime) {
        this.max = max;
        this.idleTime = idleTime;
    }

    /**
     * A Vert.x whose servers together have so many connections at most.
     *
     * @param max connections
     * @param idleTime how long one is kept on which nothing is answered
     */
    static Vertx vertx(VertxOptions options, int max, Duration idleTime) {
        // Vert.x is no client here, so it need not look up names by means of its own
        System.setProperty("vertx.disableDnsResolver", "true");
        return new VertxBuilder(options)
                .findTransport(new ConnectionLimit(max, idleTime))
                .init()
                .vertx();
    }

    @Override
    public EventLoopGroup eventLoopGroup(
            int type, int threads, java.util.concurrent.ThreadFactory factory, int ioRatio) {
        return JDKTransport.INSTANCE.eventLoopGroup(type, threads, factory, ioRatio);
    }

    @Override
    public DatagramChannel datagramChannel() {
        return JDKTransport.INSTANCE.datagramChannel();
    }

    @Override
    public DatagramChannel datagramChannel(InternetProtocolFamily family) {
        return JDKTransport.INSTANCE.datagramChannel(family);
    }

    @Override
    public ChannelFactory<? extends Channel> channelFactory(boolean domainSocket) {
        return JDKTransport.INSTANCE.channelFactory(domainSocket);
    }

    @Override
    public ChannelFactory<? extends ServerChannel> serverChannelFactory(boolean domainSocket) {
        return Server::new;
    }

    /** Whether there is room for one more; if so, it is counted until it is closed. */
    private boolean admit(Channel connection) {
        if (open.incrementAndGet() > max) {
            open.decrementAndGet();
            var now = System.nanoTime();
            if (now - lastWarned >= QUIET_NANOS) {
                lastWarned = now;
                LOG.warn(
                        "More than {} connections: new ones are closed until some have ended (limits.connections)",
                        max);
            }
            return false;
        }
        connection.closeFuture().addListener(closed -> open.decrementAndGet());
        connection.pipeline().addFirst("unanswered", new Unanswered(idleTime));
        return true;
    }

    private final class Server extends NioServerSocketChannel {

        @Override
        protected int doReadMessages(List<Object> accepted) throws Exception {
            var read = super.doReadMessages(accepted);
            if (read > 0) {
                var connection = (Channel) accepted.get(accepted.size() - 1);
                if (!admit(connection)) {
                    accepted.remove(accepted.size() - 1);
                    connection.unsafe().closeForcibly();
                    return 0;
                }
            }
            return read;
        }
    }

    /** Closes a connection on which nothing has been written for a time. */
    private static final class Unanswered extends IdleStateHandler {

        Unanswered(Duration time) {
            super(0, time.toMillis(), 0, TimeUnit.MILLISECONDS);
        }

        @Override
        protected void channelIdle(ChannelHandlerContext context, IdleStateEvent event) {
            context.close();
        }
    }
}
