package metrika.conversions.pull;

import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import java.util.Map;

import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;

/** What is recorded of a pull that failed. */
class PullStepsTest {

    private static String message(Exception failure) {
        return new PullSteps(Clock.systemUTC())
                .describeFailure(new IllegalStateException("wrapped", failure), List.of(Map.of("claim_number", 1L)))
                .get("message")
                .toString();
    }

    @Test
    void onlyAPullThatDealsWithRowsKeepsItsLease() throws Exception {
        var steps = new PullSteps(Clock.systemUTC());
        var pull = steps.begin(Map.of("claim_number", 7L, "position", "100"), "shop", "number", "");
        assertThat(steps.listProgressed()).as("it has dealt with none").isNull();
        try (var camel = new DefaultCamelContext()) {
            var row = new DefaultExchange(camel);
            row.setVariable("pull", pull);
            row.setVariable("source", "shop");
            steps.recordRow(row, null);
            assertThat(steps.listProgressed()).isEqualTo(Map.of("sources", "{\"shop\"}", "claim_numbers", "{\"7\"}"));
            assertThat(steps.listProgressed()).as("nothing since").isNull();
            steps.recordRow(row, null);
            pull.lose();
            assertThat(steps.listProgressed()).as("it is another's now").isNull();
        }
    }

    @Test
    void aDatabaseSaysWhyItRefuses() {
        assertThat(message(new SQLException("no such table: sales\nat line 1", "42P01")))
                .isEqualTo("the database says: no such table: sales (SQLSTATE 42P01)");
        assertThat(message(new SQLException("no such table: sales")))
                .isEqualTo("the database says: no such table: sales");
    }

    @Test
    void whatMayQuoteARowIsNotRepeated() {
        assertThat(message(new SQLException("invalid input: \"anna@shop.example\"", "22P02")))
                .doesNotContain("anna");
        assertThat(message(new SQLException("Key (email)=(anna@shop.example) exists", "23505")))
                .doesNotContain("anna");
    }

    @Test
    void secretsOfAnAddressAreNotTold() {
        assertThat(message(new SQLException("jdbc:shop://host/db?user=u&password=hunter2 is away", "08001")))
                .contains("is away")
                .doesNotContain("hunter2");
    }
}
