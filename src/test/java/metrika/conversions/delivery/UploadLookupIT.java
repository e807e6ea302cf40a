package metrika.conversions.delivery;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import metrika.conversions.support.Product;
import metrika.conversions.support.Shared;
import metrika.conversions.support.TestDatabase;
import metrika.conversions.support.TestWebhook;
import metrika.simulator.Fault;
import metrika.simulator.ListOffset;
import metrika.simulator.ListOrder;
import metrika.simulator.Operation;
import metrika.simulator.Point;
import metrika.simulator.ReceivedUpload;
import metrika.simulator.Simulator;
import metrika.simulator.SimulatorSettings;

import static metrika.conversions.support.Samples.conversion;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * A file whose outcome is unknown is looked for in Metrika's list, whatever that list does: here its pages have room
 * for two uploads, and those of polling for those that are open, which is all that differs from the real routes.
 */
@Order(1) // it takes long
class UploadLookupIT {

    private static final Simulator METRIKA = Shared.metrika("look");
    private static final SimulatorSettings SETTINGS = METRIKA.settings();
    private static final TestDatabase DATABASE = TestDatabase.create();
    private static Product product;
    private static long counters = 70_000;

    private final long counter = ++counters;
    private final TestWebhook webhook = product.webhook(counter);

    @BeforeAll
    static void start(@TempDir Path folder) throws IOException {
        Product.copyProject(folder);
        var file = folder.resolve("routes/delivery/find-upload.camel.yaml");
        var text = Files.readString(file);
        assertThat(text).contains("\"10000\"");
        Files.writeString(file, text.replace("\"10000\"", "\"2\""));
        var polls = folder.resolve("routes/sql/delivery/claim-polls.sql");
        assertThat(Files.readString(polls)).contains("+ 20,");
        Files.writeString(polls, Files.readString(polls).replace("+ 20,", "+ 0,"));
        product = Product.on(DATABASE, METRIKA.url())
                .in(folder)
                .with("upload.settle", "PT4S")
                .with("metrika.response-timeout", "PT6S")
                .start();
    }

    @AfterAll
    static void stop() {
        product.close();
        METRIKA.close();
    }

    @AfterEach
    void clear() {
        METRIKA.clearFaults();
        METRIKA.settings(SETTINGS);
        METRIKA.release();
    }

    private List<ReceivedUpload> files() {
        return METRIKA.uploads().stream()
                .filter(upload -> upload.counter() == counter)
                .toList();
    }

    /** Has a number of files sent, one after the other, and waits for a status of all of them. */
    private List<String> send(int files, String status) {
        var batches = new ArrayList<String>();
        for (int i = 0; i < files; i++) {
            var before = files().size();
            batches.add(webhook.batch(conversion("purchase_id", "before-" + i)));
            await().pollInterval(Duration.ofMillis(50)).until(() -> files().size() > before);
        }
        batches.forEach(batch -> webhook.awaitStatus(batch, status));
        return batches;
    }

    private void send(int files) {
        send(files, "completed");
    }

    /** Waits until a file whose outcome was unknown is completed, and lets the pauses until then pass at once. */
    private void awaitFound(String batch) {
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(200))
                .until(() -> {
                    DATABASE.update(
                            "update upload set next_attempt_at = clock() where counter_id = ? and next_attempt_at >"
                                    + " clock() and lease_expires_at is null",
                            counter);
                    return webhook.status(batch).get("status").textValue().equals("completed");
                });
    }

    /** Waits until a file's outcome is unknown, and has it looked for at once. */
    private void look() {
        await().pollInterval(Duration.ofMillis(50)).until(() -> DATABASE.update("""
            update upload set next_attempt_at = clock()
             where counter_id = ? and state = 'planned' and unknown_since is not null and lease_expires_at is null\
            """, counter) == 1);
    }

    private long lists() {
        return METRIKA.calls().stream()
                .filter(call ->
                        call.operation() == Operation.LIST && call.path().contains("/" + counter + "/"))
                .count();
    }

    @Test
    void aListThatGivesTheSamePageForEverHasAnEnd() {
        send(3);
        METRIKA.settings(SETTINGS.withListOffset(ListOffset.IGNORED));
        METRIKA.fault(
                Fault.error(500, "backend_error", "Oh no").on(Operation.UPLOAD).counter(counter));
        var before = lists();
        awaitFound(webhook.batch(conversion()));
        assertThat(files()).hasSize(4);
        assertThat(lists() - before).isLessThan(20);
    }

    @Test
    void aPageThatIsRefusedPastTheEndOfTheListIsItsEnd() {
        send(2);
        METRIKA.settings(SETTINGS.withListOffset(ListOffset.REFUSED_PAST_END));
        METRIKA.fault(
                Fault.error(500, "backend_error", "Oh no").on(Operation.UPLOAD).counter(counter));
        awaitFound(webhook.batch(conversion()));
        assertThat(files()).hasSize(3);
    }

    @Test
    void aFileIsFoundOnALaterPage() {
        METRIKA.settings(SETTINGS.withListOrder(ListOrder.OLDEST));
        send(4);
        METRIKA.fault(Fault.close(Point.BEFORE_ANSWER).on(Operation.UPLOAD).counter(counter));
        awaitFound(webhook.batch(conversion()));
        assertThat(files()).hasSize(5);
        assertThat(METRIKA.calls())
                .anyMatch(call -> String.valueOf(call.query()).contains("limit=2&offset=4"));
    }

    @Test
    void aListIsBelievedAsOfTheMomentWhenItWasAskedFor() {
        METRIKA.settings(SETTINGS.withListDelay(Duration.ofSeconds(3)));
        METRIKA.fault(Fault.close(Point.BEFORE_ANSWER).on(Operation.UPLOAD).counter(counter));
        METRIKA.fault(Fault.delay(Duration.ofSeconds(4)).on(Operation.LIST).counter(counter));
        var batch = webhook.batch(conversion());
        look();
        webhook.awaitStatus(batch, "completed");
        assertThat(files()).hasSize(1);
    }

    @Test
    void aFileThatMetrikaStopsToTakeIsNotWaitedForForEver() {
        METRIKA.fault(Fault.stall(Point.IN_BODY).on(Operation.UPLOAD).counter(counter));
        var batch = webhook.batch(
                conversion("date_time", Instant.now().plusSeconds(4).toString()));
        // More than fits between the two ends of a connection
        DATABASE.update("""
            insert into conversion (batch_id, position, purchase_id, target, date_time)
            select ?::uuid, n, repeat('x', 1000) || n, 'purchase', 1750000000 from generate_series(1, 20000) as n\
            """, batch);
        DATABASE.update("update batch set total = 20001 where id = ?::uuid", batch);
        await().until(() -> METRIKA.held() == 1);
        await().until(() -> webhook.status(batch).toString().contains("no_answer"));
        awaitFound(batch);
        assertThat(files()).hasSize(1);
        assertThat(files().get(0).rows()).isEqualTo(20_001);
    }

    /** Camel read the time-out as none, and the thread waited with the upload's lease. */
    @Test
    void anAnswerThatMetrikaNeverGivesIsNotWaitedForForEver() {
        METRIKA.fault(Fault.stall(Point.BEFORE_ANSWER).on(Operation.UPLOAD).counter(counter));
        var batch = webhook.batch(conversion());
        await().until(() -> METRIKA.held() == 1);
        await().until(() -> webhook.status(batch).toString().contains("no_answer"));
        awaitFound(batch);
        assertThat(files()).hasSize(1);
    }

    @Test
    void whatAShortListDoesNotShowIsOnALongerOne() {
        METRIKA.settings(SETTINGS.withListOrder(ListOrder.OLDEST).withListOffset(ListOffset.REFUSED_PAST_END));
        send(5);
        METRIKA.fault(Fault.odd("status", "MATCHED").counter(counter).times(0));
        var batches = send(6, "processing");
        // The first of them is on the short list, and goes on to be under way
        var first = webhook.status(batches.get(0)).get("metrika_upload_id").textValue();
        var before = METRIKA.calls().stream()
                .filter(call -> call.path().endsWith("/" + first))
                .count();
        DATABASE.update(
                "update upload set next_attempt_at = clock() where counter_id = ? and state = 'processing'", counter);
        await().until(() -> METRIKA.calls().stream()
                .anyMatch(call -> call.path().contains("/" + counter + "/")
                        && call.query().equals("limit=10000&offset=6")));
        assertThat(METRIKA.calls())
                .anyMatch(call -> String.valueOf(call.query()).equals("limit=6&offset=0"));
        METRIKA.clearFaults();
        DATABASE.update(
                "update upload set next_attempt_at = clock() where counter_id = ? and state = 'processing'", counter);
        batches.forEach(batch -> webhook.awaitStatus(batch, "completed"));
        assertThat(METRIKA.calls().stream()
                        .filter(call -> call.path().endsWith("/" + first))
                        .count())
                .isEqualTo(before);
    }

    @Test
    void whatIsNotInTheListIsAskedAboutByItsIdAlsoWhereAPagePastTheEndIsRefused() {
        METRIKA.settings(SETTINGS.withListOffset(ListOffset.REFUSED_PAST_END));
        METRIKA.fault(Fault.missingId().on(Operation.LIST).counter(counter).times(0));
        METRIKA.fault(Fault.error(404, "not_found", "Object not found")
                .on(Operation.BY_ID)
                .counter(counter)
                .times(0));
        webhook.awaitStatus(webhook.batch(conversion()), "uploaded");
        DATABASE.update("""
            insert into upload (webhook_id, counter_id, conversions, oldest_event_at, state,
                                metrika_upload_id, sent_at, next_attempt_at)
            select webhook_id, counter_id, 1, oldest_event_at, 'uploaded', 1000 + n, clock(), clock()
              from upload, generate_series(1, 4) as n
             where counter_id = ?\
            """, counter);
        await().until(() ->
                DATABASE.<Long>value("select count(*) from upload where counter_id = ? and refusal_count > 0", counter)
                        == 5);
        assertThat(DATABASE.query("select errors -> 0 ->> 'code' as code from upload where counter_id = ?", counter))
                .extracting(row -> row.get("code"))
                .containsOnly("not_found");
    }
}
