package metrika.conversions.delivery;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;

import metrika.conversions.support.Accounts;
import metrika.conversions.support.Product;
import metrika.conversions.support.Shared;
import metrika.conversions.support.TestDatabase;
import metrika.conversions.support.TestWebhook;
import metrika.simulator.CounterAccount;
import metrika.simulator.Fault;
import metrika.simulator.FaultBody;
import metrika.simulator.Operation;
import metrika.simulator.Point;
import metrika.simulator.RetryAfterForm;
import metrika.simulator.Simulator;

import static metrika.conversions.support.Samples.request;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

/**
 * Each row of Metrika's table of errors, and each answer that is none: what it comes to, and what is told meanwhile.
 * The faults of a test strike side by side, each at a webhook of its own.
 */
@Order(1) // it takes long
class MetrikaErrorsIT {

    private static final int SIZE = 3;
    private static final Simulator METRIKA = Shared.metrika("faults");
    private static final TestDatabase DATABASE = TestDatabase.create();
    // Metrika's limit per second is no matter here, and would only make the tests longer
    private static final Product PRODUCT = Product.on(DATABASE, METRIKA.url())
            .with("upload.settle", "PT1S")
            .with("metrika.calls-per-second", 1000)
            .start();
    private static long counters = 50_000;

    @AfterAll
    static void stop() {
        PRODUCT.close();
        METRIKA.close();
    }

    @AfterEach
    void theLedgerBalances() {
        METRIKA.clearFaults();
        Accounts.assertBalanced(PRODUCT);
    }

    /** A fault, and the error that a batch shows for it. */
    private record Case(Fault fault, String code, String words) {}

    /** A batch of a webhook that a fault strikes. */
    private record Struck(Case by, long counter, TestWebhook webhook, String batch) {

        JsonNode status() {
            return webhook.status(batch);
        }

        CounterAccount account() {
            return METRIKA.account().stream()
                    .filter(each -> each.counter() == counter)
                    .findFirst()
                    .orElse(new CounterAccount(counter, 0, 0, 0, 0));
        }

        long calls() {
            return METRIKA.calls().stream()
                    .filter(call -> call.path().contains("/" + counter + "/"))
                    .count();
        }
    }

    private static List<Struck> strike(Stream<Case> cases, Operation on, Fault... besides) {
        var aimed = cases.map(each -> {
                    var counter = ++counters;
                    METRIKA.fault(each.fault().on(on).counter(counter));
                    for (var fault : besides) {
                        METRIKA.fault(fault.counter(counter));
                    }
                    return new Struck(each, counter, PRODUCT.webhook(counter), null);
                })
                .toList();
        // One right after the other: the first of them is repeated after five seconds
        return aimed.stream()
                .map(each -> new Struck(
                        each.by(),
                        each.counter(),
                        each.webhook(),
                        each.webhook().send(request(SIZE, "f")).text("batch_id")))
                .toList();
    }

    /**
     * Waits until each of them has told why it waits, in Metrika's words. All are asked in turns: a repetition ends it.
     */
    private static void awaitErrors(List<Struck> struck) {
        var silent = new ArrayList<>(struck);
        await().atMost(Duration.ofSeconds(90))
                .pollInterval(Duration.ofMillis(100))
                .untilAsserted(() -> {
                    silent.removeIf(each -> {
                        var errors = each.status().get("errors");
                        return errors.findValuesAsText("code")
                                        .contains(each.by().code())
                                && errors.findValuesAsText("message").stream()
                                        .anyMatch(
                                                told -> told.contains(each.by().words()));
                    });
                    assertThat(silent).isEmpty();
                });
    }

    /** Waits for a status, and lets the pauses until then pass at once. */
    private static void awaitSoon(List<Struck> struck, Predicate<JsonNode> expected) {
        await().atMost(Duration.ofSeconds(90))
                .pollInterval(Duration.ofMillis(300))
                .untilAsserted(() -> {
                    DATABASE.update("update upload set next_attempt_at = clock() where next_attempt_at > clock() and"
                            + " lease_expires_at is null");
                    assertThat(struck)
                            .filteredOn(each -> !expected.test(each.status()))
                            .isEmpty();
                });
    }

    private static void assertCompletedOnce(List<Struck> struck) {
        awaitSoon(struck, status -> status.get("status").textValue().equals("completed"));
        assertThat(struck).allSatisfy(each -> {
            assertThat(each.status().get("errors").isNull())
                    .as("nothing is wrong any more")
                    .isTrue();
            assertThat(each.account().rows()).isEqualTo(SIZE);
            assertThat(each.account().distinct()).isEqualTo(SIZE);
        });
    }

    private static Stream<Case> failuresOfTheServer(Point at) {
        return Stream.of(
                new Case(
                        Fault.error(500, "backend_error", "Oh no").at(at),
                        "backend_error",
                        "answered 500 (backend_error): Oh no"),
                new Case(Fault.error(504, "timeout", "Too slow").at(at), "timeout", "answered 504 (timeout): Too slow"),
                new Case(
                        Fault.error(503, "of_tomorrow", "New").at(at),
                        "of_tomorrow",
                        "answered 503 (of_tomorrow): New"),
                new Case(Fault.error(200, "backend_error", "In a 200").at(at), "backend_error", "In a 200"),
                new Case(Fault.error(502, FaultBody.HTML).at(at), "http_502", "not JSON"),
                new Case(Fault.error(503, FaultBody.TEXT).at(at), "http_503", "not JSON"),
                new Case(Fault.error(500, FaultBody.EMPTY).at(at), "http_500", "empty"),
                new Case(Fault.error(500, FaultBody.TRUNCATED).at(at), "http_500", "not JSON"),
                new Case(Fault.error(200, FaultBody.HTML).at(at), "http_200", "not JSON"),
                new Case(Fault.error(200, FaultBody.EMPTY).at(at), "http_200", "empty"),
                new Case(Fault.error(200, FaultBody.TRUNCATED).at(at), "http_200", "not JSON"),
                new Case(Fault.error(404, FaultBody.HTML).at(at), "http_404", "not JSON"));
    }

    private static Stream<Case> quotas() {
        var days = Stream.of(429, 420)
                .flatMap(status -> Stream.of("quota_requests_by_uid", "quota_requests_by_counter_id")
                        .map(type -> new Case(Fault.error(status, type, "Quota exceeded"), type, "Quota exceeded")));
        var wishes = Stream.of(RetryAfterForm.values())
                .map(form -> new Case(
                        Fault.error(429, "quota_requests_by_ip", "Slower").retryAfter(Duration.ofHours(1), form),
                        "quota_requests_by_ip",
                        "Slower"));
        return Stream.concat(days, wishes);
    }

    private static Stream<Case> refusals() {
        return Stream.of(
                        "401 unauthorized",
                        "403 invalid_token",
                        "403 access_denied",
                        "403 counter_in_connect",
                        "403 of_tomorrow")
                .map(row -> row.split(" "))
                .map(row -> new Case(Fault.error(Integer.parseInt(row[0]), row[1], "Not you"), row[1], "Not you"));
    }

    private static Stream<Case> rejections() {
        return Stream.of(
                        "400 invalid_parameter",
                        "400 missing_parameter",
                        "400 invalid_uploading",
                        "400 limit_exceeded",
                        "400 invalid_json",
                        "409 conflict",
                        "406 not_acceptable",
                        "404 not_found",
                        "400 of_tomorrow")
                .map(row -> row.split(" "))
                .map(row -> new Case(Fault.error(Integer.parseInt(row[0]), row[1], "Никогда"), row[1], "Никогда"));
    }

    /** Errors in Metrika's words, of a form that does not name their type. */
    private static Stream<Case> withoutType(int... statuses) {
        return IntStream.of(statuses)
                .boxed()
                .flatMap(status -> Stream.of(FaultBody.BARE, FaultBody.NO_ERRORS)
                        .map(body -> new Case(Fault.error(status, body), "http_" + status, "Backend error")));
    }

    private static Stream<Case> brokenConnections(Stream<Point> points) {
        return points.map(point -> new Case(Fault.close(point), "no_answer", "Metrika"));
    }

    @Test
    void anUploadThatFailsSaysWhyAndArrivesOnce() {
        var struck = strike(
                Stream.of(
                                failuresOfTheServer(Point.BEFORE_STORE),
                                failuresOfTheServer(Point.BEFORE_ANSWER),
                                quotas(),
                                brokenConnections(Stream.of(Point.values())),
                                withoutType(408, 429),
                                Stream.of(new Case(Fault.missingId(), "http_200", "without what was asked for")))
                        .flatMap(each -> each),
                Operation.UPLOAD);
        awaitErrors(struck);
        assertCompletedOnce(struck);
    }

    @Test
    void aQuestionThatFailsSaysWhyAndIsAskedAgain() {
        // Until it was seen: it is asked again in seconds
        var struck = strike(
                Stream.of(
                                failuresOfTheServer(Point.BEFORE_STORE),
                                quotas(),
                                brokenConnections(Stream.of(Point.values()).filter(point -> point != Point.IN_BODY)))
                        .flatMap(each -> each)
                        .map(each -> new Case(each.fault().times(0), each.code(), each.words())),
                Operation.LIST);
        awaitErrors(struck);
        METRIKA.clearFaults();
        assertCompletedOnce(struck);
    }

    @Test
    void aQuotaOfTheDayIsWaitedForUntilMidnightAndAWishAsLongAsItSays() {
        var struck = strike(quotas(), Operation.UPLOAD);
        awaitErrors(struck);
        for (var each : struck) {
            assertThat(DATABASE.<Boolean>value("""
                select case when ? then next_attempt_at between date_trunc('day', now(), 'UTC') + interval '1 day'
                                     and date_trunc('day', now(), 'UTC') + interval '1 day' + interval '5 minutes'
                            else next_attempt_at between now() + interval '50 minutes'
                                                           and now() + interval '64 minutes' end
                  from upload where counter_id = ?\
                """, each.by().words().startsWith("Quota"), each.counter()))
                    .as("%s", each)
                    .isTrue();
            assertThat(each.calls()).isEqualTo(1);
        }
    }

    @Test
    void aWishToBeLeftAloneForYearsIsHeardForADay() {
        var struck = strike(
                Stream.of(new Case(
                        Fault.error(503, "backend_error", "Away")
                                .retryAfter(Duration.ofDays(400), RetryAfterForm.SECONDS),
                        "backend_error",
                        "Away")),
                Operation.UPLOAD);
        awaitErrors(struck);
        assertThat(DATABASE.<Boolean>value(
                        "select next_attempt_at between now() + interval '23 hours' and now() + interval '24 hours 5"
                                + " minutes' from upload where counter_id = ?",
                        struck.get(0).counter()))
                .isTrue();
    }

    @Test
    void aQuotaOfSecondsIsWaitedForOnTheSpot() {
        var types = Stream.of("quota_requests_by_ip", "quota_parallel_requests").toList();
        var struck = strike(
                types.stream().map(type -> new Case(Fault.error(429, type, "Wait"), type, "Wait")),
                Operation.UPLOAD,
                Fault.error(420, "quota_parallel_requests", "Wait").on(Operation.LIST));
        await().atMost(Duration.ofSeconds(30))
                .untilAsserted(() -> assertThat(struck)
                        .allMatch(
                                each -> each.status().get("status").textValue().equals("completed")));
        assertThat(struck).allMatch(each -> each.account().rows() == SIZE);
    }

    @Test
    void aRefusedTokenStopsItsWebhookUntilThereIsAnother() {
        var struck = strike(
                Stream.concat(refusals(), withoutType(401, 403))
                        .map(each -> new Case(each.fault().times(0), each.code(), each.words())),
                Operation.ANY);
        awaitErrors(struck);
        // Every tick would have been a chance to call again
        var later = PRODUCT.webhook(++counters);
        later.awaitStatus(
                later.batch("{\"client_id\": \"1\", \"target\": \"t\", \"date_time\": \"2026-01-01T00:00:00Z\"}"),
                "completed");
        assertThat(struck).allSatisfy(each -> {
            assertThat(each.calls()).isEqualTo(1);
            assertThat(each.status().get("errors").toString()).contains("PATCH");
        });
        METRIKA.clearFaults();
        struck.forEach(each -> PRODUCT.patch(each.webhook().path(), "{\"token\": \"another\"}"));
        struck.forEach(each -> each.webhook().awaitStatus(each.batch(), "completed"));
        assertCompletedOnce(struck);
    }

    @Test
    void aRejectedFileIsNotRepeated() {
        var struck = strike(
                Stream.concat(rejections(), withoutType(400, 404, 409))
                        .map(each -> new Case(each.fault().times(0), each.code(), each.words())),
                Operation.UPLOAD);
        awaitErrors(struck);
        assertThat(struck).allSatisfy(each -> {
            assertThat(each.status().get("status").textValue()).isEqualTo("error");
            assertThat(each.status().get("errors").toString()).contains("retry");
        });
        var later = PRODUCT.webhook(++counters);
        later.awaitStatus(
                later.batch("{\"client_id\": \"1\", \"target\": \"t\", \"date_time\": \"2026-01-01T00:00:00Z\"}"),
                "completed");
        assertThat(struck).allMatch(each -> each.calls() == 1 && each.account().rows() == 0);
    }

    @Test
    void aQuestionThatIsRejectedSaysNothingOfTheFile() {
        var polls = strike(rejections(), Operation.LIST);
        var looks = strike(
                rejections(), Operation.LIST, Fault.close(Point.BEFORE_ANSWER).on(Operation.UPLOAD));
        assertCompletedOnce(polls);
        assertCompletedOnce(looks);
    }

    @Test
    void aListOfNothingIsAnEmptyOneHoweverItIsWritten() {
        assertCompletedOnce(strike(
                Stream.of(FaultBody.EMPTY_OBJECT, FaultBody.NULL_LIST)
                        .map(body -> new Case(Fault.error(200, body).times(0), "", "")),
                Operation.LIST,
                Fault.error(500, FaultBody.JSON).on(Operation.UPLOAD)));
    }

    private static Stream<Case> wishesThatAreOver() {
        return Stream.of(
                        Fault.error(503, "backend_error", "At once").retryAfter(Duration.ZERO, RetryAfterForm.SECONDS),
                        Fault.error(503, "backend_error", "At once")
                                .retryAfter(Duration.ofHours(-1), RetryAfterForm.DATE),
                        Fault.error(429, "quota_requests_by_ip", "At once")
                                .retryAfter(Duration.ZERO, RetryAfterForm.SECONDS),
                        Fault.error(429, "quota_parallel_requests", "At once"))
                .map(fault -> new Case(fault.times(0), fault.errorType(), "At once"));
    }

    @Test
    void whoGoesOnToBeRefusedIsLeftAloneForLongerAndLonger() {
        var uploads = strike(wishesThatAreOver(), Operation.UPLOAD);
        var polls = strike(wishesThatAreOver(), Operation.LIST);
        awaitErrors(polls);
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() -> assertThat(uploads)
                        .allMatch(each -> each.status().get("errors").size() >= 2));
        assertThat(uploads).allMatch(each -> pause(each).compareTo(Duration.ofSeconds(9)) > 0);
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() ->
                        assertThat(polls).allMatch(each -> pause(each).compareTo(Duration.ofSeconds(9)) > 0));
    }

    private static Duration pause(Struck struck) {
        return Duration.ofSeconds(DATABASE.<Integer>value(
                "select extract(epoch from next_attempt_at - updated_at)::int from upload where counter_id = ?",
                struck.counter()));
    }

    @Test
    void anUploadThatTheListDoesNotShowIsAskedAboutByItsId() {
        assertCompletedOnce(strike(
                Stream.of(new Case(Fault.missingId().times(0), "", "")),
                Operation.LIST,
                Fault.error(404, "not_found", "Object not found").on(Operation.BY_ID)));
    }

    @Test
    void whatMetrikaAddsLaterIsNoHindrance() {
        assertCompletedOnce(strike(
                Stream.of(
                        new Case(Fault.odd("status", "PONDERING"), "", ""),
                        new Case(Fault.odd("create_time", "2026-11-24T12:00:00.123+0300"), "", ""),
                        new Case(Fault.odd("of_tomorrow", List.of("x")), "", "")),
                Operation.LIST));
    }
}
