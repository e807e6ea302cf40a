package metrika.conversions.intake;

import java.util.List;
import java.util.Map;

import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.Processor;

import metrika.conversions.steps.NonBlocking;

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
    @NonBlocking
    public void process(Exchange exchange) {
        var body = exchange.getMessage().getBody();
        var index = exchange.getProperty(ExchangePropertyKey.SPLIT_INDEX, Integer.class);
        // One of several that were split has its place among them
        var given = body instanceof Map<?, ?> row && index != null ? List.of(placed(row, index + 1L)) : body;
        exchange.setVariable(INCOMING, IncomingConversions.of(given, maxConversions));
    }

    @SuppressWarnings("unchecked")
    private static SourceRow placed(Map<?, ?> row, long line) {
        return new SourceRow(line, (Map<String, ?>) row, List.of());
    }
}
