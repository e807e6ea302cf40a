package metrika.conversions.outbound;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

import com.sun.net.httpserver.HttpServer;
import org.apache.hc.client5.http.DnsResolver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Calls of addresses that somebody else has named. */
class GuardedHttpTest {

    private static final byte[] JSON = "{}".getBytes(StandardCharsets.UTF_8);

    private final List<String> requests = new CopyOnWriteArrayList<>();
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            requests.add(exchange.getRequestURI() + " "
                    + exchange.getRequestHeaders().getFirst("Host"));
            var isRedirect = exchange.getRequestURI().getPath().startsWith("/moved");
            if (isRedirect) {
                exchange.getResponseHeaders().set("Location", "/inside");
            }
            exchange.getResponseHeaders().set("Retry-After", "7");
            exchange.sendResponseHeaders(isRedirect ? 307 : 200, 5);
            exchange.getResponseBody().write("hello".getBytes(StandardCharsets.UTF_8));
            exchange.close();
        });
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private URI at(String host, String path) {
        return URI.create("http://%s:%d%s".formatted(host, server.getAddress().getPort(), path));
    }

    /** Knows names that stand for addresses. */
    private static DnsResolver resolver(String... addresses) {
        return new DnsResolver() {
            @Override
            public InetAddress[] resolve(String host) throws UnknownHostException {
                var found = new InetAddress[addresses.length];
                for (int i = 0; i < found.length; i++) {
                    found[i] = InetAddress.getByName(addresses[i]);
                }
                return found;
            }

            @Override
            public String resolveCanonicalHostname(String host) {
                return host;
            }
        };
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "::1",
                "::ffff:127.0.0.1",
                "10.0.0.1",
                "169.254.169.254",
                "0.0.0.0",
                "fd00:ec2::254",
                "fe80::1",
                "64:ff9b::7f00:1",
                "2002:7f00:1::",
                "100.64.0.1",
                "192.168.1.1"
            })
    void aNameThatStandsForAPrivateAddressIsNotCalled(String address) throws IOException {
        try (var http = new GuardedHttp(false, Duration.ofSeconds(10), resolver(address))) {
            assertThatThrownBy(() -> http.post(URI.create("https://rebound.example.com/"), Map.of(), JSON))
                    .isInstanceOf(PrivateAddressException.class)
                    .hasMessageContaining("rebound.example.com");
        }
    }

    @Test
    void oneOfSeveralAddressesThatIsPrivateRefusesAll() throws IOException {
        try (var http = new GuardedHttp(false, Duration.ofSeconds(10), resolver("8.8.8.8", "127.0.0.1"))) {
            assertThatThrownBy(() -> http.post(URI.create("https://both.example.com/"), Map.of(), JSON))
                    .isInstanceOf(PrivateAddressException.class);
        }
    }

    @Test
    void anAddressThatIsRefusedAtOnceIsNotEvenLookedFor() throws IOException {
        try (var http = new GuardedHttp(false, Duration.ofSeconds(10))) {
            assertThatThrownBy(() -> http.post(at("127.0.0.1", "/"), Map.of(), JSON))
                    .isInstanceOf(PrivateAddressException.class);
        }
        assertThat(requests).isEmpty();
    }

    /** A name that stands for another address at each look cannot show one that is checked and hide another. */
    @Test
    void aNameIsResolvedOnceAndWhatWasJudgedIsCalled() throws IOException {
        var looks = new AtomicInteger();
        var loopback = resolver("127.0.0.1");
        var counting = new DnsResolver() {
            @Override
            public InetAddress[] resolve(String host) throws UnknownHostException {
                looks.incrementAndGet();
                return loopback.resolve(host);
            }

            @Override
            public String resolveCanonicalHostname(String host) {
                return host;
            }
        };
        try (var http = new GuardedHttp(true, Duration.ofSeconds(10), counting)) {
            assertThat(http.post(at("hook.example.com", "/x?y=1"), Map.of(), JSON)
                            .status())
                    .isEqualTo(200);
            assertThat(looks).hasValue(1);
            assertThat(requests)
                    .containsExactly(
                            "/x?y=1 hook.example.com:" + server.getAddress().getPort());
            http.post(at("hook.example.com", "/x"), Map.of(), JSON);
            assertThat(looks).as("and no connection is kept from before").hasValue(2);
        }
    }

    @Test
    void aRedirectIsNotFollowed() throws IOException {
        try (var http = new GuardedHttp(true, Duration.ofSeconds(10))) {
            var reply = http.post(at("127.0.0.1", "/moved"), Map.of(), JSON);
            assertThat(reply.status()).isEqualTo(307);
            assertThat(reply.retryAfter()).isEqualTo("7");
            assertThat(reply.body()).as("what is answered is not read").isEmpty();
            assertThat(requests).hasSize(1);
        }
    }

    @Test
    void anOwnAddressIsReadAndMayBeBehindAProxy() throws IOException {
        try (var http = new GuardedHttp(false, Duration.ofSeconds(10))) {
            assertThat(new String(
                            http.postTrusted(at("127.0.0.1", "/bot"), JSON, null)
                                    .body(),
                            StandardCharsets.UTF_8))
                    .isEqualTo("hello");
            http.postTrusted(
                    URI.create("http://api.invalid/bot"),
                    JSON,
                    "127.0.0.1:" + server.getAddress().getPort());
            assertThat(requests.get(1)).contains("api.invalid");
        }
    }

    /** An answer that never ends, be it in its head or behind it. */
    @ParameterizedTest
    @ValueSource(strings = {"", "HTTP/1.1 200 OK\r\n"})
    @Timeout(30)
    void anAnswerThatTricklesInIsBrokenOff(String begin) throws Exception {
        try (var trickle = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
                var http = new GuardedHttp(true, Duration.ofSeconds(2))) {
            var dripping = new Thread(() -> drip(trickle, begin));
            dripping.start();
            assertThatThrownBy(() -> http.post(
                            URI.create("http://127.0.0.1:%d/".formatted(trickle.getLocalPort())), Map.of(), JSON))
                    .isInstanceOf(IOException.class);
            dripping.join();
        }
    }

    /** Writes a sign at a time, each before a time-out between two of them is over, until the other side has gone. */
    private static void drip(ServerSocket server, String begin) {
        try (Socket socket = server.accept()) {
            var out = socket.getOutputStream();
            out.write(begin.getBytes(StandardCharsets.UTF_8));
            var end = System.nanoTime() + Duration.ofSeconds(20).toNanos();
            while (System.nanoTime() < end) {
                out.write("x: y\r\n".getBytes(StandardCharsets.UTF_8));
                out.flush();
                Thread.sleep(300);
            }
        } catch (IOException e) {
            // which is what is waited for
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
