package metrika.simulator;

import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Right answers in Metrika's words. */
final class Answers {
    private static final long ID_BASE = 1_000_000_000L;

    private final SimulatorSettings settings;

    Answers(SimulatorSettings settings) {
        this.settings = settings;
    }

    /** What an upload is answered with: the short form. */
    ObjectNode taken(ReceivedUpload upload) {
        ObjectNode body = Json.object();
        ObjectNode json = body.putObject("uploading")
                .put("id", upload.id())
                .put("source_quantity", upload.rows())
                .put("line_quantity", upload.lines());
        putIfGiven(json, "client_id_type", upload.clientIdType());
        extra(json.put("status", upload.status()));
        return body;
    }

    ObjectNode one(ReceivedUpload upload) {
        ObjectNode body = Json.object();
        body.set("uploading", full(upload));
        return body;
    }

    ObjectNode list(List<ReceivedUpload> uploads) {
        ObjectNode body = Json.object();
        ArrayNode list = body.putArray("uploadings");
        uploads.forEach(upload -> list.add(full(upload)));
        return body;
    }

    /** The goals by their identifiers, with their names, with one of another kind among them, as counters have. */
    ObjectNode goals(long counter, Map<String, String> names) {
        ObjectNode body = Json.object();
        ArrayNode list = body.putArray("goals");
        list.add(goal(counter, "Thanks page", "url", "contain", "/thanks"));
        names.forEach((identifier, name) -> list.add(goal(counter, name, "action", "exact", identifier)));
        return body;
    }

    /** A goal, whose number is always the same. */
    static ObjectNode goal(long counter, String name, String type, String condition, String url) {
        ObjectNode goal = Json.object()
                .put("id", ID_BASE + Math.floorMod((counter + " " + url).hashCode(), ID_BASE))
                .put("name", name)
                .put("type", type)
                .put("goal_source", "user");
        goal.putArray("conditions").addObject().put("type", condition).put("url", url);
        return goal;
    }

    /** The counter itself, which the token's account owns. */
    ObjectNode counter(long counter) {
        ObjectNode body = Json.object();
        extra(body.putObject("counter")
                .put("id", counter)
                .put("status", "Active")
                .put("owner_login", "simulated")
                .put("name", "Counter " + counter)
                .put("permission", "own")
                .put("time_zone_name", "Europe/Moscow")
                .put("time_zone_offset", 180));
        return body;
    }

    private ObjectNode full(ReceivedUpload upload) {
        ObjectNode json = Json.object().put("id", upload.id());
        putIfGiven(json, "create_time", settings.createTime().write(upload.receivedAt()));
        json.put("source_quantity", upload.rows()).put("line_quantity", upload.lines());
        putIfGiven(json, "comment", upload.comment());
        json.put("type", upload.type());
        putIfGiven(json, "client_id_type", upload.clientIdType());
        json.put("status", upload.status())
                .put("goal_not_found_quantity", upload.goalNotFound())
                .put("user_not_found_quantity", upload.userNotFound())
                .put("linked_quantity", upload.linked());
        return extra(json);
    }

    private ObjectNode extra(ObjectNode json) {
        if (settings.extraFields()) {
            json.put("attribution_model", "automatic")
                    .putObject("quality")
                    .put("score", 0.93)
                    .putNull("hint");
        }
        return json;
    }

    private static void putIfGiven(ObjectNode json, String field, String value) {
        if (value != null) {
            json.put(field, value);
        }
    }
}
