package metrika.conversions.intake;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/**
 * The first step of {@code store-conversions}: takes over what the source delivers, and leaves it in the variable
 * {@code incoming}. JSON stays as it is until the rules read it, so that nothing is read twice.
 */
public final class ReadConversions implements Processor {

    /** The variable with the {@link IncomingConversions}. */
    static final String INCOMING = "incoming";

    private final int maxConversions;

    /** @param maxConversions of a request */
    public ReadConversions(int maxConversions) {
        this.maxConversions = maxConversions;
    }

    @Override
    public void process(Exchange exchange) {
        exchange.setVariable(
                INCOMING, IncomingConversions.of(exchange.getMessage().getBody(), maxConversions));
    }
}
