package metrika.conversions.auth;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import metrika.conversions.support.Signing;

import static org.assertj.core.api.Assertions.assertThat;

/** Signatures of messages that go out. */
class StandardWebhooksTest {

    private static final byte[] BODY = "{\"test\": 2432232314}".getBytes(StandardCharsets.UTF_8);

    /** The vector that the libraries of Standard Webhooks and of Svix are tested with. */
    @Test
    void itIsTheSignatureOfThePublicVector() {
        var key = StandardWebhooks.key("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        assertThat(StandardWebhooks.sign(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, BODY))
                .isEqualTo("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    @Test
    void whoeverReadsTheSpecificationFindsTheSame() {
        var secret = SecretGenerator.signing(SecretGenerator.bits());
        assertThat(StandardWebhooks.sign(StandardWebhooks.key(secret), "id", 1_700_000_000, BODY))
                .isEqualTo(Signing.sign(secret, "id", 1_700_000_000, BODY));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_short", "whsec_not base64 at all!!"})
    void whatIsNoSecretIsNone(String secret) {
        assertThat(StandardWebhooks.key(secret)).isNull();
    }

    @Test
    void aSecretIsOfSixteenBytesAtLeast() {
        var encoder = Base64.getEncoder();
        assertThat(StandardWebhooks.key("whsec_" + encoder.encodeToString(new byte[15])))
                .isNull();
        assertThat(StandardWebhooks.key("whsec_" + encoder.encodeToString(new byte[16])))
                .hasSize(16);
        assertThat(StandardWebhooks.key("whsec_" + encoder.encodeToString(new byte[129])))
                .isNull();
    }
}
