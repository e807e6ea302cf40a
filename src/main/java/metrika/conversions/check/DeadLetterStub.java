package metrika.conversions.check;

import java.util.Map;

import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.component.kafka.KafkaComponent;
import org.apache.camel.support.ProcessorEndpoint;

/**
 * Stands, while a connector is tried, for the topics to which it sends what it lays aside: the reason is a failure, and
 * that is all.
 */
final class DeadLetterStub extends KafkaComponent {

    @Override
    public Endpoint createEndpoint(String uri, Map<String, Object> properties) {
        return new ProcessorEndpoint(uri, this, exchange -> {
            var reason = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
            if (reason != null) {
                throw reason;
            }
        });
    }
}
