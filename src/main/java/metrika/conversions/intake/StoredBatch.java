package metrika.conversions.intake;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.UUID;

import metrika.conversions.ids.Identified;
import metrika.conversions.problem.Json;

/**
 * A batch that is committed: the variable {@code batch}.
 *
 * @param id {@code null} when no row was left to be stored
 * @param warnings a JSON array, or {@code null} when there is nothing to warn of
 * @param refused the rows that were left out, if the source lets rows be left out
 * @param known how many of its conversions were stored before, and came again
 */
public record StoredBatch(UUID id, int total, String warnings, List<RejectedRow> refused, int known)
        implements Identified {

    /** One that is stored now. */
    public StoredBatch(UUID id, int total, String warnings, List<RejectedRow> refused) {
        this(id, total, warnings, refused, 0);
    }

    /** The answer to its sender, the same one each time. */
    public String toJson() {
        var answer = new LinkedHashMap<String, Object>();
        answer.put("batch_id", id);
        answer.put("status", id != null ? "accepted" : refused.isEmpty() ? "ignored" : "refused");
        answer.put("accepted_count", total);
        if (!refused.isEmpty()) {
            answer.put("refused", refused);
        }
        var json = Json.write(answer);
        return warnings == null ? json : json.substring(0, json.length() - 1) + ",\"warnings\":" + warnings + "}";
    }
}
