package metrika.conversions.sources;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import metrika.conversions.intake.Row;
import metrika.conversions.web.Json;

/**
 * The rows of JSON: objects one after another (JSON lines), arrays of them and <code>{"conversions": [...]}</code>, as many as
 * there are. What else is in an object with {@code conversions} is left alone.
 */
final class JsonRows implements Rows {

    private static final ObjectReader TREE = Json.MAPPER.readerFor(JsonNode.class)
            .without(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .with(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .without(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES);
    private static final String WRAPPING = "conversions";

    /** What the next row stands in. */
    private enum Place { FILE, ARRAY, WRAPPED_ARRAY }

    private final BoundedReader reader;
    private final JsonParser json;
    private final Columns columns;
    private Place place = Place.FILE;
    private Row next;

    /**
     * @param  text                its characters, without a byte order mark; closed with this
     * @throws BrokenFileException when it does not begin as JSON
     */
    JsonRows(Reader text, Columns columns) throws IOException {
        this.columns = columns;
        reader = new BoundedReader(text);
        json = Json.FACTORY.createParser(reader);
        advance();
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
        advance();
        return row;
    }

    @Override
    public void close() throws IOException {
        json.close();
    }

    private void advance() {
        try {
            next = read();
        } catch (IOException e) {
            throw broken(e);
        }
    }

    /** The next row; {@code null} at the end. What breaks off before its end is an error of the parser. */
    private Row read() throws IOException {
        for (var token = json.nextToken(); token != null; token = json.nextToken()) {
            if (place == Place.FILE && token == JsonToken.START_ARRAY) {
                place = Place.ARRAY;
            } else if (place == Place.WRAPPED_ARRAY && token == JsonToken.END_ARRAY) {
                reader.endRow();
                readFields(null);
            } else if (place == Place.ARRAY && token == JsonToken.END_ARRAY) {
                place = Place.FILE;
            } else {
                var line = json.currentTokenLocation().getLineNr();
                var value = place == Place.FILE && token == JsonToken.START_OBJECT ? readFields(TREE.createObjectNode()) : TREE.<JsonNode>readValue(json);
                reader.endRow();
                if (value != null) {
                    return row(line, value);
                }
            }
        }
        return null;
    }

    /**
     * Reads the fields of an object that stands by itself, up to its end or to its {@code conversions}: what these are in is
     * no row.
     *
     * @param  object takes the fields, or {@code null} when they are left alone
     * @return        the object; {@code null} when it is no row
     */
    private JsonNode readFields(JsonNode object) throws IOException {
        place = Place.FILE;
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            var name = json.currentName();
            if (json.nextToken() == JsonToken.START_ARRAY && name.equals(WRAPPING)) {
                place = Place.WRAPPED_ARRAY;
                return null;
            }
            if (object == null) {
                json.skipChildren();
            } else {
                ((ObjectNode) object).set(name, TREE.<JsonNode>readValue(json));
            }
        }
        return object;
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
        return value.isNull() ? null : value.isIntegralNumber() ? Cells.value(field, value.bigIntegerValue())
                : value.isNumber() ? value.decimalValue() : value.isBoolean() ? (Object) value.booleanValue() : value;
    }

    private BrokenFileException broken(IOException failure) {
        return new BrokenFileException(json.currentLocation().getLineNr(), reader.isExceeded()
                ? "a conversion has more than a million characters"
                : failure instanceof CharacterCodingException ? "this is not text in UTF-8"
                : "this is not JSON: an array of objects, {\"conversions\": [...]} or one object a line is expected");
    }
}
