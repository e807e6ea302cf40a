package metrika.conversions.pull;

import java.util.Arrays;
import java.util.Locale;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectReader;

import metrika.conversions.problem.Json;

/**
 * The body of a request to an API, as a source gives it: JSON or a form, with names in braces for which values are put
 * in. Where there is none the API is asked by GET.
 *
 * @param text of the body; empty: none
 * @param contentType of it, which says how a value is written
 */
record RequestBody(String text, String contentType) {

    private static final String FORM = "application/x-www-form-urlencoded";
    private static final Pattern JSON = Pattern.compile("application/([a-z0-9.-]+\\+)?json(;.*)?");
    /** As RFC 8259 writes numbers. */
    private static final Pattern NUMBER = Pattern.compile("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?");

    private static final ObjectReader STRICT =
            Json.MAPPER.reader().with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
    private static final Pattern QUOTE = Pattern.compile("\"");
    private static final Pattern ESCAPED = Pattern.compile("(?s)\\\\.");
    /** The field of a JSON object whose value is the page, with the comma that parts it from its neighbours. */
    private static final Pattern PAGE_FIELD =
            Pattern.compile(",\\s*%1$s|%1$s\\s*,?".formatted("\"[^\"\\\\]*\"\\s*:\\s*(\"\\{page}\"|\\{page})"));

    /** @throws PullException of a type that values cannot be written in */
    RequestBody {
        var type = contentType.strip().toLowerCase(Locale.ROOT);
        if (!text.isBlank() && !type.startsWith(FORM) && !JSON.matcher(type).matches()) {
            throw new PullException(
                    "contentType is '%s': application/json or %s is expected".formatted(contentType, FORM));
        }
    }

    boolean isGiven() {
        return !text.isBlank();
    }

    boolean isForm() {
        return contentType.strip().toLowerCase(Locale.ROOT).startsWith(FORM);
    }

    /** The HTTP method of a request with this body. */
    String method() {
        return isGiven() ? "POST" : "GET";
    }

    /**
     * With values in place of names in braces. In JSON a value stands within the quotes around its name; without quotes
     * a number is a number, and all else a text.
     *
     * @param names that are replaced, each the first group of what matches
     * @param values by name
     * @return {@code null} where a name has no value
     * @throws PullException where that makes no JSON
     */
    RequestBody fill(Pattern names, UnaryOperator<String> values) {
        var filled = new StringBuilder();
        var end = 0;
        var isQuoted = false;
        for (var found : names.matcher(text).results().toList()) {
            var value = values.apply(found.group(1));
            if (value == null) {
                return null;
            }
            var before = text.substring(end, found.start());
            isQuoted ^= QUOTE.matcher(ESCAPED.matcher(before).replaceAll(""))
                                    .results()
                                    .count()
                            % 2
                    == 1;
            filled.append(before).append(encode(value, isQuoted));
            end = found.end();
        }
        var body = new RequestBody(filled.append(text.substring(end)).toString(), contentType);
        body.requireJson();
        return body;
    }

    private void requireJson() {
        if (!isGiven() || isForm()) {
            return;
        }
        try {
            STRICT.readTree(text);
        } catch (JsonProcessingException e) { // whose message may quote credentials
            var place = e.getLocation();
            throw new PullException("body is no JSON, from line %d, column %d on"
                    .formatted(place == null ? 1 : place.getLineNr(), place == null ? 1 : place.getColumnNr()));
        }
    }

    private String encode(String value, boolean isQuoted) {
        if (isForm()) {
            return PageAddress.encode(value);
        }
        if (!isQuoted && NUMBER.matcher(value).matches()) {
            return value;
        }
        var quoted = Json.write(value);
        return isQuoted ? quoted.substring(1, quoted.length() - 1) : quoted;
    }

    /**
     * Without the field that would hold the page.
     *
     * @throws PullException where the page stands elsewhere
     */
    RequestBody withoutPage() {
        var left = isForm()
                ? Arrays.stream(text.split("&"))
                        .filter(field -> !field.contains(PageAddress.PAGE))
                        .collect(Collectors.joining("&"))
                : PAGE_FIELD.matcher(text).replaceAll("");
        if (left.contains(PageAddress.PAGE)) {
            throw new PullException("the first page has no name to put in place of {page} in body: give firstPage");
        }
        return new RequestBody(left, contentType);
    }
}
