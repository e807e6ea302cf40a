package metrika.conversions.http;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.Inet4Address;
import java.net.NetworkInterface;
import java.net.URL;
import java.util.UUID;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import metrika.conversions.support.Product;
import metrika.conversions.support.Shared;
import metrika.conversions.support.TestDatabase;
import metrika.conversions.support.TestWebhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/** Whom the product takes for the caller when proxies stand in front, as its log says. */
class TrustedProxiesIT {

    private static Product behindProxies;

    @BeforeAll
    static void start() {
        behindProxies = Product.idle(TestDatabase.create(), Shared.METRIKA.url())
                .with("http.trusted-proxies", "127.0.0.0/8, 10.1.0.0/16, fd00::/8")
                .with("http.host", "0.0.0.0")
                .start();
    }

    @AfterAll
    static void stop() {
        behindProxies.close();
    }

    /** Where the log says that a request with these headers came from. */
    static String from(Product product, String... headers) {
        var id = UUID.randomUUID().toString();
        var request = product.request("/openapi.yaml").header("X-Request-Id", id);
        if (headers.length > 0) {
            request.headers(headers);
        }
        product.send(request);
        var line = await().until(
                        () -> product.log()
                                .lines()
                                .filter(each -> each.contains("[" + id + "]"))
                                .findFirst(),
                        found -> found.isPresent())
                .orElseThrow();
        return line.replaceAll(".*, from ", "");
    }

    static Stream<Arguments> chains() {
        return Stream.of(
                arguments("127.0.0.1", ""),
                arguments("203.0.113.7", "203.0.113.7"),
                arguments("203.0.113.7", "198.51.100.1, 203.0.113.7"),
                arguments("203.0.113.7", "198.51.100.1, 203.0.113.7, 10.1.2.3"),
                arguments("2001:db8:0:0:0:0:0:7", "2001:db8::7, fd00::1"),
                arguments("203.0.113.7", "203.0.113.7:4711"),
                arguments("10.1.2.3", "198.51.100.1, unknown, 10.1.2.3"),
                arguments("127.0.0.1", "<script>"),
                arguments("127.0.0.1", "999.1.1.1"));
    }

    @ParameterizedTest
    @MethodSource("chains")
    void theLastThatIsNoTrustedProxyIsTheCaller(String expected, String chain) {
        assertThat(chain.isEmpty() ? from(behindProxies) : from(behindProxies, "X-Forwarded-For", chain))
                .isEqualTo(expected);
    }

    @Test
    void aHeaderOfTheOtherKindIsTheCallersOwn() {
        assertThat(from(behindProxies, "Forwarded", "for=198.51.100.1", "X-Forwarded-For", "203.0.113.7"))
                .isEqualTo("203.0.113.7");
    }

    @Test
    void whoIsNoTrustedProxyIsNotBelieved() {
        assertThat(from(Shared.PRODUCT, "X-Forwarded-For", "203.0.113.7", "Forwarded", "for=203.0.113.7"))
                .isEqualTo("127.0.0.1");
        assertThat(Shared.PRODUCT
                        .send(Shared.PRODUCT.request("/").header("X-Forwarded-Proto", "https"))
                        .header("Strict-Transport-Security"))
                .isEmpty();
    }

    @Test
    void whoCameByTlsToATrustedProxyIsToldToComeSoAgain() {
        for (var each : new String[] {"https", "http, https", "HTTPS"}) {
            assertThat(behindProxies
                            .send(behindProxies.request("/").header("X-Forwarded-Proto", each))
                            .header("Strict-Transport-Security"))
                    .as(each)
                    .isEqualTo("max-age=31536000");
        }
        assertThat(behindProxies
                        .send(behindProxies.request("/").header("X-Forwarded-Proto", "https, http"))
                        .header("Strict-Transport-Security"))
                .isEmpty();
    }

    @Test
    void whoComesThroughAProxyIsNoAdministratorWithoutAToken() {
        for (var product : new Product[] {behindProxies, Shared.PRODUCT}) {
            var webhook = product.webhook(1);
            for (var header : new String[] {
                "X-Forwarded-For: 127.0.0.1",
                "Forwarded: for=127.0.0.1",
                "X-Real-IP: 127.0.0.1",
                "Via: 1.1 x",
                "X-Forwarded-Proto: https",
                "X-Forwarded-Host: localhost"
            }) {
                var parts = header.split(": ");
                var listed = product.send(product.request(TestWebhook.PATH).header(parts[0], parts[1]));
                assertThat(listed.status()).as(header).isEqualTo(401);
                assertThat(listed.text("detail")).contains("admin.token", "machine");
                assertThat(product.send(webhook.request("/batches").header(parts[0], parts[1]))
                                .status())
                        .as("a sender")
                        .isEqualTo(200);
            }
            assertThat(product.get(TestWebhook.PATH).status()).isEqualTo(200);
        }
    }

    /** From another address of this machine, which stands for another machine. */
    @Test
    void whoComesFromElsewhereIsNoAdministratorWithoutAToken() throws IOException {
        var address = NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(each -> each instanceof Inet4Address && !each.isLoopbackAddress())
                .findFirst();
        assumeTrue(address.isPresent(), "this machine has an address besides loopback");
        var webhook = behindProxies.webhook(1);
        for (var path :
                new String[] {TestWebhook.PATH, "/ledger", "/audit", webhook.path(), webhook.path() + "/batches"}) {
            var connection = (HttpURLConnection)
                    new URL("http", address.get().getHostAddress(), behindProxies.port(), path).openConnection();
            assertThat(connection.getResponseCode()).as(path).isEqualTo(401);
        }
    }
}
