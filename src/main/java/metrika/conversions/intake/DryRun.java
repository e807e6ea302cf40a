package metrika.conversions.intake;

import java.util.LinkedHashMap;

import metrika.conversions.web.Json;
import org.apache.camel.Body;
import org.apache.camel.Variable;

/** The answer to {@code ?dry_run=true}. */
public final class DryRun {

    /**
     * @param csv         the first lines of what Metrika would get
     * @param conversions all of them, checked
     * @return            JSON
     */
    public String answer(@Body String csv, @Variable("checked") Conversions conversions) {
        var answer = new LinkedHashMap<String, Object>();
        answer.put("status", "valid");
        answer.put("accepted_count", conversions.size());
        answer.put("csv", csv);
        if (conversions.warnings().count() > 0) {
            answer.put("warnings", conversions.warnings().toList());
        }
        return Json.write(answer);
    }
}
