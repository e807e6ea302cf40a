package metrika.conversions.auth;

import java.util.List;
import java.util.Map;

import metrika.conversions.text.Counted;

/**
 * What can be seen of a wrong signature without the key. It helps whoever sets up a source, who does not see what the
 * sender signs, and tells nobody anything that the sender does not know.
 */
final class SignatureForm {

    /** How long signatures are, by their hash functions. */
    private static final Map<String, Integer> BYTES = Map.of("MD5", 16, "SHA1", 20, "SHA256", 32, "SHA512", 64);

    private SignatureForm() {}

    /**
     * What is wrong with the form of a signature.
     *
     * @param parts of the header
     * @param given the signatures
     * @return {@code null} when the form is right
     */
    static String fault(SignatureRule rule, Map<String, List<String>> parts, List<String> given) {
        for (var needed : List.of(rule.part(), rule.time())) {
            if (!needed.isEmpty() && !parts.containsKey(needed)) {
                return "It has no part " + needed;
            }
        }
        if (rule.isToken() || given.isEmpty()) {
            return null;
        }
        var bytes = BYTES.get(rule.algorithm().replaceAll("^Hmac|-", ""));
        var isHex = rule.encoding().equals("hex");
        var expected = isHex ? 2 * bytes : (bytes + 2) / 3 * 4;
        var length = given.get(0).length();
        return length == expected || !isHex && length == (4 * bytes + 2) / 3 // without its =
                ? null
                : "It has %s, and %s in %s has %d%s"
                        .formatted(
                                Counted.of(length, "character"),
                                rule.algorithm(),
                                rule.encoding(),
                                expected,
                                !isHex && length == 2 * bytes ? "; in hex it has %d".formatted(length) : "");
    }
}
