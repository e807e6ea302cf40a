package metrika.conversions.dashboard;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;

import org.apache.camel.Exchange;
import org.apache.camel.Header;
import org.apache.camel.Variable;
import org.apache.camel.component.platform.http.vertx.HttpMessage;

import metrika.conversions.ids.Uuids;
import metrika.conversions.problem.Json;
import metrika.conversions.problem.ProblemException;
import metrika.conversions.text.StorableText;

/**
 * The fields of forms as bodies of the API's operations, so that an act is checked, done and written down in one way,
 * whoever asks for it.
 */
public final class DashboardForms {

    /** Of how many days conversions can be searched. */
    static final List<String> DAYS = List.of("1", "7", "30");

    private static final Pattern WHOLE = Pattern.compile("[0-9]{1,18}");

    /** The change of a webhook's token. */
    public byte[] readToken(Exchange exchange) {
        return body("token", field(exchange, "token").strip());
    }

    /** The change of whether a webhook takes conversions. What is neither true nor false is refused as it is. */
    public byte[] readActive(Exchange exchange) {
        var given = field(exchange, "is_active");
        return body("is_active", given.matches("true|false") ? Boolean.valueOf(given) : given);
    }

    /** The fields of a new webhook; one that is left empty is left out. */
    public byte[] readNew(Exchange exchange) {
        var fields = new LinkedHashMap<String, Object>();
        for (var name : List.of("name", "description", "counter_id", "token", "time_zone")) {
            var value = field(exchange, name).strip();
            if (!value.isEmpty()) {
                fields.put(
                        name,
                        name.equals("counter_id") && WHOLE.matcher(value).matches() ? Long.valueOf(value) : value);
            }
        }
        return bytes(fields);
    }

    /**
     * What is looked for: the parameters of {@code search.sql}. A text that can be an id, or a number, is one too.
     *
     * @throws ProblemException 400 when the days are none of those that can be chosen
     */
    public Map<String, Object> readSearch(@Header("q") String q, @Header("days") String days) {
        var wanted = q == null ? "" : q.strip();
        if (days != null && !DAYS.contains(days)) {
            throw ProblemException.of(400, "days is one of " + String.join(", ", DAYS));
        }
        if (!StorableText.isStorable(wanted)) {
            throw ProblemException.of(400, "This is no text that can be stored, so nothing has it");
        }
        var parameters = new LinkedHashMap<String, Object>();
        parameters.put("q", wanted.isEmpty() ? null : wanted);
        parameters.put("days", Integer.valueOf(days == null ? DAYS.get(1) : days));
        parameters.put("id", Uuids.parse(wanted).orElse(null));
        parameters.put("number", WHOLE.matcher(wanted).matches() ? Long.valueOf(wanted) : null);
        return parameters;
    }

    /** The webhook of the path, for a statement that asks for a field of it. */
    public Map<String, UUID> webhook(@Variable("webhook-id") UUID id) {
        return Map.of("id", id);
    }

    private static byte[] body(String name, Object value) {
        return bytes(Map.of(name, value));
    }

    private static byte[] bytes(Map<String, ?> fields) {
        return Json.write(fields).getBytes(StandardCharsets.UTF_8);
    }

    static String field(Exchange exchange, String name) {
        var given = exchange.getMessage(HttpMessage.class)
                .getRequest()
                .formAttributes()
                .get(name);
        return given == null ? "" : given;
    }
}
