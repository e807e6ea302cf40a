package metrika.conversions.sources;

import java.io.IOException;
import java.math.BigDecimal;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import com.fasterxml.jackson.core.io.JsonStringEncoder;
import com.fasterxml.jackson.databind.DeserializationFeature;
import org.apache.camel.Exchange;

import metrika.conversions.auth.SignatureRule;
import metrika.conversions.problem.Json;

/**
 * The answer of a source with values of the message, such as <code>OK{InvId}</code>. It is made as soon as the message
 * is read: what becomes of it afterwards, stored, repeated or left out, makes no difference to its sender.
 */
final class AnswerText {

    private static final String VARIABLE = "answer";
    /** What holds anything else, such as <code>{"code":0}</code>, is JSON. */
    private static final Pattern FIELD = Pattern.compile("\\{([\\p{L}\\p{N}_.-]+)}");
    /** What would make another line, or what a terminal obeys. */
    private static final Pattern CONTROL = Pattern.compile("[\\p{Cc}\\p{Zl}\\p{Zp}]");

    private AnswerText() {}

    /**
     * Puts the values of the message into the answer.
     *
     * @param message that was read; what is neither a map nor JSON of one object has no fields
     */
    static void fill(Exchange exchange, Object message) {
        var answer = exchange.getVariable(VARIABLE, String.class);
        if (answer != null && FIELD.matcher(answer).find()) {
            exchange.setVariable(VARIABLE, filled(answer, fields(message)));
        }
    }

    private static Map<?, ?> fields(Object message) {
        if (message instanceof byte[] json) {
            try {
                return Json.MAPPER
                                        .readerFor(Object.class)
                                        .with(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                                        .with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                                        .readValue(json)
                                instanceof Map<?, ?> object
                        ? object
                        : Map.of();
            } catch (IOException e) {
                return Map.of(); // several objects, or broken: the mapping tells of it
            }
        }
        return message instanceof Map<?, ?> fields ? fields : Map.of();
    }

    /** The answer with the values of its fields; of what is missing, or is no single value, nothing. */
    static String filled(String answer, Map<?, ?> fields) {
        var isJson = answer.startsWith("{") && !FIELD.matcher(answer).lookingAt();
        return FIELD.matcher(answer).replaceAll(found -> {
            var text = CONTROL.matcher(text(SignatureRule.value(fields, found.group(1))))
                    .replaceAll("");
            // In JSON a value stands in quotes, and must not end them
            return Matcher.quoteReplacement(
                    isJson ? new String(JsonStringEncoder.getInstance().quoteAsString(text)) : text);
        });
    }

    private static String text(Object value) {
        return value instanceof BigDecimal number
                ? number.toPlainString()
                : value instanceof CharSequence || value instanceof Number || value instanceof Boolean
                        ? value.toString()
                        : "";
    }
}
