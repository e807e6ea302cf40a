package metrika.conversions.dashboard;

import java.math.BigInteger;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.text.NumberFormat;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * What a template shows: an object of the page's data, and the words for it. It gives texts; the template escapes them.
 */
public final class View {

    /** Where a conversion can be, in the order of its way. */
    public static final List<String> PLACES =
            List.of("received", "waiting", "in_flight", "linked", "unlinked", "error");

    /** What a line for Metrika has, in its order. */
    public static final List<String> COLUMNS =
            List.of("ClientId", "UserId", "Yclid", "PurchaseId", "Target", "DateTime", "Price", "Currency");

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss", Locale.ROOT);

    private final Visitor visitor;
    private final View page;
    private final JsonNode data;

    View(Visitor visitor, JsonNode data) {
        this.visitor = visitor;
        this.data = data;
        page = this;
    }

    private View(View page, JsonNode data) {
        visitor = page.visitor;
        this.page = page;
        this.data = data;
    }

    /** A text in the visitor's language. */
    public String t(String key, Object... values) {
        return Texts.text(visitor.language(), key, values);
    }

    public String language() {
        return visitor.language();
    }

    public String otherLanguage() {
        return visitor.language().equals(Texts.RUSSIAN) ? Texts.ENGLISH : Texts.RUSSIAN;
    }

    public String otherLanguageUrl() {
        return visitor.path() + "?" + visitor.query() + (visitor.query().isEmpty() ? "" : "&") + "lang="
                + otherLanguage();
    }

    /** The value of {@code aria-current} of a link; {@code null}, which leaves it out, for that of another page. */
    public String current(String path) {
        return visitor.path().equals(path) ? "page" : null;
    }

    public boolean isSignedIn() {
        return visitor.actor() != null;
    }

    public String actor() {
        return visitor.actor();
    }

    public boolean isReadOnly() {
        return visitor.isReadOnly();
    }

    public String csrf() {
        return visitor.csrf();
    }

    public boolean isTokenAsked() {
        return visitor.isTokenAsked();
    }

    public boolean hasFailed() {
        return visitor.hasFailed();
    }

    /** An object in the data. */
    public View at(String name) {
        return new View(page, data.path(name));
    }

    /** The objects of a list in the data; none where there is no list. */
    public List<View> each(String name) {
        var found = new ArrayList<View>();
        data.path(name).forEach(one -> found.add(new View(page, one)));
        return found;
    }

    /** This itself, where it is no object but a value of a list. */
    public String value() {
        return data.asText();
    }

    /** This itself, a quantity, all digits of it, in groups. */
    public String quantity() {
        return format().format(data.bigIntegerValue());
    }

    /** A time in seconds since 1970. */
    public String seconds(String name) {
        return String.valueOf(Instant.parse(text(name)).getEpochSecond());
    }

    /** What a line of a plot is called: by a word of ours, or by a name of the data. */
    public String series() {
        return text("key").isEmpty() ? text("name") : t("course." + text("key"));
    }

    /** How long something takes, of a number of seconds, by its two largest units; a dash where there is none. */
    public String duration(String name) {
        if (!data.path(name).isIntegralNumber()) {
            return "–";
        }
        var duration = Duration.ofSeconds(Math.max(0, data.path(name).longValue()));
        return duration.toDays() > 0
                ? t("duration.days", duration.toDays(), duration.toHoursPart())
                : duration.toHours() > 0
                        ? t("duration.hours", duration.toHours(), duration.toMinutesPart())
                        : t("duration.minutes", duration.toMinutes(), duration.toSecondsPart());
    }

    /** The points of a line through the numbers of a list. */
    public String line(String name) {
        return Sparkline.points(data.path(name));
    }

    /** A value for a query. */
    public String encoded(String name) {
        return URLEncoder.encode(text(name), StandardCharsets.UTF_8);
    }

    /** Over how long the course of the figures can be seen. */
    public Set<String> ranges() {
        return DashboardForms.RANGES.keySet();
    }

    /** The names of identifiers, of which a conversion needs one. */
    public List<String> identifiers() {
        return DashboardForms.IDENTIFIERS;
    }

    /** The names of the other fields of a conversion that is tried. */
    public List<String> triedFields() {
        return DashboardForms.TRIED;
    }

    /** The time now, as a conversion has it. */
    public String now() {
        return Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    }

    /** A field as it is; empty where it is not there. */
    public String text(String name) {
        var value = data.path(name);
        return value.isNull() ? "" : value.asText();
    }

    public boolean is(String name) {
        return data.path(name).asBoolean();
    }

    /** The texts of a list, with commas. */
    public String list(String name) {
        var found = new ArrayList<String>();
        data.path(name).forEach(one -> found.add(one.asText()));
        return String.join(", ", found);
    }

    /** An object in the form in which it is stored; empty where there is none. */
    public String json(String name) {
        var value = data.path(name);
        return value.isEmpty() ? "" : value.toString();
    }

    /** A quantity, all digits of it, in groups; empty where there is none. */
    public String number(String name) {
        var value = data.path(name);
        return value.isIntegralNumber() ? format().format(value.bigIntegerValue()) : "";
    }

    /** The share of the first quantity in both, as a percentage; a dash where there is neither. */
    public String rate(String part, String rest) {
        var first = data.path(part).bigIntegerValue();
        var both = first.add(data.path(rest).bigIntegerValue());
        return both.signum() == 0
                ? "–"
                : format().format(first.multiply(BigInteger.valueOf(100)).divide(both)) + " %";
    }

    /** A time in UTC, said so; a dash where there is none. */
    public String time(String name) {
        return written(text(name), ZoneOffset.UTC, "UTC");
    }

    /** A time in the time zone of the page's webhook, said so; a dash where there is none. */
    public String zoned(String name) {
        var zone = page.text("time_zone");
        return zone.isEmpty() ? time(name) : written(text(name), ZoneId.of(zone), zone);
    }

    /** What is the matter, in a sentence: an incident by its kind, and what it is about. */
    public String incident() {
        var about = text("source").isEmpty() ? text("webhook_name") : text("source");
        return t("incident." + text("kind"), about.isEmpty() ? text("subject") : about);
    }

    /** A command that tries a new webhook, and stores nothing. */
    public String curl() {
        return "curl -H 'Content-Type: application/json' -H 'X-Webhook-Secret: %s' '%s?dry_run=true' "
                        .formatted(text("secret"), text("url"))
                + "-d '{\"conversions\":[{\"client_id\":\"1234567890\",\"target\":\"purchase\",\"date_time\":\"%s\"}]}'"
                        .formatted(now());
    }

    /** The query of a list that goes on with its next page. */
    public String next() {
        var query = text("query");
        return query + (query.isEmpty() ? "" : "&") + "after=" + text("next");
    }

    /**
     * The query of the list of batches that are at a place, those of the webhook that the figures are of, or of all.
     */
    public String batchesOf(String place) {
        var state = DashboardFilters.STATE_AT.get(place);
        var webhook = text("webhook_id");
        return (webhook.isEmpty() ? "" : "webhook=" + webhook)
                + (webhook.isEmpty() || state == null ? "" : "&")
                + (state == null ? "" : "state=" + state);
    }

    /** What batches can be, in lists. */
    public List<String> batchStates() {
        return DashboardFilters.BATCH_STATES;
    }

    /** What webhooks can be. */
    public List<String> webhookStates() {
        return DashboardFilters.WEBHOOK_STATES;
    }

    /** What uploads can be. */
    public List<String> uploadStates() {
        return DashboardFilters.UPLOAD_STATES;
    }

    /** What to do about the error whose code the object has; empty where there is none. */
    public String advice() {
        var code = text("code");
        if (code.isEmpty()) {
            return "";
        }
        var key = "advice." + code;
        return t(Texts.bundle(visitor.language()).containsKey(key) ? key : "advice.other");
    }

    /** Whether there is such a field. */
    public boolean isThere(String name) {
        return data.hasNonNull(name);
    }

    /** The numbers of days that can be searched. */
    public List<String> days() {
        return DashboardForms.DAYS;
    }

    private NumberFormat format() {
        return NumberFormat.getIntegerInstance(Locale.forLanguageTag(visitor.language()));
    }

    private static String written(String time, ZoneId zone, String name) {
        return time.isEmpty() ? "–" : TIME.format(Instant.parse(time).atZone(zone)) + " " + name;
    }
}
