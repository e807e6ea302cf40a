package metrika.simulator;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

import metrika.simulator.MetrikaClient.Answer;

import static metrika.simulator.MetrikaClient.BOUNDARY;
import static metrika.simulator.MetrikaClient.COUNTER;
import static metrika.simulator.MetrikaClient.FILE;
import static metrika.simulator.MetrikaClient.TOKEN;
import static metrika.simulator.MetrikaClient.filePart;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

class FaultTest extends WithSimulator {

    private HttpRequest anUpload() {
        return metrika.uploadRequest("tag", filePart("file", FILE));
    }

    private void assertBrokenOff() {
        assertThatThrownBy(() -> metrika.send(anUpload())).isInstanceOf(UncheckedIOException.class);
    }

    @ParameterizedTest
    @CsvSource({
        "400, invalid_parameter",
        "400, missing_parameter",
        "400, invalid_uploading",
        "400, limit_exceeded",
        "400, invalid_json",
        "409, conflict",
        "406, not_acceptable",
        "404, not_found",
        "401, unauthorized",
        "403, invalid_token",
        "403, access_denied",
        "403, counter_in_connect",
        "429, quota_requests_by_ip",
        "420, quota_parallel_requests",
        "429, quota_requests_by_uid",
        "429, quota_requests_by_counter_id",
        "500, backend_error",
        "504, timeout",
        "503, backend_error"
    })
    void givesEveryErrorOnceAndInMetrikasForm(int code, String errorType) {
        simulator.fault(Fault.error(code, errorType, "It is said"));

        Answer answer = metrika.upload(FILE);
        assertThat(answer.status()).isEqualTo(code);
        assertThat(answer.body())
                .isEqualTo("{\"errors\":[{\"error_type\":\"" + errorType + "\",\"message\":\"It is said\"}],\"code\":"
                        + code + ",\"message\":\"It is said\"}");
        assertThat(simulator.uploads()).isEmpty();
        assertThat(metrika.upload(FILE).status()).isEqualTo(200);
    }

    @Test
    void givesOtherBodiesThanJson() {
        simulator.fault(Fault.error(502, FaultBody.HTML));
        simulator.fault(Fault.error(500, FaultBody.EMPTY));
        simulator.fault(Fault.error(503, FaultBody.TEXT));
        simulator.fault(Fault.error(200, FaultBody.TRUNCATED));

        Answer html = metrika.upload(FILE);
        assertThat(html.body()).startsWith("<html>").contains("502");
        assertThat(html.raw().headers().firstValue("Content-Type")).hasValue("text/html");
        assertThat(metrika.upload(FILE).body()).isEmpty();
        assertThat(metrika.upload(FILE).json()).isNull();
        Answer half = metrika.upload(FILE);
        assertThat(half.status()).isEqualTo(200);
        assertThat(half.body()).startsWith("{\"errors\"");
        assertThat(half.json()).isNull();
    }

    @Test
    void saysRetryAfterInBothForms() {
        Fault fault = Fault.error(429, "quota_requests_by_uid", "Wait").times(1);
        simulator.fault(fault.retryAfter(Duration.ofMinutes(2), RetryAfterForm.SECONDS));
        simulator.fault(fault.retryAfter(Duration.ofHours(2), RetryAfterForm.DATE));
        simulator.fault(fault);

        assertThat(metrika.upload(FILE).raw().headers().firstValue("Retry-After"))
                .hasValue("120");
        String date =
                metrika.upload(FILE).raw().headers().firstValue("Retry-After").orElseThrow();
        assertThat(ZonedDateTime.parse(date, DateTimeFormatter.RFC_1123_DATE_TIME)
                        .toInstant())
                .isAfter(Instant.now().plus(Duration.ofHours(1)));
        assertThat(metrika.upload(FILE).raw().headers().firstValue("Retry-After"))
                .isEmpty();
    }

    @Test
    void keepsTheUploadOfAnErrorWhenTold() {
        simulator.fault(Fault.error(500, "backend_error", "Lost the answer").store(true));

        assertThat(metrika.upload(FILE).status()).isEqualTo(500);
        assertThat(simulator.uploads()).hasSize(1);
    }

    @Test
    void answersAnErrorBeforeTheBodyIsRead() {
        simulator.fault(Fault.error(503, "backend_error", "Busy").at(Point.BEFORE_BODY));

        assertThat(metrika.upload(FILE).status()).isEqualTo(503);
        assertThat(metrika.upload(FILE).status()).isEqualTo(200);
    }

    @Test
    void strikesOnlyTheCallsThatMatch() {
        simulator.fault(Fault.error(500, FaultBody.JSON).on(Operation.LIST));
        simulator.fault(Fault.error(501, FaultBody.JSON).counter(COUNTER + 1));
        simulator.fault(Fault.error(502, FaultBody.JSON).token("another"));

        assertThat(metrika.upload(FILE).status()).isEqualTo(200);
        assertThat(metrika.list("").status()).isEqualTo(500);
        assertThat(metrika.list("").status()).isEqualTo(200);
        assertThat(metrika.get("/management/v1/counter/" + (COUNTER + 1) + "/goals")
                        .status())
                .isEqualTo(501);
        assertThat(simulator.faults())
                .singleElement()
                .extracting(fault -> fault.effect().code())
                .isEqualTo(502);
        simulator.fault(Fault.error(503, FaultBody.JSON).token(TOKEN).on(Operation.BY_ID));
        assertThat(metrika.byId(1).status()).isEqualTo(503);
    }

    @Test
    void skipsAndRepeats() {
        simulator.fault(Fault.error(500, FaultBody.JSON).skip(1).times(2));
        assertThat(List.of(
                        metrika.goals().status(),
                        metrika.goals().status(),
                        metrika.goals().status(),
                        metrika.goals().status()))
                .containsExactly(200, 500, 500, 200);

        simulator.fault(Fault.error(500, FaultBody.JSON).times(0));
        assertThat(List.of(metrika.goals().status(), metrika.goals().status())).containsExactly(500, 500);
        simulator.clearFaults();
        assertThat(metrika.goals().status()).isEqualTo(200);
    }

    @ParameterizedTest
    @EnumSource(Point.class)
    void closesTheConnectionAnywhere(Point at) {
        simulator.fault(Fault.close(at));

        assertBrokenOff();
        boolean kept = at == Point.BEFORE_ANSWER || at == Point.IN_ANSWER;
        assertThat(simulator.uploads()).hasSize(kept ? 1 : 0);
        assertThat(simulator.calls()).singleElement().extracting(Call::status).isEqualTo(0);
        await().until(() -> !hasDraft());
    }

    @Test
    void sendsHalfOfTheAnswerBeforeItCloses() throws IOException {
        simulator.fault(Fault.close(Point.IN_ANSWER));
        String answer;
        try (Socket socket = rawUpload(1)) {
            answer = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }

        assertThat(answer)
                .startsWith("HTTP/1.1 200")
                .contains("{\"uploading\":{")
                .doesNotContain("}");
    }

    @Test
    void closesInTheMiddleOfALargeBody(@TempDir Path files) throws IOException {
        simulator.fault(Fault.close(Point.IN_BODY));
        Path file = CsvFiles.write(files.resolve("large.csv"), 100_000);

        assertThatThrownBy(() -> metrika.send(metrika.uploadRequest("", MetrikaClient.fileBody(file))))
                .isInstanceOf(UncheckedIOException.class);
        assertThat(simulator.uploads()).isEmpty();
        await().until(() -> !hasDraft());
    }

    @Test
    void forgetsABodyThatItsSenderBrokeOff() throws IOException {
        try (Socket halfway = rawUpload(0.8)) {
            assertThat(halfway.isConnected()).isTrue();
            await().until(() -> !simulator.calls().isEmpty());
        }

        await().until(() -> !hasDraft());
        assertThat(simulator.uploads()).isEmpty();
        assertThat(metrika.upload(FILE).status()).isEqualTo(200);
    }

    @ParameterizedTest
    @EnumSource(Point.class)
    void holdsACallAnywhereUntilItIsReleased(Point at) {
        simulator.fault(Fault.stall(at).on(Operation.UPLOAD));
        CompletableFuture<Answer> answer = metrika.sendAsync(anUpload());
        await().until(() -> simulator.held() == 1);

        boolean kept = at == Point.BEFORE_ANSWER || at == Point.IN_ANSWER;
        assertThat(simulator.uploads()).hasSize(kept ? 1 : 0);
        assertThat(simulator.calls()).singleElement().extracting(Call::status).isEqualTo(0);
        assertThat(answer).isNotDone();
        assertThat(metrika.goals().status()).as("others are served").isEqualTo(200);

        simulator.release();
        assertThat(answer.join().id()).isEqualTo(simulator.uploads().get(0).id());
        assertThat(simulator.uploads()).hasSize(1);
        assertThat(simulator.held()).isZero();
    }

    @Test
    void dropsAHeldUploadWhoseCallerIsGone() throws IOException {
        simulator.fault(Fault.stall(Point.BEFORE_STORE));
        try (Socket gone = rawUpload(1)) {
            assertThat(gone.isConnected()).isTrue();
            await().until(() -> simulator.held() == 1);
        }
        // The server has seen the end of the first connection once it serves a later one to its end.
        metrika.goals();
        metrika.goals();

        simulator.release();
        await().until(() -> !hasDraft());
        assertThat(simulator.uploads()).isEmpty();
    }

    @Test
    void breaksHeldCallsOffAtAReset() {
        simulator.fault(Fault.stall(Point.BEFORE_STORE));
        CompletableFuture<Answer> answer = metrika.sendAsync(anUpload());
        await().until(() -> simulator.held() == 1);

        simulator.reset();
        assertThatThrownBy(answer::join).hasCauseInstanceOf(IOException.class);
        assertThat(simulator.uploads()).isEmpty();
    }

    @Test
    void answersLaterAndKeepsTheUploadBeforeTheWait() {
        simulator.fault(Fault.delay(Duration.ofSeconds(1)));
        CompletableFuture<Answer> answer = metrika.sendAsync(anUpload());

        await().pollInterval(Duration.ofMillis(5))
                .until(() -> simulator.uploads().size() == 1);
        assertThat(answer).isNotDone();
        assertThat(answer.join().status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void keepsAnUploadWhoseCallerGaveUpOnlyIfItWasKeptBefore(boolean store) throws IOException {
        simulator.fault(Fault.delay(Duration.ofMillis(700)).store(store));
        try (Socket impatient = rawUpload(1)) {
            assertThat(impatient.isConnected()).isTrue();
            await().until(() -> store ? !simulator.uploads().isEmpty() : hasDraft());
        }

        await().until(() -> !hasDraft());
        assertThat(simulator.uploads()).hasSize(store ? 1 : 0);
    }

    @Test
    void readsABodySlowly(@TempDir Path files) throws IOException {
        simulator.fault(Fault.slowReading(Duration.ofMillis(2)));
        Path file = CsvFiles.write(files.resolve("large.csv"), 20_000);

        assertThat(metrika.send(metrika.uploadRequest("", MetrikaClient.fileBody(file)))
                        .status())
                .isEqualTo(200);
        assertThat(simulator.file(simulator.uploads().get(0).id())).isEqualTo(Files.readAllBytes(file));
    }

    @Test
    void doesNotReadOnDuringThePause(@TempDir Path files) throws IOException {
        Path file = CsvFiles.write(files.resolve("large.csv"), 100_000);
        SimulatorSettings elsewhere = SimulatorSettings.defaults().withDirectory(files.resolve("store"));
        CompletableFuture<Answer> answer;
        try (Simulator slow = new Simulator(elsewhere).start()) {
            slow.fault(Fault.slowReading(Duration.ofHours(1)));
            MetrikaClient client = new MetrikaClient(slow.url());
            answer = client.sendAsync(client.uploadRequest("", MetrikaClient.fileBody(file)));
            await().until(() ->
                    Arrays.stream(elsewhere.directory().toFile().listFiles()).anyMatch(draft -> draft.length() > 0));

            assertThat(elsewhere.directory().toFile().listFiles())
                    .allSatisfy(draft -> assertThat(draft.length()).isLessThan(Files.size(file) / 2));
            assertThat(answer).isNotDone();
        }
        assertThatThrownBy(answer::join).hasCauseInstanceOf(IOException.class);
    }

    @Test
    void makesRightAnswersOdd() {
        long id = metrika.upload(FILE).id();
        simulator.fault(Fault.missingId().on(Operation.UPLOAD));
        simulator.fault(Fault.odd("status", "NEVER_SEEN").on(Operation.LIST));
        simulator.fault(Fault.odd("quality", Map.of("score", 1)).on(Operation.BY_ID));
        simulator.fault(Fault.odd("create_time", "2026-11-01").on(Operation.BY_ID));

        Answer noId = metrika.upload(FILE);
        assertThat(noId.status()).isEqualTo(200);
        assertThat(noId.json().get("uploading").has("id")).isFalse();
        assertThat(simulator.uploads()).hasSize(2);
        assertThat(metrika.list("").json().findValuesAsText("status")).containsExactly("NEVER_SEEN", "NEVER_SEEN");
        assertThat(metrika.byId(id).json().at("/uploading/quality/score").asInt())
                .isEqualTo(1);
        assertThat(metrika.byId(id).json().at("/uploading/create_time").asText())
                .isEqualTo("2026-11-01");
        assertThat(metrika.byId(id).json().at("/uploading/status").asText()).isEqualTo("UPLOADED");
    }

    @Test
    void survivesItsWayThroughJson() {
        Fault fault = Fault.error(420, "quota_parallel_requests", "Wait")
                .body(FaultBody.TRUNCATED)
                .on(Operation.BY_ID)
                .counter(7)
                .times(3)
                .skip(2)
                .retryAfter(Duration.ofSeconds(9), RetryAfterForm.DATE)
                .store(true);

        assertThat(Fault.fromJson(fault.toJson())).isEqualTo(fault);
        for (Fault other : List.of(
                Fault.close(Point.IN_BODY),
                Fault.stall(Point.BEFORE_BODY),
                Fault.missingId(),
                Fault.delay(Duration.ofSeconds(5)).store(false),
                Fault.slowReading(Duration.ofMillis(5)))) {
            assertThat(Fault.fromJson(other.toJson())).isEqualTo(other);
        }
    }

    @Test
    void doesNotShowTheTokenThatAFaultIsFor() {
        assertThat(Fault.close(Point.IN_BODY).token("secret").toString())
                .doesNotContain("secret")
                .contains(Simulator.fingerprint("secret"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}|kind",
                "{\"kind\":\"explode\"}|error, close, delay, stall, odd",
                "{\"kind\":\"close\",\"where\":\"here\"}|where",
                "{\"kind\":\"close\",\"at\":\"in-body\",\"store\":true}|means store false",
                "{\"kind\":\"error\",\"code\":42}|200 to 599",
                "{\"kind\":\"error\",\"times\":\"two\"}|whole number",
                "{\"kind\":\"error\",\"at\":\"in-answer\"}|not given in the body or in the answer",
                "{\"kind\":\"delay\"}|ISO-8601",
                "{\"kind\":\"odd\"}|set"
            })
    void refusesAFaultThatItDoesNotUnderstand(String json, String reason) {
        assertThatThrownBy(() -> Fault.fromJson(Json.readObject(json)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(reason);
    }

    /** Whether a body that came in lies on disk without being kept. */
    private static boolean hasDraft() {
        return Arrays.stream(directory.toFile().list()).anyMatch(name -> name.endsWith(".part"));
    }

    /** A connection on which this much of an upload is sent, and nothing is read. */
    private static Socket rawUpload(double part) throws IOException {
        String body = filePart("file", FILE);
        Socket socket = new Socket("127.0.0.1", simulator.port());
        socket.getOutputStream()
                .write(("POST /management/v1/counter/1/offline_conversions/upload HTTP/1.1\r\n"
                                + "Host: x\r\nAuthorization: OAuth x\r\nContent-Type: multipart/form-data; boundary="
                                + BOUNDARY
                                + "\r\nContent-Length: " + body.length() + "\r\n\r\n"
                                + body.substring(0, (int) (body.length() * part)))
                        .getBytes(StandardCharsets.UTF_8));
        return socket;
    }
}
