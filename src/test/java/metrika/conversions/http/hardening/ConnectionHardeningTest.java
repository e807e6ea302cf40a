package metrika.conversions.http.hardening;

import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Isolated;
import org.slf4j.LoggerFactory;

import metrika.conversions.http.HttpApiServer;
import metrika.conversions.settings.Settings;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The setting {@code http.hardening}, on a server that takes nothing yet and so answers 503 to whatever it can read.
 */
@Isolated("it reads the log, which a trial of a route silences")
class ConnectionHardeningTest {

    private static final String FOLDED =
            "GET / HTTP/1.1\r\nHost: localhost\r\nX-A: a\r\n b\r\nConnection: close\r\n\r\n";
    private static final String LONG = "GET /%s HTTP/1.1\r\nHost: localhost\r\n\r\n".formatted("a".repeat(5000));

    private final Logger logger = (Logger) LoggerFactory.getLogger(ConnectionHardening.class);
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    @TempDir
    private Path directory;

    private int port;
    private HttpApiServer server;

    private void start(boolean isHardened) throws Exception {
        try (var socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        Files.writeString(
                directory.resolve("application.properties"),
                Files.readString(Path.of("application.properties"))
                        + "\nhttp.hardening=%s\nhttp.port=%d\nlimits.connections=1\n".formatted(isHardened, port));
        log.start();
        logger.setLevel(Level.WARN);
        logger.addAppender(log);
        server = new HttpApiServer(Settings.in(directory), 1);
        server.listen();
    }

    @AfterEach
    void stop() {
        server.close();
        logger.detachAppender(log);
        logger.setLevel(null);
    }

    private Socket connection() throws IOException {
        var socket = new Socket("localhost", port);
        socket.setSoTimeout(10_000);
        return socket;
    }

    /** What is answered, up to the end of the first line; empty when the connection is closed. */
    private static String ask(Socket socket, String request) throws IOException {
        socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
        return new String(socket.getInputStream().readNBytes("HTTP/1.1 000".length()), StandardCharsets.US_ASCII);
    }

    @Test
    void withoutItVertxReadsInItsOwnWayAndTheStartWarns() throws Exception {
        start(false);
        try (var other = connection();
                var folded = connection();
                var tooLong = connection()) {
            assertThat(other.isConnected()).isTrue();
            assertThat(ask(folded, FOLDED))
                    .as("more connections than limits.connections")
                    .isEqualTo("HTTP/1.1 503");
            assertThat(ask(tooLong, LONG)).as("a plain limit").endsWith(" 414");
        }
        assertThat(log.list)
                .singleElement()
                .satisfies(event -> assertThat(event.getFormattedMessage()).contains("http.hardening is false"));
    }

    @Test
    void withItSuchRequestsAreRefused() throws Exception {
        start(true);
        try (var folded = connection()) {
            assertThat(ask(folded, FOLDED)).isEqualTo("HTTP/1.1 400");
        }
        assertThat(log.list).isEmpty();
    }
}
