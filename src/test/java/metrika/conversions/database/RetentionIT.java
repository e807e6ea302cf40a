package metrika.conversions.database;

import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

import org.junit.jupiter.api.Test;

import metrika.conversions.support.Product;
import metrika.conversions.support.Shared;
import metrika.conversions.support.TestDatabase;

import static metrika.conversions.support.Samples.conversion;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Conversions go when their retention period is over, whole days at once; what is to be kept stays, and so do all
 * answers.
 */
class RetentionIT {

    private static final LocalDate OLD = LocalDate.now(ZoneOffset.UTC).minusDays(40);

    private final TestDatabase database = TestDatabase.create();

    private Product start(String completed) {
        return Product.on(database, Shared.METRIKA.url())
                .with("retention.completed", completed)
                .with("retention.error", "P90D")
                .with("retention.schedule", "* * * * * ?")
                .start();
    }

    /** Makes a table for a day that is over, and lets a batch be one of that day. */
    private void ageTo(LocalDate day, String... batches) {
        database.update(("create table if not exists %s partition of conversion for values from (min_batch_id('%s')) to"
                        + " (min_batch_id('%s'))")
                .formatted(table(day), day, day.plusDays(1)));
        for (var batch : batches) {
            // The same batch with an id of that day: an id is the time, then what makes it unique
            var old = database.<String>value(
                    "select (left(min_batch_id(?::date)::text, 13) || right(?::text, 23))", day.toString(), batch);
            database.update(
                    "update batch set id = ?::uuid, created_at = ?::date where id = ?::uuid",
                    old,
                    day.toString(),
                    batch);
            database.update("update conversion set batch_id = ?::uuid where batch_id = ?::uuid", old, batch);
            database.update(
                    "update upload set updated_at = ?::date from batch where batch.upload_id = upload.id and batch.id"
                            + " = ?::uuid",
                    day.toString(),
                    old);
        }
    }

    private static String table(LocalDate day) {
        return "conversion_" + day.format(DateTimeFormatter.BASIC_ISO_DATE);
    }

    private boolean isThere(LocalDate day) {
        return database.<Boolean>value("select to_regclass(?) is not null", table(day));
    }

    private long rows() {
        return database.value("select count(*) from conversion");
    }

    @Test
    void aDayIsDroppedWhenAllOfItIsOldEnoughAndItsBatchesGoOnAnswering() {
        try (var product = start("P60D")) {
            var webhook = product.webhook(1);
            var batch = webhook.batch(conversion(), conversion());
            webhook.awaitStatus(batch, "completed");
            var today = webhook.batch(conversion());
            webhook.awaitStatus(today, "completed");
            ageTo(OLD, batch);
            ageTo(OLD.minusDays(30)); // nothing in it; to be dropped: so it is seen that the schedule has come by
            await().until(() -> !isThere(OLD.minusDays(30)));
            assertThat(isThere(OLD)).as("kept for 60 days, 40 have passed").isTrue();
            assertThat(rows()).isEqualTo(3);
        }
        try (var product = start("P30D")) {
            await().until(() -> !isThere(OLD));
            await().until(() ->
                    product.log().contains("Retention of partition " + table(OLD) + " is over; it is dropped"));
            assertThat(rows()).as("those of today").isEqualTo(1);
            assertThat(database.<Long>value("select count(*) from batch where purged_at is not null"))
                    .isEqualTo(1);
            assertThat(database.<String>value("select status from batch_status order by batch_id limit 1"))
                    .isEqualTo("completed");
            var ledger = product.get("/ledger").json().get("total");
            assertThat(ledger.get("completed").asInt()).isEqualTo(3);
        }
    }

    @Test
    void whatEndedInErrorAndWhatWaitsIsCarriedOver() {
        try (var product = start("P60D")) {
            var webhook = product.webhook(3);
            var completed = webhook.batch(conversion());
            webhook.awaitStatus(completed, "completed");
            var failed = webhook.batch(conversion(), conversion());
            webhook.awaitStatus(failed, "completed");
            database.update(
                    "update upload set state = 'error' from batch where batch.upload_id = upload.id and batch.id ="
                            + " ?::uuid",
                    failed);
            var waiting = webhook.batch(conversion(), conversion(), conversion());
            webhook.awaitStatus(waiting, "completed");
            database.update("update batch set upload_id = null, ready_at = 'infinity' where id = ?::uuid", waiting);
            ageTo(OLD, completed, failed, waiting);
        }
        try (var ignored = start("P30D")) {
            await().until(() -> rows() == 5);
            assertThat(isThere(OLD)).isTrue();
            assertThat(database.<Long>value("select count(*) from " + table(OLD)))
                    .as("they lie in the day's table again")
                    .isEqualTo(5);
            assertThat(database.<Long>value("select count(*) from batch where purged_at is null"))
                    .isEqualTo(2);
            database.update("update batch set ready_at = clock() where upload_id is null");
            await("what waited is sent with all its rows")
                    .until(() -> database.<Long>value(
                                    "select count(*) from batch join upload on upload.id = upload_id where state ="
                                            + " 'completed' and conversions = 3 and purged_at is null")
                            == 1);
        }
    }

    @Test
    void whatIsKeptForLessThanADayIsDeletedRowByRow() {
        try (var product = start("PT1S")) {
            var webhook = product.webhook(4);
            var batch = webhook.batch(conversion(), conversion());
            await().until(() -> rows() == 0);
            var status = webhook.status(batch);
            assertThat(status.path("status").asText()).isEqualTo("completed");
            assertThat(status.path("processed").asInt()).isEqualTo(2);
        }
    }

    @Test
    void everyDayHasItsTableAndADayWithoutOneLosesNothing() {
        try (var product = start("P30D")) {
            var webhook = product.webhook(5);
            assertThat(isThere(LocalDate.now(ZoneOffset.UTC).plusDays(13))).isTrue();
            for (var name : database.query("select name from conversion_partition")) {
                database.update("drop table " + name.get("name"));
            }
            var batch = webhook.batch(conversion(), conversion());
            assertThat(database.<Long>value("select count(*) from conversion_default"))
                    .isEqualTo(2);
            webhook.awaitStatus(batch, "completed");
            assertThat(database.<Long>value("select count(*) from create_partitions(2) where is_made"))
                    .as("all but today")
                    .isEqualTo(2);
            assertThat(rows()).isEqualTo(2);
            database.update("update upload set updated_at = now() - interval '31 days'");
            await("what lies in no day's table is deleted too").until(() -> rows() == 0);
        }
    }
}
