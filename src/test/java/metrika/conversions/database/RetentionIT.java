package metrika.conversions.database;

import java.sql.SQLException;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import metrika.conversions.support.Product;
import metrika.conversions.support.Shared;
import metrika.conversions.support.TestDatabase;
import metrika.conversions.support.TestWebhook;

import static metrika.conversions.support.Samples.conversion;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Conversions go when their retention period is over, whole days at once; what is to be kept stays, and so do all
 * answers.
 */
class RetentionIT {

    private static final LocalDate TODAY = LocalDate.now(ZoneOffset.UTC);

    private static TestDatabase database;
    private static Product product;

    @BeforeAll
    static void start() {
        database = TestDatabase.create();
        product = Product.on(database, Shared.METRIKA.url())
                .with("retention.completed", "P30D")
                .with("retention.error", "P90D")
                .with("retention.schedule", "* * * * * ?")
                .start();
    }

    @AfterAll
    static void stop() {
        product.close();
    }

    /** Makes a table for a day that is over, and lets batches be of that day: at once, as the schedule comes by. */
    private static void ageTo(LocalDate day, String... batches) throws SQLException {
        try (var connection = database.connection();
                var statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("""
                create table %s partition of conversion for values from (min_batch_id('%s')) to (min_batch_id('%s'))\
                """.formatted(table(day), day, day.plusDays(1)));
            for (var batch : batches) {
                // The same batch with an id of that day: an id is the time, then what makes it unique
                var old = database.<String>value(
                        "select (left(min_batch_id(?::date)::text, 13) || right(?::text, 23))", day.toString(), batch);
                statement.execute(
                        "update batch set id = '%s', created_at = '%s' where id = '%s'".formatted(old, day, batch));
                statement.execute("update conversion set batch_id = '%s' where batch_id = '%s'".formatted(old, batch));
                statement.execute("""
                    update upload set updated_at = '%s' from batch where batch.upload_id = upload.id and batch.id = '%s'\
                    """.formatted(day, old));
            }
            connection.commit();
        }
    }

    private static String table(LocalDate day) {
        return "conversion_" + day.format(DateTimeFormatter.BASIC_ISO_DATE);
    }

    private static boolean isThere(LocalDate day) {
        return database.<Boolean>value("select to_regclass(?) is not null", table(day));
    }

    private static long rows(TestWebhook webhook) {
        return database.value(
                "select count(*) from conversion join batch on batch.id = batch_id where webhook_id = ?::uuid",
                webhook.id());
    }

    @Test
    void aDayIsDroppedWhenAllOfItIsOldEnoughAndItsBatchesGoOnAnswering() throws SQLException {
        var webhook = product.webhook(1);
        var batch = webhook.batch(conversion(), conversion());
        webhook.awaitStatus(batch, "completed");
        var today = webhook.batch(conversion());
        webhook.awaitStatus(today, "completed");
        var day = TODAY.minusDays(40);
        var young = TODAY.minusDays(20);
        ageTo(young);
        ageTo(day, batch);
        await().until(() -> !isThere(day));
        await().until(() -> product.log().contains("Retention of partition " + table(day) + " is over; it is dropped"));
        assertThat(isThere(young)).isTrue();
        assertThat(rows(webhook)).as("that of today").isEqualTo(1);
        assertThat(database.<Long>value(
                        "select count(*) from batch where purged_at is not null and webhook_id = ?::uuid",
                        webhook.id()))
                .isEqualTo(1);
        assertThat(database.<String>value(
                        "select status from batch_status join batch on batch.id = batch_id where purged_at is not null "
                                + "and batch.webhook_id = ?::uuid",
                        webhook.id()))
                .isEqualTo("completed");
        assertThat(database.<Long>value("select completed from ledger where webhook_id = ?::uuid", webhook.id()))
                .isEqualTo(3);
    }

    @Test
    void whatEndedInErrorAndWhatWaitsIsCarriedOver() throws SQLException {
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
        var day = TODAY.minusDays(50);
        ageTo(day, completed, failed, waiting);
        await().until(() -> rows(webhook) == 5);
        assertThat(isThere(day)).isTrue();
        assertThat(database.<Long>value("select count(*) from " + table(day)))
                .as("they lie in the day's table again")
                .isEqualTo(5);
        assertThat(database.<Long>value(
                        "select count(*) from batch where purged_at is null and webhook_id = ?::uuid", webhook.id()))
                .isEqualTo(2);
        database.update("update batch set ready_at = clock() where upload_id is null");
        await("what waited is sent with all its rows")
                .until(() -> database.<Long>value(
                                "select count(*) from batch join upload on upload.id = upload_id where state ="
                                        + " 'completed' and conversions = 3 and purged_at is null")
                        == 1);
    }
}
