package metrika.conversions.dashboard;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.apache.camel.Exchange;
import org.apache.camel.Header;

import metrika.conversions.api.BatchFilter;
import metrika.conversions.api.PageQuery;
import metrika.conversions.api.RetryRequest;
import metrika.conversions.ids.Uuids;
import metrika.conversions.problem.FieldErrors;
import metrika.conversions.problem.ProblemException;

/**
 * What lists are narrowed to: the query of a page, as its form sends it, as the parameters of its statement. A field
 * that is left empty narrows nothing.
 */
public final class DashboardFilters {

    /** What batches are whose conversions are at a place; of all, where none is named. */
    static final Map<String, String> STATE_AT = Map.of(
            "waiting",
            "waiting",
            "in_flight",
            "in_flight",
            "linked",
            "completed",
            "unlinked",
            "completed",
            "error",
            "error");

    /** What an upload can be. */
    static final List<String> UPLOAD_STATES =
            List.of("planned", "uploaded", "processing", "completed", "error", "expired", "replaced");

    /** What a batch can be, and two of what it is on its way: before it is sent, and at Metrika. */
    static final List<String> BATCH_STATES = Stream.concat(
                    Stream.of("waiting", "in_flight"), PageQuery.STATUSES.stream())
            .toList();

    /** What a webhook can be. */
    static final List<String> WEBHOOK_STATES = List.of("active", "paused", "token_lost");

    private static final String WEBHOOK = "webhook";
    private static final String STATE = "state";
    private static final String AFTER = "after";
    private static final String QUERY = "query";
    private static final List<String> SPAN = List.of("since", "until");
    private static final String NUMBER = "[0-9]{1,18}";

    /**
     * The parameters of {@code find-batches.sql} and {@code count-retries.sql}.
     *
     * @throws ProblemException 400 with all that is not what it should be
     */
    public Map<String, Object> readBatches(Exchange exchange) {
        var given = given(exchange, List.of(WEBHOOK, STATE, "code", "since", "until"));
        var errors = new FieldErrors();
        var filter = filter(given, BATCH_STATES, errors);
        filter.put("code", BatchFilter.code(given.get("code"), errors));
        filter.put(AFTER, id(AFTER, header(exchange, AFTER), "a page's last batch", errors));
        return checked(filter, errors);
    }

    /**
     * The parameters of {@code list-webhooks.sql}.
     *
     * @throws ProblemException 400 with all that is not what it should be
     */
    public Map<String, Object> readWebhooks(Exchange exchange) {
        var given = given(exchange, List.of("name", STATE));
        var errors = new FieldErrors();
        var filter = new HashMap<String, Object>();
        filter.put("name", given.get("name"));
        filter.put(STATE, state(given, WEBHOOK_STATES, errors));
        filter.put(QUERY, query(given));
        filter.put(AFTER, id(AFTER, header(exchange, AFTER), "a page's last webhook", errors));
        return checked(filter, errors);
    }

    /**
     * The parameters of {@code list-uploads.sql}.
     *
     * @throws ProblemException 400 with all that is not what it should be
     */
    public Map<String, Object> readUploads(Exchange exchange) {
        var given = given(exchange, List.of(WEBHOOK, STATE, "since", "until"));
        var errors = new FieldErrors();
        var filter = filter(given, UPLOAD_STATES, errors);
        filter.put(AFTER, number(AFTER, header(exchange, AFTER), errors));
        return checked(filter, errors);
    }

    /**
     * The parameters of {@code start-retries.sql}, of the fields of a form.
     *
     * @throws ProblemException 400 with all that is not what it should be
     */
    public Map<String, Object> readRetries(Exchange exchange) {
        var errors = new FieldErrors();
        var form = RetryRequest.form(
                id(WEBHOOK, field(exchange, WEBHOOK), "a webhook", errors),
                field(exchange, "code"),
                field(exchange, "since"),
                field(exchange, "until"),
                errors);
        return checked(form, errors);
    }

    /**
     * Where the lines of a batch, or the batches of an upload, go on.
     *
     * @return the position of the last line that was shown, -1 before the first one
     */
    public long readLine(@Header("after") String after) {
        if (after != null && !after.matches("[0-9]{1,9}")) {
            throw ProblemException.of(
                    400, "after is '%s': the number of a line is expected".formatted(FieldErrors.quoted(after)));
        }
        return after == null ? -1 : Long.parseLong(after);
    }

    /** The upload of the path, and after which batch its batches are shown. */
    public Map<String, Object> readUpload(@Header("upload_id") String id, @Header("after") String after) {
        if (!id.matches(NUMBER)) {
            throw ProblemException.of(404, "There is no upload '%s'".formatted(FieldErrors.quoted(id)));
        }
        var errors = new FieldErrors();
        var wanted = new HashMap<String, Object>();
        wanted.put("id", Long.valueOf(id));
        wanted.put(AFTER, id(AFTER, after, "a page's last batch", errors));
        return checked(wanted, errors);
    }

    /** The part of each list that is about webhooks, states and times, and the query to come back to it. */
    private static Map<String, Object> filter(Map<String, String> given, List<String> states, FieldErrors errors) {
        var filter = new HashMap<String, Object>();
        filter.put(WEBHOOK, id(WEBHOOK, given.get(WEBHOOK), "a webhook", errors));
        filter.put(STATE, state(given, states, errors));
        for (var name : SPAN) {
            filter.put(name, BatchFilter.moment(name, given.get(name), name.equals("until"), errors));
            filter.put(name + "_given", given.get(name));
        }
        filter.put(QUERY, query(given));
        return filter;
    }

    private static String state(Map<String, String> given, List<String> states, FieldErrors errors) {
        var state = given.get(STATE);
        if (state != null && !states.contains(state)) {
            errors.add(
                    STATE,
                    "invalid",
                    "state is '%s': one of %s is expected"
                            .formatted(FieldErrors.quoted(state), String.join(", ", states)));
        }
        return state;
    }

    private static String query(Map<String, String> given) {
        return given.entrySet().stream()
                .map(field -> field.getKey() + "=" + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
    }

    private static Map<String, Object> checked(Map<String, Object> read, FieldErrors errors) {
        if (errors.count() > 0) {
            throw ProblemException.of(400, "This is not what can be asked for", errors.toList());
        }
        return read;
    }

    private static Map<String, String> given(Exchange exchange, List<String> names) {
        var given = new LinkedHashMap<String, String>();
        for (var name : names) {
            var value = header(exchange, name);
            if (value != null) {
                given.put(name, value);
            }
        }
        return given;
    }

    private static String header(Exchange exchange, String name) {
        return orNull(exchange.getMessage().getHeader(name, String.class));
    }

    private static String field(Exchange exchange, String name) {
        return orNull(DashboardForms.field(exchange, name));
    }

    private static String orNull(String given) {
        return given == null || given.isBlank() ? null : given.strip();
    }

    private static UUID id(String field, String given, String of, FieldErrors errors) {
        if (given == null) {
            return null;
        }
        var id = Uuids.parse(given);
        if (id.isEmpty()) {
            errors.add(
                    field,
                    "invalid",
                    "%s is '%s': the id of %s is expected".formatted(field, FieldErrors.quoted(given), of));
        }
        return id.orElse(null);
    }

    private static Long number(String field, String given, FieldErrors errors) {
        if (given == null || given.matches(NUMBER)) {
            return given == null ? null : Long.valueOf(given);
        }
        errors.add(
                field,
                "invalid",
                "%s is '%s': the number of a page's last upload is expected"
                        .formatted(field, FieldErrors.quoted(given)));
        return null;
    }
}
