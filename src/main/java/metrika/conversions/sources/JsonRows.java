package metrika.conversions.sources;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.regex.Pattern;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import metrika.conversions.intake.Row;
import metrika.conversions.web.Json;

/** The rows of a JSON file: an array of objects, {@code {"conversions": [...]}}, or objects one after another (JSON lines). */
final class JsonRows implements Rows {

    private static final ObjectReader TREE = Json.MAPPER.readerFor(JsonNode.class)
            .without(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .with(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .without(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES);
    private static final Pattern WRAPPED = Pattern.compile("\\s*\\{\\s*\"conversions\"\\s*:\\s*\\[");
    private static final int LOOK_AHEAD = 1 << 13;

    private final BoundedReader reader;
    private final JsonParser json;
    private final Columns columns;
    private final boolean isArray;
    private Row next;

    /** @param text its characters, without a byte order mark; closed with this */
    JsonRows(Reader text, Columns columns) throws IOException {
        this.columns = columns;
        reader = new BoundedReader(text);
        var buffered = new BufferedReader(reader, LOOK_AHEAD);
        buffered.mark(LOOK_AHEAD - 1);
        var start = new char[LOOK_AHEAD / 2];
        var length = Math.max(0, buffered.read(start, 0, start.length));
        buffered.reset();
        var isWrapped = WRAPPED.matcher(new String(start, 0, length)).lookingAt();
        json = Json.FACTORY.createParser(buffered);
        try {
            var first = json.nextToken();
            if (isWrapped) {
                json.nextToken();
                json.nextToken();
            }
            isArray = isWrapped || first == JsonToken.START_ARRAY;
            if (isArray) {
                json.nextToken();
            }
            advance();
        } catch (IOException e) {
            throw broken();
        }
    }

    @Override
    public List<String> header() {
        return List.of("row");
    }

    @Override
    public boolean hasNext() {
        return next != null;
    }

    @Override
    public Row next() {
        if (next == null) {
            throw new NoSuchElementException();
        }
        var row = next;
        try {
            json.nextToken();
            advance();
        } catch (IOException e) {
            throw broken();
        }
        return row;
    }

    @Override
    public void close() throws IOException {
        json.close();
    }

    private void advance() throws IOException {
        next = null;
        var token = json.currentToken();
        if (token == null && isArray) {
            throw new IOException("the array does not end");
        }
        if (token == null || isArray && token == JsonToken.END_ARRAY) {
            return;
        }
        var line = json.currentTokenLocation().getLineNr();
        var value = TREE.<JsonNode>readValue(json);
        reader.endRow();
        next = row(line, value);
    }

    private Row row(long line, JsonNode value) {
        var source = List.of(value.toString());
        if (!value.isObject()) {
            return new Row(line, Map.of(), source, "a conversion has to be a JSON object");
        }
        var fields = new LinkedHashMap<String, Object>(columns.constants());
        value.fields().forEachRemaining(entry -> put(fields, entry.getKey(), entry.getValue()));
        return new Row(line, fields, source);
    }

    /** A field, or what is in an object or an array below it, each by its path. */
    private void put(Map<String, Object> fields, String path, JsonNode value) {
        var field = columns.field(path);
        if (field != null) {
            fields.put(field, plain(field, value));
        } else if (value.isObject()) {
            value.fields().forEachRemaining(entry -> put(fields, path + "." + entry.getKey(), entry.getValue()));
        } else if (value.isArray()) {
            for (int i = 0; i < value.size(); i++) {
                put(fields, path + "." + i, value.get(i));
            }
        }
    }

    private static Object plain(String field, JsonNode value) {
        if (value.isTextual()) {
            var text = Cells.trimmed(value.textValue());
            return text == null ? null : Cells.value(field, text);
        }
        return value.isNull() ? null : value.isIntegralNumber() ? value.bigIntegerValue()
                : value.isNumber() ? value.decimalValue() : value.isBoolean() ? (Object) value.booleanValue() : value;
    }

    private BrokenFileException broken() {
        return new BrokenFileException(json.currentLocation().getLineNr(), reader.isExceeded()
                ? "a conversion has more than a million characters" : "this is not JSON: an array of objects, "
                        + "{\"conversions\": [...]} or one object a line is expected");
    }
}
