package metrika.conversions.access;

import java.util.HashMap;
import java.util.Map;

import metrika.conversions.web.BatchPage;
import metrika.conversions.web.Problem;
import org.apache.camel.Header;

/** A page of the audit, as asked for: the parameters of {@code show-audit.sql}. */
public final class AuditPage {

    /**
     * @param  limit   how many entries, as for {@link BatchPage}
     * @param  after   the {@code next} of the page before, or {@code null} for the first page
     * @throws Problem 400 when one of them is not what it should be
     */
    public Map<String, Object> of(@Header("limit") String limit, @Header("after") String after) {
        if (after != null && !after.matches("[0-9]{1,18}")) {
            throw Problem.of(400, "after is '%s': the next of the page before is expected".formatted(after));
        }
        var parameters = new HashMap<String, Object>();
        parameters.put("limit", BatchPage.limit(limit));
        parameters.put("after", after == null ? null : Long.valueOf(after));
        return parameters;
    }
}
