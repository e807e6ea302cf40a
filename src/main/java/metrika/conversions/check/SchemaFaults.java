package metrika.conversions.check;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

import com.fasterxml.jackson.databind.JsonNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.ValidationMessage;

/**
 * What a schema says of a tree, one line for each thing that is wrong. The schema itself tells of one wrong word in
 * each alternative that there would have been.
 */
final class SchemaFaults {

    /** Where alternatives failed, their reasons are told as well. */
    private static final Set<String> ALTERNATIVES = Set.of("oneOf", "anyOf", "allOf", "not");

    private static final int MAX_NAMES = 12;

    private final JsonNode definitions;

    /** @param definitions the schema's text, for names that are near to a wrong one */
    SchemaFaults(JsonNode definitions) {
        this.definitions = definitions;
    }

    /** The faults: what each says, by the JSON pointer of what it is about. */
    Map<String, String> of(JsonSchema schema, JsonNode tree) {
        var messages = schema.validate(tree);
        var faults = new LinkedHashMap<String, String>();
        for (var message : messages) {
            if (isWrongName(message)) {
                faults.putIfAbsent(pointer(message) + "/" + escaped(message.getProperty()), wrongName(message));
            }
        }
        var others = new ArrayList<ValidationMessage>();
        for (var message : messages) {
            var place = pointer(message);
            // Where a name is wrong, what the one around it lacks is most often just that name.
            if (!isWrongName(message) && faults.keySet().stream().noneMatch(fault -> isIn(fault, place))) {
                others.add(message);
            }
        }
        others.removeIf(message -> wrongAlternative(message, others, tree, faults));
        // What is around a name that was found to be wrong meanwhile
        others.removeIf(message -> faults.keySet().stream().anyMatch(fault -> isIn(fault, pointer(message))));
        for (var message : others) {
            var place = pointer(message);
            var isTold = others.stream()
                    .anyMatch(other -> isIn(pointer(other), place)
                            && (!pointer(other).equals(place) || isAlternative(message) && !isAlternative(other)));
            if (!isTold) {
                faults.putIfAbsent(place, text(message, tree));
            }
        }
        return faults;
    }

    /** Of many names one has to be there, such as that of a language: it is told as the wrong one that is. */
    private static boolean wrongAlternative(
            ValidationMessage message, Collection<ValidationMessage> all, JsonNode tree, Map<String, String> faults) {
        var place = pointer(message);
        var given = tree.at(place);
        var expected = all.stream()
                .filter(other ->
                        other.getType().equals("required") && pointer(other).equals(place))
                .map(ValidationMessage::getProperty)
                .toList();
        if (expected.size() <= MAX_NAMES || given.size() != 1) {
            return faults.keySet().stream().anyMatch(fault -> isIn(fault, place));
        }
        var name = given.fieldNames().next();
        faults.putIfAbsent(
                place + "/" + escaped(name),
                "%s is not known here%s".formatted(name, NearMiss.question(name, expected)));
        return true;
    }

    private static boolean isWrongName(ValidationMessage message) {
        return message.getType().equals("additionalProperties") && message.getProperty() != null;
    }

    private static boolean isAlternative(ValidationMessage message) {
        return ALTERNATIVES.contains(message.getType());
    }

    private static boolean isIn(String inner, String outer) {
        return inner.equals(outer) || inner.startsWith(outer + "/");
    }

    private String wrongName(ValidationMessage message) {
        var name = message.getProperty();
        var names = names(message);
        var near = NearMiss.question(name, names);
        return "%s is not known here%s"
                .formatted(
                        name,
                        !near.isEmpty()
                                ? near
                                : names.isEmpty() || names.size() > MAX_NAMES
                                        ? ""
                                        : ": one of %s is expected".formatted(String.join(", ", names)));
    }

    /** The names that would have been right. */
    private Collection<String> names(ValidationMessage message) {
        var place = message.getSchemaLocation().getFragment().toString().replaceFirst("/additionalProperties$", "");
        var names = new ArrayList<String>();
        var node = definitions;
        for (var part : place.split("/")) {
            node = part.isEmpty() ? node : node.path(part);
        }
        node.path("properties").fieldNames().forEachRemaining(names::add);
        return names;
    }

    private static String text(ValidationMessage message, JsonNode tree) {
        var place = pointer(message);
        var name = place.substring(place.lastIndexOf('/') + 1);
        var value = tree.at(place);
        if (message.getType().equals("enum") && value.isValueNode()) {
            var choice = new ArrayList<String>();
            message.getSchemaNode().forEach(each -> choice.add(each.asText()));
            return "%s is '%s': one of %s is expected".formatted(name, value.asText(), String.join(", ", choice));
        }
        var said = message.getMessage();
        var location = message.getInstanceLocation().toString();
        said = said.startsWith(location + ": ") ? said.substring(location.length() + 2) : said;
        return "%s: %s".formatted(name.matches("\\d*") ? "this" : name, said);
    }

    private static String pointer(ValidationMessage message) {
        var pointer = new StringBuilder();
        var location = message.getInstanceLocation();
        for (int i = 0; i < location.getNameCount(); i++) {
            pointer.append('/').append(escaped(String.valueOf(location.getElement(i))));
        }
        return pointer.toString();
    }

    private static String escaped(String name) {
        return name.replace("~", "~0").replace("/", "~1");
    }
}
