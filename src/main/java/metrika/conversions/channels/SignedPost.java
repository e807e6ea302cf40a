package metrika.conversions.channels;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

import org.apache.camel.Variable;

import metrika.conversions.auth.StandardWebhooks;
import metrika.conversions.auth.TokenEncryption;
import metrika.conversions.outbound.HttpCall;
import metrika.conversions.outbound.PrivateAddressException;

/**
 * Posts a message, signed by Standard Webhooks. Its {@code webhook-id} is the event's, so it is the same when a message
 * comes twice; the signature is made anew at each try, with the time of it.
 */
public final class SignedPost {

    private final HttpCall http;
    private final TokenEncryption cipher;
    private final Clock clock;

    public SignedPost(HttpCall http, TokenEncryption cipher, Clock clock) {
        this.http = http;
        this.cipher = cipher;
        this.clock = clock;
    }

    /** @param secrets with blanks between them: while one takes another's place, both sign */
    public void send(
            @Variable("address") String address,
            @Variable("secrets") String secrets,
            @Variable("event-id") String id,
            @Variable("message") String message)
            throws IOException, ChannelException {
        var keys = new ArrayList<byte[]>();
        for (var secret : secrets.strip().split("\\s+")) {
            var key = StandardWebhooks.key(secret);
            if (key == null) {
                throw new ChannelException("a secret of the signature is no whsec_ with base64 behind it", true, 0);
            }
            keys.add(key);
        }
        send(address, keys, id, message);
    }

    /** Posts it to the callback of the webhook that the delivery is for. */
    public void sendCallback(
            @Variable("delivery") Map<String, ?> delivery,
            @Variable("event-id") String id,
            @Variable("message") String message)
            throws IOException, ChannelException {
        var key = cipher.decryptCallbackKey((UUID) delivery.get("webhook_id"), (byte[]) delivery.get("callback_key"));
        send(String.valueOf(delivery.get("callback_url")), List.of(key), id, message);
    }

    private void send(String address, List<byte[]> keys, String id, String message)
            throws IOException, ChannelException {
        var body = message.getBytes(StandardCharsets.UTF_8);
        var now = clock.instant().getEpochSecond();
        var signatures = keys.stream()
                .map(key -> StandardWebhooks.sign(key, id, now, body))
                .toList();
        HttpCall.Reply reply;
        try {
            reply = http.post(
                    URI.create(address),
                    Map.of(
                            "webhook-id", id,
                            "webhook-timestamp", String.valueOf(now),
                            "webhook-signature", String.join(" ", signatures)),
                    body);
        } catch (PrivateAddressException e) {
            throw new ChannelException(e.getMessage(), true, 0);
        }
        Replies.check(reply, null, 0, clock);
    }
}
