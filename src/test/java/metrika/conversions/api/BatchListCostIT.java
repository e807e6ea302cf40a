package metrika.conversions.api;

import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import metrika.conversions.support.Statements;
import metrika.conversions.support.TestWebhook;

import static metrika.conversions.support.Shared.DATABASE;
import static metrika.conversions.support.Shared.PRODUCT;
import static org.assertj.core.api.Assertions.assertThat;

/** A page of a list costs the same wherever it is and whatever it is of, however many batches there are. */
class BatchListCostIT {

    private static final int BATCHES = 200_000;
    /**
     * Pages of 8 KB, of which a batch takes some ten each time that it is met. All the batches lie in three thousand.
     */
    private static final int FEW = 1000;

    /** Of the whole statement: the first such line of its plan. */
    private static final Pattern BUFFERS = Pattern.compile("Buffers: shared(?: hit=(\\d+))?(?: read=(\\d+))?");

    private static TestWebhook webhook;

    /** Most are completed; of the oldest, ten each are in every other status, and thirty in error. */
    @BeforeAll
    static void fill() {
        webhook = PRODUCT.webhook(75);
        DATABASE.update("""
                  with uploads as (
                    insert into upload (webhook_id, counter_id, tag, conversions, oldest_event_at,
                                        state, kept_status, next_attempt_at)
                    select ?::uuid, 75, 'lists-' || ? || place, 1, clock(),
                           coalesce((array['error', 'expired', 'uploaded', 'processing', 'planned', 'planned'])[place],
                                    'completed'),
                           case place when 6 then 'error' end, null
                      from generate_series(1, ? / 10) as place
                    returning id, tag
                  )
                  insert into batch (id, webhook_id, total, oldest_event_at, ready_at, upload_id, withdrawn_at)
                  select (lpad(to_hex(1767225600000 + n), 12, '0') || '70008' || right(replace(?, '-', ''), 15))::uuid,
                         ?::uuid, 1, clock(), clock() + interval '1 day', uploads.id,
                         case when n between 61 and 70 then clock() end
                    from generate_series(1, ?) as n
                    left join uploads on uploads.tag = 'lists-' || ? || (1 + (n - 1) / 10) and n not between 61 and 80\
                  """, webhook.id(), webhook.id(), BATCHES, webhook.id(), webhook.id(), BATCHES, webhook.id());
        DATABASE.update("analyze batch, upload");
    }

    @AfterAll
    static void clear() {
        PRODUCT.delete(webhook.path() + "?force=true");
    }

    @ParameterizedTest
    @CsvSource({"error, 30", "uploaded, 10", "processing, 10", "pending, 10", "withdrawn, 10", "accepted, 10"})
    void ofAStatusThatFewHave(String status, int count) throws Exception {
        assertThat(ids(status, null, 100)).hasSize(count);
        var first = ids(status, null, 6);
        var rest = ids(status, first.get(5), 100);
        assertThat(first).hasSize(6);
        assertThat(rest)
                .hasSize(count - 6)
                .doesNotContainAnyElementsOf(first)
                .isSortedAccordingTo((a, b) -> b.compareTo(a));
        assertThat(pages("list-batches", parameters(status, null))).isLessThan(FEW);
        assertThat(pages("list-batches", parameters(status, first.get(5)))).isLessThan(FEW);
    }

    @Test
    void ofTheOldest() throws Exception {
        var oldest = DATABASE.<UUID>value(
                "select id from batch where webhook_id = ?::uuid order by id offset 100 limit 1", webhook.id());
        assertThat(ids(null, oldest.toString(), 1000)).hasSize(100);
        assertThat(ids("completed", oldest.toString(), 1000)).hasSize(20);
        assertThat(pages("list-batches", parameters(null, oldest.toString()))).isLessThan(FEW);
        assertThat(pages("list-batches", parameters("completed", oldest.toString())))
                .isLessThan(FEW);
        assertThat(pages("list-batches", parameters(null, null))).isLessThan(FEW);
    }

    @Test
    void ofTheAudit() throws Exception {
        DATABASE.update("insert into audit (actor, action) select 'lists', 'test' from generate_series(1, ?)", BATCHES);
        var first = DATABASE.<Long>value("select min(id) from audit where actor = 'lists'");
        assertThat(pages("show-audit", Map.of("page.after", "'" + (first + 10) + "'", "page.limit", "10")))
                .isLessThan(FEW);
        DATABASE.update("delete from audit where actor = 'lists'");
    }

    private List<String> ids(String status, String after, int limit) {
        var answer = PRODUCT.get(webhook.path() + "/batches?limit=" + limit
                        + (status == null ? "" : "&status=" + status) + (after == null ? "" : "&after=" + after))
                .json();
        var ids = new ArrayList<String>();
        for (JsonNode batch : answer.get("batches")) {
            ids.add(batch.get("batch_id").textValue());
            assertThat(status == null || batch.get("status").textValue().equals(status))
                    .isTrue();
        }
        return ids;
    }

    private Map<String, String> parameters(String status, String after) {
        return Map.of(
                "webhook.id",
                "'" + webhook.id() + "'",
                "page.status",
                status == null ? "null" : "'" + status + "'",
                "page.after",
                after == null ? "null" : "'" + after + "'",
                "page.limit",
                "10");
    }

    /** The pages that a statement reads, by a plan that is made for any parameters. */
    private static int pages(String statement, Map<String, String> parameters) throws Exception {
        var names = new ArrayList<>(parameters.keySet());
        var sql = Statements.text(statement);
        for (int i = 0; i < names.size(); i++) {
            sql = sql.replace(":?" + names.get(i), "$" + (i + 1));
        }
        try (var connection = DriverManager.getConnection(DATABASE.url());
                var session = connection.createStatement()) {
            session.execute("set plan_cache_mode = force_generic_plan");
            session.execute("prepare page as " + sql);
            try (var row = session.executeQuery("explain (analyze, buffers, costs off) execute page ("
                    + String.join(", ", names.stream().map(parameters::get).toList()) + ")")) {
                var plan = new StringBuilder();
                while (row.next()) {
                    plan.append(row.getString(1)).append('\n');
                }
                var read = BUFFERS.matcher(plan);
                assertThat(read.find()).as("%s", plan).isTrue();
                return number(read.group(1)) + number(read.group(2));
            }
        }
    }

    private static int number(String text) {
        return text == null ? 0 : Integer.parseInt(text);
    }
}
