package metrika.conversions.channels;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.Map;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import org.apache.camel.Body;
import org.apache.camel.Variable;

import metrika.conversions.outbound.HttpCall;
import metrika.conversions.problem.Json;

/** Sends texts to a chat by the Bot API of Telegram. */
public final class TelegramBot {

    /** Telegram takes no longer text. */
    private static final int MOST_CHARACTERS = 4096;

    private static final int MOST_SAID = 200;

    private final HttpCall http;
    private final Clock clock;

    public TelegramBot(HttpCall http, Clock clock) {
        this.http = http;
        this.clock = clock;
    }

    /** @param address of the bot's method, which holds its token */
    public void send(
            @Variable("address") String address,
            @Variable("proxy") String proxy,
            @Variable("chat") String chat,
            @Body String text)
            throws IOException, ChannelException {
        var message = new LinkedHashMap<String, Object>();
        message.put("chat_id", chat);
        message.put("text", text.length() > MOST_CHARACTERS ? text.substring(0, MOST_CHARACTERS - 1) + "…" : text);
        message.put("link_preview_options", Map.of("is_disabled", true));
        var reply = http.postTrusted(
                URI.create(address),
                Json.write(message).getBytes(StandardCharsets.UTF_8),
                proxy == null || proxy.isBlank() ? null : proxy.strip());
        var said = json(reply.body());
        var description = said.path("description").asText("");
        Replies.check(
                reply,
                description.isEmpty() ? null : description.substring(0, Math.min(MOST_SAID, description.length())),
                said.path("parameters").path("retry_after").asLong(0),
                clock);
    }

    /** Of a proxy's page there is nothing to be read. */
    private static JsonNode json(byte[] body) throws IOException {
        try {
            return Json.MAPPER.readTree(body);
        } catch (JsonProcessingException e) {
            return MissingNode.getInstance();
        }
    }
}
