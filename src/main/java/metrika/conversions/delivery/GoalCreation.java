package metrika.conversions.delivery;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import org.apache.camel.Exchange;
import org.apache.camel.Variable;

/** The steps of {@code create-metrika-goal}: a JavaScript event goal is made once for its identifier. */
public final class GoalCreation {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ACTION = "action";
    private static final String EXACT = "exact";
    private static final List<String> WHOLE = List.of(EXACT, ACTION);

    /**
     * Looks for a goal among those of the counter. Leaves these in the variable {@code goals} and, where it is there,
     * the goal in the variable {@code goal}.
     *
     * @param goals as {@link CounterResponse#goals} has them
     */
    public void find(Exchange exchange, @Variable("answer") String goals, @Variable("form") Map<String, ?> form)
            throws IOException {
        exchange.setVariable("goals", goals);
        for (var goal : JSON.readTree(goals)) {
            if (has(goal, (String) form.get("target"))) {
                exchange.setVariable("goal", shown(goal, form, false));
                return;
            }
        }
    }

    /** The goal that is to be created, as Metrika wants it. */
    public String describe(@Variable("form") Map<String, ?> form) {
        var body = JSON.createObjectNode();
        var goal = body.putObject("goal").put("name", (String) form.get("name")).put("type", ACTION);
        goal.putArray("conditions").addObject().put("type", EXACT).put("url", (String) form.get("target"));
        return body.toString();
    }

    /** Adds the goal that was created to the variable {@code goals}, and leaves it in the variable {@code goal}. */
    public void add(
            Exchange exchange,
            @Variable("answer") String answer,
            @Variable("goals") String goals,
            @Variable("form") Map<String, ?> form)
            throws IOException {
        var goal = JSON.readTree(answer);
        exchange.setVariable(
                "goals", ((ArrayNode) JSON.readTree(goals)).add(goal).toString());
        exchange.setVariable("goal", shown(goal, form, true));
    }

    private static boolean has(JsonNode goal, String target) {
        if (!goal.path("type").asText().equals(ACTION)) {
            return false;
        }
        for (var condition : goal.path("conditions")) {
            if (WHOLE.contains(condition.path("type").asText())
                    && condition.path("url").asText().equals(target)) {
                return true;
            }
        }
        return false;
    }

    private static Map<String, Object> shown(JsonNode goal, Map<String, ?> form, boolean isNew) {
        var shown = new LinkedHashMap<String, Object>();
        shown.put("id", goal.path("id").longValue());
        shown.put("name", goal.path("name").asText());
        shown.put("type", goal.path("type").asText());
        shown.put("target", form.get("target"));
        shown.put("is_new", isNew);
        return shown;
    }
}
