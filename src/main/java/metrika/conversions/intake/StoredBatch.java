package metrika.conversions.intake;

import java.util.LinkedHashMap;
import java.util.UUID;

import metrika.conversions.web.Json;

/**
 * A batch that is committed: the variable {@code batch}.
 *
 * @param warnings a JSON array, or {@code null} when there is nothing to warn of
 */
public record StoredBatch(UUID id, int total, String warnings) {

    /** The answer to its sender, the same one each time. */
    public String toJson() {
        var answer = new LinkedHashMap<String, Object>();
        answer.put("batch_id", id);
        answer.put("status", "accepted");
        answer.put("accepted_count", total);
        var json = Json.write(answer);
        return warnings == null ? json : json.substring(0, json.length() - 1) + ",\"warnings\":" + warnings + "}";
    }
}
