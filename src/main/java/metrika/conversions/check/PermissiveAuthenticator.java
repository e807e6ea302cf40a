package metrika.conversions.check;

import metrika.conversions.auth.Webhook;
import org.apache.camel.Exchange;

/** Lets every sample in, in the place of the beans that ask who calls, and how often. */
public final class PermissiveAuthenticator {

    private final Webhook webhook;

    public PermissiveAuthenticator(Webhook webhook) {
        this.webhook = webhook;
    }

    public void admin() {
        // a sample has nobody who calls
    }

    public void sender(Exchange exchange) {
        exchange.setVariable("webhook", webhook);
    }

    public void activeSender(Exchange exchange) {
        sender(exchange);
    }

    public void activeSource(Exchange exchange) {
        sender(exchange);
    }

    public void senderOrAdmin(Exchange exchange) {
        sender(exchange);
    }

    public void take(Object ignored) {
        // a sample counts against no limit
    }
}
