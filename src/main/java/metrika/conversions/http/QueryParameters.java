package metrika.conversions.http;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.node.ObjectNode;
import org.apache.camel.CamelContext;
import org.apache.camel.component.platform.http.PlatformHttpEndpoint;
import org.apache.camel.model.Model;
import org.apache.camel.model.rest.ParamDefinition;
import org.apache.camel.model.rest.RestDefinition;
import org.apache.camel.model.rest.RestParamType;
import org.apache.camel.model.rest.VerbDefinition;

import metrika.conversions.problem.FieldErrors;
import metrika.conversions.problem.Json;
import metrika.conversions.problem.ProblemException;

/**
 * The query parameters of one operation: those that are its {@code param} in {@code api.camel.yaml}, exactly as they
 * are spelt there. A name that is nearly one of them is refused, since the caller means something that would not
 * happen; any other one means nothing here and is passed over.
 */
final class QueryParameters {

    private static final int MIN_LETTERS = 3;

    private final Set<String> known;

    QueryParameters(Set<String> known) {
        this.known = known;
    }

    /**
     * The parameters of the operation that an endpoint answers.
     *
     * @return {@code null} when the endpoint is none of the API's operations: such a route reads its query itself
     */
    static QueryParameters of(CamelContext context, PlatformHttpEndpoint endpoint) {
        QueryParameters found = null; // the last one: an edited file that is taken over comes after itself
        for (RestDefinition rest :
                context.getCamelContextExtension().getContextPlugin(Model.class).getRestDefinitions()) {
            for (VerbDefinition verb : rest.getVerbs()) {
                if (verb.asVerb().equalsIgnoreCase(endpoint.getHttpMethodRestrict())
                        && path(text(rest.getPath()) + text(verb.getPath())).equals(path(endpoint.getPath()))) {
                    var names = new LinkedHashSet<String>();
                    for (ParamDefinition parameter : verb.getParams()) {
                        if (parameter.getType() == RestParamType.query) {
                            names.add(parameter.getName());
                        }
                    }
                    found = new QueryParameters(names);
                }
            }
        }
        return found;
    }

    private static String text(String given) {
        return given == null ? "" : given;
    }

    private static String path(String path) {
        return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
    }

    /**
     * What a query says.
     *
     * @param values of the parameters that there are, by their names
     * @param unknown the names that there are no parameters of, each once
     */
    record Read(Map<String, String> values, Set<String> unknown) {}

    /**
     * Reads a query.
     *
     * @param query names and values, decoded, in their order
     * @throws ProblemException 400 when a name is nearly one of the parameters, or a parameter is given more than once
     */
    Read read(List<Map.Entry<String, String>> query) {
        var values = new HashMap<String, String>();
        var unknown = new LinkedHashSet<String>();
        for (var parameter : query) {
            var name = parameter.getKey();
            if (known.contains(name)) {
                if (values.putIfAbsent(name, parameter.getValue()) != null) {
                    throw refusal(
                            name, "repeated_parameter", "The parameter %s is given more than once".formatted(name));
                }
            } else if (unknown.add(name)) {
                var meant = meant(name);
                if (meant != null) {
                    throw refusal(
                            name,
                            "unknown_parameter",
                            "There is no parameter '%s': %s is meant?".formatted(FieldErrors.quoted(name), meant));
                }
            }
        }
        return new Read(values, unknown);
    }

    private static ProblemException refusal(String name, String code, String message) {
        return ProblemException.of(400, message, List.of(Json.error(FieldErrors.quoted(name), code, message)));
    }

    /**
     * Tells the caller what was passed over, in the {@code warnings} of an answer.
     *
     * @param answer a JSON object; anything else stays as it is
     */
    String warn(String answer, Set<String> unknown) {
        try {
            var read = Json.MAPPER
                    .reader()
                    .with(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                    .readTree(answer);
            if (!(read instanceof ObjectNode object)) {
                return answer;
            }
            var notes = new FieldErrors();
            var there = known.isEmpty() ? "there are none here" : "there is " + String.join(", ", known);
            unknown.forEach(name -> notes.add(
                    name,
                    "unknown_parameter",
                    "there is no parameter '%s': it was ignored; %s".formatted(FieldErrors.quoted(name), there)));
            var warnings = Json.MAPPER.createArrayNode();
            notes.toList().forEach(note -> warnings.add(Json.MAPPER.valueToTree(note)));
            object.path("warnings").forEach(warnings::add);
            object.set("warnings", warnings);
            return Json.write(object);
        } catch (JsonProcessingException e) {
            return answer;
        }
    }

    /** The parameter that a name is nearly the same as, or {@code null}. */
    private String meant(String name) {
        var letters = letters(name);
        for (var parameter : known) {
            if (isNear(letters, letters(parameter))) {
                return parameter;
            }
        }
        return null;
    }

    /** Whatever case, hyphen or bracket somebody puts: the letters and digits are what is meant. */
    private static String letters(String name) {
        var letters = new StringBuilder();
        name.toLowerCase(Locale.ROOT)
                .chars()
                .filter(Character::isLetterOrDigit)
                .forEach(letter -> letters.append((char) letter));
        return letters.toString();
    }

    /**
     * Whether two names are the same but for one letter more, less, other or swapped, or one is how the other begins.
     */
    private static boolean isNear(String one, String other) {
        if (one.length() > other.length()) {
            return isNear(other, one);
        }
        return one.length() >= MIN_LETTERS && (other.startsWith(one) || isOneLetterOff(one, other));
    }

    private static boolean isOneLetterOff(String shorter, String longer) {
        var at = 0;
        while (at < shorter.length() && shorter.charAt(at) == longer.charAt(at)) {
            at++;
        }
        var rest = longer.substring(at + 1);
        if (shorter.length() < longer.length()) {
            return rest.equals(shorter.substring(at));
        }
        return rest.equals(shorter.substring(at + 1))
                || at + 1 < shorter.length()
                        && shorter.charAt(at) == longer.charAt(at + 1)
                        && shorter.charAt(at + 1) == longer.charAt(at)
                        && longer.substring(at + 2).equals(shorter.substring(at + 2));
    }
}
