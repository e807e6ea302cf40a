package metrika.conversions.check;

import java.util.HashMap;
import java.util.Optional;
import java.util.function.UnaryOperator;

import com.fasterxml.jackson.databind.JsonNode;

import metrika.conversions.auth.SignatureRule;

/** Whether a source over HTTP asks for a signature that its sender, and nobody else, can make. */
final class SignatureCheck {

    private static final String HTTP_SOURCE = "kamelet:http-source";

    private SignatureCheck() {}

    /**
     * What is wrong with it. Whether the key has a value is asked at the start: a shipped source has none.
     *
     * @param parameters of what the route begins with
     * @param filled gives a text with the values of settings in place of their names
     */
    static Optional<String> fault(String from, JsonNode parameters, UnaryOperator<String> filled) {
        if (!from.equals(HTTP_SOURCE)) {
            return Optional.empty();
        }
        var given = new HashMap<String, String>();
        parameters
                .properties()
                .forEach(each ->
                        given.put(each.getKey(), filled.apply(each.getValue().asText())));
        return Optional.ofNullable(SignatureRule.of(given).fault(given.containsKey("secretKey")));
    }
}
