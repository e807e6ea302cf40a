package metrika.conversions.check;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * Headers that a source sets before it asks another server, and that stay behind since its step does not say which go
 * out. It runs: it is a warning, not a fault.
 */
public final class RequestHeaderCheck {

    private static final Pattern HTTP = Pattern.compile("(?i)https?:.*");
    /** A placeholder without a value, by its name. */
    private static final Pattern ADDRESS = Pattern.compile("(?i)\\{\\{\\??[^{}]*(?:url|address)(?::[^}]*)?}}.*");
    /** What says how a request is made, and what goes out anyway. */
    private static final Pattern GOES_OUT = Pattern.compile("(?i)Camel.*|Authorization|Content-(?:Type|Encoding)");

    private static final String STRATEGY = "headerFilterStrategy";

    private final UnaryOperator<String> settings;
    private final List<Finding> findings = new ArrayList<>();

    private RequestHeaderCheck(UnaryOperator<String> settings) {
        this.settings = settings;
    }

    /**
     * What is to be said of the sources in files.
     *
     * @param settings their values by their names, {@code null} for one that has none
     */
    public static List<Finding> of(List<Path> files, UnaryOperator<String> settings) {
        var check = new RequestHeaderCheck(settings);
        for (var path : files) {
            var file = YamlFile.read(path, fault -> {}); // told with the faults of routes
            for (int i = 0; file != null && i < file.tree().size(); i++) {
                var route = "/%d/route".formatted(i);
                if (file.tree().at(route + "/id").asText().startsWith("in-")) {
                    check.steps(file, route + "/from/steps", new TreeMap<>(String.CASE_INSENSITIVE_ORDER));
                }
            }
        }
        return check.findings;
    }

    /** @param set headers that are set before, and take those that the steps set */
    private void steps(YamlFile file, String pointer, Map<String, String> set) {
        var steps = file.tree().at(pointer);
        for (int i = 0; i < steps.size(); i++) {
            for (var step : steps.get(i).properties()) {
                step(file, "%s/%d/%s".formatted(pointer, i, step.getKey()), step.getKey(), step.getValue(), set);
            }
        }
    }

    private void step(YamlFile file, String pointer, String kind, JsonNode step, Map<String, String> set) {
        switch (kind) {
            case "setHeader" -> put(step, set);
            case "setHeaders" -> step.path("headers").forEach(header -> put(header, set));
            case "removeHeader" ->
                set.remove(step.isTextual() ? step.asText() : step.path("name").asText());
            case "removeHeaders" -> set.clear();
            case "to", "toD" -> {
                var uri = step.isTextual() ? step.asText() : step.path("uri").asText();
                if (!set.isEmpty()
                        && isServer(uri)
                        && !uri.contains(STRATEGY)
                        && !step.path("parameters").has(STRATEGY)) {
                    findings.add(new Finding(
                            file.path(),
                            file.line(pointer),
                            "the headers that the route sets stay behind (%s): give this step the parameter %s: \"%s\""
                                    .formatted(String.join(", ", set.values()), STRATEGY, "#pullHeaders")));
                }
            }
            default -> inner(file, pointer, step, set);
        }
    }

    /** Steps within a step; of the ways of a choice each begins with what was set before. */
    private void inner(YamlFile file, String pointer, JsonNode step, Map<String, String> set) {
        if (step.isArray()) {
            for (int i = 0; i < step.size(); i++) {
                inner(file, pointer + "/" + i, step.get(i), set);
            }
            return;
        }
        var before = new TreeMap<>(set);
        for (var each : step.properties()) {
            var place = pointer + "/" + each.getKey();
            var within = new TreeMap<>(before);
            if (each.getKey().equals("steps")) {
                steps(file, place, within);
                set.putAll(within);
            } else if (each.getValue().isContainerNode() && !each.getKey().equals("expression")) {
                inner(file, place, each.getValue(), within);
                set.putAll(within);
            }
        }
    }

    private static void put(JsonNode header, Map<String, String> set) {
        var name = header.path("name").asText();
        if (!name.isEmpty() && !GOES_OUT.matcher(name).matches()) {
            set.put(name, name);
        }
    }

    private boolean isServer(String uri) {
        var name = RouteCheck.PLACEHOLDER.matcher(uri);
        if (!name.lookingAt()) {
            return HTTP.matcher(uri).matches();
        }
        var value = settings.apply(name.group(2));
        return value == null || value.isBlank()
                ? ADDRESS.matcher(uri).matches()
                : HTTP.matcher(value).matches();
    }
}
