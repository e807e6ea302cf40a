package metrika.conversions.dashboard;

import java.sql.SQLException;
import java.util.Optional;
import javax.sql.DataSource;

import metrika.conversions.auth.AdminTokens;
import metrika.conversions.auth.SecretGenerator;
import metrika.conversions.database.SqlFile;

/**
 * The sessions of administrators, kept in the database, so that any process takes them. A session ends when its token
 * is not one any more.
 */
final class DashboardSessions {

    private final DataSource database;
    private final AdminTokens admins;
    private final String statement = SqlFile.text("auth/find-session");

    DashboardSessions(DataSource database, AdminTokens admins) {
        this.database = database;
        this.admins = admins;
    }

    /**
     * Whose session it is.
     *
     * @param secret as the cookie has it
     * @param isAct whether somebody does something, so that the session goes on; a page that renews itself does not
     */
    Optional<AdminTokens.Administrator> find(String secret, boolean isAct) throws SQLException {
        try (var connection = database.getConnection();
                var query = connection.prepareStatement(statement)) {
            query.setBytes(1, SecretGenerator.hash(secret));
            query.setBoolean(2, isAct);
            try (var found = query.executeQuery()) {
                return found.next() ? admins.find(found.getString(1), found.getBytes(2)) : Optional.empty();
            }
        }
    }

    /** What the forms of a session carry: nobody else knows it, and it does not tell the session's secret. */
    static String csrf(String secret) {
        return java.util.HexFormat.of().formatHex(SecretGenerator.hash("csrf " + secret));
    }
}
