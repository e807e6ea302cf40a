package metrika.conversions.delivery;

import java.io.IOException;
import java.io.StringReader;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

import org.apache.commons.csv.CSVFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import metrika.conversions.support.Answer;
import metrika.conversions.support.TestWebhook;
import metrika.simulator.Fault;
import metrika.simulator.Operation;
import metrika.simulator.Point;
import metrika.simulator.ReceivedUpload;

import static metrika.conversions.support.Samples.conversion;
import static metrika.conversions.support.Samples.request;
import static metrika.conversions.support.Shared.DATABASE;
import static metrika.conversions.support.Shared.METRIKA;
import static metrika.conversions.support.Shared.PRODUCT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** From rows in the database to Metrika and back: what arrives there, and what the sender is told meanwhile. */
@Execution(ExecutionMode.CONCURRENT) // each has a counter of its own, and mostly waits
class DeliveryIT {

    private static final AtomicLong COUNTERS = new AtomicLong(30_000);

    private final long counter = COUNTERS.incrementAndGet();
    private final TestWebhook webhook = PRODUCT.webhook(counter);

    private List<ReceivedUpload> files() {
        return METRIKA.uploads().stream()
                .filter(upload -> upload.counter() == counter)
                .toList();
    }

    private String onlyFile() {
        assertThat(files()).hasSize(1);
        return new String(METRIKA.file(files().get(0).id()), StandardCharsets.UTF_8);
    }

    private static List<Map<String, String>> rows(String csv) throws IOException {
        return CSVFormat.RFC4180
                .builder()
                .setHeader()
                .setSkipHeaderRecord(true)
                .get()
                .parse(new StringReader(csv))
                .stream()
                .map(row -> row.toMap())
                .toList();
    }

    @Test
    void theFileHoldsWhatWasSentUnharmed() throws IOException {
        var name = "Иван, \"О'Нил\"\nвторая строка; конец";
        var batch = webhook.batch(
                conversion(
                        "client_id",
                        "133591247640966458",
                        "user_id",
                        name,
                        "yclid",
                        "15696014897537187839",
                        "purchase_id",
                        "заказ №1, \"срочно\"",
                        "target",
                        "заказ, оплачен",
                        "date_time",
                        "2025-07-01T12:34:56+03:00",
                        "price",
                        19.99,
                        "currency",
                        "RUB"),
                conversion(
                        "client_id",
                        null,
                        "user_id",
                        "0012",
                        "date_time",
                        "2025-07-01T12:34:56Z",
                        "price",
                        "19.90",
                        "currency",
                        "USD"));
        webhook.awaitStatus(batch, "completed");
        var csv = onlyFile();
        assertThat(csv).startsWith("ClientId,UserId,Yclid,PurchaseId,Target,DateTime,Price,Currency\n");
        assertThat(rows(csv))
                .containsExactly(
                        Map.of(
                                "ClientId",
                                "133591247640966458",
                                "UserId",
                                name,
                                "Yclid",
                                "15696014897537187839",
                                "PurchaseId",
                                "заказ №1, \"срочно\"",
                                "Target",
                                "заказ, оплачен",
                                "DateTime",
                                "1751362496",
                                "Price",
                                "19.99",
                                "Currency",
                                "RUB"),
                        Map.of(
                                "ClientId",
                                "",
                                "UserId",
                                "0012",
                                "Yclid",
                                "",
                                "PurchaseId",
                                "",
                                "Target",
                                "purchase",
                                "DateTime",
                                "1751373296",
                                "Price",
                                "19.90",
                                "Currency",
                                "USD"));
    }

    @Test
    void aBatchGoesFromAcceptedToCompleted() {
        var batch = webhook.batch(conversion("date_time", "2025-07-01T12:34:56", "price", 1500), conversion());
        var done = webhook.awaitStatus(batch, "completed");
        assertThat(done.fieldNames())
                .toIterable()
                .containsExactly(
                        "batch_id",
                        "status",
                        "webhook_id",
                        "counter_id",
                        "created_at",
                        "updated_at",
                        "metrika_upload_id",
                        "total",
                        "processed",
                        "linked",
                        "unlinked",
                        "errors");
        assertThat(done.get("webhook_id").textValue()).isEqualTo(webhook.id());
        assertThat(done.get("counter_id").longValue()).isEqualTo(counter);
        assertThat(done.get("created_at").textValue()).matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ");
        assertThat(done.get("metrika_upload_id").textValue())
                .isEqualTo(String.valueOf(files().get(0).id()));
        assertThat(done.get("total").intValue()).isEqualTo(2);
        assertThat(done.get("processed").intValue()).isEqualTo(2);
        assertThat(done.get("linked").intValue()).isEqualTo(2);
        assertThat(done.get("errors").isNull()).isTrue();
        assertThat(PRODUCT.log())
                .containsPattern("Upload \\d+ of webhook %s, counter %d, 2 conversions, is sent: at Metrika %d\n"
                        .formatted(webhook.id(), counter, files().get(0).id()));
        await().untilAsserted(() -> assertThat(PRODUCT.log())
                .containsPattern(
                        "Upload \\d+ of webhook %s, its id at Metrika %d, is completed: 2 conversions, 2 linked\n"
                                .formatted(webhook.id(), files().get(0).id())));
    }

    @Test
    void batchesThatWaitTogetherGoInOneFile() {
        METRIKA.fault(Fault.error(503, "backend_error", "Backend error")
                .on(Operation.UPLOAD)
                .counter(counter)
                .times(1));
        var first = webhook.batch(conversion("purchase_id", "early"));
        webhook.awaitStatus(first, "pending");
        var ids = IntStream.range(0, 5)
                .mapToObj(i -> webhook.batch(conversion("purchase_id", "p" + i)))
                .toList();
        ids.forEach(id -> webhook.awaitStatus(id, "completed"));
        webhook.awaitStatus(first, "completed");
        assertThat(files().size()).isLessThan(6);
        assertThat(files().stream().mapToLong(ReceivedUpload::rows).sum()).isEqualTo(6);
    }

    @Test
    void whileItCannotBeSentItIsPendingAndSaysWhy() {
        METRIKA.fault(Fault.error(429, "quota_requests_by_uid", "Quota exceeded")
                .on(Operation.UPLOAD)
                .counter(counter)
                .times(1));
        var batch = webhook.batch(conversion());
        var pending = await().until(
                        () -> webhook.status(batch),
                        status -> !status.get("errors").isNull());
        assertThat(pending.get("status").textValue()).isEqualTo("pending");
        var error = pending.get("errors").get(0);
        assertThat(error.fieldNames()).toIterable().containsExactlyInAnyOrder("code", "message", "at");
        assertThat(error.get("code").textValue()).isEqualTo("quota_requests_by_uid");
        assertThat(error.get("message").textValue()).contains("429", "Quota exceeded");
        Instant next = DATABASE.<Timestamp>value("select next_attempt_at from upload where counter_id = ?", counter)
                .toInstant();
        var midnight = Instant.now().truncatedTo(ChronoUnit.DAYS).plus(1, ChronoUnit.DAYS);
        assertThat(next).isBetween(midnight.minusSeconds(1), midnight.plus(Duration.ofMinutes(5)));
        DATABASE.update("update upload set next_attempt_at = now() where counter_id = ?", counter);
        var done = webhook.awaitStatus(batch, "completed");
        assertThat(done.get("errors").isNull()).isTrue();
        assertThat(files()).hasSize(1);
    }

    @Test
    void aLostAccessWaitsForANewTokenAndGoesOnAtOnce() {
        METRIKA.fault(Fault.error(403, "invalid_token", "Invalid oauth_token")
                .on(Operation.UPLOAD)
                .counter(counter)
                .token("token-" + counter)
                .times(0));
        var batch = webhook.batch(conversion());
        var waiting = await().until(
                        () -> webhook.status(batch),
                        status -> !status.get("errors").isNull());
        assertThat(waiting.get("status").textValue()).isEqualTo("pending");
        assertThat(waiting.get("errors").get(0).get("message").textValue())
                .contains("Invalid oauth_token", "PATCH")
                .doesNotContain("token-" + counter);
        PRODUCT.patch(webhook.path(), "{\"token\": \"a-new-one\"}");
        webhook.awaitStatus(batch, "completed");
        assertThat(files()).hasSize(1);
    }

    @Test
    void aRejectedFileEndsInErrorWithMetrikasWordsAndCanBeSentAgain() {
        METRIKA.fault(Fault.error(400, "invalid_uploading", "Неверный файл")
                .on(Operation.UPLOAD)
                .counter(counter)
                .times(1));
        var batch = webhook.batch(conversion());
        var failed = webhook.awaitStatus(batch, "error");
        assertThat(failed.get("processed").intValue()).isZero();
        assertThat(failed.get("errors").get(0).get("message").textValue()).contains("Неверный файл", "retry");
        await().untilAsserted(() -> assertThat(PRODUCT.log())
                .containsPattern(("Upload \\d+ of webhook %s, counter %d, 1 conversions in 1 batches beginning with"
                                + " %s, could not be sent: invalid_uploading. The same file is not sent again")
                        .formatted(webhook.id(), counter, batch)));
        var list = PRODUCT.send(webhook.request("/batches?status=error"));
        assertThat(list.json().get("batches")).hasSize(1);
        var retried = PRODUCT.post(webhook.path() + "/batches/" + batch + "/retry", "");
        assertThat(retried.status()).isEqualTo(202);
        assertThat(retried.text("batch_id")).isEqualTo(batch);
        webhook.awaitStatus(batch, "completed");
        assertThat(files()).hasSize(1);
        assertThat(PRODUCT.post(webhook.path() + "/batches/" + batch + "/retry", "")
                        .status())
                .isEqualTo(409);
    }

    @Test
    void theConversionsOfARejectedBatchAreHadMendedSentAndWithdrawn() {
        METRIKA.fault(Fault.error(400, "invalid_uploading", "Строка 2")
                .on(Operation.UPLOAD)
                .counter(counter)
                .times(1));
        PRODUCT.patch(webhook.path(), "{\"time_zone\": \"Europe/Moscow\"}");
        var batch = webhook.batch(
                conversion(
                        "client_id",
                        "133591247640966458",
                        "user_id",
                        "Иван \"\\",
                        "yclid",
                        "15696014897537187839",
                        "purchase_id",
                        "№1",
                        "date_time",
                        "2025-07-01T12:34:56",
                        "price",
                        "19.90",
                        "currency",
                        "RUB"),
                conversion("client_id", null, "user_id", "gone"),
                conversion("client_id", null, "user_id", "0012", "date_time", "2025-07-01T12:34:56Z"));
        var path = "/batches/" + batch + "/conversions";
        assertThat(webhook.awaitStatus(batch, "error").at("/errors/0/message").textValue())
                .contains("/conversions", "new request", "DELETE");
        PRODUCT.send(webhook.request("/erase")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"user_id\": \"gone\"}")));
        var rows = PRODUCT.send(webhook.request(path));
        assertThat(rows.body())
                .isEqualTo("{\"conversions\" : [{\"client_id\":\"133591247640966458\",\"user_id\":\"Иван \\\"\\\\\","
                        + "\"yclid\":\"15696014897537187839\",\"purchase_id\":\"№1\",\"target\":\"purchase\","
                        + "\"date_time\":\"2025-07-01T09:34:56Z\",\"price\":19.90,\"currency\":\"RUB\"},"
                        + " {\"user_id\":\"0012\",\"target\":\"purchase\",\"date_time\":\"2025-07-01T12:34:56Z\"}]}");
        assertThat(PRODUCT.get(webhook.path() + path).status())
                .as("without a secret, where no administrator is named")
                .isEqualTo(200);
        assertThat(PRODUCT.send(PRODUCT.webhook(COUNTERS.incrementAndGet()).request(path))
                        .status())
                .isEqualTo(404);

        webhook.awaitStatus(webhook.send(rows.body()).text("batch_id"), "completed");
        assertThat(onlyFile())
                .contains("133591247640966458,\"Иван \"\"\\\",15696014897537187839,№1,purchase,1751362496,19.90,RUB\n");
        assertThat(PRODUCT.send(webhook.request("/batches/" + batch).DELETE()).status())
                .isEqualTo(204);
        var withdrawn = webhook.status(batch);
        assertThat(withdrawn.get("status").textValue()).isEqualTo("withdrawn");
        assertThat(withdrawn.get("errors").isNull()).isTrue();
        assertThat(PRODUCT.send(webhook.request(path)).status()).isEqualTo(409);
        assertThat(PRODUCT.post(webhook.path() + "/batches/" + batch + "/retry", "")
                        .status())
                .isEqualTo(409);
        assertThat(DATABASE.<Long>value("select count(*) from conversion where batch_id = ?::uuid", batch))
                .isZero();
        assertThat(PRODUCT.send(webhook.request("/batches?status=error")).json().get("batches"))
                .isEmpty();
        var row = DATABASE.query("select * from ledger where webhook_id = ?::uuid", webhook.id())
                .get(0);
        assertThat(row)
                .containsEntry("accepted", 5L)
                .containsEntry("completed", 2L)
                .containsEntry("error", 0L)
                .containsEntry("withdrawn", 2L)
                .containsEntry("erased", 1L);
    }

    @Test
    void whatIsSentAgainToLinkMoreIsOnItsWayWhateverStatusItKeeps() {
        METRIKA.fault(Fault.odd("status", "LINKAGE_FAILURE")
                .on(Operation.LIST)
                .counter(counter)
                .times(1));
        METRIKA.fault(Fault.odd("status", "MATCHED")
                .on(Operation.LIST)
                .counter(counter)
                .times(0));
        var batch = webhook.batch(conversion());
        webhook.awaitStatus(batch, "error");
        DATABASE.update("update upload set resend_at = clock() where counter_id = ?", counter);
        await().until(() -> METRIKA.uploads().stream()
                        .filter(upload -> upload.counter() == counter)
                        .count()
                == 2);
        assertThat(webhook.status(batch).get("status").textValue()).isEqualTo("error");
        for (var answer : List.of(
                PRODUCT.send(webhook.request("/batches/" + batch).DELETE()),
                PRODUCT.post(webhook.path() + "/batches/" + batch + "/retry", ""))) {
            assertThat(answer.status()).isEqualTo(409);
            assertThat(answer.text("detail")).contains("error, and it is just being sent again");
        }
        METRIKA.clearFaults(counter);
        webhook.awaitStatus(batch, "completed");
    }

    @Test
    void aFileThatArrivedWithoutAnAnswerIsNotSentAgain() {
        METRIKA.fault(Fault.close(Point.BEFORE_ANSWER)
                .on(Operation.UPLOAD)
                .counter(counter)
                .times(1));
        var batch = webhook.batch(conversion());
        webhook.awaitStatus(batch, "completed");
        assertThat(files()).hasSize(1);
    }

    @Test
    void aRejectedQuestionForTheListSaysNothingOfTheFile() {
        METRIKA.fault(Fault.close(Point.BEFORE_ANSWER)
                .on(Operation.UPLOAD)
                .counter(counter)
                .times(1));
        METRIKA.fault(Fault.error(400, "invalid_parameter", "Bad limit")
                .on(Operation.LIST)
                .counter(counter)
                .times(0));
        var batch = webhook.batch(conversion());
        await().atMost(Duration.ofSeconds(30))
                .until(() -> webhook.status(batch).toString().contains("Bad limit"));
        assertThat(webhook.status(batch).get("status").textValue()).isEqualTo("pending");
        METRIKA.clearFaults(counter);
        DATABASE.update("update upload set next_attempt_at = clock() where counter_id = ?", counter);
        webhook.awaitStatus(batch, "completed");
        assertThat(files()).hasSize(1);
    }

    @Test
    void aFileThatDidNotArriveIsSentAgain() {
        METRIKA.fault(
                Fault.close(Point.IN_BODY).on(Operation.UPLOAD).counter(counter).times(1));
        var batch = webhook.batch(conversion());
        webhook.awaitStatus(batch, "completed");
        assertThat(files()).hasSize(1);
    }

    @Test
    void aLinkageFailureIsAnErrorThatAMarketerUnderstands() {
        METRIKA.fault(Fault.odd("status", "LINKAGE_FAILURE")
                .on(Operation.LIST)
                .counter(counter)
                .times(1));
        var batch = webhook.batch(conversion());
        var failed = webhook.awaitStatus(batch, "error");
        assertThat(failed.get("errors").get(0).get("code").textValue()).isEqualTo("linkage_failure");
        assertThat(failed.get("errors").get(0).get("message").textValue()).contains("visitor", String.valueOf(counter));
    }

    @Test
    void aStatusThatMetrikaAddsLaterIsOneStillUnderWay() {
        METRIKA.fault(Fault.odd("status", "RESHUFFLED")
                .on(Operation.LIST)
                .counter(counter)
                .times(0));
        var batch = webhook.batch(conversion());
        webhook.awaitStatus(batch, "processing");
        METRIKA.clearFaults(counter);
        DATABASE.update("update upload set next_attempt_at = clock() where counter_id = ?", counter);
        webhook.awaitStatus(batch, "completed");
    }

    @Test
    void aConversionOfTheNearFutureIsHeldBackUntilItsTimeHasPassed() {
        var soon = Instant.now().plus(4, ChronoUnit.SECONDS).truncatedTo(ChronoUnit.SECONDS);
        var batch = webhook.batch(conversion("date_time", soon.toString()));
        assertThat(webhook.status(batch).get("status").textValue()).isEqualTo("accepted");
        webhook.awaitStatus(batch, "completed");
        assertThat(files().get(0).receivedAt()).isAfter(soon);
    }

    @Test
    void batchesAreListedNewestFirstPageByPage() {
        var ids =
                IntStream.range(0, 5).mapToObj(i -> webhook.batch(conversion())).toList();
        var first = PRODUCT.send(webhook.request("/batches?limit=3")).json();
        assertThat(first.get("batches").findValuesAsText("batch_id"))
                .containsExactly(ids.get(4), ids.get(3), ids.get(2));
        var second = PRODUCT.send(webhook.request(
                        "/batches?limit=3&after=" + first.get("next").textValue()))
                .json();
        assertThat(second.get("batches").findValuesAsText("batch_id")).containsExactly(ids.get(1), ids.get(0));
        assertThat(second.get("next").isNull()).isTrue();
        for (var query : List.of("status=done", "limit=0", "limit=x", "limit=1001", "after=x")) {
            assertThat(PRODUCT.send(webhook.request("/batches?" + query)).status())
                    .as(query)
                    .isEqualTo(400);
        }
        assertThat(PRODUCT.get(webhook.path() + "/batches?limit=1").json().get("batches"))
                .hasSize(1);
    }

    @Test
    void aBatchIsShownToItsOwnWebhookOnly() {
        var batch = webhook.batch(conversion());
        var other = PRODUCT.webhook(COUNTERS.incrementAndGet());
        assertThat(List.of(
                        PRODUCT.send(other.request("/status?batch_id=" + batch)),
                        PRODUCT.send(webhook.request("/status?batch_id=00000000-0000-4000-8000-000000000000")),
                        PRODUCT.send(webhook.request("/status?batch_id=x"))))
                .extracting(Answer::status)
                .containsOnly(404);
        assertThat(PRODUCT.send(webhook.request("/status")).status()).isEqualTo(400);
        assertThat(PRODUCT.get(webhook.path() + "/status?batch_id=" + batch).status())
                .isEqualTo(403);
    }

    @Test
    void twoWebhooksOfOneCounterAreAskedAboutInOneList() {
        var second = PRODUCT.webhook(counter);
        var one = webhook.batch(request(3, "a").replaceAll("^.*?\\[|\\]}$", ""));
        var two = second.batch(conversion());
        webhook.awaitStatus(one, "completed");
        second.awaitStatus(two, "completed");
        assertThat(files()).hasSize(2);
    }
}
