package metrika.conversions.http;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;

import com.fasterxml.jackson.databind.JsonNode;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

import metrika.conversions.problem.Json;

/** The description of the API as a page without scripts, pictures or anything from elsewhere. */
final class OpenApiPage {

    private static final List<String> METHODS = List.of("get", "post", "patch", "put", "delete");
    private static final String STYLE = """
        body { font: 16px/1.5 sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em; color: #222; }
        code, pre { background: #f3f3f3; font-size: 14px; } pre { padding: .7em; overflow: auto; }
        h2 { border-top: 1px solid #ccc; padding-top: 1em; } td { padding: .2em 1em .2em 0; vertical-align: top; }
        """;

    private final JsonNode api;
    private final StringBuilder page = new StringBuilder();

    private OpenApiPage(JsonNode api) {
        this.api = api;
    }

    /** @param yaml a description by OpenAPI 3.1 */
    static String of(String yaml) {
        var loaded = new Load(LoadSettings.builder().build()).loadFromString(yaml);
        var api = new OpenApiPage(Json.MAPPER.valueToTree((Map<?, ?>) loaded));
        api.write();
        return html(api.api.at("/info/title").asText(), api.page.toString());
    }

    static String html(String title, String body) {
        return """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
            <title>%s</title><style>%s</style></head><body>
            %s</body></html>
            """.formatted(escaped(title), STYLE, body);
    }

    static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }

    private void write() {
        add(
                "<h1>%s</h1>\n<p>As a file for programs: <a href=\"/openapi.yaml\">openapi.yaml</a></p>\n",
                escaped(api.at("/info/title").asText()));
        prose(api.at("/info/description"));
        var list = new StringJoiner("\n", "<ul>\n", "\n</ul>\n");
        each((path, method, operation) -> list.add("<li><a href=\"#%s\"><code>%s %s</code></a> %s</li>"
                .formatted(
                        escaped(operation.path("operationId").asText()),
                        method,
                        escaped(path),
                        escaped(operation.path("summary").asText()))));
        page.append(list);
        each(this::operation);
    }

    private interface Visitor {

        void visit(String path, String method, JsonNode operation);
    }

    private void each(Visitor visitor) {
        api.path("paths")
                .properties()
                .forEach(path -> METHODS.forEach(method -> {
                    var operation = path.getValue().path(method);
                    if (operation.isObject()) {
                        visitor.visit(path.getKey(), method.toUpperCase(Locale.ROOT), operation);
                    }
                }));
    }

    private void operation(String path, String method, JsonNode operation) {
        add(
                "<h2 id=\"%s\">%s</h2>\n<p><code>%s %s</code></p>\n",
                escaped(operation.path("operationId").asText()),
                escaped(operation.path("summary").asText()),
                method,
                escaped(path));
        prose(operation.path("description"));
        if (operation.path("parameters").size() > 0) {
            add("<h3>Parameters</h3>\n<table>\n");
            operation.path("parameters").forEach(named -> {
                var parameter = resolved(named);
                add(
                        "<tr><td><code>%s</code></td><td>%s%s</td><td>%s</td></tr>\n",
                        escaped(parameter.path("name").asText()),
                        escaped(parameter.path("in").asText()),
                        parameter.path("required").asBoolean() ? ", required" : "",
                        marked(parameter.path("description").asText()));
            });
            add("</table>\n");
        }
        if (operation.has("requestBody")) {
            add("<h3>Body</h3>\n");
            var body = resolved(operation.path("requestBody"));
            prose(body.path("description"));
            examples(body.path("content"));
        }
        add("<h3>Answers</h3>\n");
        operation.path("responses").properties().forEach(answer -> {
            var response = resolved(answer.getValue());
            add(
                    "<p><b>%s</b> %s</p>\n",
                    escaped(answer.getKey()),
                    marked(response.path("description").asText()));
            if (answer.getKey().startsWith("2")) {
                examples(response.path("content"));
            }
        });
    }

    private void examples(JsonNode content) {
        content.forEach(type -> {
            if (type.has("example")) {
                example(type.path("example"));
            }
            type.path("examples").forEach(named -> {
                var example = resolved(named);
                prose(example.path("summary"));
                example(example.path("value"));
            });
        });
    }

    private void example(JsonNode value) {
        add("<pre>%s</pre>\n", escaped(value.isTextual() ? value.textValue() : value.toPrettyString()));
    }

    private JsonNode resolved(JsonNode node) {
        var reference = node.path("$ref").asText();
        return reference.startsWith("#") ? api.at(reference.substring(1)) : node;
    }

    private void prose(JsonNode text) {
        if (text.isTextual()) {
            for (var paragraph : text.textValue().strip().split("\n\\s*\n|\n(?=- )")) {
                add("<p>%s</p>\n", marked(paragraph));
            }
        }
    }

    /** The two marks of Markdown that the description uses. */
    private static String marked(String text) {
        return escaped(text).replaceAll("`([^`]+)`", "<code>$1</code>").replaceAll("\\*\\*([^*]+)\\*\\*", "<b>$1</b>");
    }

    private void add(String format, Object... values) {
        page.append(format.formatted(values));
    }
}
