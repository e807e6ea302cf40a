package metrika.conversions.check;

import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

import com.fasterxml.jackson.databind.JsonNode;

/** Whether a route that takes messages of Kafka by itself, not by the kamelet, can run, and loses none of them. */
final class KafkaCheck {

    private static final String MESSAGES = "kafkaMessages";
    private static final String HANDLED = "/handled";

    private KafkaCheck() {}

    /**
     * What is wrong with it.
     *
     * @param configurations all that there are, by whose ids routes name them
     * @param setting gives the value of one, {@code null} where it has none
     */
    static List<String> faults(JsonNode route, List<JsonNode> configurations, UnaryOperator<String> setting) {
        var faults = new ArrayList<String>();
        var from = route.at("/from/uri").asText();
        var parameters = route.at("/from/parameters");
        if (from.startsWith("kafka:")
                && (parameters.path("batching").asText().equals("true") || from.contains("batching=true"))
                && parameters.path("maxPollRecords").isMissingNode()
                && !from.contains("maxPollRecords=")
                && setting.apply("camel.component.kafka.maxPollRecords") == null) {
            faults.add("batching needs maxPollRecords, such as 500: without it the consumer fails at each poll");
        }
        var wanted = route.path("routeConfigurationId").asText();
        if (splitsPoll(route) && configurations.stream().anyMatch(each -> isNamed(each, wanted) && handles(each))) {
            faults.add(
                    ("the routeConfiguration %s handles what fails, which ends a split with stopOnException: the rest of"
                                    + " the poll would be lost. Begin with the kamelet kafka-source, or use on-error-kafka and a"
                                    + " doTry inside the split")
                            .formatted(wanted));
        }
        return faults;
    }

    /** Whether it takes a poll apart, and stops at what fails. */
    private static boolean splitsPoll(JsonNode route) {
        return route.findValues("split").stream()
                .anyMatch(split -> split.path("stopOnException").asText().equals("true")
                        && (split.at("/expression/method/ref").asText().equals(MESSAGES)
                                || split.at("/method/ref").asText().equals(MESSAGES)));
    }

    private static boolean isNamed(JsonNode configuration, String wanted) {
        return !wanted.isEmpty()
                && List.of(wanted.split("\\s*,\\s*"))
                        .contains(configuration.path("id").asText());
    }

    private static boolean handles(JsonNode configuration) {
        return configuration.findValues("onException").stream()
                .flatMap(list -> list.isArray() ? StreamSupport.stream(list.spliterator(), false) : Stream.of(list))
                .map(each -> each.has("onException") ? each.path("onException") : each)
                .anyMatch(each -> !each.at(HANDLED).isMissingNode());
    }
}
