package metrika.conversions.ids;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.regex.Pattern;

import org.apache.camel.Exchange;

/**
 * The ids that the lines of the log carry: those of what an exchange works on, read from the variables of its routes
 * when a line is written, since most steps write none. Ids only, of our own making or numbers of Metrika's: nothing
 * else that a variable may hold gets into the log this way.
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

    private static final ThreadLocal<Subject> SHOWN = new ThreadLocal<>();

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

    /** The id of a request of which nothing else is known. */
    public static LogIds ofRequest(String request) {
        return new LogIds(request, null, null, null, null);
    }

    /**
     * What the lines of a thread are about: an exchange, whose ids are read when one is written, or ids.
     *
     * @param request the id of the request that the exchange answers, or {@code null}
     */
    public record Subject(Exchange exchange, String request, LogIds ids) {

        /** An exchange. */
        public Subject(Exchange exchange, String request) {
            this(exchange, request, null);
        }
    }

    /** Has the lines of this thread be about this until they are about something else; {@code null}: nothing. */
    public static void show(Subject subject) {
        SHOWN.set(subject);
    }

    /** Has the lines of this thread carry these, until others are shown. */
    public void show() {
        SHOWN.set(new Subject(null, request, this));
    }

    /** Has the lines of this thread carry no ids. */
    public static void clear() {
        SHOWN.set(null);
    }

    /** What the lines of this thread are about; {@code null}: nothing. */
    public static Subject subject() {
        return SHOWN.get();
    }

    /** The ids that a line of this thread carries now, by their names, in their order. */
    public static Map<String, String> shown() {
        var subject = SHOWN.get();
        if (subject == null) {
            return Map.of();
        }
        var ids = subject.ids() == null ? of(subject.exchange(), subject.request()) : subject.ids();
        var byName = new LinkedHashMap<String, String>();
        put(byName, REQUEST, ids.request);
        put(byName, WEBHOOK, ids.webhook);
        put(byName, BATCH, ids.batch);
        put(byName, UPLOAD, ids.upload);
        put(byName, METRIKA_UPLOAD, ids.metrikaUpload);
        return byName;
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

    private static void put(Map<String, String> byName, String name, String id) {
        if (id != null) {
            byName.put(name, id);
        }
    }
}
