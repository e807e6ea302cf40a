package metrika.conversions.api;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import metrika.conversions.support.Answer;
import metrika.conversions.support.Shared;
import metrika.conversions.support.TestWebhook;

import static metrika.conversions.support.Samples.conversion;
import static metrika.conversions.support.Samples.request;
import static metrika.conversions.support.Shared.PRODUCT;
import static org.assertj.core.api.Assertions.assertThat;

/** Sending conversions: who may, how much, how often, and what a repetition does. */
class SendConversionsIT {

    private static final int TEN_MEGABYTES = 10 * 1024 * 1024;

    private final TestWebhook webhook = PRODUCT.webhook(201);

    private static String valid() {
        return "{\"conversions\": [" + conversion() + "]}";
    }

    @Test
    void whoIsNotKnownGetsOneAndTheSameAnswer() {
        var other = PRODUCT.webhook(202);
        var answers = List.of(
                new TestWebhook(PRODUCT, webhook.id(), "wrong").send(valid()),
                new TestWebhook(PRODUCT, webhook.id(), other.secret()).send(valid()),
                new TestWebhook(PRODUCT, webhook.id(), "").send(valid()),
                new TestWebhook(PRODUCT, "00000000-0000-4000-8000-000000000000", webhook.secret()).send(valid()),
                new TestWebhook(PRODUCT, "no-id", webhook.secret()).send(valid()),
                PRODUCT.post(webhook.path(), valid()),
                PRODUCT.post(webhook.path() + "?X-Webhook-Secret=" + webhook.secret(), valid()));
        assertThat(answers).extracting(Answer::status).containsOnly(403);
        assertThat(answers).extracting(Answer::body).containsOnly(answers.get(0).body());
        assertThat(Shared.DATABASE.<Long>value("select count(*) from batch where webhook_id = ?::uuid", webhook.id()))
                .isZero();
    }

    @Test
    void aThousandConversionsAreTakenAndOneMoreIsNot() {
        assertThat(webhook.send(request(1000, "o")).text("accepted_count")).isEqualTo("1000");
        var refused = webhook.send(request(1001, "o"));
        assertThat(refused.status()).isEqualTo(400);
        assertThat(refused.text("detail")).contains("1001", "1000");
    }

    @Test
    void aBodyOfTenMegabytesIsTakenAndOneByteMoreIsNot() {
        var body = valid();
        var padded = body + " ".repeat(TEN_MEGABYTES - body.length());
        assertThat(webhook.send(padded).status()).isEqualTo(200);
        var refused = webhook.send(padded + " ");
        assertThat(refused.status()).isEqualTo(413);
        assertThat(refused.header("Content-Type")).isEqualTo("application/problem+json");
        assertThat(refused.text("detail")).contains(String.valueOf(TEN_MEGABYTES));
    }

    @Test
    void gzipCountsByWhatItUnpacksTo() throws IOException {
        var body = valid();
        assertThat(sendPacked(gzip(body), "gzip").text("accepted_count")).isEqualTo("1");
        assertThat(sendPacked(gzip(body + " ".repeat(TEN_MEGABYTES)), "gzip").status())
                .isEqualTo(413);
        assertThat(sendPacked(body.getBytes(StandardCharsets.UTF_8), "gzip").status())
                .isEqualTo(400);
        assertThat(sendPacked(body.getBytes(StandardCharsets.UTF_8), "br").status())
                .isEqualTo(415);
    }

    private Answer sendPacked(byte[] body, String encoding) {
        return PRODUCT.send(webhook.request("")
                .header("Content-Type", "application/json")
                .header("Content-Encoding", encoding)
                .POST(HttpRequest.BodyPublishers.ofByteArray(body)));
    }

    private static byte[] gzip(String body) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(bytes)) {
            gzip.write(body.getBytes(StandardCharsets.UTF_8));
        }
        return bytes.toByteArray();
    }

    @Test
    void onlyJsonInUtf8IsTaken() {
        for (var type : List.of(
                "text/plain",
                "application/x-www-form-urlencoded",
                "multipart/form-data; boundary=x",
                "application/json; charset=windows-1251")) {
            var answer = PRODUCT.send(webhook.request("")
                    .header("Content-Type", type)
                    .POST(HttpRequest.BodyPublishers.ofString(valid())));
            assertThat(answer.status()).as(type).isEqualTo(415);
            assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
        }
        for (var type : List.of(
                "application/json;charset=UTF-8",
                "Application/JSON; charset=utf-8",
                "application/json;charset=\"utf-8\"")) {
            assertThat(PRODUCT.send(webhook.request("")
                                    .header("Content-Type", type)
                                    .POST(HttpRequest.BodyPublishers.ofString(valid())))
                            .status())
                    .as(type)
                    .isEqualTo(200);
        }
        assertThat(PRODUCT.send(webhook.request("")
                                .header("Content-Type", "application/json")
                                .POST(HttpRequest.BodyPublishers.ofString(valid(), StandardCharsets.UTF_16)))
                        .status())
                .isEqualTo(415);
    }

    @Test
    void moreRequestsThanAllowedInAMinuteAreToldWhenToComeAgain() {
        var slow =
                PRODUCT.webhook("{\"name\": \"t\", \"counter_id\": 203, \"token\": \"t\", \"requests_per_minute\": 3}");
        for (int i = 0; i < 20; i++) {
            new TestWebhook(PRODUCT, slow.id(), "wrong").send(valid());
        }
        for (int i = 0; i < 3; i++) {
            assertThat(slow.send(valid()).status()).isEqualTo(200);
        }
        var refused = slow.send(valid());
        assertThat(refused.status()).isEqualTo(429);
        assertThat(Integer.parseInt(refused.header("Retry-After"))).isBetween(1, 60);
        assertThat(webhook.send(valid()).status()).isEqualTo(200);
    }

    @Test
    void theSameKeyAndBodyGetTheFirstAnswerAgain() {
        var body = "{\"conversions\": [" + conversion("date_time", "2025-07-01T12:34:56") + "]}";
        var first = webhook.send(body, "key-1");
        var again = webhook.send(body, "key-1");
        assertThat(first.status()).isEqualTo(200);
        assertThat(first.body()).contains("warnings");
        assertThat(again.status()).isEqualTo(200);
        assertThat(again.body()).isEqualTo(first.body());
        assertThat(count("key-1")).isEqualTo(1);
        var other = webhook.send(valid(), "key-1");
        assertThat(other.status()).isEqualTo(409);
        assertThat(other.text("detail")).contains("Idempotency-Key");
        assertThat(PRODUCT.webhook(204).send(valid(), "key-1").status()).isEqualTo(200);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "price, 1600.00 | The first difference: conversions[1].price.",
                "date_time, 2025-07-01T12:34:57Z | The first difference: conversions[1].date_time.",
                "purchase_id, o-1 | The first difference: conversions[1].purchase_id.",
                "comment, x | What is stored of both is the same: they differ in something else.",
            })
    void theRefusalOfAnotherBodySaysInWhatItDiffers(String change, String told) {
        var key = "differs-" + change.replaceAll("\\W", "");
        var first = conversion("date_time", "2025-07-01T12:00:00Z", "price", 10);
        var second = conversion("date_time", "2025-07-01T12:34:56Z", "price", 1500);
        assertThat(webhook.send(batchOf(first, second), key).status()).isEqualTo(200);
        var changed = conversion(Stream.concat(
                        Stream.of("date_time", "2025-07-01T12:34:56Z", "price", 1500),
                        Arrays.stream(change.split(", ")))
                .toArray());
        var refused = webhook.send(batchOf(first, changed), key);
        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.text("detail")).contains("'" + key + "'").endsWith(told);
        assertThat(webhook.send(batchOf(first), key).text("detail")).endsWith("It had 2 conversions then, and 1 now.");
    }

    private static String batchOf(String... conversions) {
        return "{\"conversions\": [" + String.join(",", conversions) + "]}";
    }

    @Test
    void theSameKeyAtTheSameMomentStoresOneBatch() throws Exception {
        var body = request(50, "same-");
        var pool = Executors.newFixedThreadPool(16);
        try {
            Callable<Answer> call = () -> webhook.send(body, "at-once");
            var answers =
                    pool.invokeAll(IntStream.range(0, 16).mapToObj(i -> call).toList());
            var ids = new HashSet<String>();
            for (var answer : answers) {
                assertThat(answer.get().status()).isEqualTo(200);
                ids.add(answer.get().text("batch_id"));
            }
            assertThat(ids).hasSize(1);
            assertThat(count("at-once")).isEqualTo(1);
        } finally {
            pool.shutdown();
        }
    }

    @Test
    void aRepetitionIsAnsweredAlsoWhenTheRulesHaveChangedSince() {
        var body = request(5, "r");
        var first = webhook.send(body, "before");
        // As if the request had been taken when a conversion of it was not yet against the rules.
        var invalid = body.replace("purchase\"", "a/b\"");
        Shared.DATABASE.update(
                "update batch set body_hash = sha256(convert_to(?, 'UTF8')) where id = ?::uuid",
                invalid,
                first.text("batch_id"));
        assertThat(webhook.send(invalid, "before").body()).isEqualTo(first.body());
        assertThat(webhook.send(invalid, "other").status()).isEqualTo(400);
    }

    @Test
    void aKeyHasOneTo255Characters() {
        assertThat(webhook.send(valid(), "k".repeat(255)).status()).isEqualTo(200);
        assertThat(webhook.send(valid(), "k".repeat(256)).text("detail")).contains("256", "255");
        assertThat(PRODUCT.send(webhook.request("")
                                .header("Content-Type", "application/json")
                                .header("Idempotency-Key", "a")
                                .header("Idempotency-Key", "b")
                                .POST(HttpRequest.BodyPublishers.ofString(valid())))
                        .status())
                .isEqualTo(400);
    }

    @Test
    void aDryRunShowsWhatWouldGoOutAndStoresNothing() {
        var answer = PRODUCT.send(webhook.request("?dry_run=true")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"conversions\": ["
                        + conversion("date_time", "2025-07-01T12:34:56", "price", 19.99) + "]}")));
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.text("status")).isEqualTo("valid");
        assertThat(answer.text("accepted_count")).isEqualTo("1");
        assertThat(answer.text("csv"))
                .isEqualTo("ClientId,UserId,Yclid,PurchaseId,Target,DateTime,Price,Currency\n"
                        + "1234567890123456789,,,,purchase,1751373296,19.99,\n");
        assertThat(answer.json().get("warnings")).hasSize(2);
        assertThat(answer.json().get("rows"))
                .hasToString("[{\"index\":0,\"date_time\":\"2025-07-01T12:34:56Z\","
                        + "\"instant\":\"2025-07-01T12:34:56Z\",\"time_zone\":\"UTC\"}]");
        assertThat(Shared.DATABASE.<Long>value("select count(*) from batch where webhook_id = ?::uuid", webhook.id()))
                .isZero();
        assertThat(PRODUCT.send(webhook.request("?dry_run=yes")
                                .header("Content-Type", "application/json")
                                .POST(HttpRequest.BodyPublishers.ofString(valid())))
                        .status())
                .isEqualTo(400);
    }

    @Test
    void aDryRunShowsWhatATimeWasTakenFor() {
        var moscow = PRODUCT.webhook(
                "{\"name\": \"t\", \"counter_id\": 205, \"token\": \"t\", \"time_zone\": \"Europe/Moscow\"}");
        var answer = PRODUCT.send(moscow.request("?dry_run=true")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(
                        "{\"conversions\": [" + conversion("date_time", "2025-07-01T12:34:56") + ","
                                + conversion("date_time", "2025-07-01T12:34:56Z") + "]}")));
        assertThat(answer.json().get("rows").findValuesAsText("date_time"))
                .containsExactly("2025-07-01T12:34:56+03:00", "2025-07-01T15:34:56+03:00");
        assertThat(answer.json().get("rows").findValuesAsText("instant"))
                .containsExactly("2025-07-01T09:34:56Z", "2025-07-01T12:34:56Z");
    }

    @Test
    void aThousandOldConversionsAreWarnedOfOnceAndKeptSo() {
        var old = Collections.nCopies(1000, conversion("date_time", "2025-07-01T12:34:56"));
        var answer = webhook.send("{\"conversions\": [" + String.join(",", old) + "]}");
        assertThat(answer.text("accepted_count")).isEqualTo("1000");
        assertThat(answer.json().get("warnings")).hasSize(1);
        assertThat(answer.json().at("/warnings/0/code").textValue()).isEqualTo("older_than_21_days");
        assertThat(answer.json().at("/warnings/0/count").intValue()).isEqualTo(1000);
        assertThat(answer.body()).hasSizeLessThan(500);
        assertThat(Shared.DATABASE.<Integer>value(
                        "select length(warnings::text) from batch where id = ?::uuid", answer.text("batch_id")))
                .isLessThan(400);
    }

    @Test
    void aConflictingRequestNeverFailsAnotherOneThatIsWrittenAtTheSameMoment() throws Exception {
        var pool = Executors.newFixedThreadPool(16);
        try {
            var calls = IntStream.range(0, 64)
                    .<Callable<Answer>>mapToObj(
                            i -> () -> i % 4 == 0 ? webhook.send(valid(), "clash") : webhook.send(valid(), "own-" + i))
                    .toList();
            for (var answer : pool.invokeAll(calls)) {
                assertThat(answer.get().status()).isIn(200, 409);
            }
            assertThat(Shared.DATABASE.<Long>value(
                            "select count(*) from batch where webhook_id = ?::uuid", webhook.id()))
                    .isEqualTo(49);
        } finally {
            pool.shutdown();
        }
    }

    @Test
    void namesThatNoDatabaseCanHoldAreWarnedOfAllTheSame() {
        var answer = webhook.send("{\"a\\ud800\": 1, \"b\\u0000\": 2, \"conversions\": [" + conversion() + "]}");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().get("warnings").findValuesAsText("field")).containsExactly("a?", "b?");
    }

    @Test
    void noHeaderOfTheRequestComesBack() {
        var answer = PRODUCT.send(webhook.request("?status=x&Retry-After=5&limit=3")
                .header("Content-Type", "application/json")
                .header("X-Private", "1")
                .header("Authorization", "Bearer x")
                .header("Retry-After", "7")
                .header("CamelHttpResponseCode", "500")
                .header("Location", "/x")
                .POST(HttpRequest.BodyPublishers.ofString(valid())));
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.response().headers().map().keySet())
                .isSubsetOf(
                        "content-type",
                        "content-length",
                        "transfer-encoding",
                        "x-request-id",
                        "cache-control",
                        "content-security-policy",
                        "referrer-policy",
                        "x-content-type-options");
        assertThat(answer.header("Content-Type")).isEqualTo("application/json");
    }

    private long count(String key) {
        return Shared.DATABASE.value(
                "select count(*) from batch where webhook_id = ?::uuid and idempotency_key = ?", webhook.id(), key);
    }
}
