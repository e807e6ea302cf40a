package metrika.conversions.intake;

import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.Test;

import metrika.conversions.problem.Json;

import static org.assertj.core.api.Assertions.assertThat;

/** A row that was left out is stored with its batch, and read again when the request comes again. */
class RejectedRowTest {

    @Test
    void itIsReadAsItWasWritten() throws Exception {
        var row = new RejectedRow(3, "price", "price is 'many'", List.of("many", "1"), "not_a_number");
        var json = Json.write(row);
        assertThat(json)
                .isEqualTo("{\"line\":3,\"field\":\"price\",\"reason\":\"price is 'many'\",\"row\":[\"many\",\"1\"]}");
        assertThat(Json.MAPPER.readValue(json, RejectedRow.class))
                .isEqualTo(new RejectedRow(3, "price", "price is 'many'", List.of("many", "1")));
    }

    @Test
    void whatIsWrongWithSeveralFieldsIsToldOnce() {
        var broken = "payload begins as JSON, and is broken";
        var notes = List.of(
                new RowNotice(0, "client_id", "invalid_json", "client_id: " + broken),
                new RowNotice(0, "target", "invalid_json", broken),
                new RowNotice(0, "yclid", "invalid_json", "yclid: " + broken),
                new RowNotice(0, "price", "not_a_number", "price is 'many'"));
        var row = RejectedRow.of(new SourceRow(3, Map.of(), List.of()), notes);
        assertThat(row.reason()).isEqualTo("client_id, yclid: " + broken + "; price is 'many'");
        assertThat(row.field()).isEqualTo("client_id, target, yclid, price");
    }
}
