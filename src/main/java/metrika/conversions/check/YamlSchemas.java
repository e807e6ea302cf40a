package metrika.conversions.check;

import java.io.IOException;
import java.io.InputStream;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;

/** The schemas of Camel's YAML. They take a second to be read. */
final class YamlSchemas {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonNode YAML_DSL = yamlDsl();
    static final SchemaFaults FAULTS = new SchemaFaults(YAML_DSL);
    static final JsonSchema ROUTES = schema(YAML_DSL);
    static final JsonSchema TEMPLATE = schema(templateSchema());

    private YamlSchemas() {}

    /** The schema that comes with camel-yaml-dsl. */
    private static JsonNode yamlDsl() {
        try (InputStream stream = YamlSchemas.class.getClassLoader().getResourceAsStream("schema/camelYamlDsl.json")) {
            return JSON.readTree(stream);
        } catch (IOException e) {
            throw new IllegalStateException("camel-yaml-dsl brings its schema along", e);
        }
    }

    /** A kamelet's template: an object with the from of a route, or with a whole one. */
    private static JsonNode templateSchema() {
        var schema = JSON.createObjectNode();
        schema.put("$schema", "http://json-schema.org/draft-04/schema#");
        schema.put("type", "object");
        schema.putObject("items").set("definitions", YAML_DSL.at("/items/definitions"));
        var properties = schema.putObject("properties");
        properties.putObject("from").put("$ref", "#/items/definitions/org.apache.camel.model.FromDefinition");
        properties.putObject("route").put("$ref", "#/items/definitions/org.apache.camel.model.RouteDefinition");
        properties.putObject("beans").put("type", "array");
        schema.put("additionalProperties", false);
        return schema;
    }

    private static JsonSchema schema(JsonNode schema) {
        return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V4).getSchema(schema);
    }
}
