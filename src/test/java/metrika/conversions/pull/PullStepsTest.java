package metrika.conversions.pull;

import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import java.util.Map;

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
