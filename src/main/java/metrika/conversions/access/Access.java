package metrika.conversions.access;

import java.security.MessageDigest;
import java.sql.SQLException;
import java.util.UUID;

import metrika.conversions.web.Parameters;
import metrika.conversions.web.Problem;
import org.apache.camel.Exchange;
import org.apache.camel.component.platform.http.vertx.HttpMessage;

/**
 * Who may do what. Credentials are read from the request itself, not from Camel's headers, among which query parameters
 * stand too: a secret in a URL ends in the logs of every proxy on the way.
 */
public final class Access {

    /** The variable that holds the {@link Webhook} once a caller is let in. */
    public static final String WEBHOOK = "webhook";

    private static final UUID NOBODY = new UUID(0, 0);
    private static final byte[] NO_HASH = new byte[32];

    private final Webhooks webhooks;
    private final String adminToken;

    /**
     * @param adminToken what administrators have to send; {@code null} lets everyone in, for the profile {@code dev} on
     *                   the loopback interface
     */
    public Access(Webhooks webhooks, String adminToken) {
        this.webhooks = webhooks;
        this.adminToken = adminToken;
    }

    /** Lets an administrator in. */
    public void admin(Exchange exchange) {
        if (!isAdmin(exchange)) {
            throw Problem.of(401, "An administrator's token is needed: Authorization: Bearer <admin token>")
                    .header("WWW-Authenticate", "Bearer");
        }
    }

    /** Lets a sender in to a webhook that may be switched off, as for questions about what it sent before. */
    public void sender(Exchange exchange) throws SQLException {
        var secret = header(exchange, "X-Webhook-Secret");
        // An unknown id takes the same way as a known one, so that neither the answer nor its time tells them apart.
        var id = Parameters.parse(exchange.getMessage().getHeader("webhook_id", String.class)).orElse(NOBODY);
        var found = webhooks.find(id);
        var hash = Secrets.hash(secret == null ? "" : secret);
        var now = found.map(Webhooks.Entry::secretHash).orElse(NO_HASH);
        var before = found.map(Webhooks.Entry::previousSecretHash).orElse(NO_HASH);
        var isNow = MessageDigest.isEqual(now, hash);
        var isBefore = MessageDigest.isEqual(before, hash);
        if (secret == null || !(isNow || isBefore)) {
            throw Webhooks.notLetIn();
        }
        exchange.setVariable(WEBHOOK, found.orElseThrow().webhook());
    }

    /** Lets a sender in to a webhook that takes conversions. */
    public void activeSender(Exchange exchange) throws SQLException {
        sender(exchange);
        if (!exchange.getVariable(WEBHOOK, Webhook.class).isActive()) {
            throw Webhooks.disabled();
        }
    }

    /** Lets in who has either an administrator's token or the webhook's secret. */
    public void senderOrAdmin(Exchange exchange) throws SQLException {
        if (header(exchange, "X-Webhook-Secret") != null || header(exchange, "Authorization") == null && adminToken != null) {
            sender(exchange);
            return;
        }
        admin(exchange);
        var id = exchange.getMessage().getHeader("webhook_id", String.class);
        var found = webhooks.find(Parameters.parse(id).orElse(NOBODY));
        exchange.setVariable(WEBHOOK, found.orElseThrow(() -> Webhooks.unknown(id)).webhook());
    }

    private boolean isAdmin(Exchange exchange) {
        if (adminToken == null) {
            return true;
        }
        var given = header(exchange, "Authorization");
        return given != null && given.regionMatches(true, 0, "Bearer ", 0, 7)
                && Secrets.same(adminToken, given.substring(7).strip());
    }

    private static String header(Exchange exchange, String name) {
        return exchange.getMessage(HttpMessage.class).getRequest().getHeader(name);
    }
}
