package metrika.conversions.channels;

import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.ResourceBundle;
import java.util.regex.Pattern;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * What people are told of an event: what it is, since when, how many it concerns, and what to do. The words are in
 * {@code news_<language>.properties}.
 */
public final class NewsText {

    /** The languages that there are. */
    public static final List<String> LANGUAGES = List.of("ru", "en");

    private static final Pattern NO_LINE = Pattern.compile("[\\p{Cntrl}\\p{Zl}\\p{Zp}\\s]+");
    private static final int MOST_CHARACTERS = 300;
    private static final String INCIDENT = "incident.";
    private static final String CLOSED = "closed";
    private static final double PERCENT = 100;
    private static final double KIBI = 1024;

    private final ResourceBundle words;
    private final Locale locale;

    /** @param language one of {@link #LANGUAGES} */
    public NewsText(String language) {
        locale = Locale.forLanguageTag(language);
        words = ResourceBundle.getBundle(
                "metrika.conversions.channels.news",
                locale,
                ResourceBundle.Control.getNoFallbackControl(ResourceBundle.Control.FORMAT_PROPERTIES));
    }

    /**
     * A text.
     *
     * @param title its first line, in which the subject of a mail can be told
     */
    public record Text(String title, String whole) {}

    /** @param zone that times are told in, and which is told with them */
    public Text of(String type, JsonNode data, ZoneId zone) {
        var isIncident = type.startsWith(INCIDENT);
        var phase = type.substring(type.indexOf('.') + 1);
        var kind = isIncident ? known(value(data.path("kind")), phase) : "batch";
        var name = first(data, "webhook_name", "source", "counter_id");
        var title = word(kind + "." + phase, type) + (name.isEmpty() ? "" : ": " + name);
        var lines = new ArrayList<String>();
        if (kind.equals("other")) {
            line(lines, "kind", value(data.path("kind")));
            line(lines, "subject", value(data.path("subject")));
        }
        for (var field : List.of("webhook_name", "webhooks", "source", "counter_id", "code")) {
            line(lines, field, value(data.path(field)));
        }
        line(lines, "rate", rate(data));
        line(lines, "free_bytes", bytes(data.path("free_bytes")));
        for (var field : List.of("batches", "uploads", "conversions", "total", "linked", "unlinked")) {
            line(lines, field, value(data.path(field)));
        }
        line(lines, "deadline", time(data.path("deadline"), zone));
        line(lines, "since", time(data.path("since"), zone));
        line(lines, "until", time(data.path("until"), zone));
        line(lines, "lasted", phase.equals(CLOSED) ? span(data) : "");
        line(lines, "reason", value(data.path("reason")));
        data.path("errors")
                .forEach(
                        error -> line(lines, "error", value(error.path("code")) + ": " + value(error.path("message"))));
        if (isIncident && !phase.equals(CLOSED)) {
            line(lines, "advice", word(kind + ".advice", ""));
        }
        line(lines, "id", first(data, "incident_id", "batch_id"));
        return new Text(title, title + "\n\n" + String.join("\n", lines));
    }

    /** A kind that there are no words for is told all the same. */
    private String known(String kind, String phase) {
        return words.containsKey(kind + "." + phase) ? kind : "other";
    }

    private String word(String key, String otherwise) {
        return words.containsKey(key) ? words.getString(key) : otherwise;
    }

    private void line(List<String> lines, String label, String value) {
        if (!value.isEmpty()) {
            lines.add(words.getString("label." + label) + ": " + value);
        }
    }

    private static String first(JsonNode data, String... fields) {
        for (var field : fields) {
            var value = value(data.path(field));
            if (!value.isEmpty()) {
                return value;
            }
        }
        return "";
    }

    /** A value in one line: a name must not look like a line of ours, nor like a head of a mail. */
    private static String value(JsonNode node) {
        if (node.isNull() || node.isContainerNode()) {
            return "";
        }
        var text = NO_LINE.matcher(node.asText("")).replaceAll(" ").strip();
        return text.length() > MOST_CHARACTERS ? text.substring(0, MOST_CHARACTERS) + "…" : text;
    }

    private String rate(JsonNode data) {
        var rate = percent(data.path("rate"));
        var usual = percent(data.path("usual_rate"));
        return rate.isEmpty() || usual.isEmpty()
                ? rate
                : "%s (%s %s)".formatted(rate, words.getString("label.usual_rate"), usual);
    }

    private String percent(JsonNode part) {
        return part.isNumber() ? "%s %%".formatted(number(part.doubleValue() * PERCENT)) : "";
    }

    private String bytes(JsonNode count) {
        return count.isNumber() ? "%s GiB".formatted(number(count.doubleValue() / KIBI / KIBI / KIBI)) : "";
    }

    private String number(double value) {
        return String.format(locale, "%.1f", value);
    }

    private String time(JsonNode node, ZoneId zone) {
        var moment = moment(node);
        return moment == null
                ? value(node)
                : "%s (%s)"
                        .formatted(
                                DateTimeFormatter.ofPattern(words.getString("time"), locale)
                                        .format(moment.atZone(zone)),
                                zone.equals(ZoneOffset.UTC) ? "UTC" : zone.getId());
    }

    private static Instant moment(JsonNode node) {
        try {
            return node.isTextual() ? OffsetDateTime.parse(node.textValue()).toInstant() : null;
        } catch (DateTimeException e) {
            return null; // it is told as it is
        }
    }

    private String span(JsonNode data) {
        var since = moment(data.path("since"));
        var until = moment(data.path("until"));
        if (since == null || until == null) {
            return "";
        }
        var span = Duration.between(since, until);
        var parts = new ArrayList<String>();
        part(parts, span.toDays(), "days");
        part(parts, span.toHoursPart(), "hours");
        part(parts, span.toMinutesPart(), "minutes");
        return parts.isEmpty() ? words.getString("unit.moment") : String.join(" ", parts);
    }

    private void part(List<String> parts, long count, String unit) {
        if (count > 0) {
            parts.add(count + " " + words.getString("unit." + unit));
        }
    }
}
