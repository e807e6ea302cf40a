package metrika.conversions.api;

import java.util.List;
import java.util.Map;

import org.apache.camel.Body;
import org.apache.camel.Header;
import org.apache.camel.Variable;

import metrika.conversions.problem.FieldErrors;
import metrika.conversions.problem.Json;
import metrika.conversions.problem.ProblemException;

/** Where a source that pulls is to go on: the parameters of {@code set-cursor.sql}. */
public final class CursorRequest {

    private static final String POSITION = "position";
    private static final int MAX_LENGTH = 255;

    /**
     * @param source of the path
     * @param body a JSON object with {@code position}
     * @throws ProblemException 400 when it is not such
     */
    public Map<String, Object> read(@Header("source") String source, @Body byte[] body) {
        var json = Json.object(body);
        var errors = new FieldErrors();
        json.fieldNames().forEachRemaining(name -> {
            if (!name.equals(POSITION)) {
                errors.unknown(name, POSITION);
            }
        });
        var position = json.path(POSITION);
        if (position.isMissingNode() || position.isNull()) {
            errors.add(POSITION, "required", "position is required: where the source is to go on");
        } else if (!position.isTextual() || position.textValue().length() > MAX_LENGTH) {
            errors.add(
                    POSITION,
                    "invalid_type",
                    "position has to be a text of at most %d characters".formatted(MAX_LENGTH));
        }
        if (errors.count() > 0) {
            throw ProblemException.of(400, "This does not say where the source is to go on", errors.toList());
        }
        return Map.of("source", source, POSITION, position.textValue().strip());
    }

    /**
     * The cursor as it is now.
     *
     * @param rows what the statement has left
     * @throws ProblemException 404 when there is no such source, 400 when the position is not written in its format
     */
    public String answer(@Body List<Map<String, ?>> rows, @Variable("form") Map<String, ?> form) {
        if (rows.isEmpty()) {
            throw ProblemException.of(
                    404,
                    "No source '%s' has pulled yet: GET /cursors lists those that have".formatted(form.get("source")));
        }
        var cursor = rows.get(0);
        if (cursor.get("source") == null) {
            var expected =
                    switch (String.valueOf(cursor.get("format"))) {
                        case "iso" -> "a time such as 2025-07-01T12:34:56+03:00";
                        case "local" -> "a time such as 2025-07-01 12:34:56, without an offset";
                        case "unix" -> "Unix seconds such as 1751364000";
                        default -> "a number";
                    };
            var message = "position is '%s': %s is expected".formatted(form.get(POSITION), expected);
            throw ProblemException.of(400, message, List.of(Json.error(POSITION, "invalid", message)));
        }
        return Json.write(cursor);
    }
}
