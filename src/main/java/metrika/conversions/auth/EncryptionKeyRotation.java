package metrika.conversions.auth;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import javax.sql.DataSource;

import metrika.conversions.database.SqlFile;
import metrika.conversions.settings.SettingException;

/** What is stored encrypted, taken as a whole: can it all be read, and by the first key. */
public final class EncryptionKeyRotation {

    private static final String LIST = SqlFile.text("auth/list-encrypted-values");
    private static final String REPLACE = SqlFile.text("auth/update-encrypted-values");
    private static final String AUDIT = SqlFile.text("auth/audit-re-encryption");

    private final DataSource database;
    private final TokenEncryption cipher;

    public EncryptionKeyRotation(DataSource database, TokenEncryption cipher) {
        this.database = database;
        this.cipher = cipher;
    }

    /**
     * How many webhooks were gone through, and how many of these were encrypted anew; the others were so already, or
     * were changed meanwhile by a process that runs, which uses the first key by itself.
     */
    public record Count(int webhooks, int renewed) {}

    /** The columns of a webhook that are encrypted. */
    private record Row(UUID id, byte[] token, byte[] signingKey, byte[] previousSigningKey, byte[] callbackKey) {}

    /**
     * Reads everything, changes nothing.
     *
     * @throws SettingException when a key is missing
     */
    public void check() throws SQLException {
        try (Connection connection = database.getConnection()) {
            var lost = new ArrayList<UUID>();
            var rows = rows(connection);
            rows.forEach(row -> {
                if (renewed(row) == null) {
                    lost.add(row.id());
                }
            });
            if (!lost.isEmpty()) {
                throw missing(lost, rows.size());
            }
        }
    }

    /**
     * Encrypts with the first key whatever is not. Can be run again, and beside running processes that have all the
     * keys: a row that one of them changes meanwhile is left as that process wrote it.
     *
     * @throws SettingException when a key is missing; what the keys given can read is then encrypted anew all the same
     */
    public Count reencrypt() throws SQLException {
        try (Connection connection = database.getConnection()) {
            connection.setAutoCommit(true);
            var lost = new ArrayList<UUID>();
            var renewed = 0;
            var rows = rows(connection);
            for (var row : rows) {
                var now = renewed(row);
                if (now == null) {
                    lost.add(row.id());
                } else if (!isSame(row, now) && replace(connection, row, now)) {
                    renewed++;
                }
            }
            try (var statement = connection.prepareStatement(AUDIT)) {
                statement.setInt(1, rows.size());
                statement.setInt(2, renewed);
                statement.setInt(3, lost.size());
                statement.executeUpdate();
            }
            if (!lost.isEmpty()) {
                throw missing(lost, rows.size());
            }
            return new Count(rows.size(), renewed);
        }
    }

    /** The row as the first key encrypts it; {@code null} when no key can read it. */
    private Row renewed(Row row) {
        try {
            return new Row(
                    row.id(),
                    cipher.renewed(row.id(), row.token()),
                    cipher.renewedSigningKey(row.id(), row.signingKey()),
                    cipher.renewedSigningKey(row.id(), row.previousSigningKey()),
                    cipher.renewedCallbackKey(row.id(), row.callbackKey()));
        } catch (IllegalStateException e) {
            return null; // reported with all the others
        }
    }

    private static boolean isSame(Row one, Row other) {
        return Arrays.equals(one.token(), other.token())
                && Arrays.equals(one.signingKey(), other.signingKey())
                && Arrays.equals(one.previousSigningKey(), other.previousSigningKey())
                && Arrays.equals(one.callbackKey(), other.callbackKey());
    }

    private static boolean replace(Connection connection, Row before, Row now) throws SQLException {
        try (var statement = connection.prepareStatement(REPLACE)) {
            statement.setBytes(1, now.token());
            statement.setBytes(2, now.signingKey());
            statement.setBytes(3, now.previousSigningKey());
            statement.setBytes(4, now.callbackKey());
            statement.setObject(5, before.id());
            statement.setBytes(6, before.token());
            statement.setBytes(7, before.signingKey());
            statement.setBytes(8, before.previousSigningKey());
            statement.setBytes(9, before.callbackKey());
            return statement.executeUpdate() > 0;
        }
    }

    private static List<Row> rows(Connection connection) throws SQLException {
        var rows = new ArrayList<Row>();
        try (var statement = connection.prepareStatement(LIST);
                var result = statement.executeQuery()) {
            while (result.next()) {
                rows.add(new Row(
                        result.getObject("id", UUID.class),
                        result.getBytes("token"),
                        result.getBytes("signing_key"),
                        result.getBytes("previous_signing_key"),
                        result.getBytes("callback_key")));
            }
        }
        return rows;
    }

    private static SettingException missing(List<UUID> lost, int all) {
        return new SettingException(
                ("encryption.key is not the key that the database was written with: it cannot read what is stored of"
                                + " %d of %d webhooks, the first of them %s. Nothing is lost: give that key too,"
                                + " after the new one"
                                + " and a comma")
                        .formatted(lost.size(), all, lost.get(0)));
    }
}
