package metrika.simulator;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import metrika.simulator.MetrikaClient.Answer;

import static metrika.simulator.MetrikaClient.COUNTER;
import static metrika.simulator.MetrikaClient.FILE;
import static metrika.simulator.MetrikaClient.HEADER;
import static metrika.simulator.MetrikaClient.ROW;
import static metrika.simulator.MetrikaClient.TOKEN;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

class ControlTest extends WithSimulator {

    @Test
    void namesItsOperations() {
        Answer index = metrika.control("GET", "/", null);

        assertThat(index.raw().headers().firstValue("Content-Type").orElseThrow())
                .startsWith("text/plain");
        assertThat(index.body())
                .contains(
                        "/simulator/uploads",
                        "/simulator/conversions",
                        "/simulator/calls",
                        "/simulator/faults",
                        "/simulator/settings",
                        "/simulator/clock",
                        "/simulator/reset",
                        "/simulator/account");
    }

    @Test
    void showsWhatItTook() {
        long id = metrika.upload("tag9", FILE).id();

        Answer uploads = metrika.control("GET", "/uploads", null);
        assertThat(uploads.json().at("/0/id").asLong()).isEqualTo(id);
        assertThat(uploads.json().at("/0/comment").asText()).isEqualTo("tag9");
        assertThat(uploads.body()).doesNotContain(TOKEN);
        Answer file = metrika.control("GET", "/uploads/" + id + "/file", null);
        assertThat(file.body()).isEqualTo(FILE);
        assertThat(file.raw().headers().firstValue("Content-Type").orElseThrow())
                .startsWith("text/csv");
        assertThat(metrika.control("GET", "/uploads/1/file", null).status()).isEqualTo(400);
    }

    @Test
    void showsAllRowsByColumn() {
        metrika.upload(FILE);
        metrika.upload("UserId,Target,DateTime\nu1,\"order, confirmed\",1481718166\n");

        Answer rows = metrika.control("GET", "/conversions", null);
        assertThat(rows.json()).hasSize(2);
        assertThat(rows.json().at("/0/ClientId").asText()).isEqualTo("133591247640966458");
        assertThat(rows.json().at("/1/Target").asText()).isEqualTo("order, confirmed");
        assertThat(simulator.conversions())
                .hasSize(2)
                .last()
                .isEqualTo(Map.of("UserId", "u1", "Target", "order, confirmed", "DateTime", "1481718166"));
        await().untilAsserted(() -> assertThat(directory).isDirectoryNotContaining("glob:**.part"));
    }

    @Test
    void keepsAccountOfRowsThatCameTwice() {
        metrika.upload(HEADER + ROW + "5,,,,a,1,,\n" + ROW + ROW);
        // The same row under other columns in another order is still the same row.
        metrika.upload("Target,ClientId,DateTime\na,5,1\n");
        metrika.upload(HEADER + "6,,,,a,1,,\n");

        assertThat(simulator.account()).containsExactly(new CounterAccount(COUNTER, 3, 6, 3, 2));
        Answer account = metrika.control("GET", "/account", null);
        assertThat(account.json().get(0).toString())
                .contains("\"rows\":6", "\"distinct\":3", "\"repeated\":2", "\"files\":3", "\"counter\":" + COUNTER);
    }

    @Test
    void showsCallsWithoutTheirTokens() {
        metrika.upload("tag1", FILE);
        metrika.byId(1);
        metrika.byId(2);

        assertThat(simulator.calls())
                .extracting(Call::operation)
                .containsExactly(Operation.UPLOAD, Operation.BY_ID, Operation.BY_ID);
        Call upload = simulator.calls().get(0);
        assertThat(upload.query()).isEqualTo("comment=tag1");
        assertThat(upload.status()).isEqualTo(200);
        assertThat(upload.token()).isEqualTo(Simulator.fingerprint(TOKEN));
        assertThat(simulator.callCounters())
                .isEqualTo(Map.of(Operation.UPLOAD, Map.of(200, 1L), Operation.BY_ID, Map.of(404, 2L)));
        assertThat(simulator.callCount(Operation.ANY)).isEqualTo(3);
        Answer calls = metrika.control("GET", "/calls", null);
        assertThat(calls.json().at("/counters/by-id/404").asInt()).isEqualTo(2);
        assertThat(calls.json().at("/calls/0/path").asText()).endsWith("/offline_conversions/upload");
        assertThat(calls.body()).doesNotContain(TOKEN);
    }

    @Test
    void takesFaultsAndTakesThemAway() {
        Answer added = metrika.control(
                "POST",
                "/faults",
                "[{\"on\":\"goals\",\"kind\":\"error\",\"code\":502,"
                        + "\"body\":\"html\",\"times\":2},{\"on\":\"goals\",\"kind\":\"error\",\"code\":503}]");

        assertThat(added.json().get("faults")).hasSize(2);
        assertThat(metrika.goals().status()).isEqualTo(502);
        assertThat(metrika.control("GET", "/faults", null)
                        .json()
                        .at("/faults/0/times")
                        .asInt())
                .isEqualTo(1);
        assertThat(metrika.control("DELETE", "/faults", null).json().get("faults"))
                .isEmpty();
        assertThat(metrika.goals().status()).isEqualTo(200);
    }

    @Test
    void releasesHeldCalls() {
        metrika.control("POST", "/faults", "{\"on\":\"goals\",\"kind\":\"stall\"}");
        CompletableFuture<Answer> answer = metrika.sendAsync(
                metrika.request("/management/v1/counter/1/goals").build());
        await().until(() ->
                metrika.control("GET", "/faults", null).json().get("held").asInt() == 1);

        metrika.control("POST", "/release", null);
        assertThat(answer.join().status()).isEqualTo(200);
    }

    @Test
    void changesSettings() {
        Answer changed = metrika.control(
                "PATCH",
                "/settings",
                "{\"linkage\":\"none\",\"goals\":[\"a\",\"b\"],\"extra-fields\":true,\"tokens\":\"a-token\"}");

        assertThat(changed.status()).isEqualTo(200);
        assertThat(changed.body()).doesNotContain(TOKEN);
        assertThat(simulator.settings().linkage()).isEqualTo(Linkage.NONE);
        assertThat(simulator.settings().goals()).containsExactlyInAnyOrder("a", "b");
        assertThat(simulator.settings().extraFields()).isTrue();
        assertThat(simulator.settings().step()).as("others stay").isEqualTo(STEP);
        assertThat(metrika.control("GET", "/settings", null)
                        .json()
                        .get("linkage")
                        .asText())
                .isEqualTo("none");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "PATCH|/settings|{\"linkage\":\"some\"}|allowed: all, none, half",
                "PATCH|/settings|{\"speed\":\"fast\"}|allowed: age-limit",
                "PATCH|/settings|{\"port\":1}|cannot change",
                "PATCH|/settings|[]|A JSON object is expected",
                "POST|/settings-typo|{}|",
                "POST|/faults|{\"kind\":\"explode\"}|allowed",
                "POST|/faults|nonsense|Unrecognized token",
                "POST|/clock|{\"advance\":\"2 hours\"}|ISO-8601",
                "POST|/clock|{\"advance\":\"-PT1S\"}|only goes forward",
                "PATCH|/uploads/1|{\"status\":\"PROCESSED\"}|No upload 1",
                "PATCH|/uploads/x|{\"status\":\"PROCESSED\"}|x"
            })
    void complainsAboutWhatItDoesNotUnderstand(String method, String path, String body, String reason) {
        Answer answer = metrika.control(method, path, body);

        assertThat(answer.status()).isBetween(400, 499);
        assertThat(answer.body()).contains(reason == null ? "not_found" : reason);
    }

    @Test
    void isForItsOwnMachineOnly(@TempDir Path elsewhere) throws SocketException {
        Optional<String> address = NetworkInterface.networkInterfaces()
                .flatMap(NetworkInterface::inetAddresses)
                .filter(one -> one instanceof Inet4Address && !one.isLoopbackAddress())
                .map(InetAddress::getHostAddress)
                .findFirst();
        assumeThat(address).isPresent();
        try (Simulator open =
                new Simulator(SimulatorSettings.defaults().withHost("0.0.0.0").withDirectory(elsewhere)).start()) {
            MetrikaClient remote = new MetrikaClient("http://" + address.get() + ":" + open.port());

            assertThat(remote.control("GET", "/uploads", null).status()).isEqualTo(403);
            assertThat(remote.goals().status()).isEqualTo(200);
        }
    }

    @Test
    void hurriesTheClock() {
        long id = metrika.upload(FILE).id();
        metrika.control("POST", "/clock", "{\"advance\":\"PT2H\"}");

        assertThat(metrika.byId(id).json().at("/uploading/status").asText()).isEqualTo("MATCHED");
        Answer done = metrika.control("PATCH", "/uploads/" + id, "{\"status\":\"LINKAGE_FAILURE\"}");
        assertThat(done.json().get("status").asText()).isEqualTo("LINKAGE_FAILURE");
    }

    @Test
    void forgetsEverythingAtAReset() {
        metrika.upload(FILE);
        simulator.fault(Fault.error(500, FaultBody.JSON).times(0));
        simulator.settings(simulator.settings().withExtraFields(true));

        assertThat(metrika.control("POST", "/reset", null).status()).isEqualTo(200);
        assertThat(simulator.uploads()).isEmpty();
        assertThat(simulator.conversions()).isEmpty();
        assertThat(simulator.calls()).isEmpty();
        assertThat(simulator.callCount(Operation.ANY)).isZero();
        assertThat(simulator.faults()).isEmpty();
        assertThat(simulator.settings().extraFields()).isFalse();
        assertThat(directory).isEmptyDirectory();
    }
}
