package metrika.conversions.auth;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes webhooks of the database's rows. What cannot be read of one makes that one unusable, and is told once. */
final class WebhookRows {

    private static final Logger LOG = LoggerFactory.getLogger(WebhookRows.class);

    private final TokenEncryption cipher;
    /** What was said of webhooks in the log already. */
    private final Set<String> warnings = ConcurrentHashMap.newKeySet();

    WebhookRows(TokenEncryption cipher) {
        this.cipher = cipher;
    }

    WebhookRepository.Entry read(ResultSet row) throws SQLException {
        var id = row.getObject("id", UUID.class);
        var webhook = new Webhook(
                id,
                row.getLong("counter_id"),
                zone(id, row.getString("time_zone")),
                row.getInt("requests_per_minute"),
                row.getBoolean("is_active"),
                row.getLong("version"),
                null);
        var secret = secret(id, row.getBytes("secret_hash"), row.getBytes("signing_key"), null);
        var left = row.getDouble("previous_valid_seconds");
        var previous = row.wasNull()
                ? StoredSecret.NONE
                : secret(
                        id,
                        row.getBytes("previous_secret_hash"),
                        row.getBytes("previous_signing_key"),
                        System.nanoTime() + (long) (left * 1e9));
        return new WebhookRepository.Entry(webhook, secret, previous);
    }

    /** {@code null} for one that this Java does not know: the other webhooks must not suffer for it. */
    private ZoneId zone(UUID webhook, String name) {
        try {
            return ZoneId.of(name);
        } catch (DateTimeException e) {
            warn(("The time zone '%s' of webhook %s is not known to this Java: it takes no conversions. Give it"
                                    + " another one by ")
                            .formatted(name, webhook)
                    + "PATCH, or bring the JVM's time zones up to date");
            return null;
        }
    }

    /** One that nothing opens when its key cannot be decrypted: the other webhooks must not suffer for it. */
    private StoredSecret secret(UUID webhook, byte[] hash, byte[] key, Long until) {
        try {
            return new StoredSecret(hash, cipher.decryptSigningKey(webhook, key), until);
        } catch (IllegalStateException e) {
            warn(e.getMessage());
            return StoredSecret.NONE;
        }
    }

    /** Once: webhooks are read again and again. */
    private void warn(String text) {
        if (warnings.add(text)) {
            LOG.warn(text);
        }
    }
}
