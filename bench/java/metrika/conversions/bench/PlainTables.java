package metrika.conversions.bench;

import java.sql.DriverManager;
import java.sql.SQLException;

/** The two tables that whoever writes the intake by hand makes: primary keys, and nothing else. */
final class PlainTables {

    private static final String DATABASE = "plain";
    private static final String[] TABLES = {"""
        create table batch (
          id uuid primary key, webhook_id uuid not null, total int not null, earliest timestamptz not null,
          ready_at timestamptz not null)
        """, """
        create table conversion (
          batch_id uuid not null, position int not null, client_id text, user_id text, yclid text, purchase_id text,
          target text not null, date_time bigint not null, price numeric, currency text, primary key (batch_id, position))
        """};

    private PlainTables() {}

    /**
     * Makes them in a database of their own.
     *
     * @param url of another database of the same server
     * @return the address of the new one
     */
    static String beside(String url) throws SQLException {
        try (var connection = DriverManager.getConnection(url);
                var statement = connection.createStatement()) {
            statement.execute("create database " + DATABASE);
        }
        var plain = url.replaceFirst("/[^/?]+(?=\\?|$)", "/" + DATABASE);
        try (var connection = DriverManager.getConnection(plain);
                var statement = connection.createStatement()) {
            for (var table : TABLES) {
                statement.execute(table);
            }
        }
        return plain;
    }
}
