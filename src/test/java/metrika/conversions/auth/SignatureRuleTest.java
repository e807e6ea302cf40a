package metrika.conversions.auth;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import static org.assertj.core.api.Assertions.assertThat;

/** Signatures over fields: which text is signed, and which rules would let nobody, or everybody, in. */
class SignatureRuleTest {

    private static final Map<String, ?> FIELDS = Map.of(
            "OutSum",
            "10.50",
            "InvId",
            42,
            "a.b",
            "whole",
            "payment",
            Map.of("id", "p$1"),
            "json",
            "{\"a\":1}",
            "twice",
            List.of("1", "2"));

    private static SignatureRule rule(String... parameters) {
        var map = new HashMap<String, String>();
        for (int i = 0; i < parameters.length; i += 2) {
            map.put(parameters[i], parameters[i + 1]);
        }
        return SignatureRule.of(map);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{OutSum}:{InvId}:{secretKey}|10.50:42:k}{$1",
                "{payment.id}&{secretKey}|p$1&k}{$1",
                "{a.b}{none}{payment.none}-{secretKey}|whole-k}{$1",
                "{json}{secretKey}|{\"a\":1}k}{$1"
            })
    void aTextIsMadeOfFieldsAndTheKey(String signedText, String text) {
        assertThat(rule("signedText", signedText).signed(FIELDS, Map.of(), new byte[0], "k}{$1"))
                .asString(StandardCharsets.UTF_8)
                .isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({"{twice}{secretKey}", "{payment}{secretKey}"})
    void whatHasNoSingleValueIsNotSigned(String signedText) {
        assertThat(rule("signedText", signedText).signed(FIELDS, Map.of(), new byte[0], "k"))
                .isNull();
    }

    @Test
    void aFieldThatIsThereUnderTwoNamesIsNotSigned() {
        var fields = Map.of("payment.id", "signed", "payment", Map.of("id", "forged"));
        assertThat(rule("signedText", "{payment.id}{secretKey}").signed(fields, Map.of(), new byte[0], "k"))
                .isNull();
        var deep = Map.of("a", Map.of("b.c", "signed", "b", Map.of("c", "forged")));
        assertThat(rule("signedText", "{a.b.c}{secretKey}").signed(deep, Map.of(), new byte[0], "k"))
                .isNull();
    }

    /** What is signed of the fields, which stand as {@code name=value} with commas between them. */
    private static String signed(String signedText, String fields) {
        var map = new HashMap<String, Object>();
        for (var field : fields == null ? new String[0] : fields.split(",")) {
            var parts = field.split("=", 2);
            map.put(parts[0], parts[1]);
        }
        var signed = rule("signedText", signedText).signed(map, Map.of(), new byte[0], "k");
        return signed == null ? null : new String(signed, StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "n=1,c=2,g=3|1:k:c=2:g=3",
                "n=1,g=3|1:k:g=3",
                "n=1,c=2|1:k:c=2",
                "n=1|1:k",
                "n=1,c=|1:k:c=",
                "n=1:c=2,g=3|1:c=2:k:g=3"
            })
    void aPartInBracketsIsLeftOutWhereItsFieldIsNotThere(String fields, String text) {
        assertThat(signed("{n}:{secretKey}[:c={c}][:g={g}]", fields)).isEqualTo(text);
    }

    @Test
    void aBracketWithinBracesIsAPartOfTheName() {
        assertThat(signed("{n[0]}{secretKey}[{a]b}]", "n[0]=1")).isEqualTo("1k");
    }

    /** Who has seen a signed message could else move what was signed from one field into another. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{n}:{secretKey}[:c={c}][:g={g}]|n=1,c=2:g=3",
                "{n}:{secretKey}[:c={c}][:g={g}]|n=1,g=3:c=2",
                "{secretKey}:{n}-[:{c}]{m}|n=1-:2,m=3",
                "{secretKey}{n}[:c={c}]{m}|n=1:c,m==2",
                "{secretKey}{n}[{c}:]{m}|n=1:,m=2",
                "{n}:{secretKey}[:c={c}:g={g}]|n=1,c=2"
            })
    void whatCouldHaveBeenAnotherMessageIsNotSigned(String signedText, String fields) {
        assertThat(signed(signedText, fields)).isNull();
    }

    @Test
    void textsThatStandThereAreNoOtherMessage() {
        assertThat(signed("{secretKey}:{n}:{m}[:{c}]", "n=1,m=2")).isEqualTo("k:1:2");
        assertThat(signed("{n}{secretKey}[{c}]", "n=1")).isEqualTo("1k");
    }

    @Test
    void theKeyMayHaveWhatAPartBeginsWith() {
        assertThat(rule("signedText", "{n}[:{c}]{secretKey}").signed(Map.of("n", 1), Map.of(), new byte[0], ":k:"))
                .asString(StandardCharsets.UTF_8)
                .isEqualTo("1:k:");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{a}{secretKey}[:{b}|has a [ without its ]",
                "{a}{secretKey}:{b}]|has a ] without its [",
                "{a}{secretKey}]:{b}[|has a ] without its [",
                "{a}{secretKey}[:{b}[:{c}]]|has a bracket within another",
                "{a}{secretKey}[:b]|has brackets without a field",
                "{a}{secretKey}[]|has brackets without a field",
                "{a}[:{secretKey}]|has {secretKey} in brackets",
                "{a}[:{b}{secretKey}]|has {secretKey} in brackets",
                "{a}{secretKey}[:{body}]|has {body} in brackets",
                "{a}{secretKey}[:{signature.t}]|has {signature.t} in brackets",
                "{secretKey}[:{a}]|nor {body} outside of its brackets: all messages",
                "{a}{secretKey}[:{b}]|null"
            })
    void bracketsThatSayNothingAreTold(String signedText, String fault) {
        assertThat(String.valueOf(rule("signatureField", "s", "signedText", signedText, "signatureAlgorithm", "MD5")
                        .fault(true)))
                .contains(fault);
    }

    /** As of Stripe; the body need be no text. */
    @Test
    void theBodyAndPartsOfTheHeaderAreSigned() {
        var rule = rule("signature", "S", "signaturePart", "v1", "signedText", "{signature.t}.{body}.{secretKey}");
        var body = new byte[] {'{', (byte) 0xff};
        assertThat(rule.signed(Map.of("signature.t", "forged"), SignatureRule.parts("t=7, v1=ab=,v1=cd,x"), body, "k"))
                .isEqualTo(new byte[] {'7', '.', '{', (byte) 0xff, '.', 'k'});
        assertThat(SignatureRule.parts("t=7, v1=ab=,v1=cd,x"))
                .isEqualTo(Map.of("t", List.of("7"), "v1", List.of("ab=", "cd")));
        assertThat(rule.signed(Map.of(), SignatureRule.parts("t=7,t=8"), body, "k"))
                .as("a time that is given twice")
                .isNull();
        assertThat(rule.isOfFields()).isFalse();
        assertThat(rule("signature", "S", "signedText", "{order}{body}").isOfFields())
                .isTrue();
    }

    /** Pairs of parameters, and what is told of them. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "signature S signaturePart v1 signatureTime t signedText {body}|{signature.t} in signedText",
                "signature S signatureTime t signedText {signature.t}{body}|signatureTime needs signaturePart",
                "signatureField s signaturePart v1 signedText {body}|signaturePart needs signature",
                "signature S signaturePart v1 signedText {signature.t}|nor {body}",
                "signature S signaturePart v1 signatureTime t signedText {signature.t}.{body}|"
            })
    void aPartOfTheHeaderThatSignsNothingIsTold(String parameters, String fault) {
        var told = String.valueOf(rule(parameters.split(" ")).fault(true));
        assertThat(told).contains(fault == null ? "null" : fault);
    }

    @Test
    void anEncodingThatThereIsNotIsTold() {
        assertThat(rule("signature", "S", "signatureEncoding", "HEX").fault(true))
                .isEqualTo("signatureEncoding is 'HEX': hex or base64 is expected");
    }

    /** What openssl makes of the same text. */
    @ParameterizedTest
    @CsvSource({
        "MD5,hex,900150983cd24fb0d6963f7d28e17f72",
        "MD5,hex,900150983CD24FB0D6963F7D28E17F72",
        "SHA-1,hex,a9993e364706816aba3e25717850c26c9cd0d89d",
        "SHA-256,hex,ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
        "SHA-1,base64,qZk+NkcGgWq6PiVxeFDCbJzQ2J0="
    })
    void aDigestIsReadInItsEncoding(String algorithm, String encoding, String signature) {
        var rule = rule("signatureAlgorithm", algorithm, "signatureEncoding", encoding);
        var bytes = "abc".getBytes(StandardCharsets.UTF_8);
        assertThat(rule.isRight(signature, bytes, "k")).isTrue();
        assertThat(rule.isRight(signature, "abd".getBytes(StandardCharsets.UTF_8), "k"))
                .isFalse();
        assertThat(rule.isRight("", bytes, "k")).isFalse();
        assertThat(rule.isRight("none!", bytes, "k")).isFalse();
    }

    @Test
    void aRuleThatLetsNobodyOrEverybodyInIsTold() {
        assertThat(rule().fault(false)).isNull();
        assertThat(rule("signature", "S").fault(true)).isNull();
        assertThat(rule("signature", "S").fault(false)).contains("secretKey is missing or empty");
        assertThat(rule("signedText", "{a}{secretKey}").fault(true)).contains("needs signatureField or signature");
        assertThat(rule("signature", "S", "signatureField", "s").fault(true)).contains("both given");
        assertThat(rule("signatureField", "s").fault(true)).contains("signedText is missing");
        assertThat(rule("signature", "S", "signatureAlgorithm", "MD5").fault(true))
                .contains("signedText is missing");
        assertThat(rule("signatureField", "s", "signedText", "{a}").fault(true)).isNull(); // HMAC has the key
        assertThat(rule("signatureField", "s", "signedText", "{a}", "signatureAlgorithm", "SHA-1")
                        .fault(true))
                .contains("no {secretKey}");
        assertThat(rule("signatureField", "s", "signedText", "a{secretKey}", "signatureAlgorithm", "SHA-1")
                        .fault(true))
                .contains("names neither a field");
        assertThat(rule("signature", "S", "signatureAlgorithm", "CRC32").fault(true))
                .contains("signatureAlgorithm is 'CRC32'");
    }
}
