package metrika.conversions.check;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;

import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.MessageHistory;
import org.apache.camel.model.Model;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.SendDefinition;
import org.apache.camel.model.SplitDefinition;
import org.apache.camel.spi.CamelEvent;
import org.apache.camel.spi.CamelEvent.ExchangeCompletedEvent;
import org.apache.camel.support.EventNotifierSupport;

import metrika.conversions.sources.OrderMessage;

/** What becomes of the parts that a connector itself splits a message into, while it is tried. */
final class SplitParts extends EventNotifierSupport {

    private final String route;
    private final boolean isSplitting;
    /** The numbers of parts, from 1, by their orders. */
    private final Map<OrderMessage, Long> orders = new IdentityHashMap<>();
    /** The last steps of parts that did not come to the store, by their numbers. */
    private final Map<Long, MessageHistory> ended = new TreeMap<>();

    /** To be called when the routes are loaded, before they start. */
    SplitParts(CamelContext context, String route) {
        this.route = route;
        isSplitting = context.getCamelContextExtension().getContextPlugin(Model.class).getRouteDefinitions().stream()
                .filter(each -> each.getId().equals(route))
                .flatMap(each ->
                        ProcessorDefinitionHelper.filterTypeInOutputs(each.getOutputs(), SplitDefinition.class)
                                .stream())
                .flatMap(split ->
                        ProcessorDefinitionHelper.filterTypeInOutputs(split.getOutputs(), SendDefinition.class)
                                .stream())
                .anyMatch(send -> isStore(send));
        context.getManagementStrategy().addEventNotifier(this);
    }

    private static boolean isStore(SendDefinition<?> send) {
        return String.valueOf(send.getEndpointUri()).startsWith(TrialTrace.STORE);
    }

    @Override
    public boolean isEnabled(CamelEvent event) {
        return isSplitting && event instanceof ExchangeCompletedEvent;
    }

    /** A part within a part is over first. */
    @Override
    public synchronized void notify(CamelEvent event) {
        var exchange = ((ExchangeCompletedEvent) event).getExchange();
        var index = exchange.getProperty(Exchange.SPLIT_INDEX, Integer.class);
        if (index == null) {
            return;
        }
        if (exchange.getVariable(OrderMessage.VARIABLE) instanceof OrderMessage message) {
            orders.put(message, index + 1L);
        } else {
            var last = lastOwn(exchange);
            if (last != null && !(last.getNode() instanceof SendDefinition<?> send && isStore(send))) {
                ended.put(index + 1L, last);
            }
        }
    }

    private MessageHistory lastOwn(Exchange exchange) {
        var history = exchange.getProperty(Exchange.MESSAGE_HISTORY, List.class);
        for (int i = history == null ? -1 : history.size() - 1; i >= 0; i--) {
            if (history.get(i) instanceof MessageHistory step
                    && step.getRouteId().equals(route)) {
                return step;
            }
        }
        return null;
    }

    /**
     * The orders of parts by the numbers of these, without those of the message itself.
     *
     * @param known that the message has
     */
    synchronized Map<OrderMessage, Long> orders(Set<OrderMessage> known) {
        var others = new IdentityHashMap<>(orders);
        others.keySet().removeIf(message -> known.stream().anyMatch(each -> each == message));
        orders.clear();
        return others;
    }

    /** What is to be said of the parts that did not come to the store. */
    synchronized List<String> ended(Function<MessageHistory, String> step) {
        var lines = ended.entrySet().stream()
                .map(part -> "%d: the route ended at %s".formatted(part.getKey(), step.apply(part.getValue())))
                .toList();
        ended.clear();
        return lines;
    }
}
