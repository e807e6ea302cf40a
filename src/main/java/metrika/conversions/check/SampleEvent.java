package metrika.conversions.check;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.UUID;

import com.fasterxml.jackson.databind.JsonNode;
import org.apache.camel.Exchange;

import metrika.conversions.channels.ChannelSteps;
import metrika.conversions.problem.Json;

/**
 * What a channel is tried on: an event as JSON, with {@code type}, {@code data}, {@code timestamp}, and where they
 * matter {@code time_zone} and {@code callback_url} of its webhook.
 */
final class SampleEvent {

    private static final String KAMELET = "kamelet:channel";
    private static final UUID WEBHOOK = new UUID(0, 0);
    private static final UUID EVENT = new UUID(0, 1);

    private SampleEvent() {}

    /** Whether a route tells something, by what it begins with. */
    static boolean isWanted(String uri) {
        return uri.startsWith(KAMELET);
    }

    /** Fills in the event as the kamelet does. */
    static void fill(Exchange exchange, Path sample, ChannelSteps steps, RecordedCalls calls) throws IOException {
        var event = Json.object(Files.readAllBytes(sample));
        var delivery = new HashMap<String, Object>();
        delivery.put("event_id", EVENT);
        delivery.put("claim_number", 1);
        delivery.put("webhook_id", WEBHOOK);
        delivery.put("callback_key", calls.callbackKey());
        delivery.put("data", event.path("data").toString());
        for (var field : new String[] {"type", "timestamp", "time_zone", "callback_url"}) {
            delivery.put(field, text(event.path(field)));
        }
        exchange.setVariable("channel", "trial");
        exchange.setVariable("delivery", delivery);
        steps.compose(exchange, delivery);
    }

    private static String text(JsonNode node) {
        return node.isTextual() ? node.textValue() : null;
    }
}
