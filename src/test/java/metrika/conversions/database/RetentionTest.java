package metrika.conversions.database;

import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.UUID;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

import metrika.conversions.support.TestDatabase;

import static org.assertj.core.api.Assertions.assertThat;

/** Which conversions have been kept for their time, and what lies in no day's table. */
@ResourceLock(Tables.LOCK)
class RetentionTest {

    private static final LocalDate TODAY = LocalDate.now(ZoneOffset.UTC);

    private final Tables tables = new Tables();
    private final TestDatabase database = tables.database();
    private final UUID webhook = tables.webhook();

    private static String table(LocalDate day) {
        return "conversion_" + day.format(DateTimeFormatter.BASIC_ISO_DATE);
    }

    private boolean isThere(LocalDate day) {
        return database.<Boolean>value("select to_regclass(?) is not null", table(day));
    }

    private long rows() {
        return database.value("select count(*) from conversion");
    }

    private UUID batch(String state, String ended) {
        var upload = tables.upload(webhook);
        var batch = tables.batch(webhook, upload, "one", "two");
        database.update(
                "update upload set state = ?, next_attempt_at = null, updated_at = clock() - ?::interval where id = ?",
                state,
                ended,
                upload);
        return batch;
    }

    private long purgeRows(String completed, String error) {
        return (Long) tables.run("purge-rows", Map.of("retention.completed", completed, "retention.error", error))
                .get(0)
                .get("deleted");
    }

    @Test
    void aDayIsDueWhenAllOfItHasBeenKeptForTheShorterTime() {
        var old = TODAY.minusDays(40);
        database.update(
                "create table %s partition of conversion for values from (min_batch_id('%s')) to (min_batch_id('%s'))"
                        .formatted(table(old), old, old.plusDays(1)));
        try {
            for (var kept : Map.of("P60D", false, "P40D", false, "P39D", true, "P30D", true)
                    .entrySet()) {
                var due = tables.run(
                        "find-expired-partitions",
                        Map.of("retention.completed", kept.getKey(), "retention.error", "P90D"));
                assertThat(due.stream().anyMatch(row -> row.get("day").equals(table(old))))
                        .as("kept for %s", kept.getKey())
                        .isEqualTo(kept.getValue());
            }
        } finally {
            database.update("drop table " + table(old));
        }
    }

    @Test
    void whatIsKeptForLessThanADayIsDeletedRowByRow() {
        database.query("select * from create_partitions(1)");
        batch("completed", "PT2S");
        batch("error", "PT2S");
        batch("processing", "PT2S");
        assertThat(purgeRows("P1D", "P1D")).isZero();
        assertThat(purgeRows("PT1S", "P90D")).isEqualTo(2);
        assertThat(purgeRows("PT1S", "PT1S")).isEqualTo(2);
        assertThat(rows()).as("what is under way").isEqualTo(2);
        assertThat(database.<Long>value("select count(*) from batch where purged_at is null and total = 2"))
                .isEqualTo(1);
        assertThat(database.<Long>value("select count(*) from batch_status where status = 'completed'"))
                .as("it goes on answering")
                .isEqualTo(1);
    }

    @Test
    void everyDayHasItsTableAndADayWithoutOneLosesNothing() {
        for (var name : database.query("select name from conversion_partition")) {
            database.update("drop table " + name.get("name"));
        }
        var batch = database.<UUID>value("""
            insert into batch (id, webhook_id, total, oldest_event_at, ready_at, upload_id)
            values (uuidv7(), ?, 1, clock(), clock(), ?) returning id\
            """, webhook, tables.upload(webhook));
        database.update(
                "insert into conversion (batch_id, position, target, date_time) values (?, 0, 'purchase', 1)", batch);
        assertThat(database.<Long>value("select count(*) from conversion_default"))
                .isEqualTo(1);
        assertThat(tables.run("create-partitions", Map.of()))
                .as("those that could not be created")
                .isEmpty();
        assertThat(isThere(TODAY.plusDays(13))).isTrue();
        assertThat(isThere(TODAY)).isFalse();
        assertThat(rows()).isEqualTo(1);
        assertThat(purgeRows("P30D", "P90D")).isZero();
        database.update("update upload set state = 'completed', updated_at = clock() - interval '31 days'");
        assertThat(purgeRows("P30D", "P90D")).as("what lies in no day's table").isEqualTo(1);
        assertThat(rows()).isZero();
    }
}
