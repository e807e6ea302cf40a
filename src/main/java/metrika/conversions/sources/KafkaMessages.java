package metrika.conversions.sources;

import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Variable;
import org.apache.camel.component.kafka.KafkaConstants;
import org.apache.camel.component.kafka.consumer.KafkaManualCommit;
import org.apache.camel.support.SynchronizationAdapter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import metrika.conversions.logging.LoggingConfig;
import metrika.conversions.text.Counted;

/** What one look at a topic of Kafka gives: the steps of the kamelet {@code kafka-source}. */
public final class KafkaMessages {

    private static final Logger LOG = LoggerFactory.getLogger(KafkaMessages.class);
    private static final String NONE = "none";
    private static final String PARTITION = "partition";
    private static final String KEY = "key";

    private static final String LOST =
            "a poll of %d messages has ended before all of them were gone through, and nothing of it is"
                    + " committed: what was left would be lost. A routeConfiguration such as on-error-queue, which handles what"
                    + " fails, ends the split. Begin with the kamelet kafka-source, or handle it in a doTry inside the split";

    /** Polls under way, and whether they are committed. */
    private final Map<List<?>, Boolean> polls = Collections.synchronizedMap(new IdentityHashMap<>());

    /** What the order of messages is kept within. */
    private record Lane(Object topic, Object partition, Object key) {}

    /**
     * The messages of a poll, each with its headers; something else than a poll is one message. A step that changes one
     * leaves what {@link #commit} needs as it is.
     */
    public List<Message> messages(Exchange exchange) {
        if (exchange.getMessage().getBody() instanceof List<?> poll) {
            begin(exchange, poll);
            return messages(poll).map(Message::copy).toList();
        }
        return List.of(exchange.getMessage());
    }

    /**
     * Has a poll fail that ends well and is not committed: the next one would be, and with it what was left of this
     * one.
     */
    private void begin(Exchange exchange, List<?> poll) {
        if (exchange.getUnitOfWork() == null || polls.putIfAbsent(poll, false) != null) {
            return;
        }
        exchange.getUnitOfWork().addSynchronization(new SynchronizationAdapter() {
            @Override
            public void onComplete(Exchange ended) {
                if (Boolean.FALSE.equals(polls.remove(poll))) {
                    var failure = new IllegalStateException(LOST.formatted(poll.size()));
                    LOG.error("{}: {}", ended.getFromRouteId(), failure.getMessage());
                    ended.setException(failure);
                }
            }

            @Override
            public void onFailure(Exchange ended) {
                polls.remove(poll);
                LOG.warn(
                        "{}: a poll of {} is read again from the last commit: {}",
                        ended.getVariable("source") == null
                                ? ended.getFromRouteId()
                                : "in-" + ended.getVariable("source"),
                        Counted.of(poll.size(), "message"),
                        LoggingConfig.reason(ended.getException()));
            }
        });
    }

    /**
     * The same, in lists of those that are to be dealt with one after another.
     *
     * @param order {@value #KEY}: those of one key, or of one partition and without a key; {@value #PARTITION}: those
     *     of one partition; {@value #NONE}: each by itself
     */
    public Collection<List<Message>> lanes(Exchange exchange, @Variable("order") String order) {
        var all = messages(exchange);
        return switch (order) {
            case NONE -> all.stream().map(List::of).toList();
            case PARTITION, KEY -> {
                var lanes = new LinkedHashMap<Lane, List<Message>>();
                all.forEach(message -> lanes.merge(
                        lane(message, KEY.equals(order)),
                        List.of(message),
                        (before, one) ->
                                Stream.concat(before.stream(), one.stream()).toList()));
                yield lanes.values();
            }
            default ->
                throw new IllegalArgumentException(
                        "order is '%s': key, partition or none is expected".formatted(order));
        };
    }

    private static Lane lane(Message message, boolean isByKey) {
        var key = isByKey ? message.getHeader(KafkaConstants.KEY) : null;
        return new Lane(
                message.getHeader(KafkaConstants.TOPIC),
                message.getHeader(KafkaConstants.PARTITION),
                key instanceof byte[] bytes ? Arrays.hashCode(bytes) : key);
    }

    /** Tells Kafka that all messages of a poll are done with: the last of each partition stands for those before it. */
    public void commit(Exchange exchange) {
        var message = exchange.getMessage();
        var last = new LinkedHashMap<String, Message>();
        var all = message.getBody() instanceof List<?> poll ? messages(poll) : Stream.of(message);
        all.filter(each -> each.getHeader(KafkaConstants.OFFSET) != null) // a sample has none
                .forEach(each -> last.put(
                        each.getHeader(KafkaConstants.TOPIC) + "-" + each.getHeader(KafkaConstants.PARTITION), each));
        last.forEach(KafkaMessages::commit);
        if (message.getBody() instanceof List<?> poll) {
            polls.computeIfPresent(poll, (same, before) -> true);
        }
    }

    private static void commit(String partition, Message last) {
        var commit = last.getHeader(KafkaConstants.MANUAL_COMMIT, KafkaManualCommit.class);
        if (commit == null) {
            throw new IllegalStateException(
                    "%s cannot be committed: give the endpoint allowManualCommit: true".formatted(partition));
        }
        commit.commit();
    }

    /** Lets the next messages of a poll have their turn, also where a route has handled the failure of one itself. */
    public void endMessage(Exchange exchange) {
        exchange.getExchangeExtension().setErrorHandlerHandled(null);
    }

    private static Stream<Message> messages(List<?> poll) {
        return poll.stream().filter(Exchange.class::isInstance).map(each -> ((Exchange) each).getMessage());
    }
}
