package metrika.conversions.auth;

import java.util.HexFormat;
import java.util.UUID;

import metrika.conversions.support.TestDatabase;
import metrika.conversions.support.TestWebhook;

/** A webhook that is written into a database as the API does, without a product. */
final class StoredWebhook {

    private StoredWebhook() {}

    /**
     * Stores one, to be used at whatever product.
     *
     * @param key the setting {@code encryption.key}
     * @param signs whether its requests are signed
     */
    static TestWebhook insert(TestDatabase database, String key, long counter, boolean signs) {
        var id = UUID.randomUUID();
        var bits = SecretGenerator.bits();
        var secret = signs ? SecretGenerator.signing(bits) : SecretGenerator.sent(bits);
        var token = "token-" + counter;
        var cipher = new TokenEncryption(key);
        database.update(
                """
                insert into webhook (id, name, counter_id, token, login, time_zone, requests_per_minute,
                                     secret_hash, signing_key)
                values (?, 'stored', ?, ?, ?, 'UTC', 1000, ?, ?)\
                """,
                id,
                counter,
                cipher.encrypt(id, token),
                HexFormat.of().formatHex(SecretGenerator.hash(token)),
                SecretGenerator.hash(secret),
                signs ? cipher.encryptSigningKey(id, bits) : null);
        return new TestWebhook(null, id.toString(), secret);
    }
}
