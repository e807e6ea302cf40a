package metrika.conversions.guarantees;

import java.net.http.HttpRequest;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceLock;

import metrika.conversions.support.Product;
import metrika.conversions.support.Shared;
import metrika.conversions.support.TestDatabase;
import metrika.conversions.support.TestWebhook;
import metrika.simulator.CounterAccount;
import metrika.simulator.Fault;
import metrika.simulator.FaultBody;
import metrika.simulator.Operation;
import metrika.simulator.Point;
import metrika.simulator.ReceivedUpload;
import metrika.simulator.Simulator;

import static metrika.conversions.support.Samples.conversion;
import static metrika.conversions.support.Shared.DATABASE;
import static metrika.conversions.support.Shared.METRIKA;
import static metrika.conversions.support.Shared.PRODUCT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** What is wrong with one batch, one file or one webhook stays with it, and nothing of it is passed over. */
@Execution(ExecutionMode.CONCURRENT) // each has a counter of its own, and mostly waits
@Order(1) // it takes long
class FailureIsolationIT {

    private static final AtomicLong COUNTERS = new AtomicLong(40_000);

    private final long counter = COUNTERS.incrementAndGet();
    private final TestWebhook webhook = PRODUCT.webhook(counter);

    private List<ReceivedUpload> files() {
        return METRIKA.uploads().stream()
                .filter(upload -> upload.counter() == counter)
                .toList();
    }

    @Test
    void aRejectedFileIsHalvedUntilTheBadBatchStandsAlone() {
        METRIKA.fault(Fault.error(503, "backend_error", "Backend error")
                .on(Operation.UPLOAD)
                .counter(counter)
                .times(1));
        var first = webhook.batch(conversion());
        await().until(() -> !webhook.status(first).get("errors").isNull());
        var batches = IntStream.range(0, 9)
                .mapToObj(i -> webhook.batch(conversion("purchase_id", "p" + i)))
                .toList();
        assertThat(webhook.status(batches.get(0)).get("status").textValue()).isEqualTo("accepted");
        assertThat(webhook.status(batches.get(0))
                        .get("errors")
                        .get(0)
                        .get("code")
                        .textValue())
                .isEqualTo("backend_error");
        // The rules keep the future out; Metrika refuses a file with it.
        DATABASE.update(
                "update conversion set date_time = ? where batch_id = ?::uuid",
                Instant.now().plus(2, ChronoUnit.DAYS).getEpochSecond(),
                batches.get(3));
        DATABASE.update(
                "update upload set next_attempt_at = clock() where counter_id = ? and state = 'planned'", counter);
        var failed = webhook.awaitStatus(batches.get(3), "error");
        assertThat(failed.get("errors").get(0).get("message").textValue()).contains("Metrika answered 400", "retry");
        for (int i = 0; i < 9; i++) {
            if (i != 3) {
                webhook.awaitStatus(batches.get(i), "completed");
            }
        }
        assertThat(files().stream().mapToLong(ReceivedUpload::rows).sum()).isEqualTo(9);
        assertThat(DATABASE.<Long>value("select count(*) from upload where counter_id = ?", counter))
                .as("uploads it took")
                .isLessThanOrEqualTo(2 + 2 * 4);
    }

    @Test
    @ResourceLock("what the shared Metrika holds up")
    void aWebhookWhoseMetrikaHangsHoldsUpNoOther() {
        METRIKA.fault(Fault.stall(Point.BEFORE_BODY)
                .on(Operation.UPLOAD)
                .counter(counter)
                .times(0));
        var hanging = webhook.batch(conversion());
        await().until(() -> METRIKA.held() > 0);
        var other = PRODUCT.webhook(COUNTERS.incrementAndGet());
        other.awaitStatus(other.batch(conversion()), "completed");
        assertThat(webhook.status(hanging).get("status").textValue()).isEqualTo("pending");
        METRIKA.clearFaults(counter);
        METRIKA.release();
        webhook.awaitStatus(hanging, "completed");
        assertThat(files()).hasSize(1);
    }

    @Test
    void manyUploadsUseNoMoreConnectionsThanFew() {
        var webhooks = IntStream.range(0, 60)
                .mapToObj(i -> PRODUCT.webhook(COUNTERS.incrementAndGet()))
                .toList();
        var batches = webhooks.stream().map(each -> each.batch(conversion())).toList();
        for (int i = 0; i < 60; i++) {
            webhooks.get(i).awaitStatus(batches.get(i), "completed");
        }
        assertThat(PRODUCT.log()).doesNotContain("Connection is not available");
    }

    @Test
    void rowsThatMetrikaDidNotTakeAreTold() {
        METRIKA.fault(Fault.odd("line_quantity", 1)
                .on(Operation.LIST)
                .counter(counter)
                .times(0));
        var batch = webhook.batch(conversion("purchase_id", "1"), conversion("purchase_id", "2"));
        var done = webhook.awaitStatus(batch, "completed");
        assertThat(done.get("errors").get(0).get("code").textValue()).isEqualTo("rows_not_taken");
        assertThat(done.get("errors").get(0).get("message").textValue()).contains("1 of the 2 rows");
    }

    @Test
    void aLoginWithoutCallsLeftSaysSoAndGoesOnWhenItHasSome() {
        spend(DATABASE, webhook);
        var first = webhook.batch(conversion());
        await().until(() -> webhook.status(first).toString().contains("quota_of_the_day"));
        var other = PRODUCT.webhook(COUNTERS.incrementAndGet());
        other.awaitStatus(other.batch(conversion()), "completed");
        assertThat(webhook.status(first).get("errors").get(0).get("message").textValue())
                .contains("metrika.calls-per-day");
        assertThat(webhook.status(first).get("status").textValue()).isEqualTo("pending");
        assertThat(METRIKA.calls()).noneMatch(call -> call.path().contains("/" + counter + "/"));
        giveBack(webhook);
        assertThat(webhook.awaitStatus(first, "completed").get("errors").isNull())
                .isTrue();
    }

    @Test
    void whatCouldNotBeSentFor21DaysIsGivenUp() {
        METRIKA.fault(Fault.error(403, "access_denied", "Access is denied")
                .on(Operation.UPLOAD)
                .counter(counter)
                .times(0));
        var batch = webhook.batch(conversion());
        await().until(() -> !webhook.status(batch).get("errors").isNull());
        DATABASE.update("update upload set expires_at = expires_at - interval '22 days' where counter_id = ?", counter);
        var expired = webhook.awaitStatus(batch, "error");
        assertThat(expired.get("errors").get(0).get("code").textValue()).isEqualTo("expired");
        assertThat(expired.get("errors").get(0).get("message").textValue()).contains("Access is denied");
        assertThat(DATABASE.<Long>value("select expired from ledger where webhook_id = ?::uuid", webhook.id()))
                .isEqualTo(1);
    }

    @Test
    void whatMayHaveArrivedAndCannotBeLookedForFor21DaysIsGivenUpADayLater() {
        METRIKA.fault(Fault.error(500, "backend_error", "Oh no")
                .on(Operation.UPLOAD)
                .counter(counter)
                .times(1));
        METRIKA.fault(Fault.error(503, "backend_error", "No list")
                .on(Operation.LIST)
                .counter(counter)
                .times(0));
        var batch = webhook.batch(conversion());
        await().until(() -> webhook.status(batch).toString().contains("No list"));
        DATABASE.update("update upload set expires_at = clock() - interval '23 hours' where counter_id = ?", counter);
        var later = PRODUCT.webhook(COUNTERS.incrementAndGet());
        later.awaitStatus(later.batch(conversion()), "completed");
        assertThat(webhook.status(batch).get("status").textValue()).isEqualTo("pending");
        DATABASE.update("update upload set expires_at = clock() - interval '25 hours' where counter_id = ?", counter);
        var expired = webhook.awaitStatus(batch, "error");
        assertThat(expired.get("errors").get(0).get("code").textValue()).isEqualTo("expired");
        assertThat(expired.get("errors").get(0).get("message").textValue())
                .contains(
                        "it may have",
                        "No list",
                        DATABASE.<String>value("select tag from upload where counter_id = ?", counter));
    }

    @Test
    void aFileOfACounterThatIsNotThereIsNotLookedForForEver() {
        METRIKA.fault(Fault.error(500, "backend_error", "Oh no")
                .on(Operation.UPLOAD)
                .counter(counter)
                .times(1));
        METRIKA.fault(Fault.error(404, "not_found", "Object not found")
                .on(Operation.LIST)
                .counter(counter)
                .times(0));
        var batch = webhook.batch(conversion());
        await().until(() -> webhook.status(batch).toString().contains("Object not found"));
        assertThat(webhook.status(batch).get("status").textValue())
                .as("once may be a slip")
                .isEqualTo("pending");
        var right = COUNTERS.incrementAndGet();
        PRODUCT.patch(webhook.path(), "{\"counter_id\": " + right + "}");
        var failed = await().pollInterval(Duration.ofMillis(300))
                .until(
                        () -> {
                            DATABASE.update(
                                    "update upload set next_attempt_at = clock() where counter_id = ? and state ="
                                            + " 'planned' and lease_expires_at is null",
                                    counter);
                            return webhook.status(batch);
                        },
                        status -> status.get("status").textValue().equals("error"));
        var last = failed.get("errors").get(failed.get("errors").size() - 1);
        assertThat(last.get("code").textValue()).isEqualTo("not_found");
        assertThat(last.get("message").textValue()).contains("Object not found", "PATCH", "retry");
        assertThat(DATABASE.<Integer>value("select refusal_count from upload where counter_id = ?", counter))
                .isGreaterThanOrEqualTo(3);
        var next = webhook.batch(conversion());
        assertThat(webhook.awaitStatus(next, "completed").get("counter_id").longValue())
                .isEqualTo(right);
        assertThat(PRODUCT.post(webhook.path() + "/batches/" + batch + "/retry", "")
                        .status())
                .isEqualTo(202);
        webhook.awaitStatus(batch, "completed");
    }

    @Test
    void aWrongCounterIsWrongForEachHalfToo() {
        METRIKA.fault(Fault.error(404, FaultBody.BARE)
                .on(Operation.UPLOAD)
                .counter(counter)
                .times(0));
        var soon = Instant.now().plus(3, ChronoUnit.SECONDS).toString();
        var one = webhook.batch(conversion("date_time", soon));
        var two = webhook.batch(conversion("date_time", soon));
        webhook.awaitStatus(one, "error");
        webhook.awaitStatus(two, "error");
        assertThat(DATABASE.<Long>value("select count(*) from upload where counter_id = ?", counter))
                .isEqualTo(1);
    }

    @Test
    void aPauseGrowsWithFailuresAndNotWithClaims() {
        spend(DATABASE, webhook);
        METRIKA.fault(Fault.error(503, "backend_error", "Oh no")
                .on(Operation.UPLOAD)
                .counter(counter)
                .times(1));
        var batch = webhook.batch(conversion());
        await().until(() -> webhook.status(batch).toString().contains("quota_of_the_day"));
        DATABASE.update("update upload set attempt_count = 12 where counter_id = ?", counter);
        giveBack(webhook);
        await().until(() -> webhook.status(batch).toString().contains("Oh no"));
        assertThat(DATABASE.<Boolean>value(
                        "select next_attempt_at < clock() + interval '10 seconds' from upload where counter_id = ?",
                        counter))
                .isTrue();
        webhook.awaitStatus(batch, "completed");
    }

    @Test
    void aDeadTokenDoesNotKeepAnotherWebhookOfTheCounterFromBeingToldWhatBecameOfItsFiles() {
        var dead = PRODUCT.webhook(
                "{\"name\": \"dead\", \"counter_id\": %d, \"token\": \"dead-%d\"}".formatted(counter, counter));
        METRIKA.fault(Fault.error(403, "access_denied", "Not you")
                .on(Operation.LIST)
                .counter(counter)
                .token("dead-" + counter)
                .times(0));
        METRIKA.fault(Fault.error(403, "access_denied", "Not you")
                .on(Operation.BY_ID)
                .counter(counter)
                .token("dead-" + counter)
                .times(0));
        METRIKA.fault(Fault.odd("status", "MATCHED")
                .on(Operation.LIST)
                .counter(counter)
                .token("token-" + counter)
                .times(0));
        var deadBatch = dead.batch(conversion());
        var batch = webhook.batch(conversion());
        await().until(() -> dead.status(deadBatch).toString().contains("Not you")
                || webhook.status(batch).toString().contains("Not you"));
        METRIKA.clearFaults(counter);
        METRIKA.fault(Fault.error(403, "access_denied", "Not you")
                .on(Operation.ANY)
                .counter(counter)
                .token("dead-" + counter)
                .times(0));
        webhook.awaitStatus(batch, "completed");
        dead.awaitStatus(deadBatch, "completed");
    }

    @Test
    @ResourceLock("the product of one sender")
    void aRefusalOfTheTokenBeforeDoesNotStopTheNewOne() {
        var metrika = OneSender.METRIKA;
        var settings = metrika.settings();
        metrika.settings(settings.withTokens("new"));
        try {
            metrika.fault(Fault.stall(Point.BEFORE_BODY)
                    .on(Operation.UPLOAD)
                    .counter(counter)
                    .times(1));
            var own = OneSender.PRODUCT.webhook(counter);
            var batch = own.batch(conversion());
            await().until(() -> metrika.held() == 1);
            OneSender.PRODUCT.patch(own.path(), "{\"token\": \"new\"}");
            metrika.release();
            own.awaitStatus(batch, "completed");
        } finally {
            metrika.settings(settings);
        }
    }

    /** Sends one file at a time, again what was not linked, and to a Metrika of its own. */
    private static final class OneSender {
        static final TestDatabase DATABASE = TestDatabase.create();
        static final Simulator METRIKA = Shared.metrika("one-sender-of-many");
        static final Product PRODUCT = Product.on(DATABASE, METRIKA.url())
                .with("upload.parallel", 1)
                .with("upload.relink", "PT1H, PT20H")
                .with("upload.hold", "PT1S")
                .start();
    }

    @Test
    void whatIsOnlySentAgainToLinkMoreHoldsNothingUp() {
        var linked = webhook.batch(conversion("purchase_id", "again"));
        webhook.awaitStatus(linked, "completed");
        DATABASE.update("""
            update upload set state = 'planned', kept_status = 'completed', attempt_count = 3,
                              created_at = clock() - interval '1 hour', next_attempt_at = clock() + interval '1 hour'
             where counter_id = ?\
            """, counter);
        webhook.awaitStatus(webhook.batch(conversion()), "completed");
        assertThat(webhook.status(linked).get("status").textValue()).isEqualTo("completed");
    }

    @Test
    @ResourceLock("the product of one sender")
    void firstSendsGoBeforeWhatIsSentAgainAndBeforePartsOfRejectedFiles() {
        var database = OneSender.DATABASE;
        var first = COUNTERS.getAndAdd(3) + 1;
        var counters = List.of(first, first + 1, first + 2);
        var webhooks = counters.stream()
                .map(each -> OneSender.PRODUCT.webhook(
                        "{\"name\": \"one of a login\", \"counter_id\": %d, \"token\": \"shared\"}".formatted(each)))
                .toList();
        spend(database, webhooks.get(0));
        var batches = webhooks.stream().map(each -> each.batch(conversion())).toList();
        await().until(() ->
                database.<Long>value("select count(*) from upload where state = 'planned'") == batches.size());
        database.update(
                "update upload set oldest_event_at = clock() - interval '3 days', split_from = id where counter_id = ?",
                counters.get(0));
        database.update(
                "update upload set oldest_event_at = clock() - interval '2 days', kept_status = 'completed' where"
                        + " counter_id = ?",
                counters.get(1));
        giveBack(database, webhooks.get(0));
        for (int i = 0; i < 3; i++) {
            webhooks.get(i).awaitStatus(batches.get(i), "completed");
        }
        await().until(() -> database.<Long>value(
                        "select count(*) from upload where state = 'completed' and counter_id between ? and ?",
                        counters.get(0),
                        counters.get(2))
                == batches.size());
        assertThat(database.query(
                        "select counter_id from upload where counter_id between ? and ? order by sent_at",
                        counters.get(0),
                        counters.get(2)))
                .extracting(row -> row.get("counter_id"))
                .containsExactly(counters.get(2), counters.get(0), counters.get(1));
    }

    @Test
    void oneRowThatIsTooOldDoesNotSendItsFileBehindAllOthers() {
        var batch = webhook.batch(conversion("date_time", "2025-07-01T00:00:00Z"), conversion());
        var young = DATABASE.<Boolean>value(
                "select oldest_event_at > clock() - interval '2 hours' from batch where id = ?::uuid", batch);
        assertThat(young).isTrue();
        webhook.awaitStatus(batch, "completed");
        assertThat(DATABASE.<Boolean>value(
                        "select oldest_event_at > clock() - interval '2 hours' from upload where counter_id = ?",
                        counter))
                .isTrue();
    }

    /** Leaves a login none of the calls of the day. */
    private static void spend(TestDatabase database, TestWebhook webhook) {
        database.update("""
            insert into daily_calls (owner, day, calls)
            select 'login:' || login, (clock() at time zone 'UTC')::date, 1000000 from webhook where id = ?::uuid\
            """, webhook.id());
    }

    private static void giveBack(TestWebhook webhook) {
        giveBack(DATABASE, webhook);
    }

    private static void giveBack(TestDatabase database, TestWebhook webhook) {
        database.update(
                "delete from daily_calls where owner = (select 'login:' || login from webhook where id = ?::uuid)",
                webhook.id());
    }

    @Test
    void theTimeThatABatchHasWaitedCountsForItsFile() {
        METRIKA.fault(Fault.error(403, "access_denied", "Access is denied")
                .on(Operation.UPLOAD)
                .counter(counter)
                .times(0));
        var batch = webhook.batch(conversion(
                "date_time", Instant.now().plus(3, ChronoUnit.SECONDS).toString()));
        DATABASE.update("update batch set created_at = created_at - interval '20 days' where id = ?::uuid", batch);
        await().until(() -> !webhook.status(batch).get("errors").isNull());
        assertThat(DATABASE.<Boolean>value(
                        "select expires_at < clock() + interval '1 day' from upload where counter_id = ?", counter))
                .isTrue();
    }

    @Test
    void whatWasRetriedIsNotSentAgainWithItsOldFile() {
        var first = webhook.batch(conversion("purchase_id", "stays"));
        var second = webhook.batch(conversion("purchase_id", "retried"));
        webhook.awaitStatus(first, "completed");
        webhook.awaitStatus(second, "completed");
        // As one file that could not be linked, and waits to be sent again
        DATABASE.update("""
            update upload set state = 'error', conversions = 2, resend_at = clock() + interval '1 hour',
                              next_attempt_at = null
             where id = (select upload_id from batch where id = ?::uuid)\
            """, first);
        DATABASE.update(
                "update batch set upload_id = (select upload_id from batch where id = ?::uuid) where id = ?::uuid",
                first,
                second);
        assertThat(PRODUCT.send(webhook.request("/batches/" + second + "/retry")
                                .POST(HttpRequest.BodyPublishers.noBody()))
                        .status())
                .isEqualTo(202);
        webhook.awaitStatus(second, "completed");
        DATABASE.update(
                "update upload set resend_at = clock() where resend_at is not null and counter_id = ?", counter);
        await().until(() ->
                DATABASE.<Long>value("select count(*) from upload where counter_id = ? and resend_count = 1", counter)
                        == 1);
        assertThat(webhook.awaitStatus(first, "completed").get("errors").isNull())
                .as("one row was sent, and taken")
                .isTrue();
        assertThat(DATABASE.<Integer>value(
                        "select conversions from upload where counter_id = ? and resend_count = 1", counter))
                .isEqualTo(1);
    }

    @Test
    void aWithdrawalThatComesTooLateSaysWhatTheBatchIsNow() throws Exception {
        var batch = webhook.batch(conversion(
                "date_time", Instant.now().plus(30, ChronoUnit.MINUTES).toString()));
        try (Connection connection = DriverManager.getConnection(DATABASE.url());
                var plan = connection.createStatement()) {
            connection.setAutoCommit(false);
            plan.execute("""
                with planned as (
                  insert into upload (webhook_id, counter_id, conversions, oldest_event_at, next_attempt_at)
                  select webhook_id, %d, total, oldest_event_at, clock() + interval '1 hour'
                    from batch where id = '%s' returning id
                )
                update batch set upload_id = planned.id from planned where batch.id = '%s'\
                """.formatted(counter, batch, batch));
            var answer = CompletableFuture.supplyAsync(
                    () -> PRODUCT.send(webhook.request("/batches/" + batch).DELETE()));
            await().until(() -> !DATABASE.query("""
                select from pg_stat_activity
                 where datname = current_database() and wait_event_type = 'Lock' and query like '%Withdraws a batch%'\
                """).isEmpty());
            connection.commit();
            assertThat(answer.join().status()).isEqualTo(409);
            assertThat(answer.join().text("detail")).contains("Its status is pending");
        }
    }

    @Test
    void aBatchThatIsHeldBackCanBeWithdrawnAndIsNeverSent() {
        var batch = webhook.batch(conversion(
                "date_time", Instant.now().plus(3, ChronoUnit.SECONDS).toString()));
        assertThat(PRODUCT.send(webhook.request("/batches/" + batch).DELETE()).status())
                .isEqualTo(204);
        assertThat(webhook.status(batch).get("status").textValue()).isEqualTo("withdrawn");
        var later = webhook.batch(conversion(
                "date_time", Instant.now().plus(5, ChronoUnit.SECONDS).toString()));
        webhook.awaitStatus(later, "completed");
        assertThat(files()).hasSize(1);
        assertThat(files().get(0).rows()).isEqualTo(1);
        assertThat(PRODUCT.send(webhook.request("/batches/" + later).DELETE()).status())
                .isEqualTo(409);
    }

    @Test
    @ResourceLock("the product of one sender")
    void whatWasNotLinkedIsSentAgainAtTheAgesOfUploadRelink() {
        OneSender.METRIKA.fault(Fault.odd("status", "LINKAGE_FAILURE")
                .on(Operation.LIST)
                .counter(counter)
                .times(1));
        var own = OneSender.PRODUCT.webhook(counter);
        var batch = own.batch(conversion());
        var failed = own.awaitStatus(batch, "error");
        assertThat(failed.get("errors").get(0).get("message").textValue()).contains("sent again at");
        assertThat(OneSender.DATABASE.<Boolean>value(
                        "select resend_at = created_at + interval '1 hour' from upload where counter_id = ?", counter))
                .isTrue();
        OneSender.DATABASE.update("update upload set resend_at = clock() where counter_id = ?", counter);
        own.awaitStatus(batch, "completed");
        assertThat(OneSender.METRIKA.uploads())
                .filteredOn(upload -> upload.counter() == counter)
                .hasSize(2);
        assertThat(OneSender.METRIKA.account())
                .filteredOn(account -> account.counter() == counter)
                .extracting(CounterAccount::distinct)
                .containsExactly(1L);
    }
}
