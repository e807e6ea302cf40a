package metrika.conversions.intake;

import java.sql.SQLException;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;

import metrika.conversions.steps.NonBlocking;

/**
 * The step of {@code store-conversions} that checks all rows by the rules. Leaves the variable {@code checked}; what is
 * refused is only told by the next step, since the same request may have been taken before.
 */
public final class CheckConversions implements Processor {

    /** The variable with the {@link CheckedConversions}. */
    static final String CHECKED = "checked";

    private final ConversionStore store;

    /** @param store knows the rules and the webhooks */
    public CheckConversions(ConversionStore store) {
        this.store = store;
    }

    @Override
    @NonBlocking
    public void process(Exchange exchange) throws SQLException {
        var edited = (IncomingConversions) exchange.removeProperty(ConversionEditor.EDITED);
        exchange.setVariable(
                CHECKED,
                store.check(
                        edited != null
                                ? edited
                                : exchange.getVariable(ReadConversions.INCOMING, IncomingConversions.class),
                        exchange.getVariable("webhook"),
                        exchange.getVariable("bad-rows", String.class)));
    }
}
