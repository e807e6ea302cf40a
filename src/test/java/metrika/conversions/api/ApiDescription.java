package metrika.conversions.api;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.stream.StreamSupport;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import com.networknt.schema.JsonMetaSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.NonValidationKeyword;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion.VersionFlag;
import com.networknt.schema.ValidationMessage;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

import metrika.conversions.support.Answer;

/** What {@code openapi.yaml} says, and whether an answer is as it says. */
final class ApiDescription {

    private static final ObjectMapper JSON = new ObjectMapper();
    /** JSON Schema, with the member of OpenAPI that the schemas refer to. */
    private static final JsonSchemaFactory SCHEMAS = JsonSchemaFactory.builder(
                    JsonSchemaFactory.getInstance(VersionFlag.V202012))
            .metaSchema(JsonMetaSchema.builder(JsonMetaSchema.getV202012())
                    .keyword(new NonValidationKeyword("components"))
                    .build())
            .build();

    private static final SchemaValidatorsConfig STRICT =
            SchemaValidatorsConfig.builder().formatAssertionsEnabled(true).build();
    private static final Set<String> METHODS =
            Set.of("get", "put", "post", "delete", "options", "head", "patch", "trace");
    /** Of HTTP itself: what every answer may carry. */
    /** Described once, for all answers. */
    private static final Set<String> FRAMING = Set.of(
            "content-type",
            "content-length",
            "transfer-encoding",
            "connection",
            "x-request-id",
            "cache-control",
            "content-security-policy",
            "referrer-policy",
            "x-content-type-options");

    private final String text;
    private final JsonNode document;
    private final List<ApiOperation> operations = new ArrayList<>();

    ApiDescription() {
        try (InputStream file = ApiDescription.class.getResourceAsStream("/openapi.yaml")) {
            text = new String(file.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        document = yaml(text);
        document.get("paths")
                .properties()
                .forEach(path -> path.getValue().properties().forEach(member -> {
                    if (METHODS.contains(member.getKey())) {
                        operations.add(new ApiOperation(
                                this,
                                path.getKey(),
                                member.getKey().toUpperCase(),
                                path.getValue(),
                                member.getValue()));
                    }
                }));
    }

    /** Reads YAML 1.2, in which a date is a text, as OpenAPI wants it. */
    static JsonNode yaml(String text) {
        return JSON.valueToTree(new Load(LoadSettings.builder().build()).loadFromString(text));
    }

    String text() {
        return text;
    }

    List<ApiOperation> operations() {
        return operations;
    }

    ApiOperation operation(String id) {
        return operations.stream()
                .filter(operation -> operation.id().equals(id))
                .findAny()
                .orElseThrow(() -> new NoSuchElementException("no operation " + id + " is described"));
    }

    /** The statuses that a schema's {@code enum} lists, and the like. */
    List<String> enumOf(String schema) {
        return texts(document.at("/components/schemas/" + schema + "/enum"));
    }

    JsonNode sharedResponse(String name) {
        return document.at("/components/responses/" + name);
    }

    /** The node, or the one that it refers to. */
    JsonNode resolve(JsonNode node) {
        return node.has("$ref")
                ? resolve(document.at(node.get("$ref").textValue().substring(1)))
                : node;
    }

    /** What is wrong with an answer that is said to be like this; empty when nothing is. */
    List<String> faults(JsonNode response, Answer answer) {
        var faults = new ArrayList<String>();
        var type = answer.header("Content-Type");
        var content = response.path("content");
        if (content.isEmpty()) {
            if (!answer.body().isEmpty() || !type.isEmpty()) {
                faults.add("no content is described");
            }
        } else if (!content.has(type)) {
            faults.add("Content-Type is '" + type + "', described is " + names(content));
        } else {
            var body = type.endsWith("json") ? answer.json() : new TextNode(answer.body());
            faults.addAll(faults(content.get(type).get("schema"), body));
            if (type.startsWith("application/problem") && body.path("status").intValue() != answer.status()) {
                faults.add("the document's status is not the answer's");
            }
        }
        faults.addAll(headerFaults(response.path("headers"), answer));
        return faults;
    }

    private List<String> headerFaults(JsonNode headers, Answer answer) {
        var faults = new ArrayList<String>();
        var described = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        described.addAll(names(headers));
        for (var name : answer.response().headers().map().keySet()) {
            if (!FRAMING.contains(name.toLowerCase()) && !described.contains(name)) {
                faults.add("the header " + name + " is not described");
            }
        }
        headers.properties().forEach(entry -> {
            var header = resolve(entry.getValue());
            var value = answer.response().headers().firstValue(entry.getKey());
            if (value.isEmpty()) {
                if (header.path("required").booleanValue()) {
                    faults.add("the header " + entry.getKey() + " is missing");
                }
            } else {
                faults(header.get("schema"), plain(value.get()))
                        .forEach(fault -> faults.add(entry.getKey() + ": " + fault));
            }
        });
        return faults;
    }

    /** What is wrong with a value by a schema of the description. */
    List<String> faults(JsonNode schema, JsonNode value) {
        ObjectNode whole = schema.deepCopy();
        whole.set("components", document.get("components"));
        return SCHEMAS.getSchema(whole, STRICT).validate(value).stream()
                .map(ValidationMessage::getMessage)
                .toList();
    }

    /** Every example of the description with the schema that it is one of; the place comes first. */
    void examples(BiConsumer<String, List<String>> toEach) {
        examples("", document, toEach);
    }

    private void examples(String place, JsonNode node, BiConsumer<String, List<String>> toEach) {
        if (node.has("schema")) {
            if (node.has("example")) {
                toEach.accept(place + "/example", faults(node.get("schema"), node.get("example")));
            }
            node.path("examples")
                    .properties()
                    .forEach(example -> toEach.accept(
                            place + "/examples/" + example.getKey(),
                            faults(
                                    node.get("schema"),
                                    resolve(example.getValue()).get("value"))));
        } else if (node.path("examples").isArray()) {
            node.get("examples").forEach(value -> toEach.accept(place + "/examples", faults(node, value)));
        }
        node.properties().forEach(member -> examples(place + "/" + member.getKey(), member.getValue(), toEach));
        for (int i = 0; node.isArray() && i < node.size(); i++) {
            examples(place + "/" + i, node.get(i), toEach);
        }
    }

    /** A header's value: a number where it is one. */
    private static JsonNode plain(String value) {
        try {
            return value.matches("-?[0-9]+") ? JSON.readTree(value) : new TextNode(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(value, e);
        }
    }

    static List<String> names(JsonNode object) {
        var names = new ArrayList<String>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    private static List<String> texts(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .map(JsonNode::textValue)
                .toList();
    }
}
