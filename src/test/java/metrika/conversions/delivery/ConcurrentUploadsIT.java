package metrika.conversions.delivery;

import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.stream.IntStream;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

import metrika.conversions.support.Accounts;
import metrika.conversions.support.Product;
import metrika.conversions.support.Shared;
import metrika.conversions.support.TestDatabase;
import metrika.conversions.support.TestWebhook;
import metrika.simulator.Fault;
import metrika.simulator.Operation;
import metrika.simulator.Point;
import metrika.simulator.Simulator;

import static metrika.conversions.support.Samples.conversion;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/** Many files are sent at the same moment: nobody is sent who is erased, and no file waits for another's connection. */
class ConcurrentUploadsIT {

    private static final int FILES = 24;
    private static final String PERSON = "person-to-be-erased";
    private static final ExecutorService THREADS = Executors.newFixedThreadPool(FILES);
    private static final TestDatabase DATABASE = TestDatabase.create();
    private static final Simulator METRIKA = Shared.metrika("many-senders");
    private static final Product PRODUCT =
            Product.on(DATABASE, METRIKA.url()).with("upload.parallel", FILES).start();
    private static long counters = 90_000;

    /** Each with a counter and a token of its own. */
    private final List<TestWebhook> webhooks = webhooks();

    private static List<TestWebhook> webhooks() {
        return IntStream.range(0, FILES)
                .mapToObj(i -> PRODUCT.webhook(++counters))
                .toList();
    }

    @AfterAll
    static void stop() {
        THREADS.shutdownNow();
        PRODUCT.close();
        METRIKA.close();
    }

    @AfterEach
    void everythingIsAccountedFor() {
        METRIKA.clearFaults();
        METRIKA.release();
        await().untilAsserted(() -> {
            assertThat(underWay()).isZero();
            assertThat(DATABASE.<Long>value("select count(*) from conversion where user_id = ?", PERSON))
                    .isZero();
        });
        Accounts.assertBalanced(PRODUCT);
        assertThat(DATABASE.<Long>value("select count(*) from upload where errors is not null"))
                .as("rows not taken")
                .isZero();
    }

    private static String send(TestWebhook webhook) {
        return webhook.batch(conversion("user_id", PERSON), conversion("purchase_id", "other"));
    }

    /** Has the person erased, and answers what of it is so: one of erased and pending is 1. */
    private static JsonNode erase(TestWebhook webhook) {
        var request = webhook.request("/erase")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString("{\"user_id\": \"" + PERSON + "\"}"));
        // A busy machine has no thread for all of them at once, and says that nothing was done
        var answer = await().until(() -> PRODUCT.send(request), sent -> sent.status() != 503);
        assertThat(answer.status()).as("%s", answer).isEqualTo(200);
        var json = answer.json();
        assertThat(json.get("erased").intValue() + json.get("pending").intValue())
                .as("%s", answer)
                .isEqualTo(1);
        return json;
    }

    private static <T> List<T> at(List<TestWebhook> webhooks, Function<TestWebhook, T> what) {
        var running = webhooks.stream()
                .map(webhook -> CompletableFuture.supplyAsync(() -> what.apply(webhook), THREADS))
                .toList();
        return running.stream().map(CompletableFuture::join).toList();
    }

    private static long underWay() {
        return DATABASE.value("select count(*) from upload where state not in ('completed', 'replaced')");
    }

    private static long filesOf(TestWebhook webhook) {
        var counter = DATABASE.<Long>value("select counter_id from webhook where id = ?::uuid", webhook.id());
        return METRIKA.uploads().stream()
                .filter(upload -> upload.counter() == counter
                        && new String(METRIKA.file(upload.id()), StandardCharsets.UTF_8).contains(PERSON))
                .count();
    }

    /** All of them break off on the way, and are sent again when it is known that nothing has arrived. */
    @Test
    void nobodyIsSentWhoseErasureIsPending() {
        METRIKA.fault(Fault.close(Point.IN_BODY).on(Operation.UPLOAD).times(FILES));
        METRIKA.fault(Fault.error(503, "backend_error", "Backend error")
                .on(Operation.LIST)
                .times(0));
        webhooks.forEach(ConcurrentUploadsIT::send);
        await().until(() ->
                DATABASE.<Long>value("select count(*) from upload where unknown_since is not null") == FILES);
        assertThat(at(webhooks, ConcurrentUploadsIT::erase))
                .allMatch(answer -> answer.get("pending").intValue() == 1);
        METRIKA.clearFaults();
        DATABASE.update("update upload set next_attempt_at = clock() where state = 'planned'");
        await().until(() -> underWay() == 0);
        assertThat(webhooks).allMatch(webhook -> filesOf(webhook) == 0);
    }

    /** Erased at any moment between being stored and being sent. */
    @Test
    void nobodyIsSentAfterTheAnswerThatTheyAreErased() {
        // On a busy machine all of them may be sent before they can be erased
        await("one of them is erased before it is sent")
                .pollDelay(Duration.ZERO)
                .until(() -> eraseAtAnyMoment(webhooks()).stream()
                        .anyMatch(answer -> answer.get("sent").intValue() == 0));
    }

    private static List<JsonNode> eraseAtAnyMoment(List<TestWebhook> webhooks) {
        var answers = at(webhooks, webhook -> {
            send(webhook);
            var until = List.of(
                            "true",
                            "exists (select from upload where webhook_id = ?::uuid)",
                            "exists (select from upload where webhook_id = ?::uuid and claim_number > 0)")
                    .get(webhooks.indexOf(webhook) % 3);
            await().pollInterval(Duration.ofMillis(5))
                    .until(() -> until.equals("true") || DATABASE.<Boolean>value("select " + until, webhook.id()));
            return erase(webhook);
        });
        await().until(() -> underWay() == 0);
        for (int i = 0; i < FILES; i++) {
            if (answers.get(i).get("sent").intValue() == 0) {
                assertThat(filesOf(webhooks.get(i))).as("%s", answers.get(i)).isZero();
            }
        }
        return answers;
    }

    @Test
    void eachFileHasAConnectionOfItsOwn() {
        METRIKA.fault(Fault.stall(Point.BEFORE_BODY).on(Operation.UPLOAD).times(0));
        webhooks.forEach(ConcurrentUploadsIT::send);
        await().until(() -> METRIKA.held() == FILES);
        METRIKA.clearFaults();
        METRIKA.release();
        at(webhooks, ConcurrentUploadsIT::erase);
    }
}
