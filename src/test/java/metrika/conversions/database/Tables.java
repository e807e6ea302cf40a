package metrika.conversions.database;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

import metrika.conversions.support.Statements;
import metrika.conversions.support.TestDatabase;

import static org.awaitility.Awaitility.await;

/**
 * The product's tables, empty, to be filled by hand: for tests of statements, without a product. One test has them at a
 * time.
 */
final class Tables {

    /** What a test that has them locks. */
    static final String LOCK = "the tables to be filled by hand";

    private static final TestDatabase DATABASE = TestDatabase.create();

    private final TestDatabase database = DATABASE;

    Tables() {
        database.update("truncate webhook, upload, batch, conversion, pending_erasure cascade");
    }

    TestDatabase database() {
        return database;
    }

    Connection connect() {
        try {
            return DriverManager.getConnection(database.url());
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Begins a transaction, runs a statement in it, and leaves it open. */
    Connection hold(String sql) throws SQLException {
        var connection = connect();
        connection.setAutoCommit(false);
        try (var statement = connection.createStatement()) {
            statement.execute(sql);
        }
        return connection;
    }

    /** Runs one of the routes' statements. */
    List<Map<String, Object>> run(String name, Map<String, ?> values) {
        var sql = Statements.of(name, values);
        try (var connection = connect();
                var statement = connection.createStatement()) {
            var rows = new ArrayList<Map<String, Object>>();
            if (statement.execute(sql)) {
                try (var result = statement.getResultSet()) {
                    while (result.next()) {
                        var row = new LinkedHashMap<String, Object>();
                        for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
                            row.put(result.getMetaData().getColumnLabel(i), result.getObject(i));
                        }
                        rows.add(row);
                    }
                }
            }
            return rows;
        } catch (SQLException e) {
            throw new CompletionException(e);
        }
    }

    /** The same in a thread of its own; returns when it waits for a lock that another transaction holds. */
    CompletableFuture<List<Map<String, Object>>> runUntilItWaits(String name, Map<String, ?> values) {
        var running = CompletableFuture.supplyAsync(() -> run(name, values));
        await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(10))
                .until(() -> running.isDone() || waiting() > 0);
        return running;
    }

    private long waiting() {
        return database.value(
                "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type ="
                        + " 'Lock'");
    }

    UUID webhook() {
        var id = UUID.randomUUID();
        database.update("""
            insert into webhook (id, name, counter_id, token, login, time_zone, requests_per_minute, secret_hash)
            values (?, 'test', 1, '\\x00', 'login', 'UTC', 60, '\\x00')\
            """, id);
        return id;
    }

    /** An upload that waits to be sent. */
    long upload(UUID webhook) {
        return database.value(
                "insert into upload (webhook_id, counter_id, conversions, oldest_event_at) values (?, 1, 0, clock()) "
                        + "returning id",
                webhook);
    }

    /** A batch of a conversion of each of the persons, in an upload or, where it is null, in none yet. */
    UUID batch(UUID webhook, Long upload, String... persons) {
        var id = database.<UUID>value("""
            insert into batch (id, webhook_id, total, oldest_event_at, ready_at, upload_id)
            values (gen_random_uuid(), ?, ?, clock(), clock(), ?::bigint) returning id\
            """, webhook, persons.length, upload);
        for (int i = 0; i < persons.length; i++) {
            database.update(
                    "insert into conversion (batch_id, position, user_id, target, date_time) "
                            + "values (?, ?, ?, 'purchase', 1)",
                    id,
                    i,
                    persons[i]);
        }
        database.update("update upload set conversions = conversions + ? where id = ?::bigint", persons.length, upload);
        return id;
    }

    /** Has the database take a time for now, until {@link #now}. */
    void at(String time) {
        database.update("create or replace function clock() returns timestamptz language sql stable as "
                + "$$ select timestamptz '%s' $$".formatted(time));
    }

    /** Has the database's clock go on as it does. */
    void now() {
        database.update("create or replace function clock() returns timestamptz language sql stable as 'select now()'");
    }

    /** Claims an upload, as a sender does. */
    void claim(long upload) {
        database.update(
                "update upload set claim_number = claim_number + 1, lease_expires_at = clock() + interval '1 minute'"
                        + " where id = ?",
                upload);
    }
}
