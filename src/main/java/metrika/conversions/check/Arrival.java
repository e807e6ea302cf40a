package metrika.conversions.check;

import java.nio.charset.StandardCharsets;
import java.util.List;

import metrika.conversions.auth.Webhook;
import metrika.conversions.intake.IncomingConversions;
import metrika.conversions.problem.Json;
import metrika.conversions.sources.OrderKeys;

/**
 * What a connector brought to {@code direct:store-conversions}.
 *
 * @param webhook the variable {@code webhook}: an id, or the one that the caller has shown to know
 * @param key what is said of the idempotency key
 * @param rows as they came: each with its line, or the JSON as it is
 */
record Arrival(Object webhook, String key, List<String> rows) {

    static Arrival of(Object webhook, String key, IncomingConversions incoming) {
        return new Arrival(
                webhook instanceof Webhook ? "that the caller authenticates for" : webhook,
                incoming.part() != null && incoming.part().rowKeys() != null
                        ? "with a key of its own for each row"
                        : key == null
                                ? "without an idempotency key"
                                : "with the idempotency key %s%s".formatted(key, origin(key, incoming)),
                incoming.json() != null
                        ? List.of(new String(incoming.json(), StandardCharsets.UTF_8))
                        : incoming.asRows().stream()
                                .map(row -> "line %d: %s".formatted(row.line(), Json.write(row.fields())))
                                .toList());
    }

    /** Of a key that is a hash. */
    private static String origin(String key, IncomingConversions incoming) {
        return !key.matches("(?s).*:[0-9a-f]{64}")
                        || incoming.rows() == null
                        || incoming.part() != null
                        || incoming.asRows().isEmpty()
                ? ""
                : " (made of %s)".formatted(OrderKeys.origin(key, incoming.asRows()));
    }
}
