package metrika.conversions.dashboard;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;

import com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.camel.Body;
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

    /** Over how many hours the course of the figures can be seen. */
    static final Map<String, Integer> RANGES = ranges();

    private static final String USUAL_RANGE = "24h";
    /** What the renewal of a page asks for, which needs no plots. */
    private static final String NO_RANGE = "none";

    /** One of them says whose a conversion is. */
    static final List<String> IDENTIFIERS = List.of("client_id", "user_id", "yclid");

    static final List<String> TRIED = List.of("target", "date_time", "price", "currency", "purchase_id");

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

    private static Map<String, Integer> ranges() {
        var ranges = new LinkedHashMap<String, Integer>();
        ranges.put("1h", 1);
        ranges.put(USUAL_RANGE, 24);
        ranges.put("7d", 7 * 24);
        ranges.put("30d", 30 * 24);
        return ranges;
    }

    /**
     * Of how long the course of the figures is shown: the parameters of {@code show-course.sql}.
     *
     * @throws ProblemException 400 when the range is none of those that can be chosen
     */
    public Map<String, Object> readCourse(@Header("range") String range, @Variable("webhook-id") UUID webhook) {
        var wanted = range == null ? USUAL_RANGE : range;
        if (!wanted.equals(NO_RANGE) && !RANGES.containsKey(wanted)) {
            throw ProblemException.of(400, "range is one of " + String.join(", ", RANGES.keySet()));
        }
        var parameters = new LinkedHashMap<String, Object>();
        parameters.put("range", wanted);
        parameters.put("hours", RANGES.getOrDefault(wanted, 0));
        parameters.put("webhook_id", webhook);
        return parameters;
    }

    /** Whether what is on its way is deleted with its webhook. */
    public boolean readForce(Exchange exchange) {
        return field(exchange, "force").equals("true");
    }

    /** Has the old secret end at once where the form says so; else it ends as the setting says. */
    public void readGrace(Exchange exchange) {
        if (field(exchange, "at_once").equals("true")) {
            exchange.getMessage().setHeader("grace", "PT0S");
        }
    }

    /**
     * Of which source and file refused rows are given: the parameters of {@code download-refused.sql}.
     *
     * @throws ProblemException 400 when they cannot be names
     */
    public Map<String, Object> readRefused(@Header("source") String source, @Header("file") String file) {
        if (!StorableText.isStorable(source == null ? "" : source)
                || !StorableText.isStorable(file == null ? "" : file)) {
            throw ProblemException.of(400, "This is no text that can be stored, so no row has it");
        }
        var parameters = new LinkedHashMap<String, Object>();
        parameters.put("source", source);
        parameters.put("file", file);
        return parameters;
    }

    /** Makes the body a sender's request with the conversion of the form; leaves the variable {@code tried}. */
    public void readTrial(Exchange exchange) {
        var tried = new LinkedHashMap<String, Object>();
        tried.put("identifier", field(exchange, "identifier"));
        tried.put("value", field(exchange, "value"));
        TRIED.forEach(name -> tried.put(name, field(exchange, name)));
        exchange.setVariable("tried", tried);
        exchange.getMessage().setBody(bytes(Map.of("conversions", List.of(conversion(tried)))));
    }

    /** The answer to a trial, and what was tried, for the form. */
    public String showTrial(
            @Body String answer, @Variable("tried") Map<String, Object> tried, @Variable("webhook-id") UUID id) {
        var shown = new LinkedHashMap<>(tried);
        shown.put("webhook_id", id);
        shown.put("answer", Json.object(answer.getBytes(StandardCharsets.UTF_8)));
        return Json.write(shown);
    }

    /** The fields that are filled in. */
    private static Map<String, String> conversion(Map<String, Object> tried) {
        var conversion = new LinkedHashMap<String, String>();
        if (IDENTIFIERS.contains(tried.get("identifier"))) {
            conversion.put((String) tried.get("identifier"), (String) tried.get("value"));
        }
        TRIED.forEach(name -> conversion.put(name, (String) tried.get(name)));
        conversion.replaceAll((name, value) -> value.strip());
        conversion.values().removeIf(String::isEmpty);
        return conversion;
    }

    /** What a page shows, a JSON object, and the webhook that it is about. */
    public String showWebhook(@Body String shown, @Header("webhook_id") String id) {
        var page = (ObjectNode) Json.object(shown.getBytes(StandardCharsets.UTF_8));
        return page.put("webhook_id", id).toString();
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
