package metrika.conversions.sources;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.Stream;

import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.component.kafka.KafkaConstants;
import org.apache.camel.component.kafka.consumer.KafkaManualCommit;

/** What one look at a topic of Kafka gives: the steps of {@code in-kafka}. */
public final class KafkaMessages {

    /** The messages of a batch, each with its headers; something else than a batch is one message. */
    public List<Message> messages(Exchange exchange) {
        return exchange.getMessage().getBody() instanceof List<?> batch
                ? messages(batch).toList()
                : List.of(exchange.getMessage());
    }

    /**
     * Tells Kafka that all messages of a batch are done with: the last one of each partition stands for those before
     * it.
     */
    public void commit(Exchange exchange) {
        if (exchange.getMessage().getBody() instanceof List<?> batch) {
            var last = new LinkedHashMap<String, KafkaManualCommit>();
            messages(batch)
                    .forEach(message -> last.put(
                            message.getHeader(KafkaConstants.TOPIC) + "-" + message.getHeader(KafkaConstants.PARTITION),
                            message.getHeader(KafkaConstants.MANUAL_COMMIT, KafkaManualCommit.class)));
            last.values().forEach(KafkaManualCommit::commit);
        }
    }

    private static Stream<Message> messages(List<?> batch) {
        return batch.stream().map(each -> ((Exchange) each).getMessage());
    }
}
