package metrika.conversions.auth;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * How a sender signs its requests to a source, as the parameters of {@code http-source} say it.
 *
 * @param header that has the signature; empty for none
 * @param field of the message that has it, in place of a header; empty for none
 * @param text that is signed, such as <code>{order}:{sum}:{secretKey}</code>; empty: the body's bytes
 * @param algorithm an HMAC with the key, or a digest of a text that the key is a part of
 * @param encoding hex or base64
 */
public record SignatureRule(String header, String field, String text, String algorithm, String encoding) {

    private static final String KEY = "secretKey";
    private static final String HMAC = "Hmac";
    private static final String HEX = "hex";
    private static final List<String> ENCODINGS = List.of(HEX, "base64");
    private static final List<String> ALGORITHMS =
            List.of("HmacSHA256", "HmacSHA1", "HmacSHA512", "HmacMD5", "SHA-256", "SHA-1", "SHA-512", "MD5");
    private static final Pattern NAME = Pattern.compile("\\{([^{}]+)}");

    /**
     * What the parameters say.
     *
     * @param parameters of the kamelet by their names; those that are not there have its defaults
     */
    public static SignatureRule of(Map<String, ?> parameters) {
        return new SignatureRule(
                given(parameters, "signature", ""),
                given(parameters, "signatureField", ""),
                given(parameters, "signedText", ""),
                given(parameters, "signatureAlgorithm", "HmacSHA256"),
                given(parameters, "signatureEncoding", "base64"));
    }

    private static String given(Map<String, ?> parameters, String name, String absent) {
        var value = parameters.get(name);
        return value == null || value.toString().isEmpty() ? absent : value.toString();
    }

    /** Whether the sender signs at all. */
    public boolean isSigned() {
        return !header.isEmpty() || !field.isEmpty();
    }

    /**
     * Why nobody, or everybody, could sign by it; {@code null} when all is well.
     *
     * @param hasKey whether there is a key
     */
    public String fault(boolean hasKey) {
        if (!isSigned()) {
            return text.isEmpty() ? null : "signedText needs signatureField or signature: where the signature is";
        }
        if (!header.isEmpty() && !field.isEmpty()) {
            return "signature and signatureField are both given: the signature is in one of them";
        }
        if (!ALGORITHMS.contains(algorithm)) {
            return "signatureAlgorithm is '%s': one of %s is expected"
                    .formatted(algorithm, String.join(", ", ALGORITHMS));
        }
        if (!ENCODINGS.contains(encoding)) {
            return "signatureEncoding is '%s': %s is expected".formatted(encoding, String.join(" or ", ENCODINGS));
        }
        if (!hasKey) {
            return "secretKey is missing or empty: with it the signature in %s is made".formatted(place());
        }
        if (text.isEmpty()) {
            return isHmac() && field.isEmpty()
                    ? null
                    : "signedText is missing: of which fields the signature in %s is made, such as {order}{sum}{%s}"
                            .formatted(place(), KEY);
        }
        var names = NAME.matcher(text).results().map(found -> found.group(1)).toList();
        if (!isHmac() && !names.contains(KEY)) {
            return "signedText has no {%s}: everybody could make such a signature".formatted(KEY);
        }
        return names.stream().allMatch(KEY::equals)
                ? "signedText names no field, such as {order}: all messages would have one signature"
                : null;
    }

    private boolean isHmac() {
        return algorithm.startsWith(HMAC);
    }

    /** Where the signature is, in words. */
    String place() {
        return header.isEmpty() ? "the field " + field : "the header " + header;
    }

    /**
     * The text that is signed. A field that is not there is empty in it.
     *
     * @param fields of the message
     * @return {@code null} when a field has no single value: what the sender has signed is not to be known then
     */
    String textOf(Map<String, ?> fields, String key) {
        var isSingle = NAME.matcher(text)
                .results()
                .map(found -> value(fields, found.group(1)))
                .noneMatch(value -> value instanceof Iterable<?> || value instanceof Map<?, ?>);
        return isSingle
                ? NAME.matcher(text).replaceAll(found -> {
                    var value = KEY.equals(found.group(1)) ? key : value(fields, found.group(1));
                    return value == null ? "" : Matcher.quoteReplacement(value.toString());
                })
                : null;
    }

    /**
     * A field by its name, or by a path such as {@code payment.id}.
     *
     * @return an empty list when it is there in both ways: what is signed would not be what the route reads
     */
    static Object value(Map<?, ?> fields, String path) {
        var found = new ArrayList<Object>();
        if (fields.get(path) != null) {
            found.add(fields.get(path));
        }
        for (var point = path.indexOf('.'); point >= 0; point = path.indexOf('.', point + 1)) {
            if (fields.get(path.substring(0, point)) instanceof Map<?, ?> below) {
                var nested = value(below, path.substring(point + 1));
                if (nested != null) {
                    found.add(nested);
                }
            }
        }
        return found.size() > 1 ? List.of() : found.isEmpty() ? null : found.get(0);
    }

    /** Whether a signature is that of some bytes. Takes as long for a wrong one as for the right one. */
    boolean isRight(String given, byte[] signed, String key) {
        return MessageDigest.isEqual(sign(signed, key.getBytes(StandardCharsets.UTF_8)), decoded(given));
    }

    private byte[] sign(byte[] bytes, byte[] key) {
        try {
            if (!isHmac()) {
                return MessageDigest.getInstance(algorithm).digest(bytes);
            }
            var mac = Mac.getInstance(algorithm);
            mac.init(new SecretKeySpec(key, algorithm));
            return mac.doFinal(bytes);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("Java has no %s".formatted(algorithm), e);
        }
    }

    /** What is no signature is none. */
    private byte[] decoded(String given) {
        try {
            return HEX.equals(encoding)
                    ? HexFormat.of().parseHex(given)
                    : Base64.getDecoder().decode(given);
        } catch (IllegalArgumentException e) {
            return new byte[0]; // no base64, so nobody's signature
        }
    }
}
