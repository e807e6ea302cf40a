package metrika.simulator;

import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import metrika.simulator.MetrikaClient.Answer;

import static metrika.simulator.MetrikaClient.BOUNDARY;
import static metrika.simulator.MetrikaClient.COUNTER;
import static metrika.simulator.MetrikaClient.FILE;
import static metrika.simulator.MetrikaClient.HEADER;
import static metrika.simulator.MetrikaClient.ROW;
import static metrika.simulator.MetrikaClient.TOKEN;
import static metrika.simulator.MetrikaClient.filePart;
import static metrika.simulator.MetrikaClient.part;
import static org.assertj.core.api.Assertions.assertThat;

class UploadTest extends WithSimulator {

    @Test
    void takesAFileAndAnswersWithTheDocumentedFields() {
        Answer answer = metrika.upload("заказы1", FILE);

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().at("/uploading").fieldNames())
                .toIterable()
                .containsExactlyInAnyOrder("id", "source_quantity", "line_quantity", "status");
        assertThat(answer.json().at("/uploading/status").asText()).isEqualTo("UPLOADED");
        assertThat(answer.json().at("/uploading/source_quantity").asInt()).isEqualTo(1);
        ReceivedUpload upload = simulator.uploads().get(0);
        assertThat(upload.id()).isEqualTo(answer.id());
        assertThat(upload.counter()).isEqualTo(COUNTER);
        assertThat(upload.comment()).isEqualTo("заказы1");
        assertThat(upload.token()).isEqualTo(Simulator.fingerprint(TOKEN)).doesNotContain(TOKEN);
        assertThat(simulator.file(upload.id())).isEqualTo(FILE.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void echoesTheOldClientIdType() {
        HttpRequest request = metrika.uploadRequest(
                "?client_id_type=USER_ID&type=CALLS", HttpRequest.BodyPublishers.ofString(filePart("file", FILE)));

        assertThat(metrika.send(request).json().at("/uploading/client_id_type").asText())
                .isEqualTo("USER_ID");
        assertThat(simulator.uploads())
                .singleElement()
                .extracting(ReceivedUpload::type)
                .isEqualTo("CALLS");
    }

    @Test
    void readsColumnsInAnyOrderAndQuotedValues() {
        String csv = "Target,PurchaseId,DateTime\r\n\"order\",\"a,\"\"b\"\"\nстрока\",1481718166\r\n";

        assertThat(metrika.upload(csv).status()).isEqualTo(200);
        assertThat(simulator.conversions())
                .containsExactly(Map.of("Target", "order", "PurchaseId", "a,\"b\"\nстрока", "DateTime", "1481718166"));
    }

    static Stream<Arguments> badFiles() {
        String row = "1,,,,order,1481718166,1.5,RUB\n";
        return Stream.of(
                Arguments.of("", "Column Target is missing"),
                Arguments.of(HEADER, "no rows"),
                Arguments.of("\uFEFF" + FILE, "Unknown column"),
                Arguments.of("ClientId,Target,DateTime,Colour\n1,order,1,red\n", "Unknown column 'Colour'"),
                Arguments.of("ClientId,Target,Target,DateTime\n1,a,a,1\n", "twice"),
                Arguments.of("ClientId,DateTime\n1,1\n", "Column Target is missing"),
                Arguments.of("ClientId,Target\n1,a\n", "Column DateTime is missing"),
                Arguments.of("Target,DateTime\na,1\n", "No column of an identifier"),
                Arguments.of(HEADER + row + ",,,,order,1481718166,,\n", "Row 2: no identifier"),
                Arguments.of(HEADER + "1,,,,,1481718166,,\n", "Target is empty"),
                Arguments.of(HEADER + "1,,,,order,2016-12-14,,\n", "DateTime"),
                Arguments.of(HEADER + "1,,,,order,1481718166.5,,\n", "DateTime"),
                Arguments.of(HEADER + "1,,,,order,,,\n", "DateTime"),
                Arguments.of(HEADER + "1,,,,order,1481718166000,,\n", "in the future"),
                Arguments.of(HEADER + "1,,,,order,1481718166,\"1,5\",RUB\n", "Price"),
                Arguments.of(HEADER + "1,,,,order,1481718166,1e3,RUB\n", "Price"),
                Arguments.of(HEADER + "1,,,,order,1481718166,1,rub\n", "Currency"),
                Arguments.of(HEADER + "1,,,,order,1481718166,1\n", "7 values"),
                Arguments.of(HEADER + row + "\n" + row, "Row 2: 1 values"),
                Arguments.of(HEADER + "\"1,,,,order,1481718166,1,RUB\n", "not CSV"));
    }

    @ParameterizedTest
    @MethodSource("badFiles")
    void refusesABadFileAndKeepsNothingOfIt(String csv, String reason) {
        Answer answer = metrika.upload(csv);

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.errorType()).isEqualTo("invalid_uploading");
        assertThat(answer.json().at("/code").asInt()).isEqualTo(400);
        assertThat(answer.message())
                .contains(reason)
                .isEqualTo(answer.json().at("/errors/0/message").asText());
        assertThat(simulator.uploads()).isEmpty();
        assertThat(directory).isEmptyDirectory();
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "\\", "&", "#", "?", "=", "\"\""})
    void refusesATargetWithAForbiddenCharacter(String forbidden) {
        Answer answer = metrika.upload(HEADER + "1,,,,\"a" + forbidden + "b\",1481718166,,\n");

        assertThat(answer.message()).contains("Target must not contain");
    }

    @Test
    void refusesWhatIsNotUtf8() {
        byte[] body = filePart("file", HEADER + "1,,,,заказ,1481718166,,\n").getBytes(StandardCharsets.ISO_8859_1);
        body = new String(body, StandardCharsets.ISO_8859_1)
                .replace('?', '\u00e9')
                .getBytes(StandardCharsets.ISO_8859_1);

        Answer answer = metrika.send(metrika.uploadRequest("", HttpRequest.BodyPublishers.ofByteArray(body)));

        assertThat(answer.message()).contains("not UTF-8");
    }

    static Stream<Arguments> badBodies() {
        String end = "--" + BOUNDARY + "--\r\n";
        return Stream.of(
                Arguments.of(filePart("data", FILE), "invalid_parameter"),
                Arguments.of(
                        part("name=\"file\"; filename=\"a.csv\"", FILE) + filePart("file", FILE), "invalid_parameter"),
                Arguments.of(part("name=\"more\"", "text") + filePart("file", FILE), "invalid_parameter"),
                Arguments.of(end, "missing_parameter"),
                Arguments.of("no multipart at all", "missing_parameter"));
    }

    @ParameterizedTest
    @MethodSource("badBodies")
    void wantsExactlyOnePartNamedFile(String body, String errorType) {
        Answer answer = metrika.send(metrika.uploadRequest("tag", body));

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.errorType()).isEqualTo(errorType);
        assertThat(simulator.uploads()).isEmpty();
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void wantsMultipart() {
        HttpRequest request = metrika.request("/management/v1/counter/1/offline_conversions/upload")
                .header("Content-Type", "text/csv")
                .POST(HttpRequest.BodyPublishers.ofString(FILE))
                .build();

        assertThat(metrika.send(request).errorType()).isEqualTo("invalid_parameter");
    }

    @ParameterizedTest
    @ValueSource(strings = {"with space", "dash-ed", "a_b", "ü!"})
    void refusesACommentOfOtherCharacters(String comment) {
        assertThat(metrika.upload(comment, FILE).errorType()).isEqualTo("invalid_parameter");
    }

    @Test
    void takesACommentOf255CharactersAndNoMore() {
        assertThat(metrika.upload("ы".repeat(255), FILE).status()).isEqualTo(200);
        assertThat(metrika.upload("a".repeat(256), FILE).status()).isEqualTo(400);
    }

    @Test
    void refusesAFileAboveTheLimit() {
        simulator.settings(simulator.settings().withMaxBytes(FILE.length()));

        assertThat(metrika.upload(FILE).status()).isEqualTo(200);
        assertThat(metrika.upload(FILE + ROW).errorType()).isEqualTo("limit_exceeded");
        assertThat(simulator.uploads()).hasSize(1);
    }

    @Test
    void wantsAToken() {
        HttpRequest.Builder bare = HttpRequest.newBuilder(metrika.request("/management/v1/counter/1/goals")
                        .build()
                        .uri())
                .timeout(Duration.ofSeconds(20));

        assertThat(metrika.send(bare.build()).errorType()).isEqualTo("unauthorized");
        assertThat(metrika.send(bare.header("Authorization", "Bearer x").build())
                        .status())
                .isEqualTo(401);
    }

    @Test
    void refusesAnUnknownTokenAndAnUnknownCounter() {
        simulator.settings(simulator.settings().withTokens("another"));
        Answer token = metrika.upload(FILE);
        assertThat(token.status()).isEqualTo(403);
        assertThat(token.errorType()).isEqualTo("invalid_token");

        simulator.settings(simulator.settings().withTokens(TOKEN).withCounters(1, 2));
        Answer counter = metrika.upload(FILE);
        assertThat(counter.status()).isEqualTo(404);
        assertThat(counter.errorType()).isEqualTo("not_found");
        assertThat(simulator.uploads()).isEmpty();
    }

    @Test
    void treatsARowInTheFutureAsTheSwitchSays() {
        long soon = simulator.now().plusSeconds(3600).getEpochSecond();
        String csv = FILE + "7,,,,order," + soon + ",,\n";

        simulator.settings(simulator.settings().withFuture(FutureRows.REJECT_ROW));
        Answer row = metrika.upload(csv);
        assertThat(row.json().at("/uploading/source_quantity").asInt()).isEqualTo(2);
        assertThat(row.json().at("/uploading/line_quantity").asInt()).isEqualTo(1);

        simulator.settings(simulator.settings().withFuture(FutureRows.ACCEPT));
        assertThat(metrika.upload(csv).json().at("/uploading/line_quantity").asInt())
                .isEqualTo(2);

        simulator.settings(simulator.settings().withFuture(FutureRows.REJECT_FILE));
        assertThat(metrika.upload(csv).message()).contains("Row 2").contains("future");
    }

    @Test
    void answersUnknownPathsAndMethodsAsMetrikaDoes() {
        assertThat(metrika.get("/management/v1/counters").errorType()).isEqualTo("not_found");
        assertThat(metrika.send(metrika.request("/management/v1/counter/1/goals")
                                .DELETE()
                                .build())
                        .status())
                .isEqualTo(405);
        assertThat(metrika.get("/management/v1/counter/abc/goals").errorType()).isEqualTo("invalid_parameter");
    }
}
