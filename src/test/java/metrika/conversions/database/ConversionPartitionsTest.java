package metrika.conversions.database;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import metrika.conversions.support.TestDatabase;

import static org.assertj.core.api.Assertions.assertThat;

/** Days of conversions are cleared by statements that stand in nobody's way, and that can be stopped at any point. */
class ConversionPartitionsTest {

    private static final LocalDate OLD = LocalDate.now(ZoneOffset.UTC).minusDays(40);
    private static final String DAY = "conversion_" + OLD.format(DateTimeFormatter.BASIC_ISO_DATE);
    private static final String NOTHING = "00000000-0000-0000-0000-000000000000";

    private final TestDatabase database = TestDatabase.create();

    @BeforeEach
    void prepare() {
        database.query("select * from create_partitions(1)");
        database.update(
                "create table %s partition of conversion for values from (min_batch_id('%s')) to (min_batch_id('%s'))"
                        .formatted(DAY, OLD, OLD.plusDays(1)));
        database.update("""
            insert into webhook (id, name, counter_id, token, login, time_zone, requests_per_minute, secret_hash)
            values (gen_random_uuid(), 'w', 1, '', '', 'UTC', 60, '')\
            """);
    }

    /** Batches of the old day, of three conversions each, in an upload that ended then. */
    private void batches(String state, int number) {
        database.update("""
                with ended as (
                  insert into upload (webhook_id, counter_id, conversions, oldest_event_at, state, updated_at)
                  select id, 1, 3 * ?, now(), ?, ?::date from webhook
                  returning id, webhook_id
                ), stored as (
                  insert into batch (id, webhook_id, total, oldest_event_at, ready_at, upload_id)
                  select (left(min_batch_id(?::date)::text, 13) || right(gen_random_uuid()::text, 23))::uuid,
                         webhook_id, 3, now(), now(), id
                    from ended, generate_series(1, ?)
                  returning id
                )
                insert into conversion (batch_id, position, client_id, target, date_time)
                select stored.id, n, '1', 'order', 0 from stored, generate_series(1, 3) as n\
                """, number, state, OLD.toString(), OLD.toString(), number);
    }

    private void purge(String error) {
        var after = NOTHING;
        while (after != null) {
            after = database.value(
                    "select mark_batches_purged(?, ?::uuid, 'P30D', ?::interval)::text", DAY, after, error);
        }
    }

    private String empty() {
        return database.value("select empty_partition(?)", DAY);
    }

    private String drop() {
        return database.value("select drop_empty_partition(?)", DAY);
    }

    private long rows() {
        return database.value("select count(*) from " + DAY);
    }

    @Test
    void theIntakeGoesOnWhileADayIsClearedOfWhichSomeIsKept() throws Exception {
        batches("completed", 8_000);
        batches("error", 800);
        var isOver = new AtomicBoolean();
        var threads = Executors.newSingleThreadExecutor();
        try (var reader = database.connection()) {
            var intake = threads.submit(() -> insertUntil(isOver));
            // Somebody reads a file of today for long
            reader.setAutoCommit(false);
            try (var statement = reader.createStatement()) {
                statement.executeQuery("select count(*) from conversion where batch_id = '%s'".formatted(idOfToday()));
            }
            purge("P90D");
            assertThat(empty()).isEqualTo("emptied");
            assertThat(rows()).as("what ended in error").isEqualTo(2_400);
            assertThat(drop()).isNull();
            purge("P39D");
            assertThat(empty()).isEqualTo("emptied");
            assertThat(drop()).as("not while the reader is there").isEqualTo("in-use");
            assertThat(rows()).isZero();
            reader.commit();
            assertThat(drop()).isEqualTo("dropped");
            isOver.set(true);
            assertThat(intake.get()).as("none of them failed").isPositive();
        } finally {
            isOver.set(true);
            threads.shutdown();
        }
    }

    private String idOfToday() {
        return database.<Object>value("select min_batch_id((now() at time zone 'UTC')::date)")
                .toString();
    }

    /** Stores conversions as the intake does, none of which may wait for half a second. */
    private int insertUntil(AtomicBoolean isOver) throws SQLException {
        try (Connection connection = database.connection();
                var statement = connection.createStatement()) {
            statement.execute("set lock_timeout = '500ms'");
            var insert = """
                insert into conversion (batch_id, position, target, date_time)
                select (left('%s', 13) || right(gen_random_uuid()::text, 23))::uuid, 0, 'order', 0\
                """.formatted(idOfToday());
            int stored = 0;
            while (!isOver.get()) {
                stored += statement.executeUpdate(insert);
            }
            return stored;
        }
    }

    @Test
    void littleThatGoesIsDeletedFromAmongMuchThatIsKept() {
        batches("error", 50);
        assertThat(empty()).isEqualTo("kept");
        batches("completed", 10);
        purge("P90D");
        assertThat(empty()).isEqualTo("deleted");
        assertThat(rows()).isEqualTo(150);
        assertThat(database.<Long>value("select count(*) from batch where purged_at is not null"))
                .isEqualTo(10);
    }

    @Test
    void aTableThatSomebodyHoldsIsLeftForTheNextRun() throws SQLException {
        batches("completed", 10);
        purge("P90D");
        try (var holder = database.connection();
                var statement = holder.createStatement()) {
            holder.setAutoCommit(false);
            statement.executeQuery("select count(*) from " + DAY);
            assertThat(empty()).isEqualTo("in-use");
        }
        assertThat(rows()).isEqualTo(30);
        assertThat(empty()).isEqualTo("emptied");
        assertThat(drop()).isEqualTo("dropped");
    }

    @Test
    void whatWaitsOrIsToBeSentAgainIsKept() {
        batches("completed", 3);
        database.update("update batch set upload_id = null where id = (select id from batch limit 1)");
        batches("completed", 2);
        database.update("update upload set resend_at = now() where id = (select max(id) from upload)");
        purge("P90D");
        assertThat(empty()).isEqualTo("deleted");
        assertThat(rows()).isEqualTo(9);
    }
}
