package metrika.conversions.api;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import com.fasterxml.jackson.databind.JsonNode;

import metrika.conversions.support.Answer;

/** An operation as the API's description has it. */
record ApiOperation(ApiDescription api, String path, String method, JsonNode pathItem, JsonNode node) {

    String id() {
        return node.path("operationId").asText();
    }

    /** Its responses by status. */
    Map<Integer, JsonNode> responses() {
        var responses = new TreeMap<Integer, JsonNode>();
        node.get("responses")
                .properties()
                .forEach(entry -> responses.put(Integer.parseInt(entry.getKey()), api.resolve(entry.getValue())));
        return responses;
    }

    /** Its parameters in a place, {@code query} or {@code header}; those of its path are the path's own. */
    List<JsonNode> parameters(String in) {
        var parameters = new ArrayList<JsonNode>();
        pathItem.path("parameters").forEach(parameter -> parameters.add(api.resolve(parameter)));
        node.path("parameters").forEach(parameter -> parameters.add(api.resolve(parameter)));
        parameters.removeIf(parameter -> !parameter.get("in").textValue().equals(in));
        return parameters;
    }

    /** Whether one of the ways to be let in is this security scheme. */
    boolean isOpenedBy(String scheme) {
        return node.get("security").findValue(scheme) != null;
    }

    /** The media types of its body; none when it takes no body. */
    List<String> consumes() {
        return ApiDescription.names(node.path("requestBody").path("content"));
    }

    /** Its examples of a body, as JSON, by name. */
    Map<String, String> requestExamples() {
        var examples = new TreeMap<String, String>();
        node.path("requestBody")
                .path("content")
                .path("application/json")
                .path("examples")
                .properties()
                .forEach(entry -> examples.put(
                        entry.getKey(),
                        api.resolve(entry.getValue()).get("value").toString()));
        return examples;
    }

    /** What is wrong with a body for it. */
    List<String> requestFaults(JsonNode body) {
        return api.faults(node.at("/requestBody/content/application~1json/schema"), body);
    }

    /** What is wrong with an answer of it. */
    List<String> faults(Answer answer) {
        var response = responses().get(answer.status());
        return response == null
                ? List.of("the status " + answer.status() + " is not described")
                : api.faults(response, answer);
    }
}
