package metrika.conversions.sources;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.kafka.KafkaConstants;
import org.apache.camel.component.kafka.consumer.KafkaManualCommit;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.support.DefaultExchange;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

/** What is committed of a poll, and in which order its messages are dealt with, without a broker. */
class KafkaMessagesTest {

    private final CamelContext context = new DefaultCamelContext();
    private final KafkaMessages messages = new KafkaMessages();
    private final List<String> done = new ArrayList<>();
    private final List<String> committed = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        context.getRegistry().bind("kafkaMessages", messages);
        context.start();
    }

    @AfterEach
    void stop() {
        context.stop();
    }

    private Exchange message(int partition, String key, String value) {
        var exchange = new DefaultExchange(context);
        var message = exchange.getMessage();
        message.setBody(value);
        message.setHeader(KafkaConstants.TOPIC, "t");
        message.setHeader(KafkaConstants.PARTITION, partition);
        message.setHeader(KafkaConstants.OFFSET, 7L);
        message.setHeader(KafkaConstants.KEY, key == null ? null : key.getBytes(StandardCharsets.UTF_8));
        message.setHeader(KafkaConstants.MANUAL_COMMIT, (KafkaManualCommit) () -> committed.add(value));
        return exchange;
    }

    private Exchange poll(Exchange... polled) {
        var exchange = new DefaultExchange(context);
        exchange.getMessage().setBody(List.of(polled));
        return exchange;
    }

    /** As it was before there was the kamelet: each message by a split, whose failure a route configuration handles. */
    private RouteBuilder frame(boolean isParallel) {
        return new RouteBuilder() {
            @Override
            public void configure() {
                onException(IllegalArgumentException.class).handled(true).process(exchange -> done.add("kept"));
                var split = from("direct:poll")
                        .split()
                        .method("kafkaMessages", "messages")
                        .stopOnException();
                (isParallel ? split.parallelProcessing() : split)
                        .process(exchange -> {
                            var body = exchange.getMessage().getBody(String.class);
                            if (body.startsWith("bad")) {
                                throw new IllegalArgumentException(body);
                            }
                            exchange.getMessage().removeHeaders("*");
                            done.add(body);
                        })
                        .end()
                        .bean("kafkaMessages", "commit");
            }
        };
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aSplitThatHasEndedAtAHandledFailureCommitsNothing(boolean isParallel) throws Exception {
        context.addRoutes(frame(isParallel));
        var ended = context.createProducerTemplate()
                .send("direct:poll", poll(message(0, "a", "bad"), message(0, "b", "two"), message(1, "c", "three")));
        assertThat(done).contains("kept");
        assertThat(committed).isEmpty();
        assertThat(ended.getException())
                .as("it is told, and not lost")
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("a poll of 3 messages has ended before all of them were gone through")
                .hasMessageContaining("kafka-source");
    }

    @Test
    void theLastMessageOfEachPartitionIsCommittedWhateverTheStepsDoToThem() throws Exception {
        context.addRoutes(frame(false));
        context.createProducerTemplate()
                .send("direct:poll", poll(message(0, "a", "one"), message(1, "b", "two"), message(0, "c", "three")));
        assertThat(done).containsExactly("one", "two", "three");
        assertThat(committed).containsExactlyInAnyOrder("two", "three");
    }

    @Test
    void aMessageThatComesAloneIsCommittedToo() {
        messages.commit(message(0, "a", "alone"));
        assertThat(committed).containsExactly("alone");
        messages.commit(new DefaultExchange(context)); // a sample
    }

    @Test
    void anEndpointThatCannotCommitIsToldOf() {
        var message = message(3, "a", "one");
        message.getMessage().removeHeader(KafkaConstants.MANUAL_COMMIT);
        assertThatThrownBy(() -> messages.commit(poll(message))).hasMessageContaining("allowManualCommit: true");
    }

    @ParameterizedTest
    @CsvSource({
        "key, one four; two; three; five",
        "partition, one two four five; three",
        "none, one; two; three; four; five"
    })
    void whatIsToStayInOrderComesOneAfterAnother(String order, String lanes) {
        var poll = poll(
                message(0, "a", "one"),
                message(0, null, "two"),
                message(1, "a", "three"),
                message(0, "a", "four"),
                message(0, "b", "five"));
        assertThat(messages.lanes(poll, order).stream()
                        .map(lane -> String.join(
                                " ",
                                lane.stream()
                                        .map(each -> each.getBody(String.class))
                                        .toList())))
                .containsExactlyInAnyOrder(lanes.split("; "));
        assertThatThrownBy(() -> messages.lanes(poll, "time")).hasMessageContaining("key, partition or none");
    }
}
