package metrika.simulator;

import java.util.Collection;
import java.util.List;
import java.util.TreeSet;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Right answers in Metrika's words. */
final class Answers {
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

    /** The goals by their identifiers, with one of another kind among them, as counters have. */
    ObjectNode goals(long counter, Collection<String> identifiers) {
        ObjectNode body = Json.object();
        ArrayNode list = body.putArray("goals");
        goal(list, counter, "Thanks page", "url", "contain", "/thanks");
        for (String identifier : new TreeSet<>(identifiers)) {
            // Named otherwise than identified, since the two are often taken for one another.
            goal(list, counter, "Goal: " + identifier, "action", "exact", identifier);
        }
        return body;
    }

    private static void goal(ArrayNode list, long counter, String name, String type, String condition, String url) {
        long id = counter * 1000 + list.size() + 1;
        list.addObject()
                .put("id", id)
                .put("name", name)
                .put("type", type)
                .putArray("conditions")
                .addObject()
                .put("type", condition)
                .put("url", url);
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
