package metrika.conversions.sources;

import java.sql.SQLException;

import org.apache.camel.Exchange;
import org.apache.camel.Variable;

import metrika.conversions.intake.ConversionStore;

/** Keeps what is wrong with a message before the rules see it, where its sender does not read answers. */
public final class RefusedOrders {

    private final ConversionStore store;

    public RefusedOrders(ConversionStore store) {
        this.store = store;
    }

    /**
     * Keeps the orders of a message that are left out with a fault, where {@code bad-rows} is
     * {@value ConversionStore#LOG}. Orders with nothing to count are everyday, and only counted.
     */
    public void keep(
            Exchange exchange,
            @Variable("webhook") Object webhook,
            @Variable("bad-rows") String badRows,
            @Variable(OrderMessage.VARIABLE) OrderMessage message)
            throws SQLException {
        if (ConversionStore.LOG.equals(badRows) && !message.faults().isEmpty()) {
            store.keepRefused(webhook, ConversionStore.sourceOf(exchange), message.faults());
        }
    }
}
