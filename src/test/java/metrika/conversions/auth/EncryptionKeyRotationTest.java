package metrika.conversions.auth;

import java.sql.SQLException;
import java.util.UUID;

import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

import metrika.conversions.settings.SettingException;
import metrika.conversions.support.TestDatabase;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What a start checks of what is stored encrypted, and the command re-encrypt does. */
class EncryptionKeyRotationTest {

    private static final String OLD = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    private static final String NEW = "HxwdHhsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQA=";

    private final TestDatabase database = TestDatabase.create();

    private EncryptionKeyRotation keys(String keys) {
        var source = new PGSimpleDataSource();
        source.setUrl(database.url());
        return new EncryptionKeyRotation(source, new TokenEncryption(keys));
    }

    @Test
    void aKeyIsChangedWithoutLosingWhatItEncrypted() throws SQLException {
        var webhook = StoredWebhook.insert(database, OLD, 1, false);
        StoredWebhook.insert(database, OLD, 2, true);
        var before = database.<byte[]>value("select token from webhook where id = ?::uuid", webhook.id());
        assertThatThrownBy(() -> keys(NEW).check())
                .isInstanceOf(SettingException.class)
                .hasMessageContainingAll("encryption.key", "2 of 2 webhooks", "after the new one and a comma");
        assertThatThrownBy(() -> keys(NEW).reencrypt())
                .isInstanceOf(SettingException.class)
                .hasMessageContaining("2 of 2 webhooks");
        assertThat(database.<byte[]>value("select token from webhook where id = ?::uuid", webhook.id()))
                .isEqualTo(before);
        keys(NEW + ", " + OLD).check();
        assertThat(keys(NEW + ", " + OLD).reencrypt()).isEqualTo(new EncryptionKeyRotation.Count(2, 2));
        // The new key alone reads all of it
        keys(NEW).check();
        assertThat(keys(NEW).reencrypt()).isEqualTo(new EncryptionKeyRotation.Count(2, 0));
        assertThat(database.<Long>value("select count(*) from audit where action = 're-encrypt'"))
                .isEqualTo(3);
    }

    /**
     * Whoever can write to the database cannot have one webhook's token, or signing key, serve another, nor one for the
     * other.
     */
    @Test
    void whatIsEncryptedForOneWebhookIsRefusedAtAnother() throws SQLException {
        var one = StoredWebhook.insert(database, OLD, 1, true).id();
        var two = StoredWebhook.insert(database, OLD, 2, true).id();
        keys(OLD).check();
        database.update("create table kept as select id, token, signing_key, previous_signing_key from webhook");
        for (var moved : new String[] {
            "token = (select token from kept where id = '%s')",
            "signing_key = (select signing_key from kept where id = '%s')",
            "previous_signing_key = (select signing_key from kept where id = '%s')",
            "signing_key = kept.token"
        }) {
            database.update(
                    "update webhook set " + moved.formatted(two)
                            + " from kept where kept.id = webhook.id and webhook.id = ?::uuid",
                    one);
            assertThatThrownBy(() -> keys(OLD).check())
                    .as(moved)
                    .isInstanceOf(SettingException.class)
                    .hasMessageContainingAll("encryption.key", "1 of 2 webhooks", one);
            database.update("update webhook set token = kept.token, signing_key = kept.signing_key, "
                    + "previous_signing_key = kept.previous_signing_key from kept where kept.id = webhook.id");
        }
        assertThat(keys(OLD).reencrypt().webhooks()).isEqualTo(2);
    }

    @Test
    void theKeyOfACallbackIsEncryptedAnewTooAndServesForNothingElse() throws SQLException {
        var webhook =
                UUID.fromString(StoredWebhook.insert(database, OLD, 1, false).id());
        var key = SecretGenerator.bits();
        database.update(
                "update webhook set callback_key = ? where id = ?",
                new TokenEncryption(OLD).encryptCallbackKey(webhook, key),
                webhook);
        assertThat(keys(NEW + "," + OLD).reencrypt()).isEqualTo(new EncryptionKeyRotation.Count(1, 1));
        keys(NEW).check();
        assertThat(new TokenEncryption(NEW)
                        .decryptCallbackKey(webhook, database.value("select callback_key from webhook")))
                .isEqualTo(key);
        database.update("update webhook set signing_key = callback_key");
        assertThatThrownBy(() -> keys(NEW).check()).isInstanceOf(SettingException.class);
    }
}
