package metrika.conversions.delivery;

import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import metrika.conversions.support.TestWebhook;
import metrika.simulator.Call;
import metrika.simulator.Fault;
import metrika.simulator.Operation;

import static metrika.conversions.support.Samples.conversion;
import static metrika.conversions.support.Shared.DATABASE;
import static metrika.conversions.support.Shared.METRIKA;
import static metrika.conversions.support.Shared.PRODUCT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * What Metrika has is asked about until its end is known: soon after Metrika is well again, and not for ever where it
 * does not tell. Days pass by making an upload's times older.
 */
@Execution(ExecutionMode.CONCURRENT) // each has a counter of its own, and mostly waits
class PollingIT {

    private static final AtomicLong COUNTERS = new AtomicLong(90_000);

    private final long counter = COUNTERS.incrementAndGet();
    private final TestWebhook webhook = PRODUCT.webhook(counter);

    @AfterEach
    void clear() {
        METRIKA.clearFaults(counter);
    }

    private void fault(Fault fault) {
        METRIKA.fault(fault.counter(counter).times(0));
    }

    private Map<String, Object> upload() {
        return DATABASE.query("select * from upload where counter_id = ? order by id limit 1", counter)
                .get(0);
    }

    /** Lets the pause pass until the next question, and waits until that has failed. */
    private void fail() {
        var failures = (Integer) upload().get("failure_count");
        DATABASE.update(
                "update upload set next_attempt_at = clock() where counter_id = ? and next_attempt_at is not null",
                counter);
        await().until(() ->
                (Integer) upload().get("failure_count") > failures || upload().get("next_attempt_at") == null);
    }

    /** The pause after the last failure, in seconds. */
    private double pause() {
        return DATABASE.<Double>value(
                "select extract(epoch from next_attempt_at - updated_at)::float8 from upload where counter_id = ?",
                counter);
    }

    private void passDays(int days) {
        DATABASE.update(
                "update upload set sent_at = sent_at - ? * interval '1 day', refused_since = refused_since - ? *"
                        + " interval '1 day' where counter_id = ?",
                days,
                days,
                counter);
        DATABASE.update(
                "update webhook set updated_at = updated_at - ? * interval '1 day' where id = ?::uuid",
                days,
                webhook.id());
    }

    private String uploaded() {
        var batch = webhook.batch(conversion());
        webhook.awaitStatus(batch, "uploaded");
        await().until(() -> (Integer) upload().get("failure_count") > 0);
        return batch;
    }

    private List<Call> calls(Operation operation) {
        return METRIKA.calls().stream()
                .filter(call -> call.operation() == operation && call.path().contains("/" + counter + "/"))
                .toList();
    }

    private static String code(JsonNode status) {
        return status.at("/errors/0/code").asText();
    }

    /** That it ended in error, is left alone, says why and what to do, and that this can be done. */
    private void assertGivenUp(String batch, String code) {
        fail();
        var status = webhook.awaitStatus(batch, "error");
        assertThat(code(status)).isEqualTo(code);
        assertThat(status.at("/errors/0/message").asText()).contains("retry", "overwrites");
        assertThat(status.get("errors")).hasSize(1);
        assertThat(upload().get("next_attempt_at")).as("the next question").isNull();
        assertThat(PRODUCT.log()).contains("ended in error. " + code + ": ");
        METRIKA.clearFaults(counter);
        assertThat(PRODUCT.post(webhook.path() + "/batches/" + batch + "/retry", "")
                        .status())
                .isEqualTo(202);
        webhook.awaitStatus(batch, "completed");
    }

    @Test
    void anUploadThatMetrikaHasForgottenEndsInError() {
        fault(Fault.missingId().on(Operation.LIST));
        fault(Fault.error(404, "not_found", "Object not found").on(Operation.BY_ID));
        var batch = uploaded();
        for (int i = 0; i < 3; i++) {
            fail();
        }
        assertThat(webhook.status(batch).get("status").textValue())
                .as("it may show up yet")
                .isEqualTo("uploaded");
        assertThat(code(webhook.status(batch))).isEqualTo("not_found");
        assertThat(pause()).as("seconds at first").isLessThan(10);
        passDays(4);
        fail();
        assertThat(pause()).as("hours in the end").isBetween(7199.0, 7201.0);
        passDays(1);
        assertGivenUp(batch, "forgotten");
    }

    @Test
    void anUploadOfACounterThatIsGoneEndsInError() {
        fault(Fault.error(404, "not_found", "Object not found").on(Operation.LIST));
        var batch = uploaded();
        fail();
        fail();
        assertThat(webhook.status(batch).get("status").textValue()).isEqualTo("uploaded");
        passDays(5);
        assertGivenUp(batch, "counter_gone");
    }

    @Test
    void anUploadThatMayNotBeAskedAboutAnyMoreEndsInErrorUnlessThereIsAnotherToken() {
        fault(Fault.error(403, "invalid_token", "Invalid oauth_token").on(Operation.LIST));
        var batch = uploaded();
        assertThat(pause()).isBetween(3599.0, 3601.0);
        passDays(4);
        PRODUCT.patch(webhook.path(), "{\"token\": \"another\"}");
        passDays(1);
        fail();
        assertThat(webhook.status(batch).get("status").textValue())
                .as("another token was given a day ago")
                .isEqualTo("uploaded");
        passDays(5);
        assertGivenUp(batch, "access_lost");
    }

    @Test
    void anUploadOfWhichMetrikaTellsNothingEndsInErrorAfterThreeWeeks() {
        fault(Fault.error(500, "backend_error", "Oh no").on(Operation.LIST));
        var batch = uploaded();
        fail();
        passDays(20);
        fail();
        assertThat(webhook.status(batch).get("status").textValue()).isEqualTo("uploaded");
        passDays(1);
        assertGivenUp(batch, "not_told");
    }

    @Test
    void anUploadThatMetrikaNeverFinishesIsCalledStuckAndEndsInErrorAfterThreeWeeks() {
        fault(Fault.odd("status", "MATCHED").on(Operation.LIST));
        var batch = webhook.batch(conversion());
        webhook.awaitStatus(batch, "processing");
        passDays(2);
        DATABASE.update("update upload set next_attempt_at = clock() where counter_id = ?", counter);
        await().until(() -> code(webhook.status(batch)).equals("stuck"));
        var asked = calls(Operation.LIST).size();
        DATABASE.update("update upload set next_attempt_at = clock() where counter_id = ?", counter);
        await().until(() -> calls(Operation.LIST).size() > asked
                && ((Timestamp) upload().get("next_attempt_at"))
                        .toInstant()
                        .isAfter(Instant.now().plusSeconds(60)));
        assertThat(code(webhook.status(batch))).as("it goes on to be said").isEqualTo("stuck");
        assertThat(webhook.status(batch).get("status").textValue()).isEqualTo("processing");
        passDays(19);
        DATABASE.update("update upload set next_attempt_at = clock() where counter_id = ?", counter);
        assertGivenUp(batch, "stuck");
    }

    @Test
    void whatIsOnlySentAgainToLinkMoreKeepsWhatItHad() {
        fault(Fault.error(404, "not_found", "Object not found").on(Operation.LIST));
        var batch = uploaded();
        DATABASE.update("update upload set kept_status = 'completed', errors = null where counter_id = ?", counter);
        fail();
        fail();
        passDays(5);
        fail();
        assertThat(upload().get("state")).isEqualTo("completed");
        assertThat(upload().get("next_attempt_at")).isNull();
        assertThat(webhook.status(batch).get("errors").isNull()).isTrue();
    }

    @Test
    void whatMetrikaKnowsAgainGoesOnAsBefore() {
        METRIKA.fault(Fault.missingId().on(Operation.LIST).counter(counter).times(0));
        METRIKA.fault(Fault.error(404, "not_found", "Object not found")
                .on(Operation.BY_ID)
                .counter(counter)
                .times(2));
        var batch = webhook.batch(conversion());
        webhook.awaitStatus(batch, "completed");
        assertThat(webhook.status(batch).get("errors").isNull()).isTrue();
        // Where the answer is taken over slowly, it is asked for once more
        assertThat(calls(Operation.BY_ID))
                .extracting(Call::status)
                .startsWith(404, 404, 200)
                .hasSizeLessThan(6);
        assertThat(upload()).containsEntry("refusal_count", 0).containsEntry("refused_since", null);
    }

    @Test
    void faultsThatPassAreAskedAboutSoonAndNeverMoreThanFiveMinutesApart() {
        fault(Fault.error(503, "backend_error", "Oh no").on(Operation.LIST));
        uploaded();
        var sum = pause();
        for (int i = 1; i < 6; i++) {
            fail();
            sum += pause();
        }
        assertThat(sum).as("until the question after six that failed").isLessThan(60);
        assertThat(pause()).isGreaterThan(10);
        DATABASE.update(
                "update upload set failure_count = 1000, sent_at = sent_at - interval '12 hours' where counter_id = ?",
                counter);
        fail();
        assertThat(pause()).as("also of what is old").isBetween(200.0, 300.0);
    }

    @Test
    void theListIsAskedForAsManyEntriesAsAreOpen() {
        fault(Fault.odd("status", "MATCHED").on(Operation.LIST));
        IntStream.range(0, 3).forEach(i -> webhook.awaitStatus(webhook.batch(conversion()), "processing"));
        DATABASE.update("update upload set next_attempt_at = clock() where counter_id = ?", counter);
        await().until(() ->
                calls(Operation.LIST).stream().anyMatch(call -> call.query().equals("limit=23&offset=0")));
        assertThat(calls(Operation.LIST))
                .extracting(Call::query)
                .allMatch(query -> query.matches("limit=2[123]&offset=0"));
        assertThat(calls(Operation.BY_ID)).isEmpty();
    }

    @Test
    void ofManyThatTheListDoesNotShowTenAreAskedAboutAtATick() {
        fault(Fault.missingId().on(Operation.LIST));
        fault(Fault.error(404, "not_found", "Object not found").on(Operation.BY_ID));
        var first = webhook.batch(conversion());
        webhook.awaitStatus(first, "uploaded");
        // What Metrika does not know: more uploads of this counter than it was ever sent
        DATABASE.update("""
            insert into upload (webhook_id, counter_id, conversions, oldest_event_at, state,
                                metrika_upload_id, sent_at, next_attempt_at)
            select webhook_id, counter_id, 1, oldest_event_at, 'uploaded', 1000 + n, clock(), clock()
              from upload, generate_series(1, 24) as n
             where counter_id = ?\
            """, counter);
        await("each is asked about in its turn")
                .until(() -> DATABASE.<Long>value(
                                "select count(*) from upload where counter_id = ? " + "and refusal_count > 0", counter)
                        == 25);
        var lists = calls(Operation.LIST).size();
        assertThat((long) calls(Operation.BY_ID).size()).isLessThanOrEqualTo(10L * lists);
        assertThat(calls(Operation.LIST))
                .extracting(Call::query)
                .as("it has nothing more")
                .allMatch(query -> !query.contains("10000") || query.endsWith("offset=1"));
    }
}
