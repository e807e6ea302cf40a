package metrika.conversions.auth;

import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;

import io.vertx.core.http.HttpServerRequest;

/**
 * The signature of a request by the rules of Standard Webhooks (standardwebhooks.com): HMAC-SHA256 over
 * {@code <webhook-id>.<webhook-timestamp>.<body>}, the body as its bytes were sent, packed or not.
 */
final class StandardWebhooksSignature {

    private static final Pattern ID = Pattern.compile("[\\x21-\\x7e]+");
    private static final Pattern TIMESTAMP = Pattern.compile("[0-9]{1,12}");
    /** Each rotation of a sender's key adds one; more than these are nobody's. */
    private static final int MOST = 10;

    private final String id;
    private final String timestamp;
    private final byte[] body;
    private final List<byte[]> given = new ArrayList<>();

    private StandardWebhooksSignature(String id, String timestamp, byte[] body, String signatures) {
        this.id = id;
        this.timestamp = timestamp;
        this.body = body;
        for (var signature : signatures.split(" ", MOST + 1)) {
            if (given.size() < MOST && signature.startsWith(StandardWebhooks.VERSION)) {
                try {
                    given.add(Base64.getDecoder().decode(signature.substring(StandardWebhooks.VERSION.length())));
                } catch (IllegalArgumentException e) {
                    // no base64, so no signature of anybody's: the others may still be right
                }
            }
        }
    }

    /** The signature that a request carries; {@code null} when it has not all of its three headers, once each. */
    static StandardWebhooksSignature of(HttpServerRequest request, byte[] body) {
        var id = once(request, "webhook-id");
        var timestamp = once(request, "webhook-timestamp");
        var signatures = once(request, "webhook-signature");
        return id == null
                        || timestamp == null
                        || signatures == null
                        || !ID.matcher(id).matches()
                        || !TIMESTAMP.matcher(timestamp).matches()
                ? null
                : new StandardWebhooksSignature(id, timestamp, body, signatures);
    }

    /** Whether the request carries anything of a signature. */
    static boolean isGiven(HttpServerRequest request) {
        return request.headers().contains("webhook-signature");
    }

    /** The sender's own name for the message, the same one when it is sent again. */
    String id() {
        return id;
    }

    /** Whether one of the signatures was made with a key. Takes as long for a wrong one as for the right one. */
    boolean isBy(byte[] key) {
        var right = StandardWebhooks.hmac(key, id, timestamp, body);
        var isRight = false;
        for (var signature : given) {
            isRight |= MessageDigest.isEqual(right, signature);
        }
        return isRight;
    }

    /** How far the moment of signing lies from another one. */
    Duration distance(Instant now) {
        return Duration.between(Instant.ofEpochSecond(Long.parseLong(timestamp)), now)
                .abs();
    }

    private static String once(HttpServerRequest request, String name) {
        var values = request.headers().getAll(name);
        return values.size() == 1 ? values.get(0) : null;
    }
}
