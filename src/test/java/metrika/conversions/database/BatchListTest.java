package metrika.conversions.database;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.ResourceLock;

import metrika.conversions.problem.Json;
import metrika.conversions.support.TestDatabase;

import static org.assertj.core.api.Assertions.assertThat;

/** The lists of the dashboard have what matches their filters, and nothing else, in the order of time. */
@ResourceLock(Tables.LOCK)
class BatchListTest {

    private final Tables tables = new Tables();
    private final TestDatabase database = tables.database();
    private final UUID webhook = tables.webhook();
    private final UUID other = tables.webhook();
    private final Map<String, String> names = new HashMap<>();

    /** A batch of a time, by a name for the test, in an upload of a state. */
    private void batch(String name, UUID of, String time, String state, String kept, String code) {
        Long upload = null;
        if (state != null && !state.equals("withdrawn")) {
            upload = tables.upload(of);
        }
        var id = tables.batch(of, upload, "one");
        if (upload != null) {
            database.update(
                    "update upload set state = ?, kept_status = ?, errors = case when ?::text is not null then "
                            + "jsonb_build_array(batch_error('before', 'x'), batch_error(?, 'x')) end where id = ?",
                    state,
                    kept,
                    code,
                    code,
                    upload);
        } else if (state != null) {
            database.update("update batch set withdrawn_at = clock() where id = ?", id);
        }
        var placed = database.<UUID>value("""
            update batch set id = overlay(id::text placing left(first_batch_id(?::timestamptz)::text, 13) from 1)::uuid
             where id = ? returning id\
            """, time, id);
        names.put(placed.toString(), name);
    }

    private void fill() {
        batch("waits", webhook, "2026-01-01 00:00Z", null, null, null);
        batch("planned", webhook, "2026-01-02 00:00Z", "planned", null, "unreachable");
        batch("uploaded", webhook, "2026-01-03 00:00Z", "uploaded", null, null);
        batch("processing", other, "2026-01-04 00:00Z", "processing", null, null);
        batch("completed", webhook, "2026-01-05 00:00Z", "completed", null, null);
        batch("error", webhook, "2026-01-06 00:00Z", "error", null, "stuck");
        batch("expired", other, "2026-01-07 00:00Z", "expired", null, "expired");
        batch("withdrawn", webhook, "2026-01-08 00:00Z", "withdrawn", null, null);
        batch("completed, again", webhook, "2026-01-09 00:00Z", "planned", "completed", null);
        batch("error, again", other, "2026-01-10 00:00Z", "uploaded", "error", "stuck");
    }

    private List<String> found(Map<String, Object> filter) {
        return page(filter).path("batches").findValuesAsText("batch_id").stream()
                .map(names::get)
                .toList();
    }

    private JsonNode page(Map<String, Object> filter) {
        return json("find-batches", filter);
    }

    private JsonNode json(String statement, Map<String, Object> parameters) {
        try {
            return Json.MAPPER.readTree(String.valueOf(
                    tables.run(statement, parameters).get(0).values().iterator().next()));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void eachStatusHasItsBatchesAsTheApiHasThem() {
        fill();
        var all = List.of(
                "error, again",
                "completed, again",
                "withdrawn",
                "expired",
                "error",
                "completed",
                "processing",
                "uploaded",
                "planned",
                "waits");
        assertThat(found(Map.of())).isEqualTo(all);
        var byStatus = new ArrayList<String>();
        for (var status : List.of("accepted", "pending", "uploaded", "processing", "completed", "error", "withdrawn")) {
            var expected = database
                    .query(
                            "select batch_id::text as id from batch_status where status = ? order by batch_id desc",
                            status)
                    .stream()
                    .map(row -> names.get(row.get("id")))
                    .toList();
            assertThat(found(Map.of("filter.state", status)))
                    .as(status)
                    .isNotEmpty()
                    .isEqualTo(expected);
            byStatus.addAll(expected);
        }
        assertThat(byStatus).containsExactlyInAnyOrderElementsOf(all);
        assertThat(found(Map.of("filter.state", "waiting"))).containsExactly("planned", "waits");
        assertThat(found(Map.of("filter.state", "in_flight"))).containsExactly("processing", "uploaded");
    }

    @Test
    void filtersNarrowEachOther() {
        fill();
        assertThat(found(Map.of("filter.webhook", other))).containsExactly("error, again", "expired", "processing");
        for (var state : List.of("error", "completed", "accepted", "withdrawn", "pending")) {
            var ofBoth = new ArrayList<>(found(Map.of("filter.state", state, "filter.webhook", webhook)));
            ofBoth.addAll(found(Map.of("filter.state", state, "filter.webhook", other)));
            assertThat(ofBoth).as(state).containsExactlyInAnyOrderElementsOf(found(Map.of("filter.state", state)));
        }
        assertThat(found(Map.of("filter.code", "stuck"))).containsExactly("error, again", "error");
        assertThat(found(Map.of("filter.code", "before")))
                .as("not its last error")
                .isEmpty();
        assertThat(found(Map.of("filter.code", "unreachable", "filter.state", "error")))
                .isEmpty();
        assertThat(found(Map.of("filter.code", "unreachable", "filter.state", "waiting")))
                .containsExactly("planned");
        assertThat(found(Map.of("filter.code", "stuck", "filter.webhook", webhook)))
                .containsExactly("error");
        assertThat(found(Map.of("filter.since", "2026-01-08 00:00Z")))
                .containsExactly("error, again", "completed, again", "withdrawn");
        assertThat(found(Map.of("filter.until", "2026-01-02 00:00Z"))).containsExactly("waits");
        assertThat(found(Map.of(
                        "filter.state",
                        "error",
                        "filter.since",
                        "2026-01-06 00:00Z",
                        "filter.until",
                        "2026-01-07 00:00Z")))
                .containsExactly("error");
    }

    @Test
    void pagesFollowEachOtherWithoutAGap() {
        database.update("""
            insert into batch (id, webhook_id, total, oldest_event_at, ready_at)
            select overlay(gen_random_uuid()::text placing left(first_batch_id('2026-01-01'::timestamptz + n * interval '1 second')::text, 13)
                           from 1)::uuid, ?, 1, clock(), clock()
              from generate_series(1, 120) as n\
            """, webhook);
        var seen = new ArrayList<String>();
        var filter = new HashMap<String, Object>(Map.of("filter.state", "accepted"));
        for (var size : List.of(50, 50, 20)) {
            var page = page(filter);
            assertThat(page.path("batches")).hasSize(size);
            assertThat(page.path("matching").asInt()).isEqualTo(120);
            assertThat(page.path("is_more").asBoolean()).isFalse();
            seen.addAll(page.path("batches").findValuesAsText("batch_id"));
            filter.put("filter.after", page.path("next").textValue());
        }
        assertThat(filter.get("filter.after")).isNull();
        assertThat(seen).doesNotHaveDuplicates().isSortedAccordingTo((a, b) -> b.compareTo(a));
    }

    @Test
    void manyAreCountedUpToTenThousand() {
        database.update("""
            insert into batch (id, webhook_id, total, oldest_event_at, ready_at)
            select gen_random_uuid(), ?, 1, clock(), clock() from generate_series(1, 10001)\
            """, webhook);
        var page = page(Map.of("filter.webhook", webhook));
        assertThat(page.path("matching").asInt()).isEqualTo(10_000);
        assertThat(page.path("is_more").asBoolean()).isTrue();
    }

    @Test
    void emptyNoMatchAndNoSuchWebhookAreToldApart() {
        assertThat(page(Map.of()).path("is_empty").asBoolean()).isTrue();
        fill();
        assertThat(page(Map.of("filter.code", "none")).path("is_empty").asBoolean())
                .isFalse();
        assertThat(page(Map.of("filter.webhook", webhook)).path("is_unknown").asBoolean())
                .isFalse();
        assertThat(page(Map.of("filter.webhook", UUID.randomUUID()))
                        .path("is_unknown")
                        .asBoolean())
                .isTrue();
    }

    @Test
    void uploadsAreListedByWhatIsKnownOfThem() {
        fill();
        database.update(
                "update upload set sent_at = clock() - interval '1 hour', updated_at = clock(), line_quantity = 9, linked_quantity = 8,"
                        + " user_not_found_quantity = 7, goal_not_found_quantity = 6, metrika_upload_id = 123456789012345678"
                        + " where state = 'completed'");
        var done = json("list-uploads", Map.of("filter.state", "completed")).path("uploads");
        assertThat(done).hasSize(1);
        assertThat(done.get(0).path("metrika_upload_id").textValue()).isEqualTo("123456789012345678");
        assertThat(done.get(0).path("seconds").asInt()).isEqualTo(3600);
        var all = json("list-uploads", Map.of());
        assertThat(all.path("matching").asInt()).isEqualTo(8);
        assertThat(all.path("uploads").findValuesAsText("upload_id")).hasSize(8);
        assertThat(json("list-uploads", Map.of("filter.webhook", other)).path("uploads"))
                .hasSize(3);
        assertThat(json("list-uploads", Map.of("filter.since", "2999-01-01")).path("uploads"))
                .isEmpty();
        var id = done.get(0).path("upload_id").asLong();
        var one = json("show-upload", Map.of("wanted.id", id));
        assertThat(one.path("batches")).hasSize(1);
        assertThat(one.path("goal_not_found_quantity").asInt()).isEqualTo(6);
    }
}
