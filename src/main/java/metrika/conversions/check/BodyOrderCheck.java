package metrika.conversions.check;

import java.util.ArrayList;
import java.util.List;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * Whether a source over HTTP without the kamelet asks for what a request was sent as while it is there, and says how it
 * is to be read.
 */
final class BodyOrderCheck {

    private static final String READ = "httpBodyReader.read";
    private static final String VERIFY = "bodySignature.verify";
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
        node.forEach(child -> gather(child, calls));
    }

    private static boolean sets(JsonNode route, String variable) {
        return route.findValues("name").stream().anyMatch(name -> name.asText().equals(variable));
    }
}
