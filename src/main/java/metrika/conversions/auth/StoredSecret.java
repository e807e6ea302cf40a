package metrika.conversions.auth;

import java.security.MessageDigest;

/**
 * A secret that opens a webhook.
 *
 * @param hash its SHA-256, by which one that is sent is recognised
 * @param signingKey what requests are signed with; {@code null} when the secret itself is sent
 * @param end until when it is valid, on this machine's monotonic clock; {@code null} for as long as it is there
 */
record StoredSecret(byte[] hash, byte[] signingKey, Long end) {

    /**
     * Stands where there is none, so that a request costs the same: nobody knows a secret of this hash, or this key.
     */
    static final StoredSecret NONE = new StoredSecret(SecretGenerator.bits(), null, null);

    private static final byte[] NO_KEY = SecretGenerator.bits();

    boolean isValid() {
        return end == null || System.nanoTime() - end < 0;
    }

    boolean signs() {
        return signingKey != null;
    }

    /** Compares in a time that does not tell where the hashes differ. */
    boolean hasHash(byte[] given) {
        return MessageDigest.isEqual(hash, given);
    }

    /** The key that a signature is checked with, also where none can be right. */
    byte[] keyOrNone() {
        return signingKey == null ? NO_KEY : signingKey;
    }
}
