package metrika.simulator;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;

import metrika.simulator.MetrikaClient.Answer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

class QuotaTest extends WithSimulator {
    private static final Instant NOON = Instant.parse("2026-11-01T12:00:00Z");

    private final Quota quota = new Quota();

    private String call(String address, String token, long counter, Instant at) {
        MetrikaError exceeded = quota.enter(address, token, counter, at);
        if (exceeded == null) {
            quota.leave(token);
            return "ok";
        }
        assertThat(exceeded.code()).isEqualTo(429);
        return exceeded.errorType();
    }

    @Test
    void allows30CallsASecondFromAnAddress() {
        for (int call = 0; call < Quota.PER_SECOND; call++) {
            assertThat(call("a", "t" + call, call, NOON.plusMillis(call))).isEqualTo("ok");
        }

        assertThat(call("a", "t", 1, NOON.plusMillis(999))).isEqualTo("quota_requests_by_ip");
        assertThat(call("b", "t", 1, NOON.plusMillis(999))).isEqualTo("ok");
        assertThat(call("a", "t", 1, NOON.plusMillis(1000))).isEqualTo("ok");
    }

    @Test
    void allows5000CallsADayForALoginAndForACounterUntilMidnightUtc() {
        for (int call = 0; call < Quota.PER_DAY; call++) {
            assertThat(call("a", "login", call, NOON.plusSeconds(call))).isEqualTo("ok");
            assertThat(call("b", "t" + call, -1, NOON.plusSeconds(call))).isEqualTo("ok");
        }

        Instant evening = Instant.parse("2026-11-01T23:59:59Z");
        assertThat(call("a", "login", 9999, evening)).isEqualTo("quota_requests_by_uid");
        assertThat(call("a", "other", -1, evening)).isEqualTo("quota_requests_by_counter_id");
        assertThat(call("a", "login", -1, evening.plusSeconds(1))).isEqualTo("ok");
    }

    @Test
    void allows3CallsAtOnceForALogin() {
        simulator.settings(simulator.settings().withQuota(true));
        simulator.fault(Fault.stall(Point.BEFORE_ANSWER).times(3));
        List<CompletableFuture<Answer>> held = IntStream.range(0, 3)
                .mapToObj(call -> metrika.sendAsync(metrika.request("/management/v1/counter/" + call + "/goals")
                        .build()))
                .toList();
        await().until(() -> simulator.held() == 3);

        assertThat(metrika.goals().errorType()).isEqualTo("quota_parallel_requests");
        simulator.release();
        assertThat(held).allSatisfy(answer -> assertThat(answer.join().status()).isEqualTo(200));
        await().untilAsserted(() -> assertThat(metrika.goals().status()).isEqualTo(200));
    }

    @Test
    void freesThePlaceOfACallThatWasBrokenOff() {
        simulator.settings(simulator.settings().withQuota(true));
        simulator.fault(Fault.close(Point.BEFORE_ANSWER).on(Operation.UPLOAD).times(0));
        for (int call = 0; call < 4; call++) {
            CompletableFuture<Answer> broken =
                    metrika.sendAsync(metrika.uploadRequest("", MetrikaClient.filePart("file", MetrikaClient.FILE)));
            assertThat(broken).failsWithin(Duration.ofSeconds(10));
        }

        await().untilAsserted(() -> assertThat(metrika.goals().status()).isEqualTo(200));
    }

    @Test
    void asksNothingUnlessItIsSwitchedOn() {
        for (int call = 0; call <= Quota.PER_SECOND; call++) {
            assertThat(metrika.goals().status()).isEqualTo(200);
        }
    }
}
