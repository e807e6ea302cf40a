package metrika.conversions.channels;

import java.io.IOException;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.Map;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.Variable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import metrika.conversions.logging.LoggingConfig;
import metrika.conversions.problem.Json;

/**
 * The steps of the kamelet {@code channel}, by which each channel tells events from the table {@code event_delivery}.
 */
public final class ChannelSteps {

    private static final Logger LOG = LoggerFactory.getLogger(ChannelSteps.class);

    private final NewsText texts;

    public ChannelSteps(NewsText texts) {
        this.texts = texts;
    }

    /** Whether the last claim found something, and the process goes on. */
    public boolean shouldContinue(Exchange exchange, @Variable("delivery") Object delivery) {
        return delivery != null && !exchange.getContext().isStopping();
    }

    /**
     * Makes what is told of the row that was claimed: the text as the body and the variable {@code text}, its first
     * line as {@code title}, {@code message} as JSON, {@code event-id} and {@code event-type}. No headers are left of
     * what was told before.
     */
    public void compose(Exchange exchange, @Variable("delivery") Map<String, ?> delivery) throws IOException {
        var type = String.valueOf(delivery.get("type"));
        var data = withoutSecrets(Json.MAPPER.readTree(String.valueOf(delivery.get("data"))));
        var text = texts.of(type, data, zone(delivery.get("time_zone")));
        var message = new LinkedHashMap<String, Object>();
        message.put("type", type);
        message.put("timestamp", String.valueOf(delivery.get("timestamp")));
        message.put("data", data);
        exchange.setVariable("event-id", String.valueOf(delivery.get("event_id")));
        exchange.setVariable("event-type", type);
        exchange.setVariable("title", text.title());
        exchange.setVariable("text", text.whole());
        exchange.setVariable("message", Json.write(message));
        exchange.getMessage().removeHeaders("*");
        exchange.getMessage().setBody(text.whole());
    }

    /** Leaves the variable {@code failure}: why it could not be told, and whether the receiver is away. */
    public void describeFailure(Exchange exchange, @ExchangeProperty(Exchange.EXCEPTION_CAUGHT) Exception failure) {
        var known = cause(failure, ChannelException.class);
        var described = new LinkedHashMap<String, Object>();
        described.put(
                "message",
                LoggingConfig.withoutSecrets(known != null ? known.getMessage() : LoggingConfig.reason(failure)));
        described.put("retry_after", known == null ? 0.0 : (double) known.retryAfterSeconds());
        described.put(
                "is_away",
                known != null ? known.isAway() : cause(failure, IOException.class) != null || isOfMailServer(failure));
        exchange.setVariable("failure", described);
    }

    /** @param recorded what became of the delivery; nothing where another process has it by now */
    public void logFailure(
            @Variable("channel") String channel,
            @Variable("delivery") Map<String, ?> delivery,
            @Variable("failure") Map<String, ?> failure,
            @Variable("recorded") Map<String, ?> recorded) {
        var id = delivery.get("event_id");
        var type = delivery.get("type");
        if (recorded == null) {
            LOG.warn("The channel {} has lost event {} ({}) to another process", channel, id, type);
        } else if ("given_up".equals(recorded.get("state"))) {
            LOG.error(
                    "The channel {} could not tell of event {} ({}) and gives it up (notify.give-up): {}",
                    channel,
                    id,
                    type,
                    failure.get("message"));
        } else {
            LOG.warn(
                    "The channel {} could not tell of event {} ({}), it is tried again at {}: {}",
                    channel,
                    id,
                    type,
                    recorded.get("next"),
                    failure.get("message"));
        }
    }

    /** Nothing should be in there; what failed may have quoted one all the same. */
    private static JsonNode withoutSecrets(JsonNode node) {
        if (node.isTextual()) {
            return TextNode.valueOf(LoggingConfig.withoutSecrets(node.textValue()));
        }
        if (node.isArray()) {
            var list = JsonNodeFactory.instance.arrayNode();
            node.forEach(element -> list.add(withoutSecrets(element)));
            return list;
        }
        if (node instanceof ObjectNode object) {
            var copy = JsonNodeFactory.instance.objectNode();
            object.properties().forEach(field -> copy.set(field.getKey(), withoutSecrets(field.getValue())));
            return copy;
        }
        return node;
    }

    private static ZoneId zone(Object name) {
        try {
            return name == null ? ZoneOffset.UTC : ZoneId.of(name.toString());
        } catch (DateTimeException e) {
            return ZoneOffset.UTC; // a zone that this Java does not have: the text says which one it is in
        }
    }

    private static boolean isOfMailServer(Throwable failure) {
        for (var cause = failure; cause != null; cause = cause.getCause()) {
            if (cause.getClass().getName().startsWith("jakarta.mail.")
                    || cause.getClass().getName().startsWith("org.eclipse.angus.mail.")) {
                return true;
            }
        }
        return false;
    }

    private static <T> T cause(Throwable failure, Class<T> type) {
        for (var cause = failure; cause != null; cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return type.cast(cause);
            }
        }
        return null;
    }
}
