package metrika.conversions.delivery;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * What Metrika answers about a counter and its goals, in the few fields that are kept. Every method gives {@code null}
 * for an answer that is not what was asked for: goals of which one cannot be read are not known at all, since a goal
 * that is missing here would be taken for one that the counter does not have.
 */
final class CounterResponse {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String NAME = "name";
    private static final String TYPE = "type";
    private static final String CONDITIONS = "conditions";

    private CounterResponse() {}

    /** A counter: {@code {"name", "time_zone", "permission", "status"}}, each {@code null} where Metrika is silent. */
    static String counter(JsonNode answer) {
        var counter = answer.path("counter");
        if (!counter.path("id").isIntegralNumber()) {
            return null;
        }
        var read = JSON.createObjectNode();
        read.put(NAME, counter.path(NAME).textValue());
        read.put("time_zone", counter.path("time_zone_name").textValue());
        read.put("permission", counter.path("permission").textValue());
        read.put("status", counter.path("status").textValue());
        return read.toString();
    }

    /** The goals of a counter, an array of what {@link #goal} gives. */
    static String goals(JsonNode answer) {
        if (!answer.path("goals").isArray()) {
            return null;
        }
        var read = JSON.createArrayNode();
        for (var goal : answer.path("goals")) {
            var one = read(goal);
            if (one == null) {
                return null;
            }
            read.add(one);
        }
        return read.toString();
    }

    /** A goal: {@code {"id", "name", "type", "source", "conditions": [{"type", "url"}]}}. */
    static String goal(JsonNode answer) {
        var goal = read(answer.path("goal"));
        return goal == null ? null : goal.toString();
    }

    private static ObjectNode read(JsonNode goal) {
        if (!goal.path("id").isIntegralNumber() || !goal.path(TYPE).isTextual()) {
            return null;
        }
        var read = JSON.createObjectNode();
        read.set("id", goal.path("id"));
        read.put(NAME, goal.path(NAME).asText(""));
        read.put(TYPE, goal.path(TYPE).textValue());
        read.put("source", goal.path("goal_source").textValue());
        var conditions = read.putArray(CONDITIONS);
        addConditions(goal, conditions);
        // A composite goal has its events in its steps
        goal.path("steps").forEach(step -> addConditions(step, conditions));
        return read;
    }

    private static void addConditions(JsonNode goal, ArrayNode conditions) {
        goal.path(CONDITIONS)
                .forEach(condition -> conditions
                        .addObject()
                        .put(TYPE, condition.path(TYPE).asText(""))
                        .put("url", condition.path("url").asText("")));
    }
}
