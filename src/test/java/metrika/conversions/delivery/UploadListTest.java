package metrika.conversions.delivery;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.stream.IntStream;

import com.fasterxml.jackson.core.JsonProcessingException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** Metrika's list, read entry by entry. */
class UploadListTest {

    private static InputStream bytes(String text) {
        return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
    }

    private static UploadList read(String text) throws IOException {
        return UploadList.read(bytes(text), entry -> entry.path("id").asText().equals("2"));
    }

    @Test
    void ofALongListOnlyWhatIsLookedForIsKept() throws IOException {
        var entries = IntStream.rangeClosed(1, 100_000)
                .mapToObj(id -> bytes("%s{\"id\":%d,\"comment\":\"tag%d\",\"more\":{\"x\":[1,2]}}"
                        .formatted(id == 1 ? "{\"uploadings\":[" : ",", id, id)))
                .toList();
        var list = UploadList.read(
                new SequenceInputStream(
                        new SequenceInputStream(Collections.enumeration(entries)), bytes("],\"rows\":7}")),
                entry -> entry.path("comment").asText().equals("tag70000"));
        assertThat(list.length()).isEqualTo(100_000);
        assertThat(list.found()).isEqualTo("[{\"id\":70000,\"comment\":\"tag70000\",\"more\":{\"x\":[1,2]}}]");
        assertThat(list.fingerprint()).isEqualTo("100000 1 100000");
    }

    @Test
    void oneUploadIsAListOfOne() throws IOException {
        assertThat(read("{\"uploading\":{\"id\":2,\"status\":\"PROCESSED\",\"new\":null}}")
                        .found())
                .isEqualTo("[{\"id\":2,\"status\":\"PROCESSED\",\"new\":null}]");
        assertThat(read("{\"uploading\":{\"id\":\"2\"}}").size())
                .as("an id in quotes")
                .isEqualTo(1);
        assertThat(read("{\"uploading\":{\"id\":3}}").size()).isZero();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"uploadings\":null}", "{\"uploadings\":[]}", "{\"rows\":0,\"uploadings\":null}"})
    void nothingIsAnEmptyListHoweverItIsWritten(String text) throws IOException {
        assertThat(read(text).length()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "1",
                "null",
                "{\"uploadings\":[1]}",
                "{\"uploadings\":{}}",
                "{\"uploading\":[]}",
                "{\"x\":1}",
                "{\"uploadings\":null,\"code\":403}",
                "{\"errors\":[{}],\"uploadings\":null}"
            })
    void whatIsNoListIsNone(String text) throws IOException {
        assertThat(read(text)).isNull();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"uploadings\":[{\"id\":2}",
                "{\"uploadings\":[{\"id\":2}]",
                "{\"uploading\":{\"id\":2,",
                "<html>",
                "{x",
                "{\"uploading\":{\"id\":2,\"status\":\"\\u0000\"}}"
            })
    void whatBreaksOffOrCannotBeStoredIsNoAnswer(String text) {
        assertThatThrownBy(() -> read(text)).isInstanceOf(JsonProcessingException.class);
    }

    @Test
    void whatOthersWroteIntoTheirsIsNoHindrance() throws IOException {
        assertThat(read("{\"uploadings\":[{\"id\":1,\"comment\":\"\\u0000\"},{\"id\":2}]}")
                        .found())
                .isEqualTo("[{\"id\":2}]");
    }

    @Test
    void anEmptyAnswerIsNoList() throws IOException {
        assertThat(read("")).isNull();
    }
}
