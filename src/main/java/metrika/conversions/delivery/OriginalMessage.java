package metrika.conversions.delivery;

import org.apache.camel.AggregationStrategy;
import org.apache.camel.Exchange;

/**
 * Leaves a multicast's message as it was before, whatever its branch has made of its copy. Camel's own strategy for
 * that gives the copy back when something failed in the branch, though that was handled.
 */
public final class OriginalMessage implements AggregationStrategy {

    @Override
    public Exchange aggregate(Exchange before, Exchange branch) {
        return before;
    }
}
