package metrika.conversions.database;

import java.net.UnknownHostException;
import java.sql.SQLException;

/**
 * Why the database could not be opened, for whoever has to put it right.
 *
 * @param message what is wrong and what can be done, in one line
 * @param canPass whether it may go away by itself: a server that is not there yet, or is starting
 */
record DatabaseFault(String message, boolean canPass) {

    static DatabaseFault of(Throwable failure, DatabaseAddress address) {
        var sql = find(failure, SQLException.class);
        var state = sql == null || sql.getSQLState() == null ? "" : sql.getSQLState();
        var said = oneLine(sql == null ? failure.getMessage() : sql.getMessage());
        var user = address.user() == null ? "the user" : "user '" + address.user() + "'";
        var place = address.shown();
        return switch (state) {
            case "28P01" ->
                lasting(
                        "%s does not let %s in: the password is wrong, or there is no such user (database.user, "
                                + "database.password)",
                        place, user, said);
            case "28000" ->
                lasting(
                        "%s does not let %s in: there is no such user (create role NAME login password '...'), or "
                                + "pg_hba.conf does not allow it from here (database.user)",
                        place, user, said);
            case "08004", "08P01" ->
                lasting(
                        "%s does not let %s in as it is asked to: is a password given (database.password), does "
                                + "the server speak TLS if sslmode wants it, is it PostgreSQL at all",
                        place, user, said);
            case "3D000" ->
                lasting(
                        "%s: there is no such database (database.url). It is made by: create database NAME owner %s",
                        place, address.user() == null ? "USER" : address.user(), said);
            case "42501" ->
                lasting(
                        "%s does not let %s make tables: make it the database's owner (alter database NAME owner to "
                                + "USER), or: grant create on schema public to USER",
                        place, user, said);
            case "25006" ->
                lasting(
                        "%s takes no changes from %s: it is a standby, and database.url has to be that of the "
                                + "primary",
                        place, user, said);
            case "55P03" ->
                lasting(
                        "%s: another session holds a table that %s has to change, for more than half a minute. Find "
                                + "it in pg_stat_activity, end it or wait for it, and start again",
                        place, user, said);
            case "57014" ->
                lasting(
                        "%s: a change of the tables by %s took too long and was undone. Start again when the server "
                                + "is less busy",
                        place, user, said);
            case "57P03", "53300" -> new DatabaseFault("%s takes no connections now (%s)".formatted(place, said), true);
            default ->
                find(failure, UnknownHostException.class) != null
                        ? new DatabaseFault(
                                "%s: there is no such host, or not yet (database.url)".formatted(place), true)
                        : state.startsWith("08")
                                ? new DatabaseFault(
                                        "%s does not answer (database.url): %s".formatted(place, said), true)
                                : new DatabaseFault(
                                        "The database cannot be opened or brought up to date (database.url,"
                                                + " database.user, database.password): " + said,
                                        false);
        };
    }

    /** @param form with places for the server's address and for the user */
    private static DatabaseFault lasting(String form, String place, String user, String said) {
        return new DatabaseFault(form.formatted(place, user) + ". PostgreSQL says: " + said, false);
    }

    private static <T extends Throwable> T find(Throwable failure, Class<T> type) {
        for (var cause = failure; cause != null; cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return type.cast(cause);
            }
        }
        return null;
    }

    private static String oneLine(String text) {
        return text == null
                ? "nothing"
                : text.strip().replaceAll("\\s*\\R\\s*", " ").replaceAll("\\.+$", "");
    }
}
