package metrika.conversions.auth;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * How a sender signs its requests to a source, as the parameters of {@code http-source} say it.
 *
 * @param header that has the signature; empty for none
 * @param field of the message that has it, in place of a header; empty for none
 * @param text that is signed, such as <code>{order}:{sum}:{secretKey}[:client={client}]</code>, where what stands in
 *     brackets is left out with its field; empty: the body's bytes
 * @param algorithm an HMAC with the key, a digest of a text that the key is a part of, or none: the key itself is sent
 * @param encoding hex or base64
 * @param part of the header that has the signature, such as {@code v1} of <code>t=1764500000,v1=6f9a…</code>; empty:
 *     the header is the signature
 * @param time the part of the header with the Unix seconds of the signature; empty for none
 */
public record SignatureRule(
        String header, String field, String text, String algorithm, String encoding, String part, String time) {

    /** The variables and settings that have the parameters of {@code http-source}, by those. */
    public static final Map<String, String> NAMES = Map.of(
            "signature", "signature",
            "signatureField", "signature-field",
            "signedText", "signed-text",
            "signatureAlgorithm", "signature-algorithm",
            "signatureEncoding", "signature-encoding",
            "signaturePart", "signature-part",
            "signatureTime", "signature-time");

    /** The variable that has the key. */
    static final String KEY_VARIABLE = "signature-key";

    private static final String KEY = "secretKey";
    private static final String BODY = "body";
    /** What the name of a part of the header begins with in a text. */
    private static final String PARTS = "signature.";

    private static final String HMAC = "Hmac";
    /** The signature is the key itself. */
    private static final String NONE = "none";

    private static final String HEX = "hex";
    private static final List<String> ENCODINGS = List.of(HEX, "base64");
    private static final List<String> ALGORITHMS =
            List.of("HmacSHA256", "HmacSHA1", "HmacSHA512", "HmacMD5", "SHA-256", "SHA-1", "SHA-512", "MD5", NONE);
    /** A parameter that is named in a fault, but for what is a part of a text. */
    private static final Pattern PARAMETER =
            Pattern.compile("(?<![{.'])\\b(%s|%s)\\b(?!})".formatted(KEY, String.join("|", NAMES.keySet())));

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
                given(parameters, "signatureEncoding", "base64"),
                given(parameters, "signaturePart", ""),
                given(parameters, "signatureTime", ""));
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
        if (!part.isEmpty() && header.isEmpty()) {
            return "signaturePart needs signature: the header that it is a part of";
        }
        if (!time.isEmpty() && (part.isEmpty() || !names().contains(PARTS + time))) {
            return "signatureTime needs signaturePart, and {%s%s} in signedText: what is not signed, anybody can change"
                    .formatted(PARTS, time);
        }
        if (!hasKey) {
            return "secretKey is missing or empty: %s. The setting that it is made of has to have a value"
                    .formatted(
                            isToken()
                                    ? "the token in %s is compared with it".formatted(place())
                                    : "with it the signature in %s is made".formatted(place()));
        }
        if (isToken()) {
            return text.isEmpty() ? null : "signedText is given, but signatureAlgorithm is none: nothing is signed";
        }
        if (text.isEmpty()) {
            return isHmac() && field.isEmpty()
                    ? null
                    : "signedText is missing: of which fields the signature in %s is made, such as {order}{sum}{%s}"
                            .formatted(place(), KEY);
        }
        var brackets = new SignedText(text).fault(name -> !isOwn(name));
        if (brackets != null) {
            return "signedText " + brackets;
        }
        if (!isHmac() && !names().contains(KEY)) {
            return "signedText has no {%s}: everybody could make such a signature".formatted(KEY);
        }
        var always = new SignedText(text).namesAlwaysSigned();
        return always.stream().allMatch(name -> KEY.equals(name) || name.startsWith(PARTS))
                ? "signedText names neither a field, such as {order}, nor {body}%s: all messages would have one signature"
                        .formatted(always.size() < names().size() ? " outside of its brackets" : "")
                : null;
    }

    /** A {@linkplain #fault fault} with the names of variables, or settings, in place of those of parameters. */
    public static String namingVariables(String fault) {
        return PARAMETER
                .matcher(fault)
                .replaceAll(found -> KEY.equals(found.group()) ? KEY_VARIABLE : NAMES.get(found.group()));
    }

    private List<String> names() {
        return new SignedText(text).names();
    }

    /** Whether fields of the message are signed, or have the signature: else nothing need be read of it. */
    boolean isOfFields() {
        return !field.isEmpty() || names().stream().anyMatch(name -> !isOwn(name));
    }

    private static boolean isOwn(String name) {
        return KEY.equals(name) || BODY.equals(name) || name.startsWith(PARTS);
    }

    /** Whether nothing is signed, and the key itself is sent. */
    boolean isToken() {
        return algorithm.equals(NONE);
    }

    private boolean isHmac() {
        return algorithm.startsWith(HMAC);
    }

    /** Where the signature is, in words. */
    String place() {
        return header.isEmpty() ? "the field " + field : "the header " + header;
    }

    /**
     * What is signed. A field that is not there is empty in it, or left out with its part in brackets.
     *
     * @param fields of the message
     * @param parts of the header
     * @param body as it was sent
     * @return {@code null} when a field or part has no single value, or fields may be others than those that were
     *     signed: what the sender has signed is not to be known then
     */
    byte[] signed(Map<String, ?> fields, Map<String, List<String>> parts, byte[] body, String key) {
        if (text.isEmpty()) {
            return body;
        }
        var values = new HashMap<String, byte[]>();
        for (var name : names()) {
            var value = BODY.equals(name)
                    ? body
                    : KEY.equals(name)
                            ? key
                            : name.startsWith(PARTS)
                                    ? one(parts.get(name.substring(PARTS.length())))
                                    : value(fields, name);
            if (value instanceof Iterable<?> || value instanceof Map<?, ?>) {
                return null;
            }
            if (value != null) {
                values.put(name, value instanceof byte[] raw ? raw : bytes(value.toString()));
            }
        }
        return new SignedText(text).filled(values::get, KEY);
    }

    private static Object one(List<String> values) {
        return values != null && values.size() == 1 ? values.get(0) : values;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** The parts of a header such as <code>t=1764500000,v1=6f9a…</code>, by their names. */
    static Map<String, List<String>> parts(String header) {
        return Arrays.stream(header.split(","))
                .map(part -> part.strip().split("=", 2))
                .filter(part -> part.length == 2)
                .collect(Collectors.groupingBy(
                        part -> part[0].strip(), Collectors.mapping(part -> part[1].strip(), Collectors.toList())));
    }

    /**
     * A field by its name, or by a path such as {@code payment.id}.
     *
     * @return an empty list when it is there in both ways: what is signed would not be what the route reads
     */
    public static Object value(Map<?, ?> fields, String path) {
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
        if (isToken()) {
            return MessageDigest.isEqual(bytes(key), bytes(given));
        }
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
