package metrika.conversions.intake;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import metrika.conversions.support.Shared;
import metrika.conversions.support.TestWebhook;

import static metrika.conversions.support.Samples.REMOVED;
import static metrika.conversions.support.Samples.conversion;
import static metrika.conversions.support.Shared.PRODUCT;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

/** Each rule of a conversion, through HTTP: what is taken, what is refused, and what the answer says of it. */
class ConversionRulesIT {

    private static final TestWebhook WEBHOOK = PRODUCT.webhook(101);

    static Stream<Arguments> refused() {
        var future = Instant.now().plus(2, ChronoUnit.HOURS).toString();
        return Stream.of(
                arguments("target", "required", conversion("target", REMOVED)),
                arguments("target", "required", conversion("target", "")),
                arguments("target", "invalid_type", conversion("target", 5)),
                arguments("target", "invalid_target", conversion("target", "a/b")),
                arguments("target", "invalid_target", conversion("target", "a\"b")),
                arguments("target", "invalid_characters", conversion("target", "a\u0000b")),
                arguments(
                        "target",
                        "invalid_characters",
                        "{\"client_id\":\"1\",\"date_time\":\"2025-07-01T12:34:56\"," + "\"target\":\"a\\ud800\"}"),
                arguments("date_time", "required", conversion("date_time", REMOVED)),
                arguments("date_time", "required", conversion("date_time", null)),
                arguments("date_time", "invalid_date_time", conversion("date_time", "01.07.2025 12:34")),
                arguments("date_time", "invalid_date_time", conversion("date_time", "2025-07-01")),
                arguments("date_time", "invalid_date_time", conversion("date_time", "2025-02-30T12:00:00")),
                arguments("date_time", "invalid_date_time", conversion("date_time", "2025-07-01T25:00:00")),
                arguments("date_time", "invalid_date_time", conversion("date_time", "2025-07-01T12:00:00+3")),
                arguments("date_time", "invalid_date_time", conversion("date_time", "2025-07-01T12:00:00ZZ")),
                arguments("date_time", "invalid_date_time", conversion("date_time", "2025-07-01T12:00:00+03:00+03")),
                arguments("date_time", "invalid_date_time", conversion("date_time", "2025-07-01T12:00.5")),
                arguments("date_time", "invalid_date_time", conversion("date_time", "2025-07-01T12:00:00.Z")),
                arguments("date_time", "invalid_date_time", conversion("date_time", 1751373296)),
                arguments("date_time", "invalid_date_time", conversion("date_time", "1969-12-31T23:59:59Z")),
                arguments("date_time", "date_time_in_future", conversion("date_time", future)),
                arguments("client_id", "required", conversion("client_id", REMOVED)),
                arguments("client_id", "required", conversion("client_id", REMOVED, "purchase_id", "order-1")),
                arguments("client_id", "required", conversion("client_id", " ", "user_id", "")),
                arguments("client_id", "unsafe_number", raw("client_id", "1234567890123456")),
                arguments("client_id", "unsafe_number", raw("client_id", "1234567890.1234567890")),
                arguments("client_id", "unsafe_number", raw("client_id", "12.5")),
                arguments("client_id", "unsafe_number", raw("client_id", "1e5")),
                arguments("yclid", "unsafe_number", raw("yclid", "15696014897537187839")),
                arguments("client_id", "spreadsheet_number", conversion("client_id", "1.33591E+17")),
                arguments("yclid", "spreadsheet_number", conversion("yclid", "1,33591E+17")),
                arguments("client_id", "invalid_type", conversion("client_id", List.of("1"))),
                arguments("user_id", "invalid_type", conversion("user_id", true)),
                arguments("purchase_id", "invalid_characters", conversion("purchase_id", "a\u0000")),
                arguments("price", "invalid_price", conversion("price", "1,50")),
                arguments("price", "invalid_price", conversion("price", "1 500")),
                arguments("price", "invalid_price", conversion("price", "abc")),
                arguments("price", "invalid_price", conversion("price", "")),
                arguments("price", "invalid_price", conversion("price", "1e3")),
                arguments("price", "invalid_price", conversion("price", true)),
                arguments("price", "invalid_price", raw("price", "1e999999999")),
                arguments("currency", "invalid_currency", conversion("price", 1, "currency", "rub")),
                arguments("currency", "invalid_currency", conversion("price", 1, "currency", "XYZ")),
                arguments("currency", "invalid_currency", conversion("price", 1, "currency", 643)),
                arguments(
                        "target",
                        "duplicate_field",
                        "{\"client_id\":\"1\",\"date_time\":\"2025-07-01T12:34:56\","
                                + "\"target\":\"a\",\"target\":\"b\"}"),
                arguments("", "invalid_type", "\"a text\""),
                arguments("", "invalid_type", "[{}]"));
    }

    /** A conversion with a field whose JSON is written as given. */
    private static String raw(String field, String json) {
        return "{\"target\":\"purchase\",\"date_time\":\"2025-07-01T12:34:56\",\"user_id\":\"u\",\"%s\":%s}"
                .formatted(field, json);
    }

    @ParameterizedTest
    @MethodSource
    void refused(String field, String code, String conversion) {
        var answer = WEBHOOK.send("{\"conversions\": [" + conversion("user_id", "good") + "," + conversion + "]}");
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
        assertThat(answer.text("detail")).isEqualTo("1 of 2 conversions is invalid");
        var error = answer.json().get("errors").get(0);
        assertThat(answer.json().get("errors")).hasSize(1);
        assertThat(error.get("index").intValue()).isEqualTo(1);
        assertThat(error.get("field").asText()).isEqualTo(field);
        assertThat(error.get("code").asText()).isEqualTo(code);
        assertThat(error.get("message").asText()).isNotBlank();
    }

    @Test
    void oneBadConversionKeepsAllOut() {
        var webhook = PRODUCT.webhook(102);
        webhook.send("{\"conversions\": [" + conversion() + ",{}]}");
        assertThat(Shared.DATABASE.<Long>value("select count(*) from batch where webhook_id = ?::uuid", webhook.id()))
                .isZero();
    }

    static Stream<Arguments> taken() {
        return Stream.of(
                arguments(
                        conversion("client_id", "1234567890.1234567890"), Map.of("client_id", "1234567890.1234567890")),
                arguments(raw("client_id", "123456789012345"), Map.of("client_id", "123456789012345")),
                arguments(conversion("yclid", "15696014897537187839"), Map.of("yclid", "15696014897537187839")),
                arguments(
                        conversion("user_id", "Иван, \"О'Нил\"\nвторая строка"),
                        Map.of("user_id", "Иван, \"О'Нил\"\nвторая строка")),
                arguments(conversion("user_id", "12E4"), Map.of("user_id", "12E4")),
                arguments(conversion("price", 1500), Map.of("price", "1500")),
                arguments(raw("price", "19.99"), Map.of("price", "19.99")),
                arguments(raw("price", "19.90"), Map.of("price", "19.90")),
                arguments(raw("price", "0.1"), Map.of("price", "0.1")),
                arguments(raw("price", "1.5e3"), Map.of("price", "1500")),
                arguments(raw("price", "12345678901234567.89"), Map.of("price", "12345678901234567.89")),
                arguments(conversion("price", "19.99"), Map.of("price", "19.99")),
                arguments(conversion("price", "0"), Map.of("price", "0")),
                arguments(
                        conversion("client_id", null, "user_id", "u", "currency", null, "price", null),
                        Map.of("user_id", "u")),
                arguments(conversion("date_time", "2025-07-01T12:34:56Z"), Map.of("date_time", "1751373296")),
                arguments(conversion("date_time", "2025-07-01T12:34:56"), Map.of("date_time", "1751373296")),
                arguments(conversion("date_time", "2025-07-01T15:34:56+03:00"), Map.of("date_time", "1751373296")),
                arguments(conversion("date_time", "2025-07-01T15:34:56+0300"), Map.of("date_time", "1751373296")),
                arguments(conversion("date_time", "2025-07-01T15:34:56+03"), Map.of("date_time", "1751373296")),
                arguments(
                        conversion("date_time", "2025-07-01T12:34:56.999999999999Z"),
                        Map.of("date_time", "1751373296")),
                arguments(conversion("date_time", "2025-07-01T12:34:56,5Z"), Map.of("date_time", "1751373296")),
                arguments(conversion("date_time", "2025-07-01T12:34Z"), Map.of("date_time", "1751373240")));
    }

    @ParameterizedTest
    @MethodSource
    void taken(String conversion, Map<String, String> stored) {
        var batch = WEBHOOK.batch(conversion);
        stored.forEach((column, value) -> assertThat(Shared.DATABASE.<String>value(
                        "select " + column + "::text from conversion where batch_id = ?::uuid", batch))
                .isEqualTo(value));
    }

    static Stream<Arguments> warnedOf() {
        return Stream.of(
                arguments("price", "currency_missing", conversion("price", 1)),
                arguments("date_time", "older_than_21_days", conversion("date_time", "2025-07-01T12:34:56")),
                arguments("clientId", "unknown_field", conversion("clientId", "1")));
    }

    @ParameterizedTest
    @MethodSource
    void warnedOf(String field, String code, String conversion) {
        var answer = WEBHOOK.send("{\"conversions\": [" + conversion() + "," + conversion + "]}");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.text("accepted_count")).isEqualTo("2");
        var warning = answer.json().get("warnings").get(0);
        assertThat(warning.get("index").intValue()).isEqualTo(1);
        assertThat(warning.get("field").asText()).isEqualTo(field);
        assertThat(warning.get("code").asText()).isEqualTo(code);
        assertThat(warning.get("message").asText()).isNotBlank();
    }

    @Test
    void withoutAWarningTheAnswerHasNone() {
        var answer = WEBHOOK.send("{\"conversions\": [" + conversion() + "]}");
        assertThat(answer.json().fieldNames()).toIterable().containsExactly("batch_id", "status", "accepted_count");
        assertThat(answer.text("status")).isEqualTo("accepted");
    }

    @Test
    void localTimeIsThatOfTheWebhooksZoneAlsoWhenTheClocksChange() {
        var berlin = PRODUCT.webhook("""
            {"name": "t", "counter_id": 103, "token": "t", "time_zone": "Europe/Berlin"}\
            """);
        var answer = berlin.send("{\"conversions\": ["
                + String.join(
                        ",",
                        conversion("date_time", "2026-03-29T01:59:59"), // winter time, the last second of it
                        conversion("date_time", "2026-03-29T03:00:00"), // summer time, the first second of it
                        conversion("date_time", "2026-03-29T02:30:00"), // never came
                        conversion("date_time", "2025-10-26T02:30:00"), // came twice
                        conversion("date_time", "2025-10-26T03:00:00"))
                + "]}");
        var times = Shared.DATABASE.query(
                "select date_time from conversion where batch_id = ?::uuid order by position", answer.text("batch_id"));
        assertThat(times)
                .extracting(row ->
                        Instant.ofEpochSecond((Long) row.get("date_time")).toString())
                .containsExactly(
                        "2026-03-29T00:59:59Z",
                        "2026-03-29T01:00:00Z",
                        "2026-03-29T01:30:00Z",
                        "2025-10-26T00:30:00Z",
                        "2025-10-26T02:00:00Z");
        assertThat(answer.json().get("warnings").findValuesAsText("code"))
                .contains("nonexistent_local_time", "ambiguous_local_time");
    }

    @Test
    void allErrorsAreToldUpToAHundredWithTheTotal() {
        var answer = WEBHOOK.send("{\"conversions\": [" + "{},".repeat(149) + "{}]}");
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.text("detail")).isEqualTo("150 of 150 conversions are invalid");
        var errors = answer.json().get("errors");
        assertThat(errors).hasSize(101);
        assertThat(errors.get(0).get("index").intValue()).isZero();
        assertThat(errors.get(100).get("message").asText()).contains("350 more", "450 in all");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "x",
                "[]",
                "5",
                "null",
                "{",
                "{}",
                "{\"conversions\": null}",
                "{\"conversions\": {}}",
                "{\"conversions\": []}",
                "{\"conversions\": [{}]} x",
                "{\"conversions\": [], \"conversions\": []}",
                "{\"conversions\": [{\"target\": }]}"
            })
    void whatIsNotARequestIsRefused(String body) {
        var answer = WEBHOOK.send(body);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.header("Content-Type")).isEqualTo("application/problem+json");
        assertThat(answer.text("detail")).isNotBlank();
        assertThat(answer.json().get("errors")).isNotEmpty();
        assertThat(answer.body()).doesNotContain("Exception", "jackson", "java");
    }
}
