package metrika.conversions.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * Whether a source over HTTP without the kamelet asks for what a request was sent as while it is there, says how it is
 * to be read, and counts a request when it is known whose it is.
 */
final class BodyOrderCheck {

    private static final String READ = "httpBodyReader.read";
    /** Steps that put another message in the place of the request, with the body that they make. */
    private static final Set<String> REPLACING =
            Set.of("setBody", "transform", "unmarshal", "marshal", "convertBodyTo", "pollEnrich", "enrich");

    private static final String REPLACED = "another message";
    private static final String HTTP = "platform-http:";
    private static final String VERIFY = "bodySignature.verify";
    private static final String COUNT = "rateLimits.countRequest";
    /** Any of them sets the variable webhook. */
    private static final String AUTHORIZE = "authenticator.authorize";

    private static final String HTTP_SOURCE = "kamelet:http-source";

    private BodyOrderCheck() {}

    /** What is wrong with a route. */
    static List<String> faults(JsonNode route) {
        var faults = new ArrayList<String>();
        var calls = new ArrayList<String>();
        gather(route, calls);
        var read = route.at("/from/uri").asText().startsWith(HTTP_SOURCE) ? -1 : calls.indexOf(READ);
        var isRead = read >= 0 || route.at("/from/uri").asText().startsWith(HTTP_SOURCE);
        if (isRead && calls.lastIndexOf(VERIFY) > read) {
            faults.add("bodySignature.verify comes after the body has been read: call it before httpBodyReader.read,"
                    + " or give the kamelet http-source the parameters of the signature");
        }
        var replaced = calls.indexOf(REPLACED);
        if (route.at("/from/uri").asText().startsWith(HTTP)
                && replaced >= 0
                && calls.lastIndexOf(VERIFY) > replaced
                && faults.isEmpty()) {
            faults.add("bodySignature.verify comes after a step that makes another body of the request: call it before,"
                    + " since the signature is of the body as it was sent");
        }
        var count = calls.indexOf(COUNT);
        if (route.at("/from/uri").asText().startsWith(HTTP)
                && count >= 0
                && calls.subList(0, count).stream().noneMatch(call -> call.startsWith(AUTHORIZE))) {
            faults.add(
                    "rateLimits.countRequest comes before authenticator.authorizeSource, which knows whose request it"
                            + " counts: call it after that");
        }
        if (read >= 0 && !sets(route, "format")) {
            faults.add("httpBodyReader.read needs the variable format: form, json, xml, commerceml or csv");
        }
        return faults;
    }

    /** The methods of beans that are called, in the order of the file. */
    private static void gather(JsonNode node, List<String> calls) {
        var bean = node.path("bean");
        if (bean.has("ref")) {
            calls.add(bean.path("ref").asText()
                    + "."
                    + bean.path("method").asText().replaceFirst("\\(.*", ""));
        }
        REPLACING.stream().filter(node::has).findFirst().ifPresent(step -> calls.add(REPLACED));
        node.forEach(child -> gather(child, calls));
    }

    private static boolean sets(JsonNode route, String variable) {
        return route.findValues("name").stream().anyMatch(name -> name.asText().equals(variable));
    }
}
