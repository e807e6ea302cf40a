package metrika.conversions.sources;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

import metrika.conversions.intake.SourceRow;
import metrika.conversions.problem.Json;

/**
 * The rows of JSON: objects one after another (JSON lines), arrays of them and <code>{"conversions": [...]}</code>, as
 * many as there are. What else is in an object with {@code conversions} is left alone.
 */
final class JsonRows extends OneRowAhead {

    private static final String WRAPPING = "conversions";

    /** What the next row stands in. */
    private enum Place {
        FILE,
        ARRAY,
        WRAPPED_ARRAY
    }

    private final BoundedReader reader;
    private final JsonParser json;
    private final Columns columns;
    private final TextEncoding encoding;
    private Place place = Place.FILE;

    /**
     * @param text its characters, without a byte order mark; closed with this
     * @param encoding what the characters were read by
     * @throws BrokenFileException when it does not begin as JSON
     */
    JsonRows(Reader text, Columns columns, TextEncoding encoding) throws IOException {
        this.columns = columns;
        this.encoding = encoding;
        reader = new BoundedReader(text);
        json = Json.FACTORY.createParser(reader);
        advance();
    }

    @Override
    public List<String> header() {
        return List.of("row");
    }

    @Override
    public void close() throws IOException {
        json.close();
    }

    @Override
    SourceRow read() {
        try {
            return parse();
        } catch (IOException e) {
            throw broken(e);
        }
    }

    /** The next row; {@code null} at the end. What breaks off before its end is an error of the parser. */
    private SourceRow parse() throws IOException {
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
                var value = place == Place.FILE && token == JsonToken.START_OBJECT
                        ? readFields(JsonFields.TREE.createObjectNode())
                        : JsonFields.TREE.<JsonNode>readValue(json);
                reader.endRow();
                if (value != null) {
                    return row(line, value);
                }
            }
        }
        return null;
    }

    /**
     * Reads the fields of an object that stands by itself, up to its end or to its {@code conversions}: what these are
     * in is no row.
     *
     * @param object takes the fields, or {@code null} when they are left alone
     * @return the object; {@code null} when it is no row
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
                ((ObjectNode) object).replace(name, JsonFields.TREE.<JsonNode>readValue(json));
            }
        }
        return object;
    }

    private SourceRow row(long line, JsonNode value) {
        var source = List.of(value.toString());
        if (!value.isObject()) {
            return new SourceRow(line, Map.of(), source, "a conversion has to be a JSON object");
        }
        var builder = new RowBuilder(columns);
        new JsonFields(columns, builder).putAll("", value);
        var fields = builder.build();
        return new SourceRow(line, fields, source, fault(source.get(0), fields));
    }

    private String fault(String source, Map<String, Object> fields) {
        var fault = encoding.fault(source) == null
                ? null
                : "the row has bytes that are no letter in "
                        + encoding.charset().name();
        for (var field : fields.entrySet()) {
            if (fault == null && field.getValue() instanceof String text && encoding.faultOfValue(text) != null) {
                fault = field.getKey() + ": " + encoding.faultOfValue(text);
            }
        }
        return fault;
    }

    private BrokenFileException broken(IOException failure) {
        return new BrokenFileException(
                json.currentLocation().getLineNr(),
                reader.isExceeded()
                        ? "a conversion has more than a million characters"
                        : failure instanceof CharacterCodingException
                                ? "this is not text in UTF-8"
                                : "this is not JSON: an array of objects, {\"conversions\": [...]} or one object a"
                                        + " line is expected");
    }
}
