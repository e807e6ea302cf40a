package metrika.conversions.sources;

import java.io.IOException;
import java.io.StringReader;
import java.math.BigDecimal;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import metrika.conversions.intake.ConversionReader;
import metrika.conversions.intake.InvalidConversions;
import metrika.conversions.intake.RejectedRow;
import metrika.conversions.intake.RuleSettings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/** Cells as people and programs write them, through the rules: what is taken for what, and what is refused. */
class CellsTest {

    private static final ZoneId MOSCOW = ZoneId.of("Europe/Moscow");
    private static final ConversionReader READER = new ConversionReader(
            1000,
            new RuleSettings(Duration.ofHours(1), false, false),
            Clock.fixed(Instant.parse("2026-11-26T00:00:00Z"), ZoneOffset.UTC));
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
            "date_time",
            "DateTime",
            "price",
            "Price",
            "currency",
            "Currency");

    /**
     * A good row with a cell of another value.
     *
     * @param cell its text, in which {@code \\n} and the like are one sign; after {@code & currency=} the row's
     *     currency, if any
     */
    private static Map<String, Object> row(String field, String cell) {
        var parts = cell.translateEscapes().split(" & currency=");
        var cells = new LinkedHashMap<>(
                Map.of("client_id", "1764057600123456789", "target", "purchase", "date_time", "2026-11-25T12:00:00Z"));
        cells.put(field, parts[0]);
        if (parts.length > 1) {
            cells.put("currency", parts[1]);
        }
        var row = new LinkedHashMap<String, Object>();
        cells.forEach((name, text) -> {
            var trimmed = CellNormalizer.trimmed(text);
            row.put(name, trimmed == null ? null : CellNormalizer.value(name, trimmed));
        });
        return row;
    }

    private static String read(String field, String cell) {
        return String.valueOf(READER.readRows(List.of(row(field, cell)), MOSCOW)
                .preview(1)
                .get(0)
                .get(COLUMNS.get(field)));
    }

    private static Map<String, Object> fault(String field, String cell) {
        var refused = catchThrowableOfType(
                InvalidConversions.class, () -> READER.readRows(List.of(row(field, cell)), MOSCOW));
        assertThat(refused).as("%s '%s' is refused", field, cell).isNotNull();
        assertThat(refused.errors().toList())
                .as("%s", refused.errors().toList())
                .hasSize(1);
        return refused.errors().toList().get(0);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '¦',
            quoteCharacter = '~',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                // What makes a spreadsheet take digits for a text
                "client_id¦=\"1764057600123456789\"¦1764057600123456789",
                "client_id¦= \"1764057600123456789\"¦1764057600123456789",
                "client_id¦=1764057600123456789¦1764057600123456789",
                "client_id¦'1764057600123456789¦1764057600123456789",
                "client_id¦'1764057600123456789'¦1764057600123456789",
                "client_id¦\"1764057600123456789\"¦1764057600123456789",
                "client_id¦\"'1764057600123456789\"¦\"'1764057600123456789\"",
                "client_id¦=\"'176405760012\"¦176405760012",
                "client_id¦'=\"176405760012\"¦176405760012",
                "client_id¦=\" 1764057600123456789 \"¦1764057600123456789",
                "client_id¦=\"1234567890.1234567890\"¦1234567890.1234567890",
                "yclid¦=\"15696014897537187839\"¦15696014897537187839",
                "purchase_id¦=\"000315\"¦000315",
                "purchase_id¦'000315¦000315",
                "user_id¦'+79990000000¦+79990000000",
                "user_id¦'t Hooft¦'t Hooft",
                "target¦=\"purchase\"¦purchase",
                "price¦=\"100\"¦100",
                "price¦'100¦100",
                "currency¦=\"RUB\"¦RUB",
                "date_time¦=\"25.11.2026 12:00\"¦1795597200",
                // Around a value is nothing that nobody sees
                "client_id¦\u200b1764057600600000001¦1764057600600000001",
                "client_id¦\ufeff1764057600600000001¦1764057600600000001",
                "client_id¦\u00a0\\t1764057600600000001\u202f \\r\\n¦1764057600600000001",
                "client_id¦\u200e\u20621764057600600000001\u00ad¦1764057600600000001",
                "target¦purchase\u200b¦purchase",
                "purchase_id¦A-1\u200b¦A-1",
                "purchase_id¦\u0001A-1\u0007¦A-1",
                "target¦\u2060\u3000purchase\u2028¦purchase",
                "currency¦\u200bRUB\u00a0¦RUB",
                "price¦\ufeff100\u200b¦100",
                "date_time¦2026-11-25 12:00\u200e¦1795597200",
                // A number of 1C
                "purchase_id¦12\u00a0345¦12345",
                "purchase_id¦1\u202f234\u202f567¦1234567",
                "purchase_id¦12\u2009345¦12345",
                "purchase_id¦12 345¦12 345",
                "purchase_id¦order 12¦order 12",
                "user_id¦12 345¦12 345"
            })
    void identifiersAreUnwrapped(String field, String cell, String value) {
        assertThat(read(field, cell)).isEqualTo(value);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '¦',
            quoteCharacter = '~',
            ignoreLeadingAndTrailingWhitespace = false,
            value = {
                "client_id¦1764 057600123¦invalid_characters¦1764 057600123",
                "client_id¦1764\u00a0057600123¦invalid_characters¦U+00A0",
                "client_id¦1764\u202f057600123¦invalid_characters¦U+202F",
                "client_id¦1764\u2009057600123¦invalid_characters¦U+2009",
                "client_id¦1764\u3000057600123¦invalid_characters¦U+3000",
                "client_id¦1764\\t057600123¦invalid_characters¦U+0009",
                "client_id¦1764\\n057600123¦invalid_characters¦U+000A",
                "yclid¦1764\\r\\n057600123¦invalid_characters¦U+000D",
                "user_id¦Anna\\nPetrova¦invalid_characters¦U+000A",
                "purchase_id¦A\\n1¦invalid_characters¦U+000A",
                "target¦pur\\nchase¦invalid_characters¦U+000A",
                "client_id¦1764\u200b057600123¦invalid_characters¦U+200B",
                "client_id¦1764\ufeff057600123¦invalid_characters¦U+FEFF",
                "purchase_id¦A\u00ad1¦invalid_characters¦U+00AD",
                "target¦pur\u200echase¦invalid_characters¦U+200E",
                "user_id¦Анна\u00a0П¦invalid_characters¦U+00A0",
                "user_id¦a\u0007b¦invalid_characters¦U+0007",
                "purchase_id¦12\u00a034¦invalid_characters¦U+00A0",
                "client_id¦1\u20282¦invalid_characters¦U+2028",
                "user_id¦a\ufffdb¦invalid_characters¦lost",
                "user_id¦a\u3164b¦invalid_characters¦U+3164",
                "client_id¦undefined¦placeholder¦undefined",
                "client_id¦UNDEFINED¦placeholder¦",
                "client_id¦null¦placeholder¦",
                "yclid¦NULL¦placeholder¦",
                "user_id¦NaN¦placeholder¦",
                "purchase_id¦None¦placeholder¦",
                "client_id¦nil¦placeholder¦",
                "client_id¦(null)¦placeholder¦",
                "client_id¦#N/A¦placeholder¦",
                "client_id¦#REF!¦placeholder¦",
                "client_id¦#Н/Д¦placeholder¦",
                "client_id¦n/a¦placeholder¦",
                "client_id¦[object Object]¦placeholder¦",
                "client_id¦{{client_id}}¦placeholder¦",
                "client_id¦{{ client.id }}¦placeholder¦",
                "client_id¦${client_id}¦placeholder¦",
                "client_id¦#{client_id}¦placeholder¦",
                "client_id¦{client_id}¦placeholder¦",
                "client_id¦%client_id%¦placeholder¦",
                "client_id¦%%ym_client_id%%¦placeholder¦",
                "client_id¦<client_id>¦placeholder¦",
                "client_id¦[client_id]¦placeholder¦",
                "client_id¦{%client_id%}¦placeholder¦",
                "client_id¦<%= client_id %>¦placeholder¦",
                "purchase_id¦order-{{number}}¦placeholder¦",
                "user_id¦%ИМЯ%¦placeholder¦",
                "client_id¦-¦placeholder¦",
                "client_id¦—¦placeholder¦",
                "client_id¦#######¦placeholder¦",
                "client_id¦...¦placeholder¦",
                "target¦undefined¦placeholder¦",
                "target¦{{goal}}¦placeholder¦",
                "client_id¦1.33591E+17¦spreadsheet_number¦",
                "client_id¦1,33591E+17¦spreadsheet_number¦",
                "client_id¦1.3359124764096646E17¦spreadsheet_number¦",
                "client_id¦=\"1.33591E+17\"¦spreadsheet_number¦",
                "client_id¦=A1¦spreadsheet_text¦=A1",
                "purchase_id¦=CONCAT(A1,B1)¦spreadsheet_text¦"
            })
    void identifiersThatBelongToNobodyAreRefused(String field, String cell, String code, String named) {
        var fault = fault(field, cell);
        assertThat(fault).containsEntry("field", field).containsEntry("code", code);
        assertThat(fault.get("message").toString()).contains(named == null ? "" : named);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "25.11.2026, 15:14:56",
                "25.11.2026,15:14:56",
                "25.11.2026\u00a015:14:56",
                "25.11.2026\u202f15:14:56",
                "25.11.2026T15:14:56",
                "25.11.2026  15:14:56",
                "25.11.2026 15:14:56.789",
                "25.11.2026 15:14:56,5",
                "25.11.2026 15:14:56 +0300",
                "25.11.2026 15:14:56 +03:00",
                "25.11.2026 15:14:56+03",
                "25.11.2026 12:14:56 UTC",
                "25.11.2026 12:14:56 Z",
                "25.11.2026 12:14:56Z",
                "25.11.2026 12:14:56 GMT",
                "25.11.2026 15:14:56 GMT+3",
                "25.11.2026 15:14:56 UTC+03:00",
                "25.11.2026 15:14:56 MSK",
                "25.11.2026 15:14:56 мск",
                "25.11.2026 г. 15:14:56",
                "25.11.2026 в 15:14:56",
                "25.11.2026 3:14:56 PM",
                "2026/11/25 15:14:56",
                "2026.11.25 15:14:56",
                "2026-11-25 15:14:56",
                "2026-11-25, 15:14:56",
                "2026-11-25 15:14:56 +0300",
                "2026-11-25 12:14:56+00",
                "2026-11-25 12:14:56.123456+00:00",
                "2026-11-25T15:14:56 +03:00",
                "2026-11-25t12:14:56z",
                "2026-11-25T12:14:56.123Z",
                "20261125151456",
                "20261125T151456",
                "1795608896",
                "1795608896123",
                "1795608896.5",
                "1795608896,5",
                "25 ноября 2026 г., 15:14:56",
                "25 ноября 2026 15:14:56",
                "25 Nov 2026 15:14:56",
                "Wed, 25 Nov 2026 12:14:56 GMT",
                "Nov 25, 2026, 3:14:56 PM",
                "November 25, 2026 15:14:56",
                "Wed Nov 25 2026 15:14:56 GMT+0300 (Moscow Standard Time)",
                "\u200e25.\u200e11.\u200e2026 \u200f15:14:56",
                "25-Nov-2026 15:14:56",
                "2026-11-25T15:14:56+03:00[Europe/Moscow]",
                "2026-11-25T12:14:56Z[UTC]",
                "2026-11-25T12:14:56UTC",
                "2026-11-25T15:14:56GMT+3",
                "2026-11-25T15:14:56.123456789012345+03:00",
                "\\0 25.11.2026 15:14:56",
                "2026-11-25 07:14:56 \u22120500"
            })
    void timesOfOneMeaningAreTaken(String cell) {
        assertThat(read("date_time", cell)).isEqualTo("1795608896");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '>',
            value = {
                "25.11.2026 9:05>1795586700",
                "1.2.2026 9:05>1769925900",
                "2026-1-2 3:04>1767312240",
                "25.11.2026 15:14>1795608840",
                "25.11.2026 12:30 AM>1795555800",
                "25.11.2026 12:30 PM>1795599000"
            })
    void timesWithFewDigitsAreTaken(String cell, String seconds) {
        assertThat(read("date_time", cell)).isEqualTo(seconds);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '>',
            value = {
                "25.11.26 15:14>four digits",
                "25.11.26>four digits",
                "03/04/2026>either",
                "03/04/2026 10:00>either",
                "13/04/2026 10:00>either",
                "11/25/2026 3:14 PM>either",
                "03-04-2026 10:00>either",
                "25.11.2026>time of day",
                "2026-11-25>time of day",
                "2026/11/25>time of day",
                "20261125>ISO 8601",
                "46351>spreadsheet",
                "46351.635>spreadsheet",
                "yesterday>ISO 8601",
                "31.02.2026 10:00>ISO 8601",
                "25.13.2026 10:00>ISO 8601",
                "25.11.2026 25:00>ISO 8601",
                "25.11.2026 15:14 EST>ISO 8601",
                "25.11.2026 15>ISO 8601",
                "17956088961>ISO 8601",
                "1795608896123456>ISO 8601",
                "25.11.2026 13:14 PM>ISO 8601",
                "25.11.2026 15:14 (MSK)>ISO 8601",
                "null>ISO 8601"
            })
    void timesOfNoneOrTwoMeaningsAreRefused(String cell, String why) {
        assertThat(fault("date_time", cell))
                .containsEntry("code", "invalid_date_time")
                .extracting("message")
                .asString()
                .contains(why, cell);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '>',
            value = {
                "1 990,50 ₽ & currency=RUB>1990.50",
                "1\u00a0990,50\u00a0₽>1990.50",
                "1\u202f990,50>1990.50",
                "1\u2009990.50>1990.50",
                "1\u2007990>1990",
                "1 990,50 руб. & currency=RUB>1990.50",
                "1990 р. & currency=RUB>1990",
                "1990р>1990",
                "RUB 1990.50>1990.50",
                "1990.50 RUB>1990.50",
                "1990.50RUB>1990.50",
                "1990.50|RUB>1990.50",
                "$1,990.50>1990.50",
                "$ 1990 & currency=USD>1990",
                "€ 1.990,50>1990.50",
                "1.990,50 €>1990.50",
                "1'990.50>1990.50",
                "1’990.50>1990.50",
                "1990.>1990",
                ".50>0.50",
                ",50>0.50",
                "1990,>1990",
                "1,990.50>1990.50",
                "1.990,50>1990.50",
                "1 990>1990",
                "1 234 567,89>1234567.89",
                "1,234,567>1234567",
                "1.234.567>1234567",
                "1,234,567.89>1234567.89",
                "1.990>1.990",
                "19.905>19.905",
                "1.990|RUB>1.990",
                "0.500 €>0.500",
                "1990.500 ₽>1990.500",
                "0,500>0.500",
                "1990,500>1990.500",
                "1 990,500>1990.500",
                "19,9>19.9",
                "12,3456>12.3456",
                "+100>100",
                "300,->300",
                "300.->300",
                "0>0",
                "-0>0",
                "-0,00>0.00",
                "£5 & currency=GBP>5",
                "руб.500>500",
                "р. 500>500",
                "$.50>0.50",
                "RUB 1 990>1990",
                "100 рублей & currency=BYN>100",
                "$5 & currency=CAD>5",
                "100 тенге>100",
                "100 uah>100",
                "1 000 RUR & currency=RUB>1000"
            })
    void sumsOfOneMeaningAreTaken(String cell, String value) {
        assertThat(read("price", cell)).isEqualTo(value);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '>',
            value = {
                "1,990>invalid_price",
                "12,345>invalid_price",
                "1,990 ₽>invalid_price",
                "1.990 €>invalid_price",
                "€12.345>invalid_price",
                "1.990.50>invalid_price",
                "12 34,5>invalid_price",
                "1 99>invalid_price",
                "1234 567>invalid_price",
                "1,2,3>invalid_price",
                "1,990,50>invalid_price",
                "1 990,5,0>invalid_price",
                "1e3>invalid_price",
                "NaN>invalid_price",
                "12%>invalid_price",
                "12 шт>invalid_price",
                "10-20>invalid_price",
                "~100>invalid_price",
                "₽>invalid_price",
                "|RUB>invalid_price",
                "100 DEM>invalid_price",
                "5 € $>invalid_price",
                "1990 руб. 50 коп.>invalid_price",
                "1'99>invalid_price",
                "0 990>invalid_price",
                "0,990.50>invalid_price",
                "Rs.500>invalid_price",
                "RUB,500>invalid_price",
                "-300>negative_price",
                "−300>negative_price",
                "–300 ₽>negative_price",
                "300->negative_price",
                "(300)>negative_price",
                "-$5>negative_price",
                "$-5>negative_price",
                "-1 990,50 ₽>negative_price",
                "-0,01>negative_price",
                "-300|RUB>negative_price"
            })
    void sumsOfNoneOrTwoMeaningsAreRefused(String cell, String code) {
        assertThat(fault("price", cell)).containsEntry("code", code).containsEntry("field", "price");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '>',
            nullValues = "-",
            value = {
                "1990.50|RUB>RUB",
                "100 ₽>RUB",
                "€100>EUR",
                "100 usd>USD",
                "100 RUR>RUB",
                "100 zł>PLN",
                "1990.50|EUR & currency=EUR>EUR",
                "100 руб. & currency=BYN>BYN",
                "100 $ & currency=AUD>AUD",
                "$100>-",
                "100 руб.>-",
                "100>-",
                "100 & currency=rub>RUB",
                "100 & currency=₽>RUB",
                "100 & currency=RUR>RUB",
                "100 & currency=rur>RUB"
            })
    void aSumsSignIsItsCurrencyWhereItIsSure(String cell, String currency) {
        assertThat(READER.readRows(List.of(row("price", cell)), MOSCOW)
                        .preview(1)
                        .get(0)
                        .get("Currency"))
                .isEqualTo(currency);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "100 ₽ & currency=USD",
                "€5 & currency=RUB",
                "1990.50|RUB & currency=EUR",
                "$5 & currency=RUB",
                "100 руб & currency=KZT"
            })
    void aSumsSignThatIsAnothersCurrencyIsRefused(String cell) {
        assertThat(fault("price", cell)).containsEntry("code", "currency_conflict");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "\u00a0", "\u200b\ufeff", "=\"\"", "= \" \""})
    void anEmptyCellIsNoValue(String cell) {
        for (var field : List.of("user_id", "purchase_id", "price", "currency")) {
            assertThat(read(field, cell)).isEqualTo("null");
        }
    }

    /** Files as Excel, 1C and people with a clipboard make them. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '¦',
            quoteCharacter = '~',
            value = {
                "=\"1764057600123456789\";purchase;25.11.2026"
                        + " 12:00;100;RUB;=\"000315\"¦1764057600123456789,000315,1795597200,100",
                "\"=\"\"1764057600123456789\"\"\";purchase;25.11.2026"
                        + " 12:00;100;RUB;\"'000315\"¦1764057600123456789,000315,1795597200,100",
                "1764057600100000000;purchase;\"25.11.2026, 15:14:56\";100;RUB;1¦1764057600100000000,1,1795608896,100",
                "1764057600200000000;purchase;25.11.2026 12:00;1 990,50"
                        + " ₽;RUB;1¦1764057600200000000,1,1795597200,1990.50",
                "1764057600123456789;purchase;25.11.2026 12:00;100;RUB;12 345¦1764057600123456789,12345,1795597200,100",
                "​1764057600600000001;purchase​;25.11.2026 12:00‎;100;RUB;A-1​¦1764057600600000001,A-1,1795597200,100"
            })
    void rowsOfFilesAreReadAsTheyAreMeant(String line, String values) throws IOException {
        var file = "client_id;target;date_time;price;currency;purchase_id\n" + line + "\n";
        try (var rows = new CsvRows(new StringReader(file), new Columns(null), TextEncoding.UTF_8)) {
            var refused = new ArrayList<RejectedRow>();
            var row =
                    READER.readValidRows(List.of(rows.next()), MOSCOW, refused).preview(1);
            assertThat(refused).isEmpty();
            assertThat(Stream.of("ClientId", "PurchaseId", "DateTime", "Price")
                            .map(name -> row.get(0).get(name).toString())
                            .collect(Collectors.joining(",")))
                    .isEqualTo(values);
            assertThat(row.get(0)).containsEntry("Target", "purchase");
        }
    }

    @Test
    void aDateAloneHasTheTimeThatTheColumnsGive() {
        var columns = new Columns("date_time=Дата, time='12:30'");
        assertThat(columns.value("date_time", "25.11.2026")).isEqualTo("2026-11-25T12:30:00");
        assertThat(columns.value("date_time", "2026-11-25")).isEqualTo("2026-11-25T12:30:00");
        assertThat(columns.value("date_time", "25.11.2026 15:14")).isEqualTo("2026-11-25T15:14:00");
        assertThat(columns.value("purchase_id", "25.11.2026")).isEqualTo("25.11.2026");
        assertThat(columns.constants()).isEmpty();
        assertThatThrownBy(() -> new Columns("time='24:00'")).hasMessageContaining("24:00", "12:00");
        assertThatThrownBy(() -> new Columns("time=Время")).hasMessageContaining("'time'");
    }

    @Test
    void numbersOfJsonAreTimesAndPricesToo() {
        assertThat(CellNormalizer.value("date_time", 1795608896123L)).isEqualTo("2026-11-25T12:14:56Z");
        assertThat(CellNormalizer.value("date_time", new BigDecimal("1795608896.5")))
                .isEqualTo("2026-11-25T12:14:56Z");
        assertThat(CellNormalizer.value("price", 5)).isEqualTo(5);
    }
}
