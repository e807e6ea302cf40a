package metrika.conversions.auth;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Properties;
import java.util.UUID;

import metrika.conversions.support.TestDatabase;
import metrika.conversions.support.TestWebhook;

/** A webhook that is written into a database as the API does, without a product. */
public final class StoredWebhook {

    private StoredWebhook() {}

    /** Stores one of a database whose products run in the profile dev, without starting one of them for it. */
    public static TestWebhook ofDev(TestDatabase database, long counter) {
        var settings = new Properties();
        try (var file = Files.newBufferedReader(Path.of("application-dev.properties"))) {
            settings.load(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return insert(database, settings.getProperty("encryption.key"), counter, false);
    }

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
