package metrika.conversions.pull;

import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import com.zaxxer.hikari.HikariDataSource;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.spi.Registry;
import org.apache.camel.support.DefaultExchange;
import org.apache.camel.support.DefaultRegistry;
import org.apache.hc.client5.http.HttpHostConnectException;
import org.junit.jupiter.api.Test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What is recorded of a pull that failed. */
class PullStepsTest {

    private static final Registry REGISTRY = new DefaultRegistry();

    private static String message(Exception failure) {
        return new PullSteps(Clock.systemUTC())
                .describeFailure(
                        new IllegalStateException("wrapped", failure),
                        "shop",
                        List.of(Map.of("claim_number", 1L)),
                        null,
                        "billing",
                        REGISTRY)
                .get("message")
                .toString();
    }

    @Test
    void onlyAPullThatDealsWithRowsKeepsItsLease() throws Exception {
        var steps = new PullSteps(Clock.systemUTC());
        var rows = new PulledRows();
        var pull = steps.begin(Map.of("claim_number", 7L, "position", "100"), "shop", "number", "UTC", "");
        assertThat(steps.listProgressed()).as("it has dealt with none").isNull();
        try (var camel = new DefaultCamelContext()) {
            var row = new DefaultExchange(camel);
            row.setVariable("pull", pull);
            row.setVariable("source", "shop");
            rows.recordRow(row);
            assertThat(steps.listProgressed()).isEqualTo(Map.of("sources", "{\"shop\"}", "claim_numbers", "{\"7\"}"));
            assertThat(steps.listProgressed()).as("nothing since").isNull();
            rows.recordRow(row);
            pull.lose();
            assertThat(steps.listProgressed()).as("it is another's now").isNull();
        }
    }

    @Test
    void aSourceThatAnotherProcessHasIsNotPulled() {
        var steps = new PullSteps(Clock.systemUTC());
        var claimed = Map.of("claim_number", 7L, "position", "100", "held_until", "2025-07-01T12:00:00Z");
        var pull = steps.begin(claimed, "shop", "iso", "UTC", "much");
        assertThat(steps.shouldContinue(pull))
                .as("whatever this process would make of its cursor")
                .isFalse();
    }

    @Test
    void aSourceBeginsSomeTimeAgo() {
        var clock = Clock.fixed(Instant.parse("2025-11-01T12:00:00Z"), ZoneOffset.UTC);
        var steps = new PullSteps(clock);
        assertThat(steps.firstPosition("shop", "local", "Europe/Moscow", "-P7D"))
                .isEqualTo("2025-10-25 15:00:00");
        assertThat(steps.firstPosition("shop", "iso", "UTC", "-PT1H")).isEqualTo("2025-11-01T11:00:00Z");
        assertThat(steps.firstPosition("shop", "unix", "UTC", "-PT1M")).isEqualTo("1761998340");
        assertThat(steps.firstPosition("shop", "local", "Europe/Moscow", "")).isEqualTo("2025-11-01 15:00:00");
        assertThatThrownBy(() -> steps.firstPosition("shop", "iso", "UTC", "-P7"))
                .hasMessage("from is '-P7': how long ago is written as -P7D or -PT12H");
        assertThatThrownBy(() -> steps.firstPosition("shop", "local", "Moscow", ""))
                .hasMessage("cursorZone is 'Moscow': a zone such as Europe/Moscow is expected");
    }

    @Test
    void aRowWithoutAKeyOrACursorIsNamedByItsPlace() throws Exception {
        var row = new LinkedHashMap<String, Object>();
        row.put("number", null);
        row.put("sum", "199.00");
        var steps = new PullSteps(Clock.systemUTC());
        assertThatThrownBy(() -> steps.readKey(row, "number|id", 2))
                .hasMessage("row 3 of its page has no value at 'number|id' (key): number is null, id is missing;"
                        + " it has number, sum");
        row.put("at", Map.of("changed", " "));
        var run = new PullRun(1, CursorFormat.NUMBER, "1", null, "", Clock.systemUTC());
        try (var camel = new DefaultCamelContext()) {
            assertThatThrownBy(() -> steps.endPage(
                            new DefaultExchange(camel),
                            List.of(Map.of("at", Map.of("changed", 7)), row),
                            run,
                            "at.changed",
                            null,
                            0))
                    .hasMessage("row 2 of its page has no value at 'at.changed' (cursor): at.changed is empty;"
                            + " it has number, sum, at");
        }
    }

    @Test
    void aServerThatIsNotToBeReachedIsNamed() {
        assertThat(asked(new HttpHostConnectException(
                        "Connect to http://a.example:81 [a.example/127.0.0.1] failed:" + " Connection refused")))
                .isEqualTo("no connection to http://a.example:81: Connection refused (GET http://a.example:81/orders)");
        assertThat(asked(new UnknownHostException("a.example: Name or service not known")))
                .startsWith("no connection to http://a.example:81: there is no server of this name (");
        assertThat(asked(new SocketTimeoutException("Read timed out")))
                .startsWith("no answer from http://a.example:81: Read timed out (");
    }

    private static String asked(Exception failure) {
        return PullFailure.of(failure, "GET http://a.example:81/orders", null, REGISTRY)
                        .message() + " (GET http://a.example:81/orders)";
    }

    @Test
    void aDatabaseSaysWhyItRefuses() {
        assertThat(message(new SQLException("no such table: sales\nat line 1", "42P01")))
                .isEqualTo("the database says: no such table: sales (SQLSTATE 42P01)");
        assertThat(message(new SQLException("no such table: sales")))
                .isEqualTo("the database says: no such table: sales");
    }

    @Test
    void aPoolWithoutAConnectionSaysWhatTheServerSaid() {
        var refused = new SQLException("FATAL: password authentication failed for user \"metrika\"", "28P01");
        var pool = new SQLTransientConnectionException(
                "data-source.billing - Connection is not available, request timed out after 10092ms", "28P01", refused);
        var told = "the database says: FATAL: password authentication failed for user \"metrika\" (SQLSTATE 28P01): ";
        assertThat(message(pool)).isEqualTo(told + "see data-source.billing.username and data-source.billing.password");
        try (var withoutPassword = new HikariDataSource()) {
            withoutPassword.setJdbcUrl("jdbc:postgresql://127.0.0.1:1/billing");
            REGISTRY.bind("billing", withoutPassword);
            assertThat(message(pool)).isEqualTo(told + "data-source.billing.password is empty");
            withoutPassword.setJdbcUrl("jdbc:postgresql://127.0.0.1:1/billing?password=x");
            assertThat(message(pool)).endsWith("data-source.billing.password");
        }
        assertThat(message(new SQLTransientConnectionException("not available", "08001")))
                .isEqualTo("the database says: not available (SQLSTATE 08001): see data-source.billing.url");
        assertThat(message(new SQLException("database \"bills\" does not exist", "3D000")))
                .endsWith("(SQLSTATE 3D000): see data-source.billing.url");
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
