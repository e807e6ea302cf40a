package metrika.conversions.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;

/**
 * Sends one HTTP request over and over on a number of connections, each as soon as the one before is answered. One
 * thread and no library, so that it takes little of the machine it shares with what it measures. A process of its own.
 */
public final class LoadClient {

    private static final int BUFFER_BYTES = 16 * 1024;

    private final byte[] request;
    /** Nanoseconds of each answer, as far as {@link #answers}. */
    private long[] times = new long[1 << 16];

    private int answers;
    private int failures;
    private String firstFailure = "";
    private boolean measures;

    private LoadClient(byte[] request) {
        this.request = request;
    }

    /**
     * Arguments: port, connections, seconds to warm up, seconds to measure, the file with the request's bytes. Prints
     * requests a second, the median and the 99th percentile in microseconds, how many answers were not 200, and the
     * first of those.
     */
    public static void main(String[] arguments) throws IOException {
        var client = new LoadClient(Files.readAllBytes(Path.of(arguments[4])));
        client.run(
                Integer.parseInt(arguments[0]),
                Integer.parseInt(arguments[1]),
                seconds(arguments[2]),
                seconds(arguments[3]));
    }

    private static long seconds(String text) {
        return (long) (Double.parseDouble(text) * 1e9);
    }

    private void run(int port, int connections, long warmUp, long measured) throws IOException {
        try (var selector = Selector.open()) {
            for (int i = 0; i < connections; i++) {
                var channel = SocketChannel.open(new InetSocketAddress("127.0.0.1", port));
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                channel.configureBlocking(false);
                var key = channel.register(selector, 0);
                var connection = new Connection(key, channel);
                key.attach(connection);
                connection.send();
            }
            var start = System.nanoTime() + warmUp;
            var end = start + measured;
            for (var now = System.nanoTime(); now < end; now = System.nanoTime()) {
                measures = now >= start;
                selector.select(key -> ((Connection) key.attachment()).goOn(), 100);
            }
            var sorted = Arrays.copyOf(times, answers);
            Arrays.sort(sorted);
            System.out.printf(
                    Locale.ROOT,
                    "%.1f %d %d %d %s%n",
                    answers / (measured / 1e9),
                    percentile(sorted, 50),
                    percentile(sorted, 99),
                    failures,
                    firstFailure);
        }
    }

    private static long percentile(long[] sorted, int percent) {
        return sorted.length == 0 ? 0 : sorted[(int) ((sorted.length - 1) * (long) percent / 100)] / 1000;
    }

    private final class Connection {

        private final SelectionKey key;
        private final SocketChannel channel;
        private final ByteBuffer out = ByteBuffer.wrap(request);
        private final ByteBuffer in = ByteBuffer.allocate(BUFFER_BYTES);
        private long sentAt;

        Connection(SelectionKey key, SocketChannel channel) {
            this.key = key;
            this.channel = channel;
        }

        void send() throws IOException {
            out.rewind();
            in.clear();
            sentAt = System.nanoTime();
            write();
        }

        private void write() throws IOException {
            channel.write(out);
            key.interestOps(out.hasRemaining() ? SelectionKey.OP_WRITE | SelectionKey.OP_READ : SelectionKey.OP_READ);
        }

        void goOn() {
            try {
                if (key.isWritable()) {
                    write();
                }
                if (key.isReadable()) {
                    if (channel.read(in) < 0) {
                        throw new IOException("the connection was closed after: " + text());
                    }
                    if (isWhole()) {
                        count();
                        send();
                    }
                }
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }

        private void count() {
            if (!measures) {
                return;
            }
            if (answers == times.length) {
                times = Arrays.copyOf(times, 2 * answers);
            }
            times[answers++] = System.nanoTime() - sentAt;
            if (in.get(9) != '2' && failures++ == 0) {
                firstFailure = text().replaceAll("\\s+", " ");
            }
        }

        /** Whether all of the answer is there. It says its length in bytes, or comes in chunks. */
        private boolean isWhole() {
            var end = end();
            if (end < 0) {
                return false;
            }
            var head = new String(in.array(), 0, end + 2, StandardCharsets.ISO_8859_1).toLowerCase(Locale.ROOT);
            var at = head.indexOf("content-length:");
            if (at >= 0) {
                var stop = head.indexOf('\r', at);
                return in.position()
                        >= end + 4 + Integer.parseInt(head, at + 15 + (head.charAt(at + 15) == ' ' ? 1 : 0), stop, 10);
            }
            return text().endsWith("\r\n0\r\n\r\n");
        }

        /** Where the blank line after the head begins, or -1. */
        private int end() {
            for (int i = 0; i + 3 < in.position(); i++) {
                if (in.get(i) == '\r' && in.get(i + 2) == '\r') {
                    return i;
                }
            }
            return -1;
        }

        private String text() {
            return new String(in.array(), 0, in.position(), StandardCharsets.ISO_8859_1);
        }
    }
}
