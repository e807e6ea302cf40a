package metrika.conversions.intake;

import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

import metrika.conversions.problem.Json;
import metrika.conversions.support.Statements;
import metrika.conversions.support.TestDatabase;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Refused rows that are kept: once each, listed, and deleted when their time, their person or their webhook is gone.
 */
class RefusedRowsTest {

    private static final TestDatabase DATABASE = TestDatabase.create();

    private final UUID webhook = UUID.randomUUID();
    private final RefusedRows rows;

    RefusedRowsTest() {
        DATABASE.update("""
            insert into webhook (id, name, counter_id, token, login, time_zone, requests_per_minute, secret_hash)
            values (?, 'w', 1, 'x', 'x', 'UTC', 60, 'x')\
            """, webhook);
        var source = new PGSimpleDataSource();
        source.setUrl(DATABASE.url());
        rows = new RefusedRows(source, Clock.fixed(Instant.parse("2026-11-26T00:00:00Z"), ZoneOffset.UTC));
    }

    private void keep(String... json) throws SQLException {
        rows.keep(
                webhook,
                "form",
                null,
                List.of(json).stream()
                        .map(row -> new RejectedRow(1, "price", "price is wrong", List.of(row)))
                        .toList());
    }

    private long kept() {
        return DATABASE.value("select count(*) from refused_row where webhook_id = ?", webhook);
    }

    private void run(String statement, Map<String, ?> values) throws SQLException {
        try (var connection = DriverManager.getConnection(DATABASE.url());
                var sql = connection.createStatement()) {
            sql.execute(Statements.of(statement, values));
        }
    }

    @Test
    void aRowThatComesAgainIsCounted() throws Exception {
        keep("{\"price\":\"much\"}", "{\"price\":\"much\"}", "{\"price\":\"more\"}");
        keep("{\"price\":\"much\"}");
        assertThat(kept()).isEqualTo(2);
        assertThat(DATABASE.<String>value("""
                        select string_agg(times || ' ' || (content->>'price'), ', ' order by times)
                          from refused_row where webhook_id = ?\
                        """, webhook)).isEqualTo("1 more, 2 much");
    }

    @Test
    void whateverIsInItIsKept() throws Exception {
        keep("{\"price\":\"\\u0000 \\\\\\\\u0000 \\\\u0000\"}");
        rows.keep(webhook, "form", null, List.of(new RejectedRow(1, "", "\u0000", List.of("a", "b;\ud800"))));
        assertThat(kept()).isEqualTo(2);
    }

    @Test
    void theyAreListedAPageAtATime() throws Exception {
        keep("{\"price\":\"a\"}", "{\"price\":\"b\"}", "{\"price\":\"c\"}");
        var page = page(Map.of("webhook.id", webhook, "page.limit", 2));
        assertThat(page.at("/refused")).hasSize(2);
        assertThat(page.at("/refused/0/source").asText()).isEqualTo("form");
        assertThat(page.at("/refused/0/field").asText()).isEqualTo("price");
        var next = page(Map.of(
                "webhook.id",
                webhook,
                "page.limit",
                2,
                "page.after",
                page.get("next").asText()));
        assertThat(next.at("/refused")).hasSize(1);
        assertThat(next.get("next").isNull()).isTrue();
        assertThat(page(Map.of("webhook.id", UUID.randomUUID(), "page.limit", 2))
                        .at("/refused"))
                .isEmpty();
    }

    private static com.fasterxml.jackson.databind.JsonNode page(Map<String, ?> values) throws Exception {
        return Json.MAPPER.readTree(DATABASE.<String>value(Statements.of("list-refused", values)));
    }

    @Test
    void aPersonIsErasedFromThem() throws Exception {
        keep(
                "{\"client_id\":\" 1.1\u200b\",\"price\":\"much\"}",
                "{\"client_id\":[\"2.2\",\"1.1\"],\"price\":\"much\"}",
                "{\"ClientID\":1.1,\"price\":\"much\"}",
                "{\"client_id\":\"11\",\"price\":\"1.10\"}");
        DATABASE.query("select * from erase_person(?, '1.1', null, '', null)", webhook);
        assertThat(DATABASE.<String>value(
                        "select content->>'client_id' from refused_row where webhook_id = ?", webhook))
                .isEqualTo("11");
        assertThat(kept()).isEqualTo(1);
    }

    /** It could not be read: what is in it is not known by field. */
    @Test
    void aMessageThatIsATextIsErasedWithThePersonThatItNames() throws Exception {
        keep("{\"cid\": \"12.34\", \"sum", "{\"cid\": \"112.34\", \"sum", "{\"cid\": \"12x34\", \"sum");
        DATABASE.query("select * from erase_person(?, '12.34', null, '', null)", webhook);
        assertThat(kept()).isEqualTo(2);
        assertThat(DATABASE.<Long>value(
                        "select count(*) from refused_row where webhook_id = ? and content->>0 like '%\"12.34%'",
                        webhook))
                .isZero();
    }

    @Test
    void whatIsInACellOfAFileGoesWithItsPersonToo() throws Exception {
        for (var cell : List.of("a=1; _ym_uid=1764057600.1", "{\"cid\": \"1764057600.1\"", "1764057600.12")) {
            rows.keep(webhook, "drop", "orders.csv", List.of(new RejectedRow(7, "", "wrong", List.of(cell, "12"))));
        }
        DATABASE.query("select * from erase_person(?, '1764057600.1', null, null, '12x')", webhook);
        assertThat(DATABASE.<String>value("select content->>0 from refused_row where webhook_id = ?", webhook))
                .isEqualTo("1764057600.12");
        assertThat(DATABASE.<String>value("select file || line from refused_row where webhook_id = ?", webhook))
                .isEqualTo("orders.csv7");
    }

    @Test
    void theyGoWithTheirTimeAndTheirWebhook() throws Exception {
        keep("{\"price\":\"old\"}", "{\"price\":\"new\"}");
        DATABASE.update(
                "update refused_row set last_received_at = clock() - interval '91 days' where content->>'price' = 'old'"
                        + " and webhook_id = ?",
                webhook);
        run("purge-refused-rows", Map.of());
        assertThat(kept()).isEqualTo(1);
        DATABASE.update("delete from webhook where id = ?", webhook);
        DATABASE.update("insert into deleted_webhook (id) values (?)", webhook);
        run("purge-deleted", Map.of());
        assertThat(kept()).isZero();
        keep("{\"price\":\"late\"}");
        assertThat(kept()).as("of a webhook that is gone").isZero();
    }
}
