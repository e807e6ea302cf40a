package metrika.conversions.sources;

import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import metrika.conversions.intake.ConversionReader;
import metrika.conversions.intake.InvalidConversions;
import metrika.conversions.intake.RuleSettings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/** JSON that gives a field twice: under one name, or under two spellings or paths that stand for the same field. */
class RepeatedFieldsTest {

    private static final ConversionReader READER = new ConversionReader(
            1000,
            new RuleSettings(Duration.ofHours(1), false, false),
            Clock.fixed(Instant.parse("2026-11-26T00:00:00Z"), ZoneOffset.UTC));
    private static final String COLUMNS = "user_id=buyer.id";

    private static List<Map<String, Object>> read(String fields) throws IOException {
        var json =
                "[{" + fields.replace('\'', '"') + ", \"target\": \"purchase\", \"date_time\": \"25.11.2026 12:00\"}]";
        return READER.readRows(new RowMapper(Clock.systemUTC()).rowsOf(json, COLUMNS), ZoneOffset.UTC)
                .preview(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'client_id': '1', 'ClientID': null", "'ClientID': null, 'client_id': '1'",
                        "'client_id': '1', 'client_id': null",
                "'client_id': null, 'client_id': '1'", "'client_id': '1', 'ClientID': ''",
                        "'client_id': '1', 'Client ID': ' \u00a0'",
                "'client_id': '1', 'client_id': '1'", "'client_id': '1', 'clientId': 1",
                        "'client_id': '1', 'client_id': ' 1'",
                "'ClientId': '1'"
            })
    void theValueIsTakenThatIsThere(String fields) throws IOException {
        assertThat(read(fields).get(0)).containsEntry("ClientId", "1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'client_id': '1', 'ClientID': '2'", "'client_id': '1', 'client_id': '2'",
                "'client_id': '1', 'client_id': null, 'client_id': '2'",
                        "'client_id': '1', 'client_id': '2', 'client_id': null",
                "'client_id': '1', 'client-id': 2"
            })
    void differentValuesAreRefused(String fields) {
        var refused = catchThrowableOfType(InvalidConversions.class, () -> read(fields));
        assertThat(refused.errors().toList()).hasSize(1);
        assertThat(refused.errors().toList().get(0))
                .containsEntry("field", "client_id")
                .containsEntry("code", "duplicate_field")
                .extracting("message")
                .asString()
                .contains("'1'", "'2'");
    }

    @Test
    void eachFieldIsHeldToThat() {
        for (var field : List.of(
                "'price': 100, 'price': 200",
                "'yclid': '1', 'YClid': '2'",
                "'buyer': {'id': 'a'}, 'buyer': {'id': 'b'}",
                "'buyer': {'id': 'a', 'id': 'b'}",
                "'buyer': {'id': 'a'}, 'buyer.id': 'b'",
                "'currency': 'RUB', 'Currency': 'USD'")) {
            var refused = catchThrowableOfType(InvalidConversions.class, () -> read("'client_id': '1', " + field));
            assertThat(refused).as(field).isNotNull();
            assertThat(refused.errors().toList()).as(field).extracting("code").containsExactly("duplicate_field");
        }
    }

    @Test
    void whatNobodyMapsMayComeTwice() throws IOException {
        assertThat(read("'client_id': '1', 'tag': 'a', 'tag': 'b', 'utm': {'x': 1}, 'utm': {'x': 2}")
                        .get(0))
                .containsEntry("ClientId", "1");
        assertThat(read("'client_id': '1', 'buyer': {'id': 'a'}, 'buyer': {'name': 'A'}")
                        .get(0))
                .containsEntry("UserId", "a");
    }
}
