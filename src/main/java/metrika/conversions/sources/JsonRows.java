package metrika.conversions.sources;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

import metrika.conversions.intake.SourceRow;
import metrika.conversions.problem.Json;

/**
 * The rows of JSON: objects one after another (JSON lines), arrays of them and <code>{"conversions": [...]}</code>, as
 * many as there are. What else is in an object with {@code conversions} is left alone.
 */
final class JsonRows implements RowReader {

    private static final ObjectReader TREE = Json.MAPPER
            .readerFor(JsonNode.class)
            .without(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .with(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .without(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .with(new JsonNodeFactory() {
                private static final long serialVersionUID = 1L;

                @Override
                public ObjectNode objectNode() {
                    return new Members(this);
                }
            });
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
    private SourceRow next;

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
    public boolean hasNext() {
        return next != null;
    }

    @Override
    public SourceRow next() {
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
    private SourceRow read() throws IOException {
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
                        ? readFields(TREE.createObjectNode())
                        : TREE.<JsonNode>readValue(json);
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
                ((ObjectNode) object).replace(name, TREE.<JsonNode>readValue(json));
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
        putAll(builder, "", value);
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

    private void putAll(RowBuilder fields, String path, JsonNode object) {
        object.properties().forEach(entry -> {
            ((Members) object).before(entry.getKey()).forEach(value -> put(fields, path + entry.getKey(), value));
            put(fields, path + entry.getKey(), entry.getValue());
        });
    }

    /** A field, or what is in an object or an array below it, each by its path. */
    private void put(RowBuilder fields, String path, JsonNode value) {
        var field = columns.field(path);
        var part = columns.part(path);
        if (part != null && value.isValueNode()) {
            var cell = value.isNull() ? null : CellNormalizer.trimmed(text(value));
            if (cell != null) {
                fields.part(part, cell);
            }
        }
        if (field != null) {
            take(fields, field, value);
        } else if (value.isObject()) {
            putAll(fields, path + ".", value);
        } else if (value.isArray()) {
            for (int i = 0; i < value.size(); i++) {
                put(fields, path + "." + i, value.get(i));
            }
        }
    }

    private static void take(RowBuilder fields, String field, JsonNode value) {
        if (value.isTextual()) {
            var cell = CellNormalizer.trimmed(value.textValue());
            if (cell != null) {
                fields.cell(field, cell);
            }
        } else if (!value.isNull()) {
            fields.value(
                    field,
                    value.isIntegralNumber()
                            ? CellNormalizer.value(field, value.bigIntegerValue())
                            : value.isNumber()
                                    ? CellNormalizer.value(field, value.decimalValue())
                                    : value.isBoolean() ? (Object) value.booleanValue() : value);
        }
    }

    /** A value that others are made of: a number as it is written. */
    private static String text(JsonNode value) {
        return value.isNumber() ? value.decimalValue().toPlainString() : value.asText();
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

    /** An object that remembers all values of a name that is given more than once. */
    @SuppressWarnings("unchecked") // of deepCopy(), as Jackson has it
    private static final class Members extends ObjectNode {

        private static final long serialVersionUID = 1L;

        private transient Map<String, List<JsonNode>> before = Map.of();

        Members(JsonNodeFactory factory) {
            super(factory);
        }

        @Override
        public JsonNode replace(String name, JsonNode value) {
            var last = super.replace(name, value);
            if (last != null) {
                before = before.isEmpty() ? new HashMap<>() : before;
                before.computeIfAbsent(name, missing -> new ArrayList<>()).add(last);
            }
            return last;
        }

        /** The values of a name that stand before its last one. */
        List<JsonNode> before(String name) {
            return before.getOrDefault(name, List.of());
        }
    }
}
