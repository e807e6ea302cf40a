package metrika.conversions.api;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

import com.fasterxml.jackson.databind.JsonNode;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

import metrika.conversions.http.HeaderAllowList;
import metrika.conversions.support.Answer;
import metrika.conversions.support.Shared;
import metrika.conversions.support.TestWebhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

/** Holds the description of the API, {@code openapi.yaml}, and the server to each other. */
class OpenApiContractIT {

    private static final ApiDescription API = new ApiDescription();

    /** What is described and not brought about here, with the reason. */
    private static final Map<String, String> NOT_PROVOKED = Map.of(
            "show-openapi 500",
            "it reads a file of the jar and nothing else, so there is nothing to break from outside");

    private static final Map<String, List<Answer>> ANSWERS = new TreeMap<>();

    @BeforeAll
    static void call() {
        ANSWERS.putAll(ApiAnswers.of(API));
        ApiTroubles.of(API)
                .forEach((key, more) -> ANSWERS.merge(
                        key,
                        more,
                        (one, other) ->
                                Stream.of(one, other).flatMap(List::stream).toList()));
    }

    @TestFactory
    Stream<DynamicTest> everyAnswerIsAsDescribed() {
        return ANSWERS.keySet().stream()
                .map(key -> dynamicTest(key, () -> {
                    var operation = API.operation(key.split(" ")[0]);
                    for (var answer : ANSWERS.get(key)) {
                        assertThat(answer.status())
                                .as("%s: %s", key, answer)
                                .isEqualTo(Integer.parseInt(key.split(" ")[1]));
                        assertThat(operation.faults(answer))
                                .as("%s: %s", key, answer)
                                .isEmpty();
                    }
                }));
    }

    @Test
    void everyDescribedAnswerIsGiven() {
        var described = new TreeSet<String>();
        API.operations()
                .forEach(operation ->
                        operation.responses().keySet().forEach(status -> described.add(operation.id() + " " + status)));
        var known = new TreeSet<>(NOT_PROVOKED.keySet());
        known.addAll(ANSWERS.keySet());
        assertThat(known).isEqualTo(described);
        assertThat(ANSWERS).doesNotContainKeys(NOT_PROVOKED.keySet().toArray(String[]::new));
    }

    @Test
    void everyStatusOfABatchAndEveryFormOfAnAnswerIsSeen() {
        assertThat(ANSWERS.get("show-batch 200"))
                .extracting(answer -> answer.text("status"))
                .containsAll(API.enumOf("BatchStatus"));
        assertThat(ANSWERS.get("show-batch 200"))
                .anyMatch(answer -> answer.json().has("linked"))
                .anyMatch(answer -> answer.json().get("errors").isArray());
        assertThat(ANSWERS.get("send-conversions 200"))
                .extracting(answer -> answer.text("status"))
                .contains("accepted", "valid");
    }

    @Test
    void theServerOffersWhatIsDescribedAndNothingElse() throws IOException {
        var offered = new ArrayList<String>();
        for (var entry : ApiDescription.yaml(Files.readString(Path.of("routes/api.camel.yaml")))) {
            JsonNode rest = entry.get("rest");
            rest.properties().forEach(verb -> {
                if (verb.getValue().isArray()) {
                    verb.getValue()
                            .forEach(operation -> offered.add("%s %s %s %s %s"
                                    .formatted(
                                            verb.getKey().toUpperCase(),
                                            rest.path("path").asText()
                                                    + operation.path("path").asText(),
                                            operation.path("id").asText(),
                                            operation.path("consumes").asText(),
                                            operation.path("param").findValuesAsText("name"))));
                }
            });
        }
        assertThat(API.operations())
                .extracting(operation -> "%s %s %s %s %s"
                        .formatted(
                                operation.method(),
                                operation.path(),
                                operation.id(),
                                String.join(",", operation.consumes()),
                                operation.parameters("query").stream()
                                        .map(parameter -> parameter.get("name").textValue())
                                        .toList()))
                .containsExactlyInAnyOrderElementsOf(offered);
    }

    @Test
    void whoMayCallIsWhatIsDescribed() throws IOException {
        var said = new TreeMap<String, List<String>>();
        for (var entry : ApiDescription.yaml(Files.readString(Path.of("routes/api.camel.yaml")))) {
            entry.get("rest")
                    .forEach(verbs -> verbs.forEach(operation -> {
                        if (operation.has("security")) {
                            var keys = operation.get("security").findValuesAsText("key");
                            // A webhook's secret is shown, or signs: which of the two, the webhook says, not the
                            // operation
                            said.put(
                                    operation.get("id").asText(),
                                    keys.stream()
                                            .sorted()
                                            .flatMap(key -> switch (key) {
                                                case "webhookSecret" -> Stream.of("webhookSecret", "webhookSignature");
                                                case "public" -> Stream.of();
                                                default -> Stream.of(key);
                                            })
                                            .toList());
                        }
                    }));
        }
        var described = new TreeMap<String, List<String>>();
        API.operations()
                .forEach(operation -> described.put(
                        operation.id(),
                        StreamSupport.stream(operation.node().get("security").spliterator(), false)
                                .flatMap(way -> ApiDescription.names(way).stream())
                                .sorted()
                                .toList()));
        assertThat(said).isEqualTo(described);
    }

    @Test
    void everyDescribedHeaderReachesTheRoutes() {
        var headers = HeaderAllowList.ofApi();
        API.operations()
                .forEach(operation -> operation.parameters("header").stream()
                        .map(parameter -> parameter.get("name").textValue())
                        .forEach(name -> assertThat(headers.applyFilterToExternalHeaders(name, "", null))
                                .as(name)
                                .isFalse()));
    }

    @TestFactory
    Stream<DynamicTest> everyExampleIsValid() {
        var tests = new ArrayList<DynamicTest>();
        API.examples((place, faults) ->
                tests.add(dynamicTest(place, () -> assertThat(faults).isEmpty())));
        assertThat(tests).hasSizeGreaterThan(40);
        return tests.stream();
    }

    @Test
    void itIsServedByteForByte() throws IOException {
        var answer = Shared.PRODUCT.get("/openapi.yaml");
        assertThat(answer.body()).isEqualTo(API.text());
        assertThat(answer.body()).isEqualTo(Files.readString(Path.of("src/main/resources/openapi.yaml")));
    }

    @TestFactory
    Stream<DynamicTest> otherMethodsAreRefusedWithTheOnesThatThereAre() {
        var webhook = new TestWebhook(Shared.PRODUCT, "550e8400-e29b-41d4-a716-446655440000", "none");
        var methods = new TreeMap<String, TreeSet<String>>();
        API.operations()
                .forEach(operation -> methods.computeIfAbsent(operation.path(), path -> new TreeSet<>())
                        .add(operation.method()));
        return API.operations().stream()
                .map(operation -> dynamicTest(operation.id(), () -> {
                    var other = methods.get(operation.path()).contains("PUT") ? "DELETE" : "PUT";
                    var answer = new ApiCall(operation, webhook).method(other).send();
                    assertThat(answer.status()).isEqualTo(405);
                    assertThat(API.faults(API.sharedResponse("MethodNotAllowed"), answer))
                            .as("%s", answer)
                            .isEmpty();
                    assertThat(answer.header("Allow").split(", ?"))
                            .containsExactlyInAnyOrderElementsOf(methods.get(operation.path()));
                }));
    }

    @Test
    void unknownPathsAreAnsweredAsDescribed() {
        for (var path : List.of("/webhook", "/openapi.json", TestWebhook.PATH + "/1/2/3", "/observe/health")) {
            var answer = Shared.PRODUCT.get(path);
            assertThat(answer.status()).as(path).isEqualTo(404);
            assertThat(API.faults(API.sharedResponse("UnknownPath"), answer))
                    .as("%s", answer)
                    .isEmpty();
        }
    }
}
