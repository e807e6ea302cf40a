package metrika.conversions.sources;

import java.io.IOException;
import java.io.StringReader;
import java.sql.Timestamp;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import metrika.conversions.intake.ConversionReader;
import metrika.conversions.intake.MappedConversion;
import metrika.conversions.intake.RejectedRow;
import metrika.conversions.intake.RuleSettings;
import metrika.conversions.intake.SourceRow;

import static org.assertj.core.api.Assertions.assertThat;

/** What columns make of the cells of a row: joined, cut out, translated; and what is wrong with columns themselves. */
class ColumnsTest {

    private static final ConversionReader READER = new ConversionReader(
            1000,
            new RuleSettings(Duration.ofHours(1), false, false),
            Clock.fixed(Instant.parse("2026-11-26T00:00:00Z"), ZoneOffset.UTC));

    /** The same by CSV, and by a message of JSON: a field of the row. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '¦',
            quoteCharacter = '~',
            value = {
                // Several cells joined
                "purchase_id=A+'-'+B¦S1¦77¦purchase_id¦S1-77",
                "purchase_id=A + '-' + B¦S1¦77¦purchase_id¦S1-77",
                "purchase_id=\"A\"+\"B\"¦S1¦77¦purchase_id¦S177",
                "purchase_id='shop-'+A¦77¦¦purchase_id¦shop-77",
                "purchase_id='it''s-'+A¦77¦¦purchase_id¦it's-77",
                // Half of an identifier is another one; half of a price is a price
                "purchase_id=A+'-'+B¦S1¦¦purchase_id¦",
                "purchase_id='shop-'+A¦¦77¦purchase_id¦",
                "price=A+'.'+B¦1500¦50¦price¦1500.50",
                "price=A+' '+B¦1500¦¦price¦1500",
                // A time beside the date
                "date_time=A+' '+B¦25.11.2026¦15:14:56¦date_time¦2026-11-25T15:14:56",
                "date_time=A+' '+B¦25.11.2026 0:00:00¦15:14¦date_time¦2026-11-25T15:14:00",
                "date_time=A+' '+B¦2026-11-25¦1899-12-30 15:14:56¦date_time¦2026-11-25T15:14:56",
                "date_time=A+' '+B, time='12:00'¦25.11.2026¦¦date_time¦2026-11-25T12:00:00",
                // A date alone
                "date_time=A, time='12:00'¦25.11.2026¦¦date_time¦2026-11-25T12:00:00",
                "date_time=A, time='12:00'¦25 ноября 2026 г.¦¦date_time¦2026-11-25T12:00:00",
                "date_time=A, time='12:00'¦20261125¦¦date_time¦2026-11-25T12:00:00",
                // A zone beside it
                "date_time=A+' '+B('1'..'29'='+03:00', '30'..'50'='+07:00')¦01.07.2025 00:00:00¦30¦date_time¦2025-07-01T00:00:00+07:00",
                "date_time=A+' '+B('1'..'29'='+03:00')¦01.07.2025 12:34¦29¦date_time¦2025-07-01T12:34:00+03:00",
                "date_time=A+' '+B¦01.07.2025 12:34¦Asia/Novosibirsk¦date_time¦2025-07-01T12:34:00+07:00",
                "date_time=A+' '+B¦01.07.2025 12:34¦Europe/London¦date_time¦2025-07-01T12:34:00+01:00",
                "date_time=A+' '+B¦01.12.2025 12:34¦Europe/London¦date_time¦2025-12-01T12:34:00Z",
                "date_time=A+' '+B¦26.10.2025 01:30¦Europe/London¦date_time¦26.10.2025 01:30 Europe/London",
                "date_time=A+' '+B¦01.07.2025 12:34¦Europe/Nowhere¦date_time¦01.07.2025 12:34 Europe/Nowhere",
                "date_time=A+' '+B('1'='+03:00')¦01.07.2025 12:34¦¦date_time¦",
                "date_time=A+' '+B, time='12:00'¦01.07.2025 00:00¦¦date_time¦2025-07-01T12:00:00",
                // Cut out of a text
                "client_id=A['_ym_uid']¦_ga=GA1.2; _ym_uid=176405; _ym_d=1¦¦client_id¦176405",
                "client_id=A['_ym_uid']¦not_ym_uid=1; _ym_uid=176405¦¦client_id¦176405",
                "client_id=A['_ym_uid']¦_ga=GA1.2¦¦client_id¦",
                "yclid=A['yclid']¦https://shop.example/?utm=1&yclid=15&x=2¦¦yclid¦15",
                "user_id='crm-'+A['id']¦{'id': 'u7'}¦¦user_id¦crm-u7",
                // A path into JSON that is a text
                "client_id=A.ym.cid¦{\"ym\": {\"cid\": \"176405\"}}¦¦client_id¦176405",
                "client_id=a.YM_cid¦ {\"ym_cid\": 176405} ¦¦client_id¦176405",
                "user_id='crm-'+A.ids.1¦{\"ids\": [7, 8]}¦¦user_id¦crm-8",
                "user_id=A.0.id¦[{\"id\": \"u7\"}]¦¦user_id¦u7",
                "user_id=A.x.id¦{\"x\": \"{\\\"id\\\": \\\"u7\\\"}\"}¦¦user_id¦u7",
                "price=A.sum¦{\"sum\": 1500.50}¦¦price¦1500.50",
                "target=A.state('paid'='purchase', *='other')¦{\"state\": \"paid\"}¦¦target¦purchase",
                "purchase_id=A, user_id=A.id¦{\"id\": \"u7\"}¦¦user_id¦u7",
                "user_id=A.id¦{\"no\": \"u7\"}¦¦user_id¦",
                "user_id=A.id¦id: u7¦¦user_id¦",
                "user_id=A.id¦¦¦user_id¦",
                // Words
                "target=A('Оплачен'='purchase', 'Новый'='lead')¦ оплачен ¦¦target¦purchase",
                "target=A('paid'='purchase', *='other')¦new¦¦target¦other",
                "target=A(*='other')¦¦¦target¦other",
                "target='shop_'+A('paid'='purchase')¦PAID¦¦target¦shop_purchase",
                // One column for two fields
                "purchase_id=A, user_id=A¦77¦¦user_id¦77",
                // Names keep their signs
                "purchase_id=A, user_id=B (UTC+3)¦77¦u1¦user_id¦u1"
            })
    void cellsBecomeValues(String columns, String a, String b, String field, String value) throws IOException {
        var second = columns.contains("B (UTC+3)") ? "B (UTC+3)" : "B";
        var expected = value == null ? "null" : value;
        assertThat(String.valueOf(csv(columns, second, a, b).get(field)))
                .as("CSV")
                .isEqualTo(expected);
        assertThat(String.valueOf(message(columns, second, a, b).get(field)))
                .as("a message")
                .isEqualTo(expected);
    }

    @Test
    void aRowWhoseWordIsLeftOutIsNeitherStoredNorRefused() throws IOException {
        var columns = "target=A('paid'='purchase', 'new'=-)";
        for (var row : List.of(csv(columns, "B", "new", null), message(columns, "B", "new", null))) {
            assertThat(MappedConversion.isLeftOut(row)).isTrue();
            assertThat(refused(row)).isEmpty();
        }
        assertThat((Object) csv(columns, "B", "paid", null).get("target")).isEqualTo("purchase");
        assertThat(MappedConversion.isLeftOut(csv("target=A('paid'='purchase', *=-)", "B", "x", null)))
                .isTrue();
    }

    @Test
    void aWordThatIsNotMappedIsRefusedWithTheWayOut() throws IOException {
        assertThat(refused(csv("target=A('paid'='purchase')", "B", "Shipped", null)))
                .contains("target: 'Shipped' in A", "'paid'", "'Shipped'='value'", "'Shipped'=-");
    }

    @Test
    void theReasonHasTheCellAsItWasWritten() throws IOException {
        assertThat(refused(csv("date_time=A", "B", "01.12.2026 12:00", null)))
                .contains("ahead of now", "It was written as '01.12.2026 12:00'");
        assertThat(refused(csv("date_time=A, time='12:00'", "B", "31.02.2026", null)))
                .contains("It was written as '31.02.2026'");
        assertThat(refused(message("date_time=A", "B", "01.12.2026 12:00", null)))
                .contains("It was written as '01.12.2026 12:00'");
        assertThat(refused(csv("date_time=A", "B", "yesterday", null)))
                .contains("date_time is 'yesterday'")
                .doesNotContain("written");
    }

    @Test
    void rowsOfADatabaseAreMapped() throws IOException {
        var paidAt = Timestamp.from(Instant.parse("2026-11-25T12:14:56.7Z"));
        var rows = List.of(Map.of("visitor", 11, "paid", true, "paid_at", paidAt, "sum", 10.5))
                .iterator();
        var columns = "client_id=visitor, target=paid('true'='buy'), date_time=paid_at, price=sum, user_id=no.such";
        assertThat(new RowMapper(java.time.Clock.systemUTC()).map(rows, columns))
                .singleElement()
                .satisfies(row -> {
                    assertThat(row).hasSize(4);
                    assertThat((Object) row.get("date_time")).isEqualTo("2026-11-25T12:14:56Z");
                    assertThat((Object) row.get("target")).isEqualTo("buy");
                    assertThat(refused(row)).isEmpty();
                });
    }

    @Test
    void aValueThatIsInATextTwiceIsRefused() throws IOException {
        assertThat(refused(csv("client_id=A['_ym_uid']", "B", "_ym_uid=1; _ym_uid=2", null)))
                .contains("'_ym_uid' is in A twice");
    }

    @Test
    void whatIsInAJsonTextTwiceOrInABrokenOneIsRefused() throws IOException {
        for (var row : List.of(
                csv("user_id=A.id", "B", "{\"id\": \"u7\"", null),
                message("user_id=A.id", "B", "{\"id\": \"u7\"", null),
                message("user_id=A.id", "B", "{\"id\": \"u7\"} x", null))) {
            assertThat(refused(row)).isEqualTo("user_id: A begins as JSON, and is broken");
        }
        assertThat(refused(message("user_id='u'+A.id", "B", "[", null)))
                .isEqualTo("user_id: A begins as JSON, and is broken");
        assertThat(refused(message("user_id=A.id", "B", "{\"id\": 7, \"ID\": 8}", null)))
                .contains("user_id is given twice, as '7' and as '8'");
    }

    /** It was a copy that forgot it. */
    @Test
    void aRowThatIsLeftOutStaysSoWithTheTimeOfItsArrival() throws IOException {
        var rows = new RowMapper(Clock.systemUTC())
                .map(Map.of("A", "new", "B", "paid"), "target=B('paid'='buy')+A('new'=-), date_time='now'");
        assertThat(rows).singleElement().satisfies(row -> {
            assertThat(row.get("date_time")).isInstanceOf(ArrivalTime.class);
            assertThat(((MappedConversion) row).leftOutReason()).isEqualTo("columns leaves it out, by 'new' in A");
        });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '¦',
            quoteCharacter = '~',
            value = {
                "clientid=A¦clientid¦client_id",
                "target=A, target=B¦character 10¦given twice",
                "target=¦its end¦name of a column",
                "target¦character 1¦client_id=Visitor",
                "target='buy¦'buy¦not closed",
                "target='a''b' c¦character 14¦comma",
                "target=A['x'¦character 9¦comma",
                "target=A('x')¦character 10¦'Paid'='purchase'",
                "target=A('x'='y'¦character 10¦)",
                "target=A('x'='y', 'X'='z')¦character 18¦given twice",
                "target=A+''+¦its end¦name of a column",
                "time=T¦'time'¦date_time=Date+' '+Time",
                "target=A, date_time=B; price=C¦character 22¦comma",
                "target=A date_time=B¦character 9¦comma",
                "target=\"A date_time=B\", date_time=D=E¦¦"
            })
    void aMistakeIsToldInOneLineWithItsPlace(String columns, String place, String wayOut) {
        var fault = Columns.fault(columns);
        if (place == null) {
            assertThat(fault).isNull(); // a name may have any sign; the file will say that it has no such column
            return;
        }
        assertThat(fault).contains(place, wayOut).doesNotContain("\n");
    }

    @Test
    void aColumnThatIsJoinedHasToBeThere() {
        assertThat(catchFault("purchase_id=A+'-'+C")).contains("no column 'C'", "purchase_id");
        assertThat(catchFault("purchase_id=C.id")).contains("no column 'C.id'");
        assertThat(catchFault("purchase_id=A. id")).contains("no column 'A. id'");
        assertThat(catchFault("purchase_id=A+C")).contains("no column 'A+C'", "\"A\"+\"B\"");
    }

    private static String catchFault(String columns) {
        try {
            csv(columns, "B", "1", "2");
            return null;
        } catch (IOException | BrokenFileException e) {
            return e.getMessage();
        }
    }

    private static Map<String, ?> csv(String columns, String second, String a, String b) throws IOException {
        var all = complete(columns);
        var line = "A;%s\n\"%s\";\"%s\"\n-;-\n"
                .formatted(second, text(a).replace("\"", "\"\""), text(b).replace("\"", "\"\""));
        try (var rows = new CsvRows(new StringReader(line), new Columns(all), TextEncoding.UTF_8)) {
            return rows.next().fields();
        }
    }

    private static Map<String, ?> message(String columns, String second, String a, String b) throws IOException {
        return new RowMapper(java.time.Clock.systemUTC())
                .map(Map.of("A", text(a), second, text(b)), complete(columns))
                .get(0);
    }

    private static String text(String cell) {
        return cell == null ? "" : cell;
    }

    /** With what a conversion needs besides. */
    private static String complete(String columns) {
        var all = new ArrayList<>(List.of(columns));
        Map.of("client_id", "1.1", "target", "buy", "date_time", "2026-11-25T12:00:00Z")
                .forEach((field, value) -> {
                    if (!columns.contains(field + "=")) {
                        all.add("%s='%s'".formatted(field, value));
                    }
                });
        return String.join(", ", all);
    }

    private static String refused(Map<String, ?> row) {
        var refused = new ArrayList<RejectedRow>();
        READER.readValidRows(List.of(new SourceRow(1, row, List.of())), ZoneId.of("Europe/Moscow"), refused);
        return refused.isEmpty() ? "" : refused.get(0).reason();
    }
}
