package metrika.conversions.check;

import org.apache.camel.Exchange;

import metrika.conversions.auth.Webhook;

/** Lets every sample in, in the place of the beans that ask who calls, and how often. */
public final class PermissiveAuthenticator {

    private final Webhook webhook;

    public PermissiveAuthenticator(Webhook webhook) {
        this.webhook = webhook;
    }

    public void authorize(Exchange exchange) {
        exchange.setVariable("webhook", webhook);
    }

    public void authorizeSending(Exchange exchange) {
        authorize(exchange);
    }

    public void authorizeSource(Exchange exchange) {
        authorize(exchange);
    }

    /** Whatever the signature: a sample was changed since, or signed with a key that is not here. */
    public void verify(Exchange exchange) {
        exchange.removeVariable("signature-key");
    }

    public void countRequest(Object ignored) {
        // a sample counts against no limit
    }
}
