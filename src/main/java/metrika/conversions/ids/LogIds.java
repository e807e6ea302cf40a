package metrika.conversions.ids;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.regex.Pattern;

import org.apache.camel.Exchange;
import org.slf4j.MDC;

/**
 * The ids that the lines of the log carry, as keys of SLF4J's MDC: those of what an exchange works on, read from the
 * variables of its routes. Ids only, of our own making or numbers of Metrika's: nothing else that a variable may hold
 * gets into the log this way.
 *
 * @param request of the request over HTTP
 * @param webhook its id
 * @param batch its id
 * @param upload our id of a file for Metrika
 * @param metrikaUpload the id that Metrika gave it
 */
public record LogIds(String request, String webhook, String batch, String upload, String metrikaUpload) {

    /** The request over HTTP. */
    public static final String REQUEST = "request";

    private static final String WEBHOOK = "webhook";
    private static final String BATCH = "batch";
    private static final String UPLOAD = "upload";
    private static final String METRIKA_UPLOAD = "metrika_upload";

    /** All of them, in the order in which a line has them. */
    public static final List<String> KEYS = List.of(REQUEST, WEBHOOK, BATCH, UPLOAD, METRIKA_UPLOAD);

    private static final Pattern UUID_TEXT = Pattern.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}");
    private static final Pattern NUMBERS = Pattern.compile("[0-9]{1,19}(?:,[0-9]{1,19})*");
    /** A poll is for all uploads of a counter, which may be thousands. */
    private static final int MAX_LISTED = 3;

    /**
     * The ids of an exchange.
     *
     * @param request the id of the request that it answers, or {@code null}
     */
    public static LogIds of(Exchange exchange, String request) {
        var batch = id(exchange.getVariable("batch"));
        var polled = row(exchange, "polled");
        var upload = polled == null ? row(exchange, "upload") : polled;
        var account = upload == null ? row(exchange, "metrika-account") : upload;
        return account == null
                ? new LogIds(request, id(exchange.getVariable("webhook")), batch, null, null)
                : new LogIds(
                        request,
                        id(account.get("webhook_id")),
                        batch,
                        numbers(account.get(upload == null ? "uploads" : polled == null ? "id" : "upload")),
                        numbers(metrikaId(exchange, account, upload, polled)));
    }

    /**
     * Has the lines of this thread carry the ids of an exchange, until another one's are shown.
     *
     * @param request the id of the request that it answers, or {@code null}
     */
    public static void show(Exchange exchange, String request) {
        of(exchange, request).show();
    }

    /** Has the lines of this thread carry these, until others are shown. */
    public void show() {
        set(REQUEST, request);
        set(WEBHOOK, webhook);
        set(BATCH, batch);
        set(UPLOAD, upload);
        set(METRIKA_UPLOAD, metrikaUpload);
    }

    /** Has the lines of this thread carry no ids. */
    public static void clear() {
        KEYS.forEach(MDC::remove);
    }

    private static Object metrikaId(Exchange exchange, Map<?, ?> account, Map<?, ?> upload, Map<?, ?> polled) {
        if (polled != null) {
            return polled.get("id");
        }
        return upload == null ? account.get("uploadings") : exchange.getVariable("metrika-upload-id");
    }

    private static Map<?, ?> row(Exchange exchange, String variable) {
        return exchange.getVariable(variable) instanceof Map<?, ?> row ? row : null;
    }

    private static String id(Object value) {
        if (value instanceof Identified identified) {
            return Objects.toString(identified.id(), null);
        }
        if (value instanceof UUID) {
            return value.toString();
        }
        return value instanceof String text && UUID_TEXT.matcher(text).matches() ? text : null;
    }

    /** A number, or several: the first of them when they are many, and how many more there are. */
    private static String numbers(Object value) {
        if (value instanceof Long || value instanceof Integer) {
            return value.toString();
        }
        if (!(value instanceof String text) || !NUMBERS.matcher(text).matches()) {
            return null;
        }
        var commas = (int) text.chars().filter(character -> character == ',').count();
        return commas < MAX_LISTED ? text : text.substring(0, text.indexOf(',')) + "+" + commas;
    }

    private static void set(String key, String value) {
        if (!Objects.equals(MDC.get(key), value)) {
            if (value == null) {
                MDC.remove(key);
            } else {
                MDC.put(key, value);
            }
        }
    }
}
