package metrika.conversions.http;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientBuilder;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import metrika.conversions.settings.SettingException;
import metrika.conversions.settings.Settings;
import metrika.conversions.support.Product;
import metrika.conversions.support.Shared;
import metrika.conversions.support.TestDatabase;
import metrika.conversions.support.TestWebhook;
import metrika.conversions.support.Wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

/** HTTPS by settings: what is spoken, with which certificate, and what a renewal does. */
@Execution(ExecutionMode.CONCURRENT) // each has what it starts to itself
class TlsIT {

    private static final int CONNECTIONS = 10;
    private static final char[] PASSWORD = "password".toCharArray();

    @TempDir
    private Path directory;

    /** Writes a new certificate and its key where the product looks for them. */
    private void renew(String name, String algorithm, String certificateFile, String keyFile) throws Exception {
        var store = directory.resolve(name + ".p12");
        var keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "a",
                        "-keyalg",
                        algorithm,
                        "-dname",
                        "CN=" + name,
                        "-ext",
                        "SAN=ip:127.0.0.1",
                        "-validity",
                        "2",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        store.toString(),
                        "-storepass",
                        new String(PASSWORD))
                .redirectErrorStream(true)
                .start();
        assertThat(keytool.waitFor(60, TimeUnit.SECONDS)).isTrue();
        var keys = KeyStore.getInstance("PKCS12");
        try (var in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD);
        }
        if (certificateFile != null) {
            write(certificateFile, "CERTIFICATE", keys.getCertificate("a").getEncoded());
        }
        if (keyFile != null) {
            write(keyFile, "PRIVATE KEY", keys.getKey("a", PASSWORD).getEncoded());
        }
    }

    private void write(String file, String type, byte[] content) throws IOException {
        Files.writeString(
                directory.resolve(file),
                "-----BEGIN %s-----%n%s%n-----END %s-----%n"
                        .formatted(
                                type, Base64.getMimeEncoder(64, "\n".getBytes()).encodeToString(content), type));
    }

    private Product.Builder builder() {
        return Product.idle(TestDatabase.create(), Shared.METRIKA.url())
                .with("http.tls-certificate", directory.resolve("chain.pem"))
                .with("http.tls-key", directory.resolve("key.pem"));
    }

    private static SSLContext trusting() throws GeneralSecurityException {
        var context = SSLContext.getInstance("TLS");
        context.init(
                null,
                new TrustManager[] {
                    new X509TrustManager() {
                        @Override
                        public void checkClientTrusted(X509Certificate[] chain, String type) {
                            throw new UnsupportedOperationException();
                        }

                        @Override
                        public void checkServerTrusted(X509Certificate[] chain, String type) {
                            // whichever it is: the test asks which one it was
                        }

                        @Override
                        public X509Certificate[] getAcceptedIssuers() {
                            return new X509Certificate[0];
                        }
                    }
                },
                null);
        return context;
    }

    /** Whose certificate the server shows, spoken to in a version of TLS. */
    private static String subject(int port, String version) {
        try (var socket = (SSLSocket) trusting().getSocketFactory().createSocket("127.0.0.1", port)) {
            socket.setEnabledProtocols(new String[] {version});
            socket.startHandshake();
            assertThat(socket.getSession().getProtocol()).isEqualTo(version);
            return ((X509Certificate) socket.getSession().getPeerCertificates()[0])
                    .getSubjectX500Principal()
                    .getName();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void httpsIsSpokenAndARenewedCertificateIsUsed() throws Exception {
        renew("first", "EC", "chain.pem", "key.pem");
        try (var product = builder()
                .with("limits.request-time", "PT2S")
                .with("limits.connections", CONNECTIONS)
                .start()) {
            assertThat(product.log()).contains("Ready: https://localhost:");
            var client = HttpClient.newBuilder()
                    .sslContext(trusting())
                    .version(HttpClient.Version.HTTP_2)
                    .build();
            var request = HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + product.port() + "/openapi.yaml"));
            var answer = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
            assertThat(answer.statusCode()).isEqualTo(200);
            assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
            assertThat(answer.headers().firstValue("Strict-Transport-Security")).hasValue("max-age=31536000");
            assertThat(client.send(
                                    request.version(HttpClient.Version.HTTP_1_1).build(),
                                    HttpResponse.BodyHandlers.ofString())
                            .version())
                    .isEqualTo(HttpClient.Version.HTTP_1_1);
            var missing = client.send(
                    HttpRequest.newBuilder(request.build().uri().resolve("/nothing"))
                            .version(HttpClient.Version.HTTP_2)
                            .POST(HttpRequest.BodyPublishers.ofString("x".repeat(100_000)))
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
            assertThat(missing.statusCode()).isEqualTo(404);

            assertThat(subject(product.port(), "TLSv1.2")).isEqualTo("CN=first");
            assertThat(subject(product.port(), "TLSv1.3")).isEqualTo("CN=first");
            assertThatThrownBy(() -> subject(product.port(), "TLSv1.1")).isInstanceOf(UncheckedIOException.class);
            assertThat(Wire.exchange(product.port(), "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"))
                    .doesNotContain("HTTP/1.1 200");

            renew("second", "RSA", "chain.pem", null);
            await().atMost(Duration.ofSeconds(20)).until(() -> product.log().contains("the one before stays"));
            assertThat(subject(product.port(), "TLSv1.3")).isEqualTo("CN=first");
            Files.writeString(directory.resolve("key.pem"), "not a key");
            await().atMost(Duration.ofSeconds(20)).until(() -> product.log().contains("openssl pkcs8"));
            assertThat(subject(product.port(), "TLSv1.3")).isEqualTo("CN=first");
            renew("third", "RSA", "chain.pem", "key.pem");
            await().atMost(Duration.ofSeconds(20))
                    .until(() -> subject(product.port(), "TLSv1.3").equals("CN=third"));
            assertThat(subject(product.port(), "TLSv1.2")).isEqualTo("CN=third");
            assertThat(client.send(request.build(), HttpResponse.BodyHandlers.ofString())
                            .statusCode())
                    .isEqualTo(200);
            assertThat(product.log()).doesNotContain("PRIVATE KEY-----\n");
            handshakesThatDoNotComeAreNotWaitedFor(product);
        }
    }

    private static void handshakesThatDoNotComeAreNotWaitedFor(Product product) throws IOException {
        var silent = new ArrayList<Wire>();
        for (int i = 0; i < CONNECTIONS; i++) {
            silent.add(new Wire(product.port()));
        }
        try (var tooMany = new Wire(product.port())) {
            assertThat(tooMany.rest()).isEmpty();
            assertThat(product.log()).contains("limits.connections");
        }
        for (var wire : silent) {
            assertThat(wire.rest()).isEmpty();
            wire.close();
        }
        assertThat(subject(product.port(), "TLSv1.3")).isEqualTo("CN=third");
    }

    /** A client that can ping, and has as many requests under way as it likes. */
    private static HttpClientBuilder pinging(Vertx vertx, int connections) {
        return vertx.httpClientBuilder()
                .with(new HttpClientOptions()
                        .setProtocolVersion(HttpVersion.HTTP_2)
                        .setUseAlpn(true)
                        .setSsl(true)
                        .setTrustAll(true)
                        .setVerifyHost(false)
                        .setHttp2MultiplexingLimit(100)
                        .setHttp2KeepAliveTimeout(0))
                .with(new PoolOptions().setHttp2MaxSize(connections));
    }

    private static <T> T result(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(60, TimeUnit.SECONDS);
    }

    @Test
    void ofHttp2TheSameIsHeldWithinLimits() throws Exception {
        renew("first", "EC", "chain.pem", "key.pem");
        var vertx = Vertx.vertx();
        try (var product = builder()
                .with("limits.request-time", "PT1S")
                .with("limits.idle-time", "PT2S")
                .start()) {
            var ended = new CompletableFuture<Void>();
            var pings = new AtomicInteger();
            var client = pinging(vertx, 1)
                    .withConnectHandler(connection -> {
                        connection.closeHandler(ended::complete);
                        vertx.setPeriodic(
                                100,
                                ping -> connection
                                        .ping(Buffer.buffer(new byte[8]))
                                        .onSuccess(pong -> pings.incrementAndGet()));
                    })
                    .build();
            var open = result(client.request(HttpMethod.GET, product.port(), "127.0.0.1", "/openapi.yaml")
                    .compose(HttpClientRequest::send));
            assertThat(open.version()).isEqualTo(HttpVersion.HTTP_2);
            assertThat(open.statusCode()).isEqualTo(200);
            var longer = result(client.request(HttpMethod.GET, product.port(), "127.0.0.1", "/" + "a".repeat(5000))
                    .compose(HttpClientRequest::send)
                    .compose(
                            answer -> answer.body().map(answer.statusCode() + " " + answer.getHeader("X-Request-Id"))));
            assertThat(longer).matches("414 [0-9a-f]{24}");
            ended.get(30, TimeUnit.SECONDS); // although it pings
            assertThat(pings.get()).isGreaterThan(5);
        } finally {
            result(vertx.close());
        }
    }

    @Test
    @Tag("slow") // and on a machine that is busy they may come no faster than they are answered
    void moreStrangersThanCanBeAnsweredInTimeAreNotAnswered() throws Exception {
        renew("first", "EC", "chain.pem", "key.pem");
        var vertx = Vertx.vertx();
        try (var product = builder().start()) {
            var client = pinging(vertx, 60).build();
            var refused = new AtomicInteger();
            var reset = new AtomicInteger();
            var all = new CountDownLatch(6000);
            for (int i = 0; i < 6000; i++) {
                stranger(client, product).onComplete(done -> {
                    (done.succeeded() ? refused : reset).incrementAndGet();
                    all.countDown();
                });
            }
            assertThat(all.await(60, TimeUnit.SECONDS)).isTrue();
            assertThat(reset.get())
                    .as("of whom %d were answered", refused.get())
                    .isPositive();
            assertThat(refused.get()).isGreaterThan(1000);
            await().atMost(Duration.ofSeconds(15))
                    .ignoreExceptions()
                    .until(() -> result(stranger(client, product)) == 403);
        } finally {
            result(vertx.close());
        }
    }

    private static Future<Integer> stranger(io.vertx.core.http.HttpClient client, Product product) {
        return client.request(new RequestOptions()
                        .setMethod(HttpMethod.GET)
                        .setPort(product.port())
                        .setHost("127.0.0.1")
                        .setURI(TestWebhook.PATH + "/00000000-0000-4000-8000-000000000000/status")
                        .putHeader("X-Webhook-Secret", "wrong"))
                .compose(HttpClientRequest::send)
                .map(HttpClientResponse::statusCode);
    }

    @Test
    void aCertificateThatCannotBeUsedIsNamed() throws Exception {
        renew("first", "EC", "chain.pem", "key.pem");
        renew("other", "EC", null, "other.pem");
        assertThatThrownBy(() -> certificate("other.pem"))
                .isInstanceOf(SettingException.class)
                .hasMessageContainingAll("http.tls-certificate", "the key is not that of the certificate");
        assertThatThrownBy(() -> certificate("missing.pem"))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("missing.pem");
        assertThatThrownBy(() -> certificate(""))
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("belong together");
        assertThat(certificate("key.pem")).isNotNull();
        assertThat(builder().with("http.tls-key", "").refused()).contains("belong together");
    }

    /** What a start would use. */
    private ReloadingTlsCertificate certificate(String key) throws IOException {
        Files.writeString(
                directory.resolve("application.properties"),
                "http.tls-certificate=chain.pem\nhttp.tls-key=" + key + "\n");
        return ReloadingTlsCertificate.of(Settings.in(directory));
    }
}
