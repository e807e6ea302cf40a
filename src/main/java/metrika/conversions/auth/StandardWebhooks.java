package metrika.conversions.auth;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Signatures by the rules of Standard Webhooks (standardwebhooks.com): HMAC-SHA256 over
 * {@code <webhook-id>.<webhook-timestamp>.<body>}.
 */
public final class StandardWebhooks {

    /** What the version of a signature with a symmetric key is. */
    static final String VERSION = "v1,";

    private static final int FEWEST_BYTES = 16;
    private static final int MOST_BYTES = 128;

    private StandardWebhooks() {}

    /** The signature's bytes. */
    static byte[] hmac(byte[] key, String id, String timestamp, byte[] body) {
        try {
            var mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            mac.update((id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8));
            return mac.doFinal(body);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has HmacSHA256", e);
        }
    }

    /**
     * A signature for the header {@code webhook-signature}.
     *
     * @param timestamp in Unix seconds
     */
    public static String sign(byte[] key, String id, long timestamp, byte[] body) {
        return VERSION + Base64.getEncoder().encodeToString(hmac(key, id, String.valueOf(timestamp), body));
    }

    /**
     * The key of a secret.
     *
     * @param secret {@code whsec_} and base64
     * @return {@code null} when it is none, or too short to keep anything
     */
    public static byte[] key(String secret) {
        if (!secret.startsWith(SecretGenerator.SIGNING)) {
            return null;
        }
        try {
            var key = Base64.getDecoder().decode(secret.substring(SecretGenerator.SIGNING.length()));
            return key.length < FEWEST_BYTES || key.length > MOST_BYTES ? null : key;
        } catch (IllegalArgumentException e) {
            return null;
        }
    }
}
