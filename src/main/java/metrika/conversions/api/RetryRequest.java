package metrika.conversions.api;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;

import org.apache.camel.Body;
import org.apache.camel.Variable;

import metrika.conversions.problem.FieldErrors;
import metrika.conversions.problem.Json;
import metrika.conversions.problem.ProblemException;

/** Which batches in error an administrator wants to be sent again: the parameters of {@code start-retries.sql}. */
public final class RetryRequest {

    private static final Set<String> FIELDS = Set.of("code", "since", "until");

    /**
     * @param body a JSON object with perhaps {@code code}, {@code since} and {@code until}
     * @param webhook whose batches they are
     * @throws ProblemException 400 with all that is wrong
     */
    public Map<String, Object> read(@Body byte[] body, @Variable("webhook-id") Object webhook) {
        var json = Json.object(body);
        var errors = new FieldErrors();
        json.fieldNames().forEachRemaining(field -> {
            if (!FIELDS.contains(field)) {
                errors.unknown(field, "code, since, until");
            }
        });
        var form = form(
                webhook,
                Json.text(json, "code", errors),
                Json.text(json, "since", errors),
                Json.text(json, "until", errors),
                errors);
        if (errors.count() > 0) {
            throw ProblemException.of(400, "This does not say which batches to send again", errors.toList());
        }
        return form;
    }

    /** The parameters of the statement; what is wrong with them is noted. */
    public static Map<String, Object> form(
            Object webhook, String code, String since, String until, FieldErrors errors) {
        var form = new HashMap<String, Object>();
        form.put("webhook_id", webhook);
        form.put("code", BatchFilter.code(code, errors));
        form.put("since", BatchFilter.moment("since", since, false, errors));
        form.put("until", BatchFilter.moment("until", until, true, errors));
        return form;
    }
}
