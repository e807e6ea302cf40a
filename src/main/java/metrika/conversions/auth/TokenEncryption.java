package metrika.conversions.auth;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

import metrika.conversions.settings.SettingException;

/**
 * Encrypts what has to be readable again, Metrika's OAuth tokens and the keys of signatures, with AES-256-GCM. The
 * webhook's id, and for a key what it is for, are authenticated with it, so that it cannot be moved to another row or
 * column. Stored form: 12 bytes of nonce, then the ciphertext with its 16 bytes of tag. Of several keys the first one
 * encrypts; which one decrypts, the tag tells.
 */
public final class TokenEncryption {

    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;
    private static final byte[] TOKEN = {};
    private static final byte[] SIGNING_KEY = "signing-key".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] CALLBACK_KEY = "callback-key".getBytes(StandardCharsets.US_ASCII);
    private static final SecureRandom RANDOM = new SecureRandom();

    private final List<SecretKeySpec> keys = new ArrayList<>();

    /**
     * @param keys the setting {@code encryption.key}: 32 bytes in base64, or several of these with commas
     * @throws SettingException when it is not
     */
    public TokenEncryption(String keys) {
        for (var key : keys.split(",", -1)) {
            byte[] bytes;
            try {
                bytes = Base64.getDecoder().decode(key.strip());
            } catch (IllegalArgumentException e) {
                bytes = new byte[0];
            }
            if (bytes.length != 32) {
                throw new SettingException(
                        "encryption.key has to be 32 bytes in base64, or several of these with commas between "
                                + "them. Make one: openssl rand -base64 32");
            }
            this.keys.add(new SecretKeySpec(bytes, "AES"));
        }
    }

    /** Encrypts a webhook's token. */
    public byte[] encrypt(UUID webhook, String token) {
        return encrypt(webhook, TOKEN, token.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Decrypts a webhook's token.
     *
     * @throws IllegalStateException when it was encrypted with a key that is not given, or for another webhook
     */
    public String decrypt(UUID webhook, byte[] stored) {
        return new String(decrypt(webhook, TOKEN, stored), StandardCharsets.UTF_8);
    }

    /** Encrypts the key that a webhook's requests are signed with. */
    public byte[] encryptSigningKey(UUID webhook, byte[] key) {
        return encrypt(webhook, SIGNING_KEY, key);
    }

    /** Decrypts the key that a webhook's requests are signed with; {@code null} stays {@code null}. */
    byte[] decryptSigningKey(UUID webhook, byte[] stored) {
        return stored == null ? null : decrypt(webhook, SIGNING_KEY, stored);
    }

    /** Encrypts the key that messages to a webhook's callback are signed with. */
    public byte[] encryptCallbackKey(UUID webhook, byte[] key) {
        return encrypt(webhook, CALLBACK_KEY, key);
    }

    /** Decrypts the key that messages to a webhook's callback are signed with. */
    public byte[] decryptCallbackKey(UUID webhook, byte[] stored) {
        return decrypt(webhook, CALLBACK_KEY, stored);
    }

    /** A token as it is stored, encrypted with the first key: the same bytes when it is so already, or is empty. */
    byte[] renewed(UUID webhook, byte[] token) {
        return renewed(webhook, TOKEN, token);
    }

    /** The same for a signing key. */
    byte[] renewedSigningKey(UUID webhook, byte[] key) {
        return renewed(webhook, SIGNING_KEY, key);
    }

    /** The same for a callback's key. */
    byte[] renewedCallbackKey(UUID webhook, byte[] key) {
        return renewed(webhook, CALLBACK_KEY, key);
    }

    private byte[] renewed(UUID webhook, byte[] kind, byte[] stored) {
        if (stored == null || stored.length == 0 || open(keys.get(0), webhook, kind, stored) != null) {
            return stored;
        }
        return encrypt(webhook, kind, decrypt(webhook, kind, stored));
    }

    private byte[] encrypt(UUID webhook, byte[] kind, byte[] plain) {
        var nonce = new byte[NONCE_BYTES];
        RANDOM.nextBytes(nonce);
        try {
            var ciphertext = cipher(keys.get(0), Cipher.ENCRYPT_MODE, nonce, webhook, kind)
                    .doFinal(plain);
            return ByteBuffer.allocate(NONCE_BYTES + ciphertext.length)
                    .put(nonce)
                    .put(ciphertext)
                    .array();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("what belongs to webhook " + webhook + " cannot be encrypted", e);
        }
    }

    private byte[] decrypt(UUID webhook, byte[] kind, byte[] stored) {
        for (var key : keys) {
            var plain = open(key, webhook, kind, stored);
            if (plain != null) {
                return plain;
            }
        }
        throw new IllegalStateException(
                kind == TOKEN
                        ? "the token of webhook " + webhook
                                + " cannot be decrypted: none of the keys of encryption.key is the one that it "
                                + "was stored with. Give that key back, or the token again by PATCH"
                        : "the key of signatures of webhook " + webhook
                                + " cannot be decrypted: none of the keys of encryption.key is the one "
                                + "that it was stored with. Give that key back, or the webhook a new secret");
    }

    /** What a key decrypts; {@code null} when it is not the right one. */
    private static byte[] open(SecretKeySpec key, UUID webhook, byte[] kind, byte[] stored) {
        if (stored.length < NONCE_BYTES + TAG_BITS / 8) {
            return null;
        }
        try {
            return cipher(key, Cipher.DECRYPT_MODE, stored, webhook, kind)
                    .doFinal(stored, NONCE_BYTES, stored.length - NONCE_BYTES);
        } catch (AEADBadTagException e) {
            return null;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has AES-256-GCM", e);
        }
    }

    /** @param nonce an array that starts with it */
    private static Cipher cipher(SecretKeySpec key, int mode, byte[] nonce, UUID webhook, byte[] kind)
            throws GeneralSecurityException {
        var cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce, 0, NONCE_BYTES));
        cipher.updateAAD(ByteBuffer.allocate(16 + kind.length)
                .putLong(webhook.getMostSignificantBits())
                .putLong(webhook.getLeastSignificantBits())
                .put(kind)
                .flip());
        return cipher;
    }
}
