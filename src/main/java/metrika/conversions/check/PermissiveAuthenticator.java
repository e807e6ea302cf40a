package metrika.conversions.check;

import org.apache.camel.Exchange;

import metrika.conversions.auth.BodySignature;
import metrika.conversions.auth.Webhook;
import metrika.conversions.http.HttpApiServer;

/** Lets every sample in, in the place of the beans that ask who calls, and how often. */
public final class PermissiveAuthenticator {

    /** The property of an exchange whose signature is to be checked. */
    static final String VERIFY = "metrika.verify";

    /** The property of an exchange that has a signature, or should have, which was not checked. */
    static final String UNVERIFIED = "metrika.unverified";

    private final Webhook webhook;
    private final BodySignature signature;

    /** @param signature checks those of samples that ask for it */
    public PermissiveAuthenticator(Webhook webhook, BodySignature signature) {
        this.webhook = webhook;
        this.signature = signature;
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

    /**
     * Whatever the signature, as long as there is a request to have one, unless the tests of the connector say
     * {@code verify=true}: a sample was changed since, or signed with a key that is not here.
     */
    public void verify(Exchange exchange) {
        if (exchange.getProperty(VERIFY, false, Boolean.class)) {
            signature.verify(exchange);
        } else if (exchange.getProperty(HttpApiServer.SAMPLE_MESSAGE) != null) {
            BodySignature.requireRequest(exchange);
        }
        exchange.setProperty(
                UNVERIFIED, !exchange.getProperty(VERIFY, false, Boolean.class) && BodySignature.isWanted(exchange));
        exchange.removeVariable("signature-key");
    }

    public void countRequest(Object ignored) {
        // a sample counts against no limit
    }
}
