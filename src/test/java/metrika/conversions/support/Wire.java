package metrika.conversions.support;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** A connection that says what it is told to, be it HTTP or not. */
public final class Wire implements AutoCloseable {

    private static final int TIMEOUT_MILLIS = 20_000;

    private final Socket socket;
    private final InputStream input;

    /** Connects to a port of this machine. */
    public Wire(int port) {
        this(port, TIMEOUT_MILLIS);
    }

    /** @param timeout how long the other side may be silent, in ms, before reading fails */
    public Wire(int port, int timeout) {
        try {
            socket = new Socket();
            socket.connect(new InetSocketAddress("127.0.0.1", port), TIMEOUT_MILLIS);
            socket.setSoTimeout(timeout);
            input = new BufferedInputStream(socket.getInputStream());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends text, and reads until the other side ends the connection. */
    public static String exchange(int port, String text) {
        try (var wire = new Wire(port)) {
            wire.send(text);
            return wire.rest();
        }
    }

    /** Sends text, each character as a byte; whether the other side still takes it. */
    public boolean send(String text) {
        return send(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** Sends bytes; whether the other side still takes them. */
    public boolean send(byte[] bytes) {
        try {
            socket.getOutputStream().write(bytes);
            socket.getOutputStream().flush();
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Reads until a text is there, or the other side ends the connection. */
    public String until(String text) {
        var read = new StringBuilder();
        try {
            // Only its end is looked at: an answer of 75 KB, looked through again at each byte, takes seconds.
            while (read.indexOf(text, Math.max(0, read.length() - text.length())) < 0) {
                var next = input.read();
                if (next < 0) {
                    break;
                }
                read.append((char) next);
            }
        } catch (SocketException e) {
            // reset: what was read before it is what there is
        } catch (IOException e) {
            throw new UncheckedIOException(read.toString(), e);
        }
        return read.toString();
    }

    /** Reads until the other side ends the connection. */
    public String rest() {
        return until("\0no server sends this\0");
    }

    /** The body of an answer, put together again if it came in chunks. */
    public static String body(String answer) {
        var body = answer.substring(answer.indexOf("\r\n\r\n") + 4);
        if (!answer.toLowerCase(Locale.ROOT).contains("transfer-encoding: chunked\r\n")) {
            return body;
        }
        var whole = new StringBuilder();
        for (int at = 0, size = -1; size != 0; ) {
            var line = body.indexOf("\r\n", at);
            size = Integer.parseInt(body.substring(at, line), 16);
            whole.append(body, line + 2, line + 2 + size);
            at = line + 2 + size + 2;
        }
        return whole.toString();
    }

    /** Ends it without a goodbye. */
    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
