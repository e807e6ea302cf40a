package metrika.conversions.problem;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;

/** JSON in and out, in one way everywhere. */
public final class Json {

    /** More than the API has a use for, less than a parser's stack and time are worth. */
    private static final StreamReadConstraints CONSTRAINTS = StreamReadConstraints.builder()
            .maxNestingDepth(32)
            .maxNumberLength(100)
            .maxNameLength(1000)
            .maxStringLength(100_000)
            .build();
    /**
     * Names, values and brackets of a body that is held as a tree, each of which takes many times the memory of its
     * characters.
     */
    private static final int MAX_TOKENS = 10_000;
    /** Reads one value and nothing after it, each name once. */
    public static final ObjectMapper MAPPER = JsonMapper.builder(
                    JsonFactory.builder().streamReadConstraints(CONSTRAINTS).build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
    /** For bodies with a handful of fields. */
    private static final ObjectMapper FORM_MAPPER = JsonMapper.builder(MAPPER.getFactory()
                    .rebuild()
                    .streamReadConstraints(
                            CONSTRAINTS.rebuild().maxTokenCount(MAX_TOKENS).build())
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
    /** For reading as a stream. */
    public static final JsonFactory FACTORY = MAPPER.getFactory()
            .rebuild()
            .disable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private Json() {}

    /** Writes plain values. */
    public static String write(Object value) {
        try {
            return MAPPER.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("plain values cannot fail to be written", e);
        }
    }

    /**
     * Reads a body that has to be a JSON object.
     *
     * @throws ProblemException 400 when it is none
     */
    public static JsonNode object(byte[] bytes) {
        try {
            var body = FORM_MAPPER.readTree(bytes == null ? new byte[0] : bytes);
            if (body.isObject()) {
                return body;
            }
        } catch (JsonProcessingException e) {
            throw broken(e);
        } catch (IOException e) {
            throw new UncheckedIOException("bytes in memory cannot fail to be read", e);
        }
        throw ProblemException.of(
                400,
                "The body has to be a JSON object",
                List.of(error("", "invalid_type", "the body has to be a JSON object")));
    }

    /**
     * The text of a field that need not be there.
     *
     * @param errors takes what else it is
     * @return {@code null} when there is none
     */
    public static String text(JsonNode object, String field, FieldErrors errors) {
        var value = object.path(field);
        if (value.isTextual()) {
            return value.textValue();
        }
        if (!value.isMissingNode() && !value.isNull()) {
            errors.add(field, "invalid_type", field + " has to be a text");
        }
        return null;
    }

    /** The problem of a body that is not JSON. Jackson's own message would name Java's classes. */
    public static ProblemException broken(JsonProcessingException failure) {
        var where = failure.getLocation() == null
                ? ""
                : " at line %d, column %d"
                        .formatted(
                                failure.getLocation().getLineNr(),
                                failure.getLocation().getColumnNr());
        var message = failure.getOriginalMessage().startsWith("Duplicate field")
                ? "The body names a field twice" + where
                : failure instanceof StreamConstraintsException
                        ? tooMuch(failure) + where
                        : "The body is not JSON" + where;
        return ProblemException.of(400, message, List.of(error("", "invalid_json", message)));
    }

    private static String tooMuch(JsonProcessingException failure) {
        var message = failure.getOriginalMessage();
        return message.startsWith("Token count")
                ? "The body has more than %d names and values".formatted(MAX_TOKENS)
                : message.contains("nesting depth")
                        ? "The body is nested more than %d levels deep".formatted(CONSTRAINTS.getMaxNestingDepth())
                        : message.startsWith("Number")
                                ? "A number has more than %d digits".formatted(CONSTRAINTS.getMaxNumberLength())
                                : message.startsWith("Name")
                                        ? "A field's name has more than %d characters"
                                                .formatted(CONSTRAINTS.getMaxNameLength())
                                        : "A text has more than %d characters"
                                                .formatted(CONSTRAINTS.getMaxStringLength());
    }

    /** An entry of a problem's errors that is about a field of the whole body. */
    public static Map<String, Object> error(String field, String code, String message) {
        var error = new LinkedHashMap<String, Object>();
        error.put("field", field);
        error.put("code", code);
        error.put("message", message);
        return error;
    }
}
