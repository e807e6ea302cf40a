package metrika.conversions.http;

import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import static metrika.conversions.support.Shared.PRODUCT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/** Requests that no HTTP client would send: they too are answered with a problem document. */
class InvalidHttpIT {

    static Stream<Arguments> requests() {
        return Stream.of(
                arguments("404", "GET /nothing HTTP/1.1"),
                arguments("404", "GET /webhook/offline-conversions/a/b/c HTTP/1.1"),
                arguments("400", "GET /webhook/offline-conversions/%zz HTTP/1.1"),
                arguments("400", "GET /% HTTP/1.1"),
                arguments("400", "GET /a b HTTP/1.1"),
                arguments("400", "FOO BAR"),
                arguments("505", "GET / HTTP/01.1"),
                arguments("505", "GET / HTTP/1.10"),
                arguments("505", "GET / HTTP/1.2"),
                arguments("505", "GET / HTTP/0.9"),
                arguments("505", "GET / HTTP/2.0"),
                arguments("505", "GET / HTTP/3.0"),
                arguments("400", "GET / HTTP/9999999999.1"),
                arguments("505", "GET / HTTPS/1.1"),
                arguments("505", "GET / http/1.1"),
                arguments("400", "GET / HTTP/1"),
                arguments("400", "GET / HTTP/1.1.1"),
                arguments("400", "GET / HTTP/a.b"),
                arguments("400", "GET / HTTP/1.1 x"),
                arguments("400", "GET / HTTP"),
                arguments("400", "GET /"),
                arguments("400", "GET"),
                arguments("400", "GET /nothing HTTP/1.1 "),
                arguments("405", "PUT /webhook/offline-conversions HTTP/1.1"),
                arguments("405", "PUT /webhook/offline-conversions/ HTTP/1.1"),
                arguments("405", "DELETE /openapi.yaml HTTP/1.1"),
                arguments("414", "GET /" + "a".repeat(5000) + " HTTP/1.1"),
                arguments("431", "GET / HTTP/1.1\r\nX-Long: " + "a".repeat(9000)));
    }

    @ParameterizedTest
    @MethodSource("requests")
    void isAnsweredWithAProblem(String status, String request) throws IOException {
        try (var socket = new Socket("127.0.0.1", PRODUCT.port())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream()
                    .write((request + "\r\nHost: localhost\r\nConnection: close\r\n\r\n")
                            .getBytes(StandardCharsets.UTF_8));
            var answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(answer)
                    .startsWith("HTTP/1.")
                    .contains(" " + status + " ")
                    .containsIgnoringCase("content-type: application/problem+json")
                    .contains("X-Request-Id: ", "nosniff")
                    .contains("\"status\":" + status)
                    .doesNotContain("Exception", "vertx", "<html");
            if (status.equals("405")) {
                assertThat(answer).contains("Allow: ").doesNotContain("Allow: \r\n");
            }
        }
    }
}
