package metrika.conversions.sources;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

import metrika.conversions.intake.InvalidValue;
import metrika.conversions.problem.Json;

/**
 * What is in JSON, each value by its path, for a row whose columns ask for it. A path goes on into a text that is JSON
 * itself, as in a cell of a file or a field of a form.
 */
final class JsonFields {

    static final ObjectReader TREE = Json.MAPPER
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

    private final Columns columns;
    private final RowBuilder row;
    private final boolean isXml;

    JsonFields(Columns columns, RowBuilder row) {
        this(columns, row, false);
    }

    private JsonFields(Columns columns, RowBuilder row, boolean isXml) {
        this.columns = columns;
        this.row = row;
        this.isXml = isXml;
    }

    /**
     * For a tree that was XML: nobody sees of one element whether there could be several, so that the first one is
     * found with {@code .0} and without; of several that are asked for without a number all have to be the same. The
     * text of an element with attributes stands under no name.
     */
    static JsonFields ofXml(Columns columns, RowBuilder row) {
        return new JsonFields(columns, row, true);
    }

    /** Takes the fields of an object. */
    void putAll(String path, JsonNode object) {
        object.properties().forEach(entry -> {
            columns.watcher().accept(path, entry.getKey());
            ((Members) object).before(entry.getKey()).forEach(value -> put(path + entry.getKey(), value));
            put(path + entry.getKey(), entry.getValue());
        });
    }

    /** Takes a row that is an object in a text; false when it is none. */
    boolean putRow(String text) {
        try (var json = Json.FACTORY.createParser(text)) {
            var value = json.nextToken() == JsonToken.START_OBJECT ? TREE.<JsonNode>readValue(json) : null;
            if (value == null || json.nextToken() != null) {
                return false;
            }
            putAll("", value);
            return true;
        } catch (JsonProcessingException e) {
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException("a text in memory cannot fail to be read", e);
        }
    }

    /**
     * Takes what is in a text that may be JSON. What does not begin as an object or an array has nothing below it; what
     * begins so and is broken has values that cannot be told, so the row is refused.
     *
     * @param path of the text, a column that paths go through
     */
    void putText(String path, String text) {
        if (!text.startsWith("{") && !text.startsWith("[")) {
            return;
        }
        try (var json = Json.FACTORY.createParser(text)) {
            var value = TREE.<JsonNode>readValue(json);
            if (json.nextToken() == null) {
                putChildren(path, value);
            } else {
                putBroken(path, text);
            }
        } catch (JsonProcessingException e) {
            putBroken(path, text);
        } catch (IOException e) {
            throw new UncheckedIOException("a text in memory cannot fail to be read", e);
        }
    }

    private void put(String path, JsonNode value) {
        if (isXml) {
            putElement(path, value, true);
        } else {
            putValue(path, value);
        }
    }

    /** Goes no further than columns ask: each number in a path doubles the ways to it. */
    private void putElement(String path, JsonNode value, boolean isCounted) {
        if (!columns.isAsked(path)) {
            return;
        }
        if (value.isArray()) {
            for (int i = 0; i < value.size(); i++) {
                putElement(path + "." + i, value.get(i), false);
                putElement(path, value.get(i), false);
            }
            return;
        }
        columns.choices(path).stream()
                .filter(choice -> choice.isMetBy(value))
                .forEach(choice -> putElement(choice.path(), value, false));
        var own = value.get("");
        if (own != null) {
            putValue(path, own);
        }
        if (value.isObject()) {
            putChildren(path, value);
        } else {
            putValue(path, value);
        }
        if (isCounted) {
            putElement(path + ".0", value, false);
        }
    }

    /** A field, or what is in an object or an array below it, each by its path. */
    private void putValue(String path, JsonNode value) {
        var field = columns.field(path);
        var part = columns.part(path);
        if (part != null && value.isValueNode()) {
            var cell = value.isNull() ? null : CellNormalizer.trimmed(text(value));
            if (cell != null) {
                row.part(part, cell);
            }
        } else if (part != null
                && !value.isEmpty()) { // taken for an empty cell it would decide wrongly, and in silence
            row.part(part, new InvalidValue(value.toString(), "invalid_type", has(path, value)));
        }
        if (value.isTextual() && columns.isAbove(path)) {
            putText(path, value.textValue().strip());
        }
        if (field != null) {
            take(field, value);
        } else {
            putChildren(path, value);
        }
    }

    private static String has(String path, JsonNode value) {
        return value.isArray()
                ? "%1$s is a list: name one of its entries, such as %1$s.0, or ask for one by what it is, such as %1$s[='word']"
                        .formatted(path)
                : "%s is an object: name a field of it, such as %s.%s"
                        .formatted(path, path, value.fieldNames().next());
    }

    private void putChildren(String path, JsonNode value) {
        if (value.isObject()) {
            putAll(path + ".", value);
        } else if (value.isArray()) {
            for (int i = 0; i < value.size(); i++) {
                put(path + "." + i, value.get(i));
            }
            columns.choices(path)
                    .forEach(choice -> value.forEach(entry -> {
                        if (choice.isMetBy(entry)) {
                            put(choice.path(), entry);
                        }
                    }));
        }
    }

    private void putBroken(String path, String text) {
        var reason = "%s begins as JSON, and is broken".formatted(TextEncoding.shown(path));
        columns.below(path).forEach(name -> {
            var field = columns.field(name);
            if (field != null) {
                row.value(field, new InvalidValue(text, "invalid_json", "%s: %s".formatted(field, reason)));
            }
            if (columns.part(name) != null) {
                row.part(columns.part(name), new InvalidValue(text, "invalid_json", reason));
            }
        });
    }

    private void take(String field, JsonNode value) {
        if (value.isTextual()) {
            var cell = CellNormalizer.trimmed(value.textValue());
            if (cell != null) {
                row.cell(field, cell);
            }
        } else if (!value.isNull()) {
            row.value(
                    field,
                    value.isIntegralNumber()
                            ? CellNormalizer.value(field, value.bigIntegerValue())
                            : value.isNumber()
                                    ? CellNormalizer.value(field, value.decimalValue())
                                    : value.isBoolean() ? (Object) value.booleanValue() : value);
        }
    }

    /** A value that others are made of: a number as it is written. */
    static String text(JsonNode value) {
        return value.isNumber() ? value.decimalValue().toPlainString() : value.asText();
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
