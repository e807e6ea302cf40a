package metrika.conversions.check;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * Sources over HTTP without the kamelet that store orders and do not call {@code httpSource.answer}, which says what
 * was left out: to the sender, in the log, and in the metrics; and sources without a caller that call
 * {@code direct:store-orders}. They run: it is a warning, not a fault.
 */
public final class AnswerCheck {

    private static final String HTTP = "platform-http:";
    /** Of these a caller, another route or a kamelet reads it. */
    private static final Pattern HAS_ANSWER =
            Pattern.compile("(?:direct|kamelet|platform-http|rest|servlet|jetty|undertow|netty-http):.*|\\{\\{.*");
    /** They leave to the answer what is left out. */
    private static final Set<String> DOORS = Set.of("direct:store-orders", "direct:store-mapped");

    private AnswerCheck() {}

    /** What is to be said of the routes in files. */
    public static List<Finding> of(List<Path> files) {
        var findings = new ArrayList<Finding>();
        for (var path : files) {
            var file = YamlFile.read(path, fault -> {}); // told with the faults of routes
            for (int i = 0; file != null && i < file.tree().size(); i++) {
                var route = file.tree().path(i).path("route");
                var from = route.at("/from/uri").asText();
                if (!from.isEmpty() && !HAS_ANSWER.matcher(from).matches() && hasStep(route, AnswerCheck::isOrders)) {
                    findings.add(
                            new Finding(
                                    path,
                                    file.line("/%d/route/from/uri".formatted(i)),
                                    "nobody reads an answer, in which what is left out or refused would be: call"
                                            + " direct:store-message in the place of direct:store-orders, which keeps and counts it"));
                }
                if (from.startsWith(HTTP)
                        && hasStep(route, AnswerCheck::isDoor)
                        && !hasStep(route, AnswerCheck::isAnswer)) {
                    findings.add(new Finding(
                            path,
                            file.line("/%d/route/from/uri".formatted(i)),
                            "nobody is told what is left out of a message: let the last step call the method answer of"
                                    + " the bean httpSource, which answers, and has it logged and counted"));
                }
            }
        }
        return findings;
    }

    private static boolean isOrders(JsonNode step) {
        return isDoor(step) && step.toString().contains("direct:store-orders");
    }

    private static boolean isDoor(JsonNode step) {
        var to = step.path("to");
        return DOORS.contains(to.isTextual() ? to.asText() : to.path("uri").asText());
    }

    private static boolean isAnswer(JsonNode step) {
        var call = step.has("bean") ? step.path("bean") : step.path("method");
        return call.path("ref").asText().equals("httpSource")
                && call.path("method").asText().matches("answer\\b.*");
    }

    private static boolean hasStep(JsonNode node, Predicate<JsonNode> isWanted) {
        if (isWanted.test(node)) {
            return true;
        }
        for (var child : node) {
            if (hasStep(child, isWanted)) {
                return true;
            }
        }
        return false;
    }
}
