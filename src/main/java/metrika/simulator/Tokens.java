package metrika.simulator;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Tokens in a form that may be kept, shown and logged. */
final class Tokens {
    private static final String SCHEME = "OAuth ";

    private Tokens() {}

    /** The token of an {@code Authorization} header, null when there is none of Metrika's kind. */
    static String fromHeader(String authorization) {
        if (authorization == null || !authorization.startsWith(SCHEME)) {
            return null;
        }
        String token = authorization.substring(SCHEME.length()).strip();
        return token.isEmpty() ? null : token;
    }

    /** The first 12 hexadecimal digits of the token's SHA-256, null for null. */
    static String fingerprint(String token) {
        if (token == null) {
            return null;
        }
        byte[] digest = sha256().digest(token.getBytes(StandardCharsets.UTF_8));
        return HexFormat.of().formatHex(digest, 0, 6);
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException impossible) {
            throw new IllegalStateException("Every Java has SHA-256", impossible);
        }
    }
}
