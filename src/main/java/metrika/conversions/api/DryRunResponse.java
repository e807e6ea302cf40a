package metrika.conversions.api;

import java.util.LinkedHashMap;

import org.apache.camel.Body;
import org.apache.camel.Variable;

import metrika.conversions.auth.Webhook;
import metrika.conversions.intake.CheckedConversions;
import metrika.conversions.problem.Json;

/** The answer to {@code ?dry_run=true}. */
public final class DryRunResponse {

    /** As many rows as the CSV has. */
    private static final int SHOWN = 10;

    /**
     * @param csv the first lines of what Metrika would get
     * @param checked all of them
     * @param webhook whose time zone times without an offset are local to
     * @return JSON
     */
    public String answer(
            @Body String csv, @Variable("checked") CheckedConversions checked, @Variable("webhook") Webhook webhook) {
        var conversions = checked.conversions();
        var answer = new LinkedHashMap<String, Object>();
        answer.put("status", "valid");
        answer.put("accepted_count", conversions.size());
        answer.put("csv", csv);
        answer.put("rows", conversions.times(SHOWN, webhook.timeZone()));
        if (conversions.warnings().count() > 0) {
            answer.put("warnings", conversions.warnings().toList());
        }
        return Json.write(answer);
    }
}
