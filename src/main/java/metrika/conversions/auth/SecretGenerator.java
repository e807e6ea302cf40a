package metrika.conversions.auth;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;

/**
 * The secrets of webhooks: 256 random bits, given out once, kept as SHA-256. As URL-safe base64 they are sent with each
 * request; as {@code whsec_} and base64, the form of Standard Webhooks, they sign requests and are never sent.
 */
public final class SecretGenerator {

    /** What a secret that signs begins with. */
    static final String SIGNING = "whsec_";

    private static final SecureRandom RANDOM = new SecureRandom();

    private SecretGenerator() {}

    /** 256 new random bits. */
    public static byte[] bits() {
        var bits = new byte[32];
        RANDOM.nextBytes(bits);
        return bits;
    }

    /** The secret that is sent, 43 characters. */
    public static String sent(byte[] bits) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bits);
    }

    /** The secret that signs, 50 characters. */
    public static String signing(byte[] bits) {
        return SIGNING + Base64.getEncoder().encodeToString(bits);
    }

    /** What is kept of a secret, and what it is recognised by. A random secret needs no salt and no slow hash. */
    public static byte[] hash(String secret) {
        return sha256(secret.getBytes(StandardCharsets.UTF_8));
    }

    /** The SHA-256 of some bytes, 32 bytes. */
    public static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
