package metrika.conversions.support;

import java.net.http.HttpRequest;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Signs requests by the rules of Standard Webhooks, as a sender's library does. */
public final class Signing {

    private Signing() {}

    /** The value of {@code webhook-signature}. */
    public static String sign(String secret, String id, long timestamp, byte[] body) {
        try {
            var mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(Base64.getDecoder().decode(secret.substring("whsec_".length())), "HmacSHA256"));
            mac.update((id + "." + timestamp + ".").getBytes(StandardCharsets.UTF_8));
            return "v1," + Base64.getEncoder().encodeToString(mac.doFinal(body));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A signed request without a body. */
    public static HttpRequest.Builder get(TestWebhook webhook, String pathAndQuery, String id) {
        var now = Instant.now().getEpochSecond();
        return request(webhook, pathAndQuery, id, now, sign(webhook.secret(), id, now, new byte[0]));
    }

    /** Sends a body that is signed now. */
    public static Answer send(TestWebhook webhook, String id, String body) {
        var now = Instant.now().getEpochSecond();
        var bytes = body.getBytes(StandardCharsets.UTF_8);
        return send(webhook, id, now, sign(webhook.secret(), id, now, bytes), bytes);
    }

    /** Sends a body with a signature that may be a wrong one. */
    public static Answer send(TestWebhook webhook, String id, long timestamp, String signature, byte[] body) {
        return webhook.product()
                .send(request(webhook, "", id, timestamp, signature)
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofByteArray(body)));
    }

    /** A request with the three headers of a signature. */
    public static HttpRequest.Builder request(
            TestWebhook webhook, String pathAndQuery, String id, long timestamp, String signature) {
        return webhook.product()
                .request(webhook.path() + pathAndQuery)
                .header("webhook-id", id)
                .header("webhook-timestamp", String.valueOf(timestamp))
                .header("webhook-signature", signature);
    }
}
