package metrika.conversions.auth;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.HexFormat;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import metrika.conversions.http.HttpApiServer;
import metrika.conversions.problem.ProblemException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** A header that has the time and the signature of a body beside each other, as payment services send it. */
class BodySignatureTest {

    private static final String BODY = "{\"id\": \"évènement\"";
    private static final Instant NOW = Instant.parse("2026-01-01T12:00:00Z");
    private static final long TIME = NOW.getEpochSecond();

    private final BodySignature signature = new BodySignature(
            Clock.fixed(NOW, ZoneOffset.UTC),
            exchange -> {
                throw new AssertionError("what has no fields is not read, since it may be broken");
            },
            new SignatureRefusals(source -> new SignatureRefusals.Places("the key", "the text")));

    private static String sign(long time, String key) throws GeneralSecurityException {
        var mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(key.getBytes(StandardCharsets.UTF_8), "HmacSHA256"));
        return HexFormat.of().formatHex(mac.doFinal((time + "." + BODY).getBytes(StandardCharsets.UTF_8)));
    }

    private void verify(String... headers) {
        var exchange = new DefaultExchange(new DefaultCamelContext());
        Map.of(
                        "signature", "Pay-Signature",
                        "signature-part", "v1",
                        "signature-time", "t",
                        "signed-text", "{signature.t}.{body}",
                        "signature-encoding", "hex",
                        "signature-key", "whsec")
                .forEach(exchange::setVariable);
        var given = MultiMap.caseInsensitiveMultiMap();
        for (var header : headers) {
            given.add("pay-signature", header);
        }
        exchange.setProperty(HttpApiServer.SAMPLE_HEADERS, given);
        exchange.setProperty(HttpApiServer.BODY, Buffer.buffer(BODY));
        signature.verify(exchange);
    }

    private void assertRefused(String text, String... headers) {
        assertThatThrownBy(() -> verify(headers))
                .isInstanceOfSatisfying(
                        ProblemException.class,
                        problem -> assertThat(problem.status()).isEqualTo(403))
                .hasMessageContaining(text);
    }

    @ParameterizedTest
    @ValueSource(longs = {-300, 0, 300})
    void whatIsSignedWithinFiveMinutesIsTaken(long seconds) throws Exception {
        var time = TIME + seconds;
        assertThatCode(() -> verify("t=%d,v1=%s".formatted(time, sign(time, "whsec"))))
                .doesNotThrowAnyException();
        assertThatCode(() -> verify("t=%d, v1=%s,v1=%s,v0=x".formatted(time, sign(time, "old"), sign(time, "whsec"))))
                .as("while the key is changed")
                .doesNotThrowAnyException();
    }

    @ParameterizedTest
    @ValueSource(longs = {-301, 301})
    void anOldOneIsNot(long seconds) throws Exception {
        var time = TIME + seconds;
        assertRefused(
                "The part t of the header Pay-Signature is '%d'".formatted(time),
                "t=%d,v1=%s".formatted(time, sign(time, "whsec")));
    }

    @ParameterizedTest
    @CsvSource({
        "t=1767268800",
        "v1=$",
        "''",
        "$",
        "t=1767268801;v1=$",
        "'t=1767268801,v1=$'",
        "'t=1767268800,t=1767268800,v1=$'",
        "'t=1767268800,v0=$'"
    })
    void aWrongOneIsNotEither(String header) throws Exception {
        assertRefused("is missing or wrong", header.replace("$", sign(TIME, "whsec")));
    }

    @Test
    void noneAndTwoAreNot() throws Exception {
        assertRefused("is missing or wrong");
        var right = "t=%d,v1=%s".formatted(TIME, sign(TIME, "whsec"));
        assertRefused("is missing or wrong", right, right);
    }
}
