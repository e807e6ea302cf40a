package metrika.conversions.check;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

import com.fasterxml.jackson.databind.JsonNode;

import metrika.conversions.pull.RestPull;

/** Whether a source that pulls a REST API says all that its way to page and to log in needs. */
public final class PullCheck {

    private static final String REST_PULL = "kamelet:rest-pull";
    private static final String UNASKED =
            ", and neither address nor body has {page} or {offset}: each page would be the first one";

    private final Map<String, String> given;
    private final List<String> faults = new ArrayList<>();

    private PullCheck(Map<String, String> given) {
        this.given = given;
    }

    /**
     * What is wrong with it: each pull would fail, or ask for the same page again.
     *
     * @param parameters of what the route begins with
     * @param filled gives a text with the values of settings in place of their names
     */
    static List<String> faults(String from, JsonNode parameters, UnaryOperator<String> filled) {
        if (!from.equals(REST_PULL)) {
            return List.of();
        }
        var given = new HashMap<String, String>();
        parameters
                .properties()
                .forEach(each ->
                        given.put(each.getKey(), filled.apply(each.getValue().asText())));
        return faults(given);
    }

    /**
     * What is wrong with it: each pull would fail, or ask for the same page again.
     *
     * @param given the parameters of the kamelet {@code rest-pull} by their names; those that are not given may be
     *     missing
     */
    public static List<String> faults(Map<String, String> given) {
        var check = new PullCheck(given);
        check.pages();
        check.body();
        check.credentials();
        return check.faults;
    }

    private void pages() {
        var asked = given.getOrDefault("address", "") + given.getOrDefault("body", "");
        var isByOffset = asked.contains("{offset}");
        if (isByOffset && (isBlank("pageSize") || given.get("pageSize").strip().equals("0"))) {
            faults.add("{offset} needs pageSize, the rows of a full page");
        }
        if (isByOffset || asked.contains("{page}")) {
            return;
        }
        if (!isBlank("pages")) {
            faults.add("pages is given" + UNASKED);
        }
        if (given.getOrDefault("countPages", "").strip().equals("true")) {
            faults.add("countPages is true" + UNASKED);
        }
    }

    private void body() {
        var fault = RestPull.fault(unquoted("body"), given.getOrDefault("contentType", "application/json"));
        if (fault != null) {
            faults.add(fault);
        }
    }

    private void credentials() {
        for (var other : List.of("authorization", "tokenAddress")) {
            if (!isBlank("username") && !isBlank(other)) {
                faults.add("username is given besides %s: give one of them".formatted(other));
            }
        }
    }

    private boolean isBlank(String parameter) {
        return unquoted(parameter).isBlank();
    }

    /** What is given, without the RAW around it. */
    private String unquoted(String parameter) {
        return given.getOrDefault(parameter, "").replaceFirst("(?s)^\\s*RAW[({](.*)[)}]\\s*$", "$1");
    }
}
