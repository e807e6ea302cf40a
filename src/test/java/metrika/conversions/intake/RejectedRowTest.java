package metrika.conversions.intake;

import java.util.List;

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
}
