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
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

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
                // Numbers, in exact decimals
                "price=A/100¦1234567¦¦price¦12345.67",
                "price=A / 1000¦1 234,5¦¦price¦1.2345",
                "price=A*1.2¦0.1¦¦price¦0.12",
                "price=\"A\"*100¦-15,00 ₽¦¦price¦-1500.00",
                "price=A/100+'0'¦1234500¦¦price¦12345.000",
                "price=A.sum/100¦{\"sum\": 29}¦¦price¦0.29",
                "price=A['sum']/100¦sum=150000¦¦price¦1500.00",
                "price=A/100¦¦1¦price¦",
                "date_time=A/1000¦1751364000123¦¦date_time¦2025-07-01T10:00:00Z",
                // One of a list in a text
                "client_id=A[key='_ym_uid'].value¦[{\"key\": \"ymuid\", \"value\": 1}, {\"key\": \"_ym_uid\", \"value\": 176405}]¦¦client_id¦176405",
                "client_id=A.list[ Key = 'a.b' ].x.y¦{\"list\": [7, null, {\"key\": \"a.b\", \"x\": {\"y\": \"v\"}}]}¦¦client_id¦v",
                "client_id=A[id='7'].in[id='8'].v¦[{\"id\": 7, \"in\": [{\"id\": 8, \"v\": \"c\"}, {\"id\": 9, \"v\": \"d\"}]}]¦¦client_id¦c",
                "client_id=A[key='it''s'].v¦[{\"key\": \"it's\", \"v\": \"c\"}]¦¦client_id¦c",
                "user_id='crm-'+A[key='k'].v¦[{\"key\": \"k\", \"v\": 5}]¦¦user_id¦crm-5",
                "price=A[key='k'].v/100¦[{\"key\": \"k\", \"v\": 5}]¦¦price¦0.05",
                "client_id=A[key='no'].v¦[{\"key\": \"k\", \"v\": 5}]¦¦client_id¦",
                "client_id=A[key='k'].v¦{\"key\": \"k\", \"v\": 5}¦¦client_id¦",
                "client_id=A[key='k'].v¦no list¦¦client_id¦",
                "client_id=A[key='k'].v¦¦1¦client_id¦",
                // The first that gives a value
                "client_id=A|B¦c1¦c2¦client_id¦c1",
                "client_id=A | B¦¦c2¦client_id¦c2",
                "client_id=A|B¦¦¦client_id¦",
                "client_id=A|B¦undefined¦c2¦client_id¦c2",
                "client_id=A['_ym_uid']|\"B\"¦_ga=1¦c2¦client_id¦c2",
                "client_id=A.cid|B¦{\"cid\": \"c1\"}¦c2¦client_id¦c1",
                "client_id=A[key='k'].v|B¦[]¦c2¦client_id¦c2",
                "purchase_id='a-'+A|'b-'+B¦¦7¦purchase_id¦b-7",
                "price=A/100|B¦¦15,5¦price¦15.5",
                "price=A|B/100|'7'¦¦¦price¦7",
                "currency=A|'RUB'¦¦¦currency¦RUB",
                "currency=A|'RUB'¦usd¦¦currency¦USD",
                "target=A('paid'='purchase')|B¦¦lead¦target¦lead",
                "date_time=A|B, time='12:00'¦¦25.11.2026¦date_time¦2026-11-25T12:00:00",
                "date_time=A+' '+B|B¦25.11.2026 0:00:00¦15:14¦date_time¦2026-11-25T15:14:00",
                // Numbers between two, or from one on
                "target=A('0'='free', '0.01'..'99.99'='small', '100'..='large')¦1 500,50 ₽¦¦target¦large",
                "target=A('0'..'100'='small', '0'='free')¦0¦¦target¦free",
                "target=A('-5'..'-1'='debt', *='other')¦-1.0¦¦target¦debt",
                "target=A(..'-1'='debt', '0'..='other')¦-1 000,5¦¦target¦debt",
                // An identifier in place of another one
                "client_id=A, user_id=B unless client_id¦c1¦u1¦user_id¦",
                "client_id=A, user_id=B unless client_id¦c1¦u1¦client_id¦c1",
                "client_id=A, user_id=B unless client_id¦¦u1¦user_id¦u1",
                "client_id=A, user_id=B unless client_id¦undefined¦u1¦user_id¦u1",
                "client_id=A, user_id=B unless client_id¦undefined¦u1¦client_id¦",
                "client_id=A['k']|A['j'], user_id='crm-'+B unless client_id¦j=1¦u1¦user_id¦",
                "purchase_id=A, user_id=\"B unless client_id\"¦77¦u1¦user_id¦u1",
                // A day with a zone, and no time
                "date_time=A+' '+B+' '+'Asia/Omsk', time='12:00'¦01.07.2025¦¦date_time¦2025-07-01T12:00:00+06:00",
                "date_time=A+' '+B+' '+'Asia/Omsk', time='12:00'¦01.07.2025¦15:14¦date_time¦2025-07-01T15:14:00+06:00",
                "date_time=A+' +03:00', time='12:00'¦2025-07-01¦¦date_time¦2025-07-01T12:00:00+03:00",
                "target=A(<'60'='short', '60'..='long')¦59.9¦¦target¦short",
                "target=A(<'60'='short', '60'..='long')¦60¦¦target¦long",
                "target=A('1'..'29'='a', *='other')¦many¦¦target¦other",
                // One column for two fields
                "purchase_id=A, user_id=A¦77¦¦user_id¦77",
                // Names keep their signs
                "purchase_id=A, user_id=B (UTC+3)¦77¦u1¦user_id¦u1",
                "purchase_id=A, user_id=\"B /100\"¦77¦u1¦user_id¦u1",
                "purchase_id=A, user_id=\"B|C\"¦77¦u1¦user_id¦u1",
                "purchase_id=A, user_id=B/100 pcs¦77¦u1¦user_id¦u1"
            })
    void cellsBecomeValues(String columns, String a, String b, String field, String value) throws IOException {
        var second = Stream.of("B (UTC+3)", "B /100", "B/100 pcs", "B|C", "\"B unless client_id\"")
                .filter(columns::contains)
                .findFirst()
                .orElse("B")
                .replace("\"", "");
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

    /** What the row is left out by, or what is wrong with it. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '¦',
            quoteCharacter = '~',
            value = {
                "only=A('SALE')¦sale¦¦",
                "only=A('SALE', 'RESALE')¦ Resale ¦¦",
                "only=A('SALE')¦lost¦¦by 'lost' in A",
                "only=A('SALE')¦¦y¦by an empty cell in A",
                "only=A('1'..'29')¦29¦¦",
                "only=A('1'..'29')¦30¦¦by '30' in A",
                "only=A('0.01'..)¦0,01¦¦",
                "only=A('0.01'..)¦0.00¦¦by '0.00' in A",
                "only=A('0.01'..)¦¦y¦by an empty cell in A",
                "only=A(>'0')¦0.001¦¦",
                "only=A(>'0')¦0.00¦¦by '0.00' in A",
                "leave-out=A(<'60')¦59.99¦¦by '59.99' in A",
                "leave-out=A(< '60')¦60¦¦",
                "leave-out=A(<'60')¦¦y¦",
                "target=A(<'60'='short', '60'..'600'='call', >'600'=-)¦601¦¦by '601' in A",
                "leave-out=A('0'..'0')¦0.00¦¦by '0.00' in A",
                "leave-out=A(..'0')¦-5¦¦by '-5' in A",
                "leave-out=A(..'0')¦0.01¦¦",
                "leave-out=A(..'0')¦¦y¦",
                "target=A('paid'='buy', *=-)|B('y'='z')¦new¦y¦by 'new' in A",
                "target=A('paid'='buy')|B('y'=-)¦¦y¦by 'y' in B",
                "only=A('Course'*)¦course of Java¦¦",
                "only=A('Course'*)¦a course¦¦by 'a course' in A",
                "leave-out=A('TEST'*)¦test-1¦¦by 'test-1' in A",
                "leave-out=A('TEST'*)¦¦y¦",
                "target=A('Course'*='course', 'Course of'*=-)¦Course of Java¦y¦by 'Course of Java' in A",
                "only=A['state']('paid')¦state=paid; x=1¦¦",
                "only=A.state('paid')¦{\"state\": \"new\"}¦¦by 'new' in A.state",
                "only=A('x'), only=B('y')¦x¦y¦",
                "only=A('x'), only=B('y')¦x¦z¦by 'z' in B",
                "leave-out=A('visited')¦planned¦¦",
                "leave-out=A('visited')¦¦y¦",
                "leave-out=A('visited')¦Visited¦¦by 'Visited' in A",
                "leave-out=A('', 'x')¦¦y¦by an empty cell in A",
                "leave-out=A('x'), target=B('y'='buy')¦x¦no word¦by 'x' in A",
                "target=A('paid'='buy', *=-)¦¦y¦by an empty cell in A"
            })
    void aConditionLeavesRowsOut(String columns, String a, String b, String reason) throws IOException {
        for (var row : List.of(csv(columns, "B", a, b), message(columns, "B", a, b))) {
            assertThat(((MappedConversion) row).leftOutReason())
                    .isEqualTo(reason == null ? null : "columns leaves it out, " + reason);
            assertThat(refused(row)).isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '¦',
            value = {
                "required=A¦x¦y¦",
                "required=A¦¦y¦A is empty or not there, and columns has required=A",
                "required=A, required=B¦x¦¦B is empty or not there, and columns has required=B",
                "purchase_id=A, required=A¦¦y¦A is empty or not there, and columns has required=A",
                "required=A|B¦¦y¦",
                "required=A¦undefined¦y¦A is empty or not there, and columns has required=A",
                "required=A|B¦null¦y¦",
                "required=A|B¦¦¦A and B are empty or not there, and columns has required=A|B",
                "required=A.x¦{\"x\": \"1\"}¦y¦",
                "required=A.x¦{\"z\": \"1\"}¦y¦A.x is empty or not there, and columns has required=A.x",
                "required=A['k']¦k=1¦y¦",
                "required=A['k']¦j=1¦y¦A is empty or not there, and columns has required=A"
            })
    void aRowWithoutARequiredColumnIsRefused(String columns, String a, String b, String reason) throws IOException {
        for (var row : List.of(csv(columns, "B", a, b), message(columns, "B", a, b))) {
            assertThat(((MappedConversion) row).leftOutReason()).isNull();
            assertThat(refused(row)).isEqualTo(reason == null ? "" : reason);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '¦',
            value = {
                "key=A¦e-1¦y¦e-1¦",
                "key=A+'/'+\"B\"¦e-1¦y¦e-1/y¦",
                "key=A|B¦¦y¦y¦",
                "key=A¦¦y¦¦A is empty or not there, and columns has it as key",
                "key=A+'/'+\"B\"¦e-1¦¦¦A or B is empty or not there, and columns has it as key",
                "key=A('1'='x')¦2¦y¦¦key: '2' in A is none of the words"
            })
    void aRowIsKnownByItsKey(String columns, String a, String b, String key, String reason) throws IOException {
        for (var row : List.of(csv(columns, "B", a, b), message(columns, "B", a, b))) {
            assertThat(MappedConversion.keyOf(row)).isEqualTo(key);
            assertThat(MappedConversion.shown(row).get("key")).isEqualTo(key);
            assertThat(refused(row)).startsWith(reason == null ? "" : reason);
            assertThat(refused(row).isEmpty()).isEqualTo(reason == null);
        }
    }

    @Test
    void theKeyOfAnOrderGoesBeforeItsNumberAndItsTime() throws IOException {
        var first = message("key=A, purchase_id=B", "B", "e-1", "7");
        assertThat(OrderKeys.of("x", List.of(first)))
                .isEqualTo(OrderKeys.of("x", List.of(message("key=A, purchase_id=B", "B", "e-1", "8"))))
                .isNotEqualTo(OrderKeys.of("x", List.of(message("key=A, purchase_id=B", "B", "e-2", "7"))))
                .isNotEqualTo(OrderKeys.of("x", List.of(message("purchase_id=B", "B", "e-1", "7"))))
                .isNotEqualTo(OrderKeys.of("y", List.of(first)));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '¦',
            quoteCharacter = '~',
            value = {
                "date_time=A¦Nothing is in A, where columns takes it from",
                "date_time=A+' '+\"B\"¦Nothing is in A or B, where columns takes it from",
                "client_id=A, user_id=B, date_time='2025-07-01T12:00:00Z'¦Nothing is in A, B, where columns takes it from",
                "target=A, client_id='1.1', date_time='2025-07-01T12:00:00Z'¦Nothing is in A, where columns takes it from"
            })
    void whatIsMissingIsNamedByItsColumn(String columns, String told) throws IOException {
        var refused = new ArrayList<RejectedRow>();
        READER.readValidRows(
                List.of(new SourceRow(1, message(columns, "B", null, null), List.of())), ZoneOffset.UTC, refused);
        assertThat(refused.get(0).reason()).contains(told);
    }

    @ParameterizedTest
    @CsvSource({"required=A, A", "key=A, A", "'purchase_id=A, required=A', purchase_id", "required=A.x|B, A.x"})
    void aRefusalForAColumnNamesIt(String columns, String field) throws IOException {
        var refused = new ArrayList<RejectedRow>();
        READER.readValidRows(
                List.of(new SourceRow(1, message(columns, "B", null, null), List.of())), ZoneOffset.UTC, refused);
        assertThat(refused).extracting(RejectedRow::field).containsExactly(field);
    }

    @Test
    void aRowWithoutARequiredColumnKeepsWhatItHas() throws IOException {
        assertThat(MappedConversion.shown(message("target=B, required=A", "B", null, "buy")))
                .containsEntry("target", "buy");
        assertThat(MappedConversion.shown(message("client_id=A, required=A", "B", null, "buy")))
                .doesNotContainKey("client_id");
    }

    @Test
    void aConditionThatCannotBeToldHasTheRowRefused() throws IOException {
        assertThat(refused(csv("only=A['x']('1')", "B", "x=1; x=2", null))).startsWith("only: 'x' is in A twice");
        assertThat(refused(message("leave-out=A.x('1')", "B", "{\"x\": ", null)))
                .isEqualTo("leave-out: A begins as JSON, and is broken");
    }

    @Test
    void whatIsNoNumberIsNotCountedWith() throws IOException {
        assertThat(refused(csv("price=A/100", "B", "many", null)))
                .isEqualTo("price: 'many' in A is no number, which columns multiplies or divides");
        assertThat(refused(message("price=A/100", "B", "1e400", null))).contains("'1e400' in A is no number");
        assertThat(refused(csv("price=A/100", "B", "1,500", null))).startsWith("price: price is '1,500': it could be");
        assertThat(refused(csv("price=A/100", "B", "-150", null)))
                .contains("price is '-1.50'", "It was written as '-150'");
    }

    @Test
    void aPriceThatIsCountedKeepsItsCurrency() throws IOException {
        assertThat(refused(csv("price=A/100, currency='EUR'", "B", "150 ₽", null)))
                .contains("150 ₽", "EUR");
        assertThat(refused(csv("price=A/100, currency='RUB'", "B", "150 ₽", null)))
                .isEmpty();
    }

    @Test
    void entriesOfAListThatDifferAreRefused() throws IOException {
        var twice = "[{\"k\": 1, \"v\": \"a\"}, {\"k\": 1, \"v\": \"b\"}]";
        assertThat(refused(message("client_id=A[k='1'].v", "B", twice, null)))
                .isEqualTo("client_id is given twice, as 'a' and as 'b'");
        assertThat(refused(csv("client_id=A[k='1'].v", "B", "[{", null)))
                .isEqualTo("client_id: A begins as JSON, and is broken");
    }

    @Test
    void anEntryIsChosenFromAListOfAMessage() throws IOException {
        var order =
                Map.of("meta_data", List.of(Map.of("key", "a", "value", 1), Map.of("key", "_ym_uid", "value", "176")));
        assertThat((Object) new RowMapper(Clock.systemUTC())
                        .rowsOf(order, complete("client_id=meta_data[key='_ym_uid'].value"))
                        .get(0)
                        .get("client_id"))
                .isEqualTo("176");
    }

    @ParameterizedTest
    @CsvSource({"std lux lux, booking_lux", "std, booking", "LUX, booking", "'', booking"})
    void whetherAnyOfAListIsSoDecides(String rooms, String target) throws IOException {
        var order = Map.of(
                "rooms",
                Stream.of(rooms.split(" "))
                        .filter(room -> !room.isEmpty())
                        .map(room -> Map.of("type", room))
                        .toList());
        assertThat((Object) new RowMapper(Clock.systemUTC())
                        .rowsOf(order, complete("target=rooms[type='lux'].type('lux'='booking_lux', *='booking')"))
                        .get(0)
                        .get("target"))
                .isEqualTo(target);
    }

    /** Of a list of texts: beside others, as the text of a field, of numbers, and where there is none. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"tags\": [\"vip\", \" new \", \"call\"]} | call_new",
                "{\"tags\": \"[\\\"new\\\"]\"} | call_new",
                "{\"tags\": [7, null, {\"name\": \"new\"}, [\"new\"], \"New\", \"newer\"]} | call",
                "{\"tags\": []} | call",
                "{\"tags\": \"new\"} | call",
                "{} | call"
            })
    void whetherAListOfTextsHasAWordDecides(String order, String target) throws IOException {
        assertThat((Object) new RowMapper(Clock.systemUTC())
                        .rowsOf(order, complete("target=tags[='new']('new'='call_new', *='call')"))
                        .get(0)
                        .get("target"))
                .isEqualTo(target);
        var rows =
                new RowMapper(Clock.systemUTC()).rowsOf(order, complete("target='call', only=tags[ = 'new' ]('new')"));
        assertThat(MappedConversion.isLeftOut(rows.get(0))).isEqualTo(target.equals("call"));
    }

    /** Taken for an empty cell, all of them were left out, or none, and nobody was told. */
    @ParameterizedTest
    @ValueSource(strings = {"only=A('Заказ')", "leave-out=A('')", "required=A", "target=A('Заказ'='buy', *=-)"})
    void aConditionOnAListOrAnObjectRefusesTheRow(String columns) throws IOException {
        assertThat(refused(new RowMapper(Clock.systemUTC())
                        .rowsOf(Map.of("A", List.of("Заказ", "VIP")), complete(columns))
                        .get(0)))
                .contains("A is a list: name one of its entries, such as A.0");
        assertThat(refused(new RowMapper(Clock.systemUTC())
                        .rowsOf(Map.of("A", Map.of("id", 1)), complete(columns))
                        .get(0)))
                .contains("A is an object: name a field of it, such as A.id");
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
        assertThat(new RowMapper(java.time.Clock.systemUTC()).rowsOf(rows, columns))
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
                .rowsOf(Map.of("A", "new", "B", "paid"), "target=B('paid'='buy')+A('new'=-), date_time='now'");
        assertThat(rows).singleElement().satisfies(row -> {
            assertThat(row.get("date_time")).isInstanceOf(ArrivalTime.class);
            assertThat(((MappedConversion) row).leftOutReason()).isEqualTo("columns leaves it out, by 'new' in A");
        });
    }

    @Test
    void aRowWithoutATimeHasThatOfItsArrivalWhereColumnsSaySo() throws IOException {
        var rows = new RowMapper(Clock.systemUTC());
        var columns = "date_time=at|'now'";
        assertThat(rows.rowsOf(Map.of("at", "2025-07-01T10:00:00Z"), columns))
                .singleElement()
                .satisfies(row -> assertThat(row.get("date_time")).isEqualTo("2025-07-01T10:00:00Z"));
        assertThat(rows.rowsOf(Map.of("at", ""), columns))
                .singleElement()
                .satisfies(row -> assertThat(row.get("date_time")).isInstanceOf(ArrivalTime.class));
    }

    @Test
    void aFileNeedsTheColumnsOfOneOfSeveralValues() throws IOException {
        assertThat(csv("client_id=C|A", "B", "c1", "2").get("client_id")).isEqualTo("c1");
        assertThat(refused(csv("required=C|A", "B", "x", "2"))).isEmpty();
        assertThat(catchFault("client_id=C|D")).contains("no column 'C'", "client_id");
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
                "target=A('1'..'9'='y', '9'..='z')¦character 23¦given twice",
                "target=A('x'..'9'='y')¦character 10¦two numbers",
                "target=A(..'9'='y', '1'..'2'='z')¦character 20¦given twice",
                "user_id=B unless target¦¦",
                "target=A('9'..'1'='y')¦character 10¦the smaller one first",
                "target=A|¦its end¦name of a column",
                "target=A||B¦character 10¦name of a column",
                "required=A|B('x')¦character 13¦a column that suffices",
                "target=A+''+¦its end¦name of a column",
                "time=T¦'time'¦date_time=Date+' '+Time",
                "target=A, date_time=B; price=C¦character 22¦comma",
                "target=A date_time=B¦character 9¦comma",
                "target=\"A date_time=B\", date_time=D=E¦¦",
                "price=A/3¦character 8¦3 does not",
                "price=A/0¦character 8¦above zero",
                "price=A*0.0¦character 8¦above zero",
                "only=A¦its end¦only=Status('Paid', 'Sent')",
                "only='x'¦character 6¦not closed",
                "leave-out=A('x'=-)¦character 13¦without a value",
                "only=A('x')+B('y')¦character 12¦an entry of its own",
                "client_id=A[key='x'].¦character 21¦behind the point",
                "required=A('x')¦character 11¦an entry of its own",
                "sum=A¦'sum'¦only, leave-out and required"
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

    @Test
    void aColumnOfAConditionHasToBeThere() {
        assertThat(catchFault("only=C('x')")).contains("no column 'C', which is asked for by only");
        assertThat(catchFault("client_id=C[key='x'].value")).contains("no column 'C[key='x'].value'");
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
        var line = "A;%s;Of another\n\"%s\";\"%s\";z\n"
                .formatted(second, text(a).replace("\"", "\"\""), text(b).replace("\"", "\"\""));
        try (var rows = new CsvRows(new StringReader(line), new Columns(all), TextEncoding.UTF_8)) {
            return rows.next().fields();
        }
    }

    private static Map<String, ?> message(String columns, String second, String a, String b) throws IOException {
        return new RowMapper(java.time.Clock.systemUTC())
                .rowsOf(Map.of("A", text(a), second, text(b)), complete(columns))
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
