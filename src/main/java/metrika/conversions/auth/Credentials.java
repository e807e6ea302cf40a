package metrika.conversions.auth;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import java.util.UUID;

import io.vertx.core.http.HttpServerRequest;
import org.apache.camel.Exchange;
import org.apache.camel.component.platform.http.vertx.HttpMessage;

import metrika.conversions.ids.Uuids;
import metrika.conversions.problem.ProblemException;

/** What a request says of who sends it, to be held against a webhook, or against none at the same cost. */
final class Credentials {

    /** Of no webhook. */
    static final UUID NOBODY = new UUID(0, 0);

    private static final String BASIC = "Basic ";
    private static final String BEARER = "Bearer ";

    private final UUID id;
    private final byte[] secretHash;
    private final boolean hasSecret;
    private final StandardWebhooksSignature signature;
    /** Whether it was the signature that opened the webhook. */
    private boolean isSigned;

    Credentials(Exchange exchange) {
        this(
                exchange.getMessage().getHeader("webhook_id", String.class),
                request(exchange),
                StandardWebhooksSignature.isGiven(request(exchange))
                        ? exchange.getMessage().getBody(byte[].class)
                        : null);
    }

    Credentials(String webhook, HttpServerRequest request, byte[] body) {
        this(webhook, request, body, request.getHeader("X-Webhook-Secret"));
    }

    Credentials(String webhook, HttpServerRequest request, byte[] body, String secret) {
        id = Uuids.parse(webhook).orElse(NOBODY);
        hasSecret = secret != null;
        secretHash = SecretGenerator.hash(secret == null ? "" : secret);
        signature = StandardWebhooksSignature.of(request, body == null ? new byte[0] : body);
    }

    static Credentials ofSource(Exchange exchange) {
        var request = request(exchange);
        return new Credentials(
                exchange.getMessage().getHeader("webhook_id", String.class), request, null, secretOfSource(request));
    }

    /**
     * The secret as systems can give it: in its header, in the URL, or, where neither has one, as a bearer token (RFC
     * 6750) or the password of HTTP basic authentication (RFC 7617), whatever the user is called.
     *
     * @throws ProblemException 400 when there are several, and not the same
     */
    static String secretOfSource(HttpServerRequest request) {
        var secret = namedSecret(request);
        return secret != null ? secret : ofAuthorization(request.getHeader("Authorization"));
    }

    /** The secret under its own name: in its header, in the URL, or in a form that has been read. */
    static String namedSecret(HttpServerRequest request) {
        var secret = request.getHeader("X-Webhook-Secret");
        for (var given : request.params().getAll("secret")) {
            if (secret != null && !secret.equals(given)) {
                throw ProblemException.of(400, "Two secrets are given: which of them is meant, nobody can tell");
            }
            secret = given;
        }
        return secret;
    }

    /** {@code null} when there is none. */
    private static String ofAuthorization(String authorization) {
        if (authorization == null) {
            return null;
        }
        if (authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())) {
            return authorization.substring(BEARER.length()).strip();
        }
        if (!authorization.regionMatches(true, 0, BASIC, 0, BASIC.length())) {
            return null;
        }
        try {
            var decoded = Base64.getDecoder()
                    .decode(authorization.substring(BASIC.length()).strip());
            var pair = new String(decoded, StandardCharsets.UTF_8).split(":", 2);
            return pair.length < 2 ? null : pair[1];
        } catch (IllegalArgumentException e) {
            return null; // no base64, so nobody's password
        }
    }

    /** The webhook, if one of its secrets is the caller's. Both are tried in any case. */
    Optional<Webhook> open(Optional<WebhookRepository.Entry> entry) {
        var now = entry.map(WebhookRepository.Entry::secret).orElse(StoredSecret.NONE);
        var before = entry.map(WebhookRepository.Entry::previousSecret).orElse(StoredSecret.NONE);
        var isNow = isOpenedBy(now);
        var isBefore = isOpenedBy(before);
        return isNow
                ? entry.map(found -> found.webhook().openedBy(now.hash()))
                : isBefore ? entry.map(found -> found.webhook().openedBy(before.hash())) : Optional.empty();
    }

    /** The id of the webhook that the request is for. */
    UUID webhook() {
        return id;
    }

    /** {@code null} when there is none. */
    StandardWebhooksSignature signature() {
        return signature;
    }

    boolean isSigned() {
        return isSigned;
    }

    static HttpServerRequest request(Exchange exchange) {
        return exchange.getMessage(HttpMessage.class).getRequest();
    }

    private boolean isOpenedBy(StoredSecret secret) {
        var isSent = hasSecret & secret.hasHash(secretHash) & !secret.signs();
        var isSignedBy = signature != null && signature.isBy(secret.keyOrNone()) & secret.signs();
        isSigned |= isSignedBy;
        return (isSent | isSignedBy) & secret.isValid();
    }
}
