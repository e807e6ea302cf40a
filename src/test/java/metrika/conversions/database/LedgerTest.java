package metrika.conversions.database;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import metrika.conversions.support.TestDatabase;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** The ledger tells at any moment where every conversion is, and does not read again what is over. */
class LedgerTest {

    /** What the ledger has to say, read from all batches. */
    private static final String FROM_ALL_BATCHES = """
        create view ledger_of_all as
        select webhook_id, received, duplicate, accepted, waiting, in_flight, completed, error, withdrawn, expired,
               erased, accepted = waiting + in_flight + completed + error + withdrawn + expired + erased as is_balanced
          from (select w.id as webhook_id,
                       coalesce(sum(total::bigint * (1 + repeated)), 0) as received,
                       coalesce(sum(total::bigint * repeated), 0) as duplicate,
                       coalesce(sum(total), 0) as accepted,
                       coalesce(sum(total - erased) filter (where place in ('accepted', 'planned')), 0) as waiting,
                       coalesce(sum(total - erased) filter (where place in ('uploaded', 'processing')), 0) as in_flight,
                       coalesce(sum(total - erased) filter (where place = 'completed'), 0) as completed,
                       coalesce(sum(total - erased) filter (where place = 'error'), 0) as error,
                       coalesce(sum(total - erased) filter (where place = 'withdrawn'), 0) as withdrawn,
                       coalesce(sum(total - erased) filter (where place = 'expired'), 0) as expired,
                       coalesce(sum(erased), 0) as erased
                  from webhook w
                  left join (select batch.*, case when withdrawn_at is not null then 'withdrawn'
                                                  else coalesce(state, 'accepted') end as place
                               from batch left join upload on upload.id = upload_id) as b on b.webhook_id = w.id
                 group by w.id) as numbers\
        """;

    private static final String DIFFERENCES = """
        select webhook_id, received, duplicate, accepted, waiting, in_flight, completed, error, withdrawn, expired,
               erased, true
          from ledger
        except
        table ledger_of_all\
        """;

    /** Both sides of them, in one statement. */
    private static final String DIFFERENCES_OF_TALLIES = """
        with by_batch as materialized (
          select webhook_id, received, duplicate, accepted, waiting, in_flight, completed, error, withdrawn, expired,
                 erased
            from ledger
        ), by_tally as materialized (
          table tally_ledger
        )
        select 'ledger' as side, * from (table by_batch except table by_tally) as l
        union all
        select 'tallies', * from (table by_tally except table by_batch) as t\
        """;

    private static final String COMPLETED_BATCHES = """
        insert into batch (id, webhook_id, total, oldest_event_at, ready_at, upload_id)
        select gen_random_uuid(), upload.webhook_id, 2, now(), now(), upload.id
          from upload, generate_series(1, %d) where upload.id = %d\
        """;

    /**
     * A deadlock of repetitions that lock batches in no order, and what PostgreSQL says of a statement that writes in
     * several of its parts, when a row of it was changed meanwhile: nothing of it is done, and that is all.
     */
    private static final Set<String> UNDONE = Set.of("40P01", "XX000");

    private final TestDatabase database = TestDatabase.create();

    @BeforeEach
    void prepare() {
        database.update(FROM_ALL_BATCHES);
        database.update("""
            insert into webhook (id, name, counter_id, token, login, time_zone, requests_per_minute, secret_hash)
            select gen_random_uuid(), 'w' || n, n, '', '', 'UTC', 60, '' from generate_series(1, 3) as n\
            """);
    }

    private long newUpload(String state) {
        return database.value("""
                insert into upload (webhook_id, counter_id, conversions, oldest_event_at, state)
                select id, counter_id, 1000, now(), ? from webhook order by id limit 1 returning id\
                """, state);
    }

    private void sumUp() {
        while (database.<Integer>value("select sum_up_ledger(1000000)") > 0) {
            // there is more
        }
    }

    /** What can happen to a batch, each in one statement as the product has it. */
    private static final List<String> EVENTS = List.of(
            """
            insert into batch (id, webhook_id, total, oldest_event_at, ready_at)
            select gen_random_uuid(), id, ?, now(), now() from webhook\
            """,
            // Joins an upload
            """
            with planned as (
              insert into upload (webhook_id, counter_id, conversions, oldest_event_at)
                select id, 1, 100, now() from webhook
              returning id, webhook_id
            )
            update batch set upload_id = planned.id
              from planned
             where batch.webhook_id = planned.webhook_id
               and batch.id in (select id from batch where upload_id is null and withdrawn_at is null
                                 limit 5 * ? for update skip locked)\
            """,
            // Goes on, and ends
            """
            update upload set state = 'uploaded'
             where id in (select id from upload where state = 'planned' limit 2 * ? for update skip locked)\
            """,
            """
            update upload set state = (array['completed', 'error', 'expired'])[1 + (random() * 2)::int]
             where id in (select id from upload where state = 'uploaded' limit 2 * ? for update skip locked)\
            """,
            // Is repeated, erased in part, withdrawn
            "update batch set repeated = repeated + 1 where id in (select id from batch order by random() limit ?)",
            """
            update batch set erased = erased + 1
             where id in (select id from batch where erased < total order by random() limit ? for update skip locked)\
            """,
            """
            update batch set withdrawn_at = clock()
             where id in (select id from batch where upload_id is null and withdrawn_at is null
                           limit ? for update skip locked)\
            """,
            // Is retried
            """
            with failed as (
              select batch.id, batch.webhook_id
                from batch
                join upload on upload.id = upload_id
               where state in ('error', 'expired')
               order by random()
               limit least(1, ?)
                 for update of batch skip locked
            ), planned as (
              insert into upload (webhook_id, counter_id, conversions, oldest_event_at)
                select webhook_id, 1, 1, now() from failed
              returning id
            )
            update batch set upload_id = planned.id from planned, failed where batch.id = failed.id\
            """,
            // Is sent again to link more: another upload takes the place of one that had ended
            """
            with due as (
              select id, webhook_id, state
                from upload
               where state in ('completed', 'error')
               order by random()
               limit least(1, ?)
                 for no key update skip locked
            ), planned as (
              insert into upload (webhook_id, counter_id, conversions, oldest_event_at, kept_status)
              select webhook_id, 1, 1, now(), state from due
              returning id
            ), moved as (
              update batch set upload_id = planned.id from due, planned where batch.upload_id = due.id
            )
            update upload set state = 'replaced' from due where upload.id = due.id\
            """);

    @Test
    void itAgreesWithAllBatchesAtAnyMoment() throws Exception {
        var isOver = new AtomicBoolean();
        var threads = Executors.newCachedThreadPool();
        try {
            var watchers = List.of(
                    threads.submit(() -> until(isOver, () -> database.query("select sum_up_ledger(200)"))),
                    threads.submit(() -> until(isOver, () -> database.query("select merge_tallies()"))),
                    threads.submit(() -> until(isOver, this::assertAgreed)));
            var workers = new ArrayList<Future<?>>();
            for (int i = 0; i < 4; i++) {
                var random = new Random(i);
                workers.add(threads.submit(() -> work(random)));
            }
            for (var worker : workers) {
                worker.get();
            }
            isOver.set(true);
            for (var watcher : watchers) {
                watcher.get();
            }
        } finally {
            isOver.set(true);
            threads.shutdownNow();
        }
        assertAgreed();
        sumUp();
        assertAgreed();
        assertThat(database.<Long>value("select count(*) from upload where counted_as is not null"))
                .isPositive();
        assertThat(database.<Long>value(
                        "select count(*) from ledger where duplicate > 0 and erased > 0 and withdrawn > 0"))
                .isEqualTo(3);
    }

    private Void work(Random random) throws SQLException {
        try (var connection = database.connection()) {
            for (int i = 0; i < 150; i++) {
                try (var statement = connection.prepareStatement(EVENTS.get(random.nextInt(EVENTS.size())))) {
                    statement.setInt(1, 1 + random.nextInt(3));
                    statement.executeUpdate();
                } catch (SQLException e) {
                    if (!UNDONE.contains(e.getSQLState())) {
                        throw e;
                    }
                }
            }
            return null;
        }
    }

    private Void assertAgreed() {
        assertThat(database.query(DIFFERENCES)).isEmpty();
        assertThat(database.query(DIFFERENCES_OF_TALLIES)).as("tallies").isEmpty();
        return null;
    }

    private static Void until(AtomicBoolean isOver, Callable<?> call) throws Exception {
        while (!isOver.get()) {
            call.call();
        }
        return null;
    }

    @Test
    void anUploadIsNotAddedUpWhileItsBatchesChangeNorTheOtherWayRound() throws SQLException {
        var upload = newUpload("completed");
        database.update(COMPLETED_BATCHES.formatted(3, upload));
        var repeat = "update batch set repeated = repeated + 1 where upload_id = " + upload;
        try (var other = database.connection();
                var statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute(repeat);
            assertThat(database.<Integer>value("select sum_up_ledger(1000000)"))
                    .as("it is left for the next time")
                    .isZero();
            other.commit();
            assertAgreed();

            statement.execute("select sum_up_ledger(1000000)");
            try (var waiting = database.connection();
                    var second = waiting.createStatement()) {
                second.execute("set lock_timeout = '50ms'");
                assertThatThrownBy(() -> second.execute(repeat)).hasMessageContaining("lock timeout");
            }
            other.commit();
        }
        database.update(repeat);
        assertAgreed();
        assertThat(database.<Long>value("select sum(duplicate)::bigint from ledger"))
                .isEqualTo(12);
    }

    @Test
    void anUploadThatGoesOnAfterAllIsReadAgain() {
        var upload = newUpload("completed");
        database.update(COMPLETED_BATCHES.formatted(3, upload));
        sumUp();
        database.update(COMPLETED_BATCHES.formatted(2, upload));
        assertThat(database.<Long>value("select sum(completed)::bigint from ledger"))
                .as("also what came later")
                .isEqualTo(10);
        database.update("update upload set state = 'uploaded' where id = ?", upload);
        assertThat(database.<Long>value("select sum(in_flight)::bigint from ledger"))
                .isEqualTo(10);
        assertAgreed();
    }

    @Test
    void whatIsOverIsNotReadAgain() throws IOException {
        var upload = newUpload("completed");
        database.update(COMPLETED_BATCHES.formatted(100, upload));
        sumUp();
        database.update("vacuum analyze");
        var few = pagesRead();
        database.update(COMPLETED_BATCHES.formatted(5_000, newUpload("completed")));
        database.update(COMPLETED_BATCHES.formatted(5_000, newUpload("error")));
        database.update("""
                  insert into batch (id, webhook_id, total, oldest_event_at, ready_at)
                  select gen_random_uuid(), webhook_id, 2, now(), now()
                    from upload, generate_series(1, 2000) where id = ?\
                  """, upload);
        database.update("update batch set withdrawn_at = now() where upload_id is null");
        sumUp();
        database.update("vacuum analyze");
        assertThat(database.<Long>value("select sum(accepted)::bigint from ledger"))
                .isEqualTo(24_200);
        assertThat(pagesRead())
                .as("pages, where it was %s for a hundred batches", few)
                .isLessThan(few + 100);
    }

    private long pagesRead() throws IOException {
        var statement = Files.readString(Path.of("routes/sql/api/show-ledger.sql"));
        var plan = database.query("explain (analyze, buffers, timing off) " + statement).stream()
                .map(Object::toString)
                .filter(line -> line.contains("Buffers:"))
                .findFirst()
                .orElseThrow();
        return Pattern.compile("(?:hit|read)=(\\d+)")
                .matcher(plan)
                .results()
                .mapToLong(found -> Long.parseLong(found.group(1)))
                .sum();
    }

    private int deleted(int max) {
        return database.value("select delete_old_batches('P400D', ?)", max);
    }

    @Test
    void oldBatchesAreDeletedAndStillCounted() {
        var old = newUpload("completed");
        var young = newUpload("completed");
        var unfinished = newUpload("uploaded");
        for (var upload : List.of(old, young, unfinished)) {
            database.update(COMPLETED_BATCHES.formatted(5, upload));
        }
        var replaced = newUpload("replaced");
        database.update("update batch set purged_at = now() where upload_id <> ?", unfinished);
        database.update(
                "update batch set purged_at = null where id = (select id from batch where upload_id = ? limit 1)", old);
        database.update("""
                  insert into batch (id, webhook_id, total, oldest_event_at, ready_at, withdrawn_at, purged_at)
                  select gen_random_uuid(), webhook_id, 7, now(), now(), now() - interval '401 days', now()
                    from upload where id = ?\
                  """, old);
        database.update("update upload set updated_at = now() - interval '401 days' where id <> ?", young);
        assertThat(deleted(100)).as("not before they are summed up").isEqualTo(1);
        sumUp();
        var before = database.query("table ledger");

        assertThat(deleted(3)).as("in slices, and the empty upload").isEqualTo(4);
        assertThat(deleted(3)).isEqualTo(1);
        assertThat(deleted(3)).as("one still has conversions").isZero();
        assertThat(database.<Long>value("select count(*) from batch where upload_id = ?", old))
                .isEqualTo(1);
        assertThat(database.<Long>value("select count(*) from upload where id = ?", replaced))
                .isZero();
        assertThat(database.<Long>value("select count(*) from batch")).isEqualTo(11);

        database.update("update batch set purged_at = now() where upload_id = ?", old);
        assertThat(deleted(3)).as("with its upload").isEqualTo(2);
        assertThat(database.query("table ledger")).isEqualTo(before);
    }

    @Test
    void aDeletedWebhookIsForgotten() {
        var upload = newUpload("completed");
        database.update(COMPLETED_BATCHES.formatted(5, upload));
        sumUp();
        database.update("delete from webhook where id = (select webhook_id from upload where id = ?)", upload);
        assertThat(database.<Long>value("select count(*) from ledger")).isEqualTo(2);
        sumUp();
        assertThat(database.<Long>value("select count(*) from ledger_sum")).isZero();
    }
}
