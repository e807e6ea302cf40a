package metrika.conversions.auth;

import java.util.List;
import java.util.Map;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/** What is told of a signature that is wrong by its form. */
class SignatureFormTest {

    private static final String HEX = "6f9a".repeat(16);

    @ParameterizedTest
    @CsvSource({
        "HmacSHA256, hex, 64, ",
        "HmacSHA256, base64, 44, ",
        "HmacSHA256, base64, 43, ",
        "HmacSHA256, base64, 64, 'It has 64 characters, and HmacSHA256 in base64 has 44; in hex it has 64'",
        "HmacSHA256, hex, 44, 'It has 44 characters, and HmacSHA256 in hex has 64'",
        "SHA-512, hex, 40, 'It has 40 characters, and SHA-512 in hex has 128'",
        "HmacMD5, base64, 24, ",
        "HmacSHA1, base64, 28, ",
        "none, base64, 7, "
    })
    void aLengthThatCannotBeIsTold(String algorithm, String encoding, int length, String told) {
        var rule = SignatureRule.of(
                Map.of("signature", "X-Sign", "signatureAlgorithm", algorithm, "signatureEncoding", encoding));
        assertThat(SignatureForm.fault(rule, Map.of(), List.of((HEX + HEX).substring(0, length))))
                .isEqualTo(told);
    }

    @ParameterizedTest
    @CsvSource({
        "'t=1,s=x', 'It has 1 character, and HmacSHA256 in base64 has 44'",
        "'s=x', 'It has no part t'",
        "'t=1', 'It has no part s'",
        "'', 'It has no part s'"
    })
    void aPartThatIsNotThereIsTold(String header, String told) {
        var rule = SignatureRule.of(Map.of("signature", "X-Sign", "signaturePart", "s", "signatureTime", "t"));
        var parts = SignatureRule.parts(header);
        assertThat(SignatureForm.fault(rule, parts, parts.getOrDefault("s", List.of())))
                .isEqualTo(told);
    }
}
