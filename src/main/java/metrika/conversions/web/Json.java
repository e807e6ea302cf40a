package metrika.conversions.web;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;

/** JSON in and out, in one way everywhere. */
public final class Json {

    /** Reads one value and nothing after it, each name once. */
    public static final ObjectMapper MAPPER = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
    /** For reading as a stream. */
    public static final JsonFactory FACTORY = MAPPER.getFactory().rebuild()
            .disable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private Json() {
    }

    /** Writes plain values. */
    public static String write(Object value) {
        try {
            return MAPPER.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("plain values cannot fail to be written", e);
        }
    }

    /** The problem of a body that is not JSON. Jackson's own message would name Java's classes. */
    public static Problem broken(JsonProcessingException failure) {
        var where = failure.getLocation() == null ? ""
                : " at line %d, column %d".formatted(failure.getLocation().getLineNr(), failure.getLocation().getColumnNr());
        var message = failure.getOriginalMessage().startsWith("Duplicate field") ? "The body names a field twice" + where
                : failure instanceof StreamConstraintsException ? "The body is nested too deep, or a number in it is too long" + where
                : "The body is not JSON" + where;
        return Problem.of(400, message, List.of(error("", "invalid_json", message)));
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
