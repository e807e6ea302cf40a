package metrika.conversions.sources;

import java.sql.SQLException;
import java.util.List;

import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.Variable;

import metrika.conversions.intake.ConversionStore;
import metrika.conversions.intake.MappedConversion;
import metrika.conversions.intake.RejectedRow;
import metrika.conversions.intake.SourceRow;
import metrika.conversions.problem.Json;

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
            store.keepRefused(webhook, ConversionStore.sourceOf(exchange), null, message.faults());
        }
    }

    /**
     * Leaves out orders that have come before with other values: what came first stays. They are kept where
     * {@code bad-rows} is {@value ConversionStore#LOG}: somebody has to know that the sender says something else now,
     * unless {@code changed} is {@value ChangedRows#IGNORE}.
     *
     * @param orders as {@link HttpSource#keepCountable} leaves them
     */
    public void leaveOutChanged(
            Exchange exchange,
            @Body List<SourceRow> orders,
            @Variable("webhook") Object webhook,
            @Variable("bad-rows") String badRows,
            @Variable("changed") String ways,
            @Variable(OrderMessage.VARIABLE) OrderMessage message)
            throws SQLException {
        if (ChangedRows.areIgnored(ways)) {
            message.addKnown(orders);
            return;
        }
        var changed = orders.stream()
                .map(row -> new RejectedRow(
                        row.line(), "", RejectedRow.CHANGED, List.of(Json.write(MappedConversion.shown(row.fields())))))
                .toList();
        message.addRefused(orders, changed);
        if (ConversionStore.LOG.equals(badRows)) {
            store.keepRefused(webhook, ConversionStore.sourceOf(exchange), null, changed);
        }
    }
}
