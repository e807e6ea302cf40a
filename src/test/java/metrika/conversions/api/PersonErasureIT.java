package metrika.conversions.api;

import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

import metrika.conversions.support.Accounts;
import metrika.conversions.support.Answer;
import metrika.conversions.support.Statements;
import metrika.conversions.support.TestWebhook;
import metrika.simulator.Fault;
import metrika.simulator.Operation;
import metrika.simulator.Point;

import static metrika.conversions.support.Samples.conversion;
import static metrika.conversions.support.Shared.DATABASE;
import static metrika.conversions.support.Shared.METRIKA;
import static metrika.conversions.support.Shared.PRODUCT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** A person's conversions are deleted on demand: what waits is not sent, what is on its way is not lost track of. */
class PersonErasureIT {

    private static final AtomicLong COUNTERS = new AtomicLong(82_000);
    private static final String PERSON = "person-to-be-erased";

    private final long counter = COUNTERS.incrementAndGet();
    private final TestWebhook webhook = PRODUCT.webhook(counter);

    @AfterEach
    void everythingIsAccountedFor() {
        Accounts.assertBalanced(PRODUCT);
        assertThat(DATABASE.<Long>value("""
                 select count(*) from conversion join batch on batch.id = batch_id
                  where batch.webhook_id = ?::uuid and (client_id = ? or user_id = ?)\
                 """, webhook.id(), PERSON, PERSON)).isZero();
        // An upload that is not sent yet says truly how many conversions it has
        assertThat(DATABASE.query("""
                  select upload.id from upload where webhook_id = ?::uuid and state = 'planned' and conversions <> (
                    select count(*) from batch join conversion on batch.id = batch_id where upload_id = upload.id)\
                  """, webhook.id())).isEmpty();
    }

    private Answer erase(String json) {
        return PRODUCT.send(webhook.request("/erase")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(json)));
    }

    private Answer erase() {
        var answer = erase("{\"user_id\": \"" + PERSON + "\"}");
        assertThat(answer.status()).as("%s", answer).isEqualTo(200);
        return answer;
    }

    private static String theirs(Object... fields) {
        return conversion(fields).replace("{", "{\"user_id\":\"" + PERSON + "\",");
    }

    private List<String> files() {
        return METRIKA.uploads().stream()
                .filter(upload -> upload.counter() == counter)
                .map(upload -> new String(METRIKA.file(upload.id()), StandardCharsets.UTF_8))
                .toList();
    }

    private long ledger(String column) {
        return DATABASE.value("select " + column + " from ledger where webhook_id = ?::uuid", webhook.id());
    }

    @Test
    void whatWaitsIsNotSentAnyMore() {
        var soon = Instant.now().plus(3, ChronoUnit.SECONDS).toString();
        var mixed = webhook.batch(theirs("date_time", soon), conversion("date_time", soon, "purchase_id", "other"));
        var only = webhook.batch(theirs("date_time", soon));
        var answer = erase();
        assertThat(answer.body()).isEqualTo("{\"erased\":2,\"pending\":0,\"sent\":0,\"batches\":[]}");
        assertThat(webhook.status(only).get("status").textValue()).isEqualTo("withdrawn");
        assertThat(webhook.status(only).get("total").intValue()).isZero();
        var done = webhook.awaitStatus(mixed, "completed");
        assertThat(done.get("total").intValue()).isEqualTo(1);
        assertThat(done.get("processed").intValue()).isEqualTo(1);
        assertThat(done.get("errors").isNull()).isTrue();
        assertThat(files()).hasSize(1).allMatch(file -> file.contains("other") && !file.contains(PERSON));
        assertThat(ledger("accepted")).isEqualTo(3);
        assertThat(ledger("erased")).isEqualTo(2);
        assertThat(ledger("completed")).isEqualTo(1);
    }

    @Test
    void whatWasRefusedForNowIsSentWithoutThem() {
        METRIKA.fault(Fault.error(429, "quota_requests_by_uid", "Quota exceeded")
                .on(Operation.UPLOAD)
                .counter(counter)
                .times(1));
        var batch = webhook.batch(theirs(), conversion("purchase_id", "other"));
        await().until(() -> !webhook.status(batch).get("errors").isNull());
        assertThat(erase().text("erased")).isEqualTo("1");
        DATABASE.update("update upload set next_attempt_at = clock() where counter_id = ?", counter);
        assertThat(webhook.awaitStatus(batch, "completed").get("total").intValue())
                .isEqualTo(1);
        assertThat(files()).hasSize(1).noneMatch(file -> file.contains(PERSON));
    }

    @Test
    void anUploadOfWhichNothingIsLeftIsNotSent() {
        METRIKA.fault(Fault.error(429, "quota_requests_by_uid", "Quota exceeded")
                .on(Operation.UPLOAD)
                .counter(counter)
                .times(1));
        var batch = webhook.batch(theirs());
        await().until(() -> !webhook.status(batch).get("errors").isNull());
        assertThat(erase().text("erased")).isEqualTo("1");
        assertThat(webhook.status(batch).get("status").textValue()).isEqualTo("withdrawn");
        var next = webhook.batch(conversion());
        webhook.awaitStatus(next, "completed");
        assertThat(files()).hasSize(1).noneMatch(file -> file.contains(PERSON));
    }

    @Test
    void whatMayHaveArrivedIsErasedWhenThatIsKnownAndNotSentAgain() {
        METRIKA.fault(
                Fault.close(Point.IN_BODY).on(Operation.UPLOAD).counter(counter).times(1));
        METRIKA.fault(Fault.error(503, "backend_error", "Backend error")
                .on(Operation.LIST)
                .counter(counter)
                .times(0));
        var batch = webhook.batch(theirs(), conversion("purchase_id", "other"));
        await().until(() -> !webhook.status(batch).get("errors").isNull());
        var answer = erase();
        assertThat(answer.text("erased")).isEqualTo("0");
        assertThat(answer.text("pending")).isEqualTo("1");
        assertThat(answer.json().at("/batches/0/batch_id").textValue()).isEqualTo(batch);
        assertThat(answer.json().at("/batches/0/metrika_upload_id").isNull()).isTrue();
        assertThat(webhook.status(batch).get("total").intValue())
                .as("frozen until then")
                .isEqualTo(2);
        METRIKA.clearFaults(counter);
        DATABASE.update("update upload set next_attempt_at = clock() where counter_id = ?", counter);
        assertThat(webhook.awaitStatus(batch, "completed").get("total").intValue())
                .isEqualTo(1);
        assertThat(files()).hasSize(1).noneMatch(file -> file.contains(PERSON));
    }

    @Test
    void whatArrivedAfterAllIsErasedHereAndListed() {
        METRIKA.fault(Fault.close(Point.BEFORE_ANSWER)
                .on(Operation.UPLOAD)
                .counter(counter)
                .times(1));
        METRIKA.fault(Fault.error(503, "backend_error", "Backend error")
                .on(Operation.LIST)
                .counter(counter)
                .times(0));
        var batch = webhook.batch(theirs(), conversion("purchase_id", "other"));
        await().until(() -> !webhook.status(batch).get("errors").isNull());
        assertThat(erase().text("pending")).isEqualTo("1");
        METRIKA.clearFaults(counter);
        DATABASE.update("update upload set next_attempt_at = clock() where counter_id = ?", counter);
        webhook.awaitStatus(batch, "completed");
        await().until(() -> webhook.status(batch).get("total").intValue() == 1);
        assertThat(files()).hasSize(1).allMatch(file -> file.contains(PERSON));
        assertThat(webhook.status(batch).get("errors").isNull()).isTrue();
    }

    @Test
    @ResourceLock("what the shared Metrika holds up")
    void whoLostTheClaimOnAnUploadErasesNothingOfIt() {
        METRIKA.fault(Fault.stall(Point.BEFORE_BODY)
                .on(Operation.UPLOAD)
                .counter(counter)
                .times(1));
        var batch = webhook.batch(theirs(), conversion("purchase_id", "other"));
        await().until(() -> METRIKA.held() == 1);
        assertThat(erase().text("pending")).isEqualTo("1");
        var held = DATABASE.query("select id, claim_number from upload where counter_id = ?", counter)
                .get(0);
        var before = (int) held.get("claim_number") - 1;
        DATABASE.query(Statements.of("apply-pending-erasures", Map.of()));
        assertThat(DATABASE.<String>value(Statements.of(
                        "erase-from-upload", Map.of("upload.id", held.get("id"), "upload.claim_number", before))))
                .isEqualTo("lease-lost");
        assertThat(webhook.status(batch).get("total").intValue())
                .as("as it is being sent")
                .isEqualTo(2);
        METRIKA.release();
        webhook.awaitStatus(batch, "completed");
        await().until(() -> webhook.status(batch).get("total").intValue() == 1);
    }

    @Test
    void whatMetrikaHasIsListed() {
        var batch = webhook.batch(theirs(), theirs("target", "second"), conversion());
        var done = webhook.awaitStatus(batch, "completed");
        var answer = erase();
        assertThat(answer.body())
                .isEqualTo(("{\"erased\":2,\"pending\":0,\"sent\":2,\"batches\":[{\"batch_id\":\"%s\","
                                + "\"status\":\"completed\",\"metrika_upload_id\":\"%s\",\"conversions\":2}]}")
                        .formatted(batch, done.get("metrika_upload_id").textValue()));
        assertThat(erase().text("erased")).as("once").isEqualTo("0");
    }

    @Test
    void anyOfTheIdentifiersCountsAndOnlyAtThisWebhook() {
        var future = Instant.now().plus(30, ChronoUnit.MINUTES).toString();
        var other = PRODUCT.webhook(COUNTERS.incrementAndGet());
        other.batch(theirs("date_time", future));
        webhook.batch(
                theirs("date_time", future),
                conversion("date_time", future, "client_id", PERSON),
                conversion("date_time", future, "purchase_id", "o1"),
                conversion("date_time", future, "yclid", "5"));
        assertThat(erase("{\"user_id\": \"%s\", \"client_id\": \"%s\"}".formatted(PERSON, PERSON))
                        .text("erased"))
                .isEqualTo("2");
        assertThat(erase("{\"yclid\": 5, \"purchase_id\": null}").text("erased"))
                .isEqualTo("1");
        var byAdmin = PRODUCT.post(webhook.path() + "/erase", "{\"purchase_id\": \"o1\"}");
        assertThat(byAdmin.text("erased")).isEqualTo("1");
        assertThat(DATABASE.<Long>value("""
                select count(*) from conversion join batch on batch.id = batch_id where batch.webhook_id = ?::uuid\
                """, other.id())).isEqualTo(1);
        PRODUCT.delete(other.path() + "?force=true");
        for (var wrong : List.of(
                "{}",
                "{\"user_id\": \" \"}",
                "{\"email\": \"a@b\"}",
                "{\"client_id\": 1234567890123456}",
                "{\"user_id\": []}")) {
            assertThat(erase(wrong).status()).as(wrong).isEqualTo(400);
        }
    }

    @Test
    void ofManyFieldsThatAreNoneTheFirstAreTold() {
        var fields = new StringBuilder("{\"" + "n".repeat(900) + "\": 1");
        for (int i = 1; i < 4000; i++) {
            fields.append(", \"f").append(i).append("\": ").append(i);
        }
        var answer = erase(fields + "}");
        assertThat(answer.status()).as("%s", answer).isEqualTo(400);
        var errors = answer.json().get("errors");
        assertThat(errors).hasSize(101);
        assertThat(errors.get(0).get("field").textValue()).hasSizeLessThan(100);
        assertThat(errors.get(0).get("message").textValue()).contains("nnn…").hasSizeLessThan(200);
        assertThat(errors.get(100).get("message").textValue()).isEqualTo("3900 more are not shown, 4000 in all");
        var form = PRODUCT.patch(webhook.path(), fields + ", \"time_zone\": \"" + "z".repeat(4000) + "\"}");
        assertThat(form.status()).isEqualTo(400);
        assertThat(form.text("detail")).isEqualTo("4001 fields are invalid");
        assertThat(form.json().get("errors")).hasSize(101);
        var one = PRODUCT.patch(
                webhook.path(),
                "{\"requests_per_minute\": [" + "1,".repeat(4000) + "1], \"time_zone\": \"" + "z".repeat(4000) + "\"}");
        assertThat(one.body()).hasSizeLessThan(1000).contains("zzz…", "not […]");
    }

    @Test
    void aBodyOfMoreFieldsThanAnyoneHasIsNotHeld() {
        var fields = new StringBuilder("{\"user_id\": \"x\"");
        for (int i = 0; fields.length() < 10_000_000; i++) {
            fields.append(",\"").append(Integer.toString(i, 36)).append("\":1");
        }
        for (var answer : List.of(
                erase(fields + "}"),
                PRODUCT.patch(webhook.path(), fields + "}"),
                erase("{\"user_id\": [" + "1,".repeat(4_000_000) + "1]}"))) {
            assertThat(answer.status()).isEqualTo(400);
            assertThat(answer.text("detail")).contains("more than 10000 names and values");
        }
    }
}
