package metrika.conversions.api;

import java.util.HashMap;
import java.util.Map;

import metrika.conversions.problem.ProblemException;
import org.apache.camel.Header;

/** A page of the audit, as asked for: the parameters of {@code show-audit.sql}. */
public final class AuditPageQuery {

    /**
     * @param  limit   how many entries, as for {@link BatchPageQuery}
     * @param  after   the {@code next} of the page before, or {@code null} for the first page
     * @throws ProblemException 400 when one of them is not what it should be
     */
    public Map<String, Object> read(@Header("limit") String limit, @Header("after") String after) {
        if (after != null && !after.matches("[0-9]{1,18}")) {
            throw ProblemException.of(400, "after is '%s': the next of the page before is expected".formatted(after));
        }
        var parameters = new HashMap<String, Object>();
        parameters.put("limit", BatchPageQuery.limit(limit));
        parameters.put("after", after == null ? null : Long.valueOf(after));
        return parameters;
    }
}
