package metrika.conversions.guarantees;

import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

import metrika.conversions.auth.SecretGenerator;
import metrika.conversions.auth.TokenEncryption;
import metrika.conversions.support.Answer;
import metrika.conversions.support.Product;
import metrika.conversions.support.Shared;
import metrika.conversions.support.Signing;
import metrika.conversions.support.TestDatabase;
import metrika.conversions.support.TestWebhook;

import static metrika.conversions.support.Samples.conversion;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Two processes on one database know the same at the same moment, and count together. */
class ReplicasIT {

    /** The key of the profile dev. */
    private static final String KEY = "ZGV2IG9ubHk6IGtub3duIHRvIGV2ZXJ5b25lISEhISE=";

    private static final TestDatabase DATABASE = TestDatabase.create();
    private static Product one;
    private static Product two;

    @BeforeAll
    static void start() {
        // The first one migrates the database; neither sends anything, so that what the database is asked can be
        // counted.
        one = product().start();
        two = product().with("signature.tolerance", "P36500D").start();
    }

    private static Product.Builder product() {
        return Product.idle(DATABASE, Shared.METRIKA.url());
    }

    @AfterAll
    static void stop() {
        one.close();
        two.close();
    }

    private static String valid() {
        return "{\"conversions\": [" + conversion() + "]}";
    }

    @Test
    void whatChangesAtOneHoldsAtTheOtherFromTheAnswerOn() {
        for (int i = 0; i < 2; i++) {
            var here = one.webhook(1);
            var there = here.at(two);
            assertThat(there.send(valid()).status()).as("created").isEqualTo(200);
            one.patch(here.path(), "{\"is_active\": false}");
            var disabled = there.send(valid());
            assertThat(disabled.status()).isEqualTo(403);
            assertThat(disabled.text("detail")).contains("disabled");
            assertThat(there.send("{}").text("detail"))
                    .as("before its content is looked at")
                    .contains("disabled");
            one.patch(here.path(), "{\"is_active\": true, \"time_zone\": \"Asia/Tokyo\"}");
            var batch = there.batch(conversion("date_time", "2026-01-01T09:00:00"));
            assertThat(DATABASE.<Long>value("select date_time from conversion where batch_id = ?::uuid", batch))
                    .as("in the new time zone")
                    .isEqualTo(1767225600L);
            var renewed = new TestWebhook(
                    two,
                    here.id(),
                    one.post(here.path() + "/secret?grace=PT0S", "").text("secret"));
            assertThat(there.send(valid()).status()).as("the secret before").isEqualTo(403);
            assertThat(there.product()
                            .send(there.request("/status?batch_id=" + batch))
                            .status())
                    .isEqualTo(403);
            assertThat(renewed.send(valid()).status()).as("the new secret").isEqualTo(200);
            one.delete(here.path() + "?force=true");
            assertThat(renewed.send(valid()).status()).as("deleted").isEqualTo(403);
            assertThat(two.send(renewed.request("?dry_run=true")
                                    .header("Content-Type", "application/json")
                                    .POST(HttpRequest.BodyPublishers.ofString(valid())))
                            .status())
                    .isEqualTo(403);
        }
    }

    @Test
    void whoeverIsLetInAtOneIsLetInByTheOtherThatHasJustTurnedAStrangerAway() {
        for (int i = 0; i < 10; i++) {
            assertThat(new TestWebhook(two, UUID.randomUUID().toString(), "wrong")
                            .send(valid())
                            .status())
                    .isEqualTo(403);
            assertThat(one.webhook(7).at(two).send(valid()).status()).isEqualTo(200);
        }
    }

    @Test
    void theSecretBeforeEndsEverywhereWhenItsGraceDoes() {
        var webhooks = List.of(
                one.webhook(6),
                one.webhook("{\"name\": \"t\", \"counter_id\": 6, \"token\": \"t\", \"auth\": \"standard-webhooks\"}"));
        for (var before : webhooks) {
            var start = System.nanoTime();
            var renewed = new TestWebhook(
                    one,
                    before.id(),
                    one.post(before.path() + "/secret?grace=PT2S", "").text("secret"));
            for (var place : List.of(two, one)) {
                var status = sent(before.at(place)).status();
                // A machine that is busy may take as long as the grace
                assertThat(status)
                        .isIn(200, Duration.ofNanos(System.nanoTime() - start).toMillis() < 1900 ? 200 : 403);
            }
            for (var place : List.of(one, two)) {
                var refused = await().atMost(Duration.ofSeconds(15))
                        .until(() -> sent(before.at(place)), answer -> answer.status() != 200);
                assertThat(refused.status()).as("%s", refused).isEqualTo(403);
                assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(Duration.ofSeconds(2));
                assertThat(place.send(question(before.at(place))).status())
                        .as("a question")
                        .isEqualTo(403);
                assertThat(sent(renewed.at(place)).status()).as("the new one").isEqualTo(200);
                assertThat(sent(before.at(place)).status()).as("for good").isEqualTo(403);
            }
        }
    }

    private static Answer sent(TestWebhook webhook) {
        return webhook.secret().startsWith("whsec_")
                ? Signing.send(webhook, "m" + System.nanoTime(), valid())
                : webhook.send(valid());
    }

    private static HttpRequest.Builder question(TestWebhook webhook) {
        return webhook.secret().startsWith("whsec_")
                ? Signing.get(webhook, "/batches", "m" + System.nanoTime())
                : webhook.request("/batches");
    }

    @Test
    void theLimitHoldsForAllProcessesTogether() {
        var here = one.webhook("{\"name\": \"t\", \"counter_id\": 2, \"token\": \"t\", \"requests_per_minute\": 30}");
        var there = here.at(two);
        var taken = 0;
        for (int i = 0; i < 60; i++) {
            var answer = (i % 2 == 0 ? here : there).send(valid());
            taken += answer.status() == 200 ? 1 : 0;
            assertThat(answer.status()).isIn(200, 429);
            if (answer.status() == 429) {
                assertThat(Integer.parseInt(answer.header("Retry-After"))).isBetween(1, 60);
            }
        }
        assertThat(taken).isEqualTo(30);
        assertThat(DATABASE.<Long>value("select count(*) from batch where webhook_id = ?::uuid", here.id()))
                .isEqualTo(30);
    }

    @Test
    void atTheSameMomentNoMoreAreTooManyThanOneProcessWorksOn() throws Exception {
        var here = one.webhook("{\"name\": \"t\", \"counter_id\": 3, \"token\": \"t\", \"requests_per_minute\": 50}");
        var there = here.at(two);
        var threads = Executors.newFixedThreadPool(40);
        try {
            var calls = IntStream.range(0, 300)
                    .<Callable<Answer>>mapToObj(i -> () -> (i % 2 == 0 ? here : there).send(valid()))
                    .toList();
            var taken = 0;
            for (var answer : threads.invokeAll(calls)) {
                taken += answer.get().status() == 200 ? 1 : 0;
            }
            assertThat(taken)
                    .as("what is judged at the same moment is not seen, or seen although it is given back")
                    .isBetween(50 - 20, 50 + 20);
            var missing = Math.max(0, 50 - taken);
            for (int i = 0; i < missing; i++) {
                await("places that were given back are taken")
                        .until(() -> here.send(valid()).status() == 200);
            }
        } finally {
            threads.shutdown();
        }
    }

    @Test
    void strangersCostTheDatabaseNothingAndTheSenderNotItsLimit() throws Exception {
        var webhook = one.webhook("{\"name\": \"t\", \"counter_id\": 4, \"token\": \"t\", \"requests_per_minute\": 3}");
        var name = DATABASE.<String>value("select current_database()::text");
        var before = queries(name);
        var started = System.nanoTime();
        var threads = Executors.newFixedThreadPool(16);
        try {
            var calls = IntStream.range(0, 3000)
                    .<Callable<Answer>>mapToObj(i -> () -> i % 3 == 0
                            ? new TestWebhook(one, UUID.randomUUID().toString(), "wrong-" + i).send(valid())
                            : new TestWebhook(one, webhook.id(), "wrong-" + i).send(valid()))
                    .toList();
            for (var answer : threads.invokeAll(calls)) {
                assertThat(answer.get().status()).isEqualTo(403);
            }
        } finally {
            threads.shutdown();
        }
        var tenths = (System.nanoTime() - started) / 100_000_000L + 20;
        // Statistics come with a delay of up to a second; two questions in a tenth of a second, and some of the pools'
        // own
        await().during(Duration.ofMillis(1200))
                .atMost(Duration.ofSeconds(10))
                .until(() -> queries(name) - before < 2 * tenths + 200);
        for (int i = 0; i < 3; i++) {
            assertThat(webhook.send(valid()).status()).isEqualTo(200);
        }
    }

    private static long queries(String database) {
        return Shared.DATABASE.value(
                "select xact_commit + xact_rollback from pg_stat_database where datname = ?", database);
    }

    /** The one of the specification's libraries: key, message and signature are public. */
    @Test
    void thePublicTestVectorIsLetIn() {
        var secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        var webhook = new TestWebhook(
                two,
                one.webhook("{\"name\": \"t\", \"counter_id\": 5, \"token\": \"t\"}")
                        .id(),
                secret);
        DATABASE.update(
                "update webhook set secret_hash = ?, signing_key = ? where id = ?::uuid",
                SecretGenerator.hash(secret),
                new TokenEncryption(KEY)
                        .encryptSigningKey(
                                UUID.fromString(webhook.id()),
                                Base64.getDecoder().decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")),
                webhook.id());
        var body = "{\"test\": 2432232314}".getBytes(StandardCharsets.UTF_8);
        var signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
        var let = Signing.send(webhook, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, signature, body);
        assertThat(let.status()).as("%s", let).isEqualTo(400);
        assertThat(let.text("detail")).contains("conversions is required");
        assertThat(Signing.send(webhook, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265331, signature, body)
                        .status())
                .isEqualTo(403);
        assertThat(Signing.send(webhook.at(one), "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, signature, body)
                        .text("detail"))
                .as("the same at a process with the usual tolerance")
                .contains("webhook-timestamp");
    }
}
