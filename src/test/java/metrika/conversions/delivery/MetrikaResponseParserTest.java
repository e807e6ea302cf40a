package metrika.conversions.delivery;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;

import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/** What an answer of Metrika leaves, or is a failure of. */
class MetrikaResponseParserTest {

    private static final CamelContext CAMEL = new DefaultCamelContext();
    private static final Instant NOW = Instant.parse("2026-03-01T22:30:00Z");

    private final MetrikaResponseParser parser = new MetrikaResponseParser(Clock.fixed(NOW, ZoneOffset.UTC));
    private final Exchange exchange = new DefaultExchange(CAMEL);

    private void read(String operation, int status, String body, long offset) throws Exception {
        exchange.getMessage().setHeader(Exchange.HTTP_RESPONSE_CODE, status);
        exchange.getMessage().setBody(body);
        parser.readAnswer(exchange, operation, Map.of("tag", "mine"), "7,9", offset);
    }

    private MetrikaException failure(String operation, int status, String body) {
        return catchThrowableOfType(MetrikaException.class, () -> read(operation, status, body, 0));
    }

    private static String error(String type) {
        return "{\"errors\": [{\"error_type\": \"%s\", \"message\": \"inner\"}], \"code\": 400, \"message\": \"Said so\"}"
                .formatted(type);
    }

    @Test
    void anUploadThatIsTakenHasAnId() throws Exception {
        read("post-upload", 200, "{\"uploading\": {\"id\": 7}}", 0);
        assertThat(exchange.getVariable("answer")).isEqualTo("{\"uploading\": {\"id\": 7}}");
        assertThat(exchange.getMessage().getBody()).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "200 | {\"uploading\": {\"id\": \"7\"}} | http_200 | UNKNOWN | an answer without what was asked for",
                "200 | {\"uploading\": {}} | http_200 | UNKNOWN | an answer without what was asked for",
                "201 | {\"uploading\": {\"id\": 7}} | http_201 | UNKNOWN | an answer without what was asked for",
                "200 | {\"uploading\": {\"id\": 7, \"x\": \"\\u0000\"}} | http_200 | UNKNOWN | an answer that is not JSON",
                "200 | <html> | http_200 | UNKNOWN | an answer that is not JSON",
                "200 | '' | http_200 | UNKNOWN | an empty answer",
                "502 | ' ' | http_502 | UNKNOWN | an empty answer",
                "400 | <html> | http_400 | UNKNOWN | an answer that is not JSON",
                "400 | {\"code\": 400} | http_400 | REJECTED | an answer without what was asked for",
                "400 | {\"message\": \"No\"} | http_400 | REJECTED | No",
                "400 | {\"errors\": []} | http_400 | REJECTED | an answer without what was asked for",
                "400 | {\"errors\": [{\"message\": \"Inner\"}]} | http_400 | REJECTED | Inner",
                "400 | {\"uploading\": {}} | http_400 | UNKNOWN | an answer without what was asked for",
                "400 | [] | http_400 | UNKNOWN | an answer without what was asked for",
                "200 | {\"code\": 403, \"message\": \"No\"} | http_403 | ACCESS_LOST | No",
                "404 | {\"message\": \"No counter\"} | http_404 | REJECTED | No counter",
                "0 | '' | http_0 | UNKNOWN | an empty answer"
            })
    void anythingElseIsAFailure(int status, String body, String code, MetrikaErrorClass errorClass, String words) {
        var failure = failure("post-upload", status, body);
        assertThat(failure.code()).isEqualTo(code);
        assertThat(failure.errorClass()).isEqualTo(errorClass);
        assertThat(failure.answer())
                .isEqualTo("Metrika answered %s (%s): %s. ".formatted(code.replace("http_", ""), code, words));
        assertThat(failure.advice()).isEqualTo(errorClass.adviceAfterUpload());
        assertThat(exchange.getMessage().getBody()).isNull();
    }

    @Test
    void whatMetrikaSaysIsToldInItsWordsUpToAMeasure() {
        assertThat(failure("post-upload", 400, error("invalid_uploading")))
                .hasMessageStartingWith("Metrika answered 400 (invalid_uploading): Said so. ")
                .extracting(MetrikaException::errorClass)
                .isEqualTo(MetrikaErrorClass.REJECTED);
        assertThat(failure("post-upload", 400, "{\"message\": \"" + "x".repeat(500) + "\"}")
                        .answer())
                .endsWith(": " + "x".repeat(500) + ". ");
        assertThat(failure("post-upload", 400, "{\"message\": \"" + "x".repeat(501) + "\"}")
                        .answer())
                .endsWith(": " + "x".repeat(500) + "…. ");
    }

    @ParameterizedTest
    @CsvSource({
        "quota_requests_by_uid, 120, PT2M",
        "quota_requests_by_uid, ' 0 ', PT0S",
        "quota_requests_by_ip, '', PT1S",
        "quota_requests_by_uid, , PT1H30M",
        "quota_requests_by_uid, soon, PT1H30M",
        "quota_requests_by_uid, 9999999999, PT1H30M",
        "quota_requests_by_uid, 86399, PT23H59M59S",
        "quota_requests_by_uid, 999999999, PT24H",
        "quota_requests_by_ip, 'Sun, 1 Mar 2026 22:30:30 GMT', PT30S",
        "quota_requests_by_ip, 'Sun, 1 Mar 2026 22:29:30 GMT', PT0S",
        "quota_requests_by_ip, 'Tue, 3 Mar 2026 22:29:30 GMT', PT24H"
    })
    void metrikaIsLeftAloneAsLongAsItWants(String type, String retryAfter, Duration pause) {
        exchange.getMessage().setHeader("Retry-After", retryAfter);
        assertThat(failure("post-upload", 429, error(type)).pause()).isEqualTo(pause);
    }

    /** A page with three entries, of which one is looked for. */
    private static final String LIST = "{\"uploadings\": [{\"id\": 7, \"comment\": \"mine\", \"status\": \"UPLOADED\"},"
            + "{\"id\": 8, \"comment\": \"mine, too\", \"status\": \"UPLOADED\"}, {\"id\": 9, \"comment\": \"\"}]}";

    @ParameterizedTest
    @ValueSource(strings = {"find-upload", "list-uploads"})
    void ofAPageWhatIsAskedForIsLeft(String operation) throws Exception {
        read(operation, 200, LIST, 0);
        assertThat(exchange.getVariable("answer", String.class))
                .isEqualTo("[{\"id\":7,\"comment\":\"mine\",\"status\":\"UPLOADED\"}]");
        assertThat(exchange.getVariable("page-length")).isEqualTo(3);
        assertThat(exchange.getVariable("page-fingerprint")).isEqualTo("3 7 9");
        assertThat(exchange.getMessage().getBody()).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"find-upload", "list-uploads"})
    void aPageThatIsRejectedPastTheFirstIsAnEmptyOne(String operation) throws Exception {
        read(operation, 400, error("invalid_parameter"), 2);
        assertThat(exchange.getVariable("answer")).isEqualTo("[]");
        assertThat(exchange.getVariable("page-length")).isEqualTo(0);
        assertThatThrownBy(() -> read(operation, 400, error("invalid_parameter"), 0))
                .isInstanceOf(MetrikaException.class)
                .hasMessageEndingWith(MetrikaErrorClass.REJECTED.adviceAfterQuestion());
        assertThatThrownBy(() -> read(operation, 429, error("quota_requests_by_uid"), 2))
                .isInstanceOf(MetrikaException.class);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {"200 | {\"x\": 1}", "200 | {\"uploadings\": [", "200 | <html>", "500 | {\"uploadings\": []}"})
    void whatIsNoListIsAFailure(int status, String body) {
        assertThat(failure("list-uploads", status, body).errorClass()).isEqualTo(MetrikaErrorClass.UNKNOWN);
    }

    @Test
    void anUploadThatIsAskedForByItsIdIsLeftAsAListOfOne() throws Exception {
        read("read-upload", 200, "{\"uploading\": {\"id\": 9, \"status\": \"PROCESSED\"}}", 0);
        assertThat(exchange.getVariable("answer")).isEqualTo("[{\"id\":9,\"status\":\"PROCESSED\"}]");
        for (var other : new String[] {"{\"id\": 8, \"status\": \"PROCESSED\"}", "{\"id\": 9}", "{}"}) {
            assertThat(failure("read-upload", 200, "{\"uploading\": " + other + "}"))
                    .as(other)
                    .isNotNull();
        }
    }

    @Test
    void anOperationThatThereIsNotIsAFaultOfOurs() {
        assertThatThrownBy(() -> read("other", 200, "{}", 0)).isInstanceOf(IllegalArgumentException.class);
    }
}
