package metrika.conversions.access;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.UUID;

import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

import metrika.conversions.SettingException;

/**
 * Encrypts Metrika's OAuth tokens with AES-256-GCM. The webhook's id is authenticated with the token, so that a row's
 * token cannot be moved to another row. Stored form: 12 bytes of nonce, then the ciphertext with its 16 bytes of tag.
 */
public final class TokenCipher {

    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final SecureRandom RANDOM = new SecureRandom();

    private final SecretKeySpec key;

    /**
     * @param  key              32 bytes in base64: the setting {@code encryption.key}
     * @throws SettingException when it is not
     */
    public TokenCipher(String key) {
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(key);
        } catch (IllegalArgumentException e) {
            bytes = new byte[0];
        }
        if (bytes.length != 32) {
            throw new SettingException("encryption.key has to be 32 bytes in base64. Make one: openssl rand -base64 32");
        }
        this.key = new SecretKeySpec(bytes, "AES");
    }

    /** Encrypts a webhook's token. */
    public byte[] encrypt(UUID webhook, String token) {
        var nonce = new byte[NONCE_BYTES];
        RANDOM.nextBytes(nonce);
        try {
            var ciphertext = cipher(Cipher.ENCRYPT_MODE, nonce, webhook).doFinal(token.getBytes(StandardCharsets.UTF_8));
            return ByteBuffer.allocate(NONCE_BYTES + ciphertext.length).put(nonce).put(ciphertext).array();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the token of webhook " + webhook + " cannot be encrypted", e);
        }
    }

    /**
     * Decrypts a webhook's token.
     *
     * @throws IllegalStateException when it was encrypted with another key or for another webhook
     */
    public String decrypt(UUID webhook, byte[] stored) {
        try {
            var token = cipher(Cipher.DECRYPT_MODE, stored, webhook)
                    .doFinal(stored, NONCE_BYTES, stored.length - NONCE_BYTES);
            return new String(token, StandardCharsets.UTF_8);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the token of webhook " + webhook + " cannot be decrypted: encryption.key is not "
                    + "the one that it was stored with. Give that key back, or the token again by PATCH", e);
        }
    }

    /** @param nonce an array that starts with it */
    private Cipher cipher(int mode, byte[] nonce, UUID webhook) throws GeneralSecurityException {
        var cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce, 0, NONCE_BYTES));
        cipher.updateAAD(ByteBuffer.allocate(16)
                .putLong(webhook.getMostSignificantBits()).putLong(webhook.getLeastSignificantBits()).flip());
        return cipher;
    }
}
