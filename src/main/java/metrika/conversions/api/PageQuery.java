package metrika.conversions.api;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.apache.camel.Header;

import metrika.conversions.ids.Uuids;
import metrika.conversions.problem.ProblemException;

/** A page of a list, as asked for: the parameters of the list's statement. */
public final class PageQuery {

    /** What a batch can be. */
    public static final List<String> STATUSES =
            List.of("accepted", "pending", "uploaded", "processing", "completed", "error", "withdrawn");

    private static final int USUAL = 100;
    private static final int MOST = 1000;

    /**
     * A page of the batches of a webhook: the parameters of {@code list-batches.sql}.
     *
     * @param status only batches of this one, or {@code null} for all
     * @param limit how many, 1 to {@value #MOST}; {@code null} for {@value #USUAL}
     * @param after the last batch of the page before, or {@code null} for the first page
     * @throws ProblemException 400 when one of them is not what it should be
     */
    public Map<String, Object> readBatches(
            @Header("status") String status, @Header("limit") String limit, @Header("after") String after) {
        if (status != null && !STATUSES.contains(status)) {
            throw ProblemException.of(
                    400, "status is '%s': one of %s is expected".formatted(status, String.join(", ", STATUSES)));
        }
        var parameters = new HashMap<String, Object>();
        parameters.put("status", status);
        parameters.put("limit", limit(limit));
        parameters.put(
                "after",
                after == null
                        ? null
                        : Uuids.parse(after)
                                .orElseThrow(() -> ProblemException.of(
                                        400,
                                        "after is '%s': the batch_id of a page's last batch is expected"
                                                .formatted(after))));
        return parameters;
    }

    /**
     * A page of the refused rows of a webhook: the parameters of {@code list-refused.sql}.
     *
     * @param limit how many, as for {@link #readBatches}
     * @param after the {@code next} of the page before, or {@code null} for the first page
     * @throws ProblemException 400 when one of them is not what it should be
     */
    public Map<String, Object> readRefused(@Header("limit") String limit, @Header("after") String after) {
        var parameters = new HashMap<String, Object>();
        parameters.put("limit", limit(limit));
        parameters.put(
                "after",
                after == null
                        ? null
                        : Uuids.parse(after)
                                .orElseThrow(() -> ProblemException.of(
                                        400,
                                        "after is '%s': the next of the page before is expected".formatted(after))));
        return parameters;
    }

    /**
     * A page of the audit: the parameters of {@code show-audit.sql}.
     *
     * @param limit how many entries, as for {@link #readBatches}
     * @param after the {@code next} of the page before, or {@code null} for the first page
     * @throws ProblemException 400 when one of them is not what it should be
     */
    public Map<String, Object> readAudit(@Header("limit") String limit, @Header("after") String after) {
        if (after != null && !after.matches("[0-9]{1,18}")) {
            throw ProblemException.of(400, "after is '%s': the next of the page before is expected".formatted(after));
        }
        var parameters = new HashMap<String, Object>();
        parameters.put("limit", limit(limit));
        parameters.put("after", after == null ? null : Long.valueOf(after));
        return parameters;
    }

    /**
     * How many entries a page has.
     *
     * @param given 1 to {@value #MOST}; {@code null} for {@value #USUAL}
     * @throws ProblemException 400 when it is not that
     */
    private static int limit(String given) {
        if (given == null) {
            return USUAL;
        }
        if (given.matches("[0-9]{1,4}")) {
            var limit = Integer.parseInt(given);
            if (limit >= 1 && limit <= MOST) {
                return limit;
            }
        }
        throw ProblemException.of(400, "limit is '%s': a number from 1 to %d is expected".formatted(given, MOST));
    }
}
