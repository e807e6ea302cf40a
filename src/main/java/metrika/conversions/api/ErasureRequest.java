package metrika.conversions.api;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import com.fasterxml.jackson.databind.JsonNode;
import org.apache.camel.Body;

import metrika.conversions.intake.ConversionField;
import metrika.conversions.intake.IdentifierRules;
import metrika.conversions.problem.FieldErrors;
import metrika.conversions.problem.Json;
import metrika.conversions.problem.ProblemException;
import metrika.conversions.text.StorableText;

/** By what a person is to be erased: the parameters of {@code erase-person.sql}. */
public final class ErasureRequest {

    private static final List<String> IDENTIFIERS = ConversionField.namesOfPersons();

    /**
     * @param body a JSON object of one or more identifiers, of which a conversion needs to have one
     * @throws ProblemException 400 when there is no identifier, or what is given is none
     */
    public Map<String, Object> read(@Body byte[] body) {
        var json = Json.object(body);
        var errors = new FieldErrors();
        var given = new ArrayList<String>();
        var parameters = new HashMap<String, Object>();
        json.fieldNames().forEachRemaining(name -> {
            if (!IDENTIFIERS.contains(name)) {
                errors.unknown(name, String.join(", ", IDENTIFIERS));
            }
        });
        for (var name : IDENTIFIERS) {
            var identifier = identifier(name, json.path(name), errors);
            parameters.put(name, identifier);
            if (identifier != null) {
                given.add(name);
            }
        }
        if (given.isEmpty() && errors.count() == 0) {
            errors.add("", "required", "one or more of %s are required".formatted(String.join(", ", IDENTIFIERS)));
        }
        if (errors.count() > 0) {
            throw ProblemException.of(400, "This does not say whom to erase", errors.toList());
        }
        parameters.put("fields", "{" + String.join(",", given) + "}");
        return parameters;
    }

    /** Taken as it is in conversions: text, or a number that is sure to be its digits; what is blank is not given. */
    private static String identifier(String name, JsonNode value, FieldErrors errors) {
        if (value.isMissingNode()
                || value.isNull()
                || value.isTextual() && value.textValue().isBlank()) {
            return null;
        }
        if (value.isTextual() && StorableText.isStorable(value.textValue())) {
            return value.textValue();
        }
        if (value.isIntegralNumber() && IdentifierRules.hasSurvived(value.asText())) {
            return value.asText();
        }
        if (value.isNumber()) {
            errors.add(name, "unsafe_number", name + " is a number that may have lost digits: give it as a text");
        } else {
            errors.add(name, value.isTextual() ? "invalid_characters" : "invalid_type", name + " has to be a text");
        }
        return null;
    }
}
