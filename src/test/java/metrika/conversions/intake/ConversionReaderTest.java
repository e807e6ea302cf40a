package metrika.conversions.intake;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import metrika.conversions.problem.Json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.tuple;

/** The rules of a conversion as the API has them, value by value: nothing is trimmed or made out. */
class ConversionReaderTest {

    private static final Clock CLOCK = Clock.fixed(Instant.parse("2026-11-26T00:00:00Z"), ZoneOffset.UTC);
    private static final ConversionReader READER = reader(false, false);
    private static final Map<String, String> COLUMNS = Map.of(
            "client_id",
            "ClientId",
            "user_id",
            "UserId",
            "yclid",
            "Yclid",
            "purchase_id",
            "PurchaseId",
            "target",
            "Target",
            "price",
            "Price",
            "currency",
            "Currency");

    private static ConversionReader reader(boolean purchaseIdSuffices, boolean dropsNegativePrices) {
        return new ConversionReader(
                1000, new RuleSettings(Duration.ofHours(1), purchaseIdSuffices, dropsNegativePrices), CLOCK);
    }

    private static Conversions read(ConversionReader reader, String... conversions) {
        var body = "{\"conversions\": [" + String.join(",", conversions) + "]}";
        return reader.readJson(body.getBytes(StandardCharsets.UTF_8), ZoneOffset.UTC);
    }

    private static String conversion(String field, Object value) {
        var fields = new LinkedHashMap<String, Object>(
                Map.of("client_id", "1764057600123456789", "target", "purchase", "date_time", "2026-11-25T12:00:00Z"));
        fields.put(field, value);
        return Json.write(fields);
    }

    private static Map<String, Object> fault(String conversion) {
        var refused = catchThrowableOfType(InvalidConversions.class, () -> read(READER, conversion));
        assertThat(refused).as("%s is refused", conversion).isNotNull();
        assertThat(refused.errors().toList())
                .as("%s", refused.errors().toList())
                .hasSize(1);
        return refused.errors().toList().get(0);
    }

    private static List<Map<String, Object>> warnings(String... conversions) {
        return read(READER, conversions).warnings().toList();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '¦',
            quoteCharacter = '~',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "client_id¦ 1764¦invalid_characters¦' 1764'",
                "client_id¦1764 ¦invalid_characters¦'1764 '",
                "user_id¦ u¦invalid_characters¦begins",
                "user_id¦u\\n¦invalid_characters¦U+000A",
                "purchase_id¦\\r\\no¦invalid_characters¦U+000D",
                "target¦purchase ¦invalid_characters¦ends",
                "target¦purchase\\n¦invalid_characters¦U+000A",
                "target¦pur\\nchase¦invalid_characters¦U+000A",
                "purchase_id¦o\\t¦invalid_characters¦U+0009",
                "client_id¦17 64¦invalid_characters¦blank",
                "yclid¦17\\n64¦invalid_characters¦U+000A",
                "user_id¦u\u00a0¦invalid_characters¦U+00A0 NO-BREAK SPACE",
                "user_id¦\u200bu¦invalid_characters¦U+200B",
                "client_id¦\ufeff1764¦invalid_characters¦U+FEFF",
                "target¦pur\u200dchase¦invalid_characters¦U+200D",
                "target¦purchase\u200e¦invalid_characters¦U+200E",
                "purchase_id¦A\u00ad1¦invalid_characters¦U+00AD",
                "user_id¦a\\7¦invalid_characters¦U+0007",
                "user_id¦a\u0085b¦invalid_characters¦U+0085",
                "user_id¦a\u2003b¦invalid_characters¦U+2003",
                "user_id¦a\ufffdb¦invalid_characters¦lost on its way",
                "client_id¦undefined¦placeholder¦undefined",
                "client_id¦null¦placeholder¦null",
                "client_id¦NaN¦placeholder¦NaN",
                "yclid¦Null¦placeholder¦",
                "client_id¦{{client_id}}¦placeholder¦{{client_id}}",
                "purchase_id¦{{ order }}¦placeholder¦",
                "user_id¦undefined¦placeholder¦",
                "user_id¦%user_id%¦placeholder¦",
                "user_id¦${user}¦placeholder¦",
                "target¦{{goal}}¦placeholder¦",
                "target¦null¦placeholder¦",
                "client_id¦=\\\"1764057600123456789\\\"¦spreadsheet_text¦",
                "purchase_id¦'000315¦spreadsheet_text¦",
                "client_id¦1764057600123456789.0¦unsafe_number¦",
                "yclid¦123.0¦unsafe_number¦",
                "user_id¦\\\\N¦placeholder¦",
                "user_id¦(not set)¦placeholder¦",
                "user_id¦{$user}¦placeholder¦",
                "user_id¦{ user }¦placeholder¦",
                "user_id¦{0}¦placeholder¦",
                "user_id¦%s¦placeholder¦",
                "user_id¦<NA>¦placeholder¦",
                "client_id¦1.33591E17¦spreadsheet_number¦",
                "client_id¦1.33591e+17¦spreadsheet_number¦",
                "currency¦BYR¦invalid_currency¦BYR",
                "currency¦DEM¦invalid_currency¦",
                "currency¦TRL¦invalid_currency¦",
                "currency¦XXX¦invalid_currency¦",
                "currency¦XTS¦invalid_currency¦",
                "currency¦XAU¦invalid_currency¦",
                "currency¦XDR¦invalid_currency¦",
                "currency¦HRK¦invalid_currency¦",
                "currency¦BGN¦invalid_currency¦",
                "currency¦ZWL¦invalid_currency¦",
                "currency¦VEF¦invalid_currency¦",
                "currency¦CHE¦invalid_currency¦",
                "currency¦CLF¦invalid_currency¦",
                "currency¦USN¦invalid_currency¦",
                "currency¦UAK¦invalid_currency¦",
                "currency¦rub¦invalid_currency¦",
                "currency¦rur¦invalid_currency¦",
                "currency¦ RUB¦invalid_currency¦",
                "currency¦₽¦invalid_currency¦",
                "price¦-300¦negative_price¦-300",
                "price¦-0.01¦negative_price¦",
                "price¦1 990,50¦invalid_price¦",
                "price¦1990.¦invalid_price¦",
                "price¦.5¦invalid_price¦",
                "price¦100 ₽¦invalid_price¦",
                "price¦-¦invalid_price¦",
                "price¦1.2.3¦invalid_price¦"
            })
    void isRefused(String field, String value, String code, String named) {
        assertThat(fault(conversion(field, value.translateEscapes())))
                .containsEntry("field", field)
                .containsEntry("code", code)
                .extracting("message")
                .asString()
                .contains(named == null ? "" : named);
    }

    @ParameterizedTest
    @ValueSource(strings = {"client_id", "user_id", "yclid", "purchase_id", "target"})
    void textsOfMoreThan255CharactersAreRefused(String field) {
        for (var sign : List.of("7", "й", "😀")) {
            assertThat(read(READER, conversion(field, sign.repeat(255))).size()).isOne();
            assertThat(fault(conversion(field, sign.repeat(256))))
                    .containsEntry("code", "too_long")
                    .containsEntry("field", field)
                    .extracting("message")
                    .asString()
                    .contains("256", "255")
                    .hasSizeLessThan(300);
        }
        assertThat(fault(conversion(field, "7".repeat(100_000)))).containsEntry("code", "too_long");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '¦',
            quoteCharacter = '~',
            value = {
                "user_id¦Иван, \"О'Нил\"\\nвторая строка",
                "purchase_id¦order 12",
                "target¦Покупка в магазине",
                "user_id¦'t Hooft",
                "user_id¦12E4",
                "user_id¦{550e8400-e29b-41d4-a716-446655440000}",
                "user_id¦a@b.example",
                "user_id¦50%",
                "user_id¦<a@b.example>",
                "user_id¦nullable",
                "user_id¦undefined1",
                "user_id¦1.0",
                "user_id¦5% off",
                "client_id¦10.20",
                "user_id¦😀",
                "user_id¦नमस्ते",
                "client_id¦1234567890.1234567890",
                "price¦0",
                "price¦-0",
                "price¦-0.00",
                "currency¦BYN",
                "currency¦XCG",
                "currency¦ZWG",
                "currency¦SLE",
                "currency¦VES",
                "currency¦KZT"
            })
    void isTaken(String field, String value) {
        var conversions = read(READER, conversion(field, value.translateEscapes()));
        assertThat(conversions.preview(1).get(0))
                .containsEntry(COLUMNS.get(field), value.translateEscapes().replaceFirst("^-0", "0"));
        assertThat(conversions.warnings().toList()).extracting("code").isSubsetOf("currency_missing");
    }

    @Test
    void ofTheSameWarningsOneIsToldWithTheirCount() {
        var old = new String[1000];
        for (int i = 0; i < old.length; i++) {
            old[i] = conversion(
                    "date_time",
                    Instant.parse("2025-07-01T12:00:00Z").plusSeconds(i).toString());
        }
        old[7] = conversion("price", 5);
        var warnings = warnings(old);
        assertThat(warnings).hasSize(2);
        assertThat(warnings.get(0))
                .containsEntry("index", 0)
                .containsEntry("code", "older_than_21_days")
                .containsEntry("count", 999)
                .extracting("message")
                .asString()
                .contains("2025-07-01T12:00:00Z");
        assertThat(warnings.get(1))
                .containsEntry("index", 7)
                .containsEntry("code", "currency_missing")
                .doesNotContainKey("count");
    }

    @Test
    void moreThanAHundredKindsOfWarningsAreCounted() {
        var fields = new StringBuilder();
        for (int i = 0; i < 150; i++) {
            fields.append("\"x%d\": 1,".formatted(i));
        }
        var conversion = "{" + fields + conversion("price", null).substring(1);
        var warnings = warnings(conversion, conversion);
        assertThat(warnings).hasSize(101);
        assertThat(warnings.get(0)).containsEntry("field", "x0").containsEntry("count", 2);
        assertThat(warnings.get(100))
                .containsEntry("code", "more")
                .containsEntry("message", "100 more are not shown, 300 in all");
    }

    @Test
    void theOldRoubleIsTheRouble() {
        var conversions = read(READER, conversion("currency", "RUR"));
        assertThat(conversions.preview(1).get(0)).containsEntry("Currency", "RUB");
        assertThat(conversions.warnings().toList())
                .extracting("code", "field")
                .containsExactly(tuple("currency_renamed", "currency"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GA1.2.abc",
                "GA1.2.1234567890.1234567890",
                "fb.1.1558571054389.1098115397",
                "550e8400-e29b-41d4-a716-446655440000",
                "anna@shop.example",
                "+79990000000"
            })
    void anIdentifierOfAnothersIsWarnedOf(String value) {
        for (var field : List.of("client_id", "yclid")) {
            assertThat(warnings(conversion(field, value)))
                    .hasSize(1)
                    .first()
                    .satisfies(warning -> assertThat(warning)
                            .containsEntry("code", "unlikely_identifier")
                            .containsEntry("field", field)
                            .extracting("message")
                            .asString()
                            .contains(value));
        }
        assertThat(warnings(conversion("user_id", value))).isEmpty();
    }

    @Test
    void googlesCookieIsCalledThat() {
        assertThat(warnings(conversion("client_id", "GA1.2.abc"))
                        .get(0)
                        .get("message")
                        .toString())
                .contains("Google Analytics", "_ga", "_ym_uid");
    }

    @Test
    void fieldsThatAreMeantAreNamedWithTheirRightNames() {
        var refused = catchThrowableOfType(
                InvalidConversions.class,
                () -> read(
                        READER,
                        "{\"ClientId\": \"1\", \"Target\": \"purchase\", \"DateTime\": \"2026-11-25T12:00:00Z\"}",
                        "{\"\ufeffyClid\": \"1\", \"goal\": \"purchase\", \"date-time\": \"2026-11-25T12:00:00Z\"}",
                        "{}"));
        var messages = refused.errors().toList().stream()
                .map(error -> error.get("message").toString())
                .toList();
        assertThat(messages).hasSize(9);
        assertThat(messages.get(0)).contains("target is required", "no field 'Target': its name is target");
        assertThat(messages.get(1)).contains("date_time is required", "no field 'DateTime': its name is date_time");
        assertThat(messages.get(2)).contains("client_id", "no field 'ClientId': its name is client_id");
        assertThat(messages.get(3)).contains("no fields '<U+FEFF>yClid', 'goal', 'date-time'");
        assertThat(messages.get(4)).contains("'date-time': its name is date_time");
        assertThat(messages.get(5)).contains("'<U+FEFF>yClid': its name is yclid");
        assertThat(messages.get(6))
                .isEqualTo("target is required: the identifier of a JavaScript event goal of the counter");
        assertThat(warnings(conversion("clientID", "1")).get(0).get("message").toString())
                .contains("'clientID'", "name is client_id");
    }

    @Test
    void returnsAreLeftOutWhereTheInstallationSaysSo() {
        var conversions = read(
                reader(false, true),
                conversion("price", -300),
                conversion("target", "paid"),
                conversion("price", "-0.01"));
        assertThat(conversions.size()).isOne();
        assertThat(conversions.warnings().toList().get(0))
                .containsEntry("index", 0)
                .containsEntry("code", "negative_price")
                .containsEntry("count", 2);
        assertThat(conversions.times(10, ZoneOffset.UTC)).extracting("index").containsExactly(1);
    }

    @Test
    void whereNothingIsLeftTheAnswerSaysWhy() {
        var conversions = read(reader(false, true), conversion("price", -300));
        assertThat(conversions.size()).isZero();
        assertThat(new StoredBatch(null, 0, Json.write(conversions.warnings().toList()), List.of()).toJson())
                .startsWith(
                        "{\"batch_id\":null,\"status\":\"ignored\",\"accepted_count\":0,\"warnings\":[{\"index\":0,")
                .contains("negative_price");
    }

    @Test
    void aPurchaseIdSufficesWhereTheInstallationSaysSo() {
        var order = "{\"purchase_id\": \"order-1\", \"target\": \"purchase\", \"date_time\": \"2026-11-25T12:00:00Z\"}";
        assertThat(fault(order)).containsEntry("code", "required").containsEntry("field", "client_id");
        assertThat(read(reader(true, false), order).preview(1).get(0))
                .containsEntry("PurchaseId", "order-1")
                .containsEntry("ClientId", null);
        var none = catchThrowableOfType(
                InvalidConversions.class, () -> read(reader(true, false), order.replace("order-1", "")));
        assertThat(none.errors().toList().get(0).get("message").toString()).contains("purchase_id");
    }
}
