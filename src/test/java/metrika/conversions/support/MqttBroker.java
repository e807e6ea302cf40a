package metrika.conversions.support;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;

import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.eclipse.paho.mqttv5.client.MqttClient;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttMessage;

/** A real broker of MQTT, with one publisher. */
public final class MqttBroker implements AutoCloseable {

    private final int port = Product.freePort();
    private final EmbeddedActiveMQ server = new EmbeddedActiveMQ();
    private final MqttClient publisher;

    /** @param directory for what it has to write */
    public MqttBroker(Path directory) throws Exception {
        server.setConfiguration(new ConfigurationImpl()
                .setPersistenceEnabled(false)
                .setSecurityEnabled(false)
                .setJournalDirectory(directory.resolve("journal").toString())
                .setBindingsDirectory(directory.resolve("bindings").toString())
                .setLargeMessagesDirectory(directory.resolve("large").toString())
                .setPagingDirectory(directory.resolve("paging").toString())
                .addAcceptorConfiguration("mqtt", "tcp://127.0.0.1:%d?protocols=MQTT".formatted(port)));
        server.start();
        publisher = new MqttClient(address(), "publisher", new MemoryPersistence());
        publisher.connect();
    }

    public String address() {
        return "tcp://127.0.0.1:" + port;
    }

    /** Publishes a message, and returns when the broker has it. */
    public void send(String topic, byte[] message) throws Exception {
        var sent = new MqttMessage(message);
        sent.setQos(1);
        publisher.publish(topic, sent);
    }

    public void send(String topic, String message) throws Exception {
        send(topic, message.getBytes(StandardCharsets.UTF_8));
    }

    /** How many messages are not acknowledged. */
    public long waiting() {
        var control = server.getActiveMQServer().getActiveMQServerControl();
        return Arrays.stream(control.getQueueNames())
                .map(name -> server.getActiveMQServer().locateQueue(name))
                .filter(queue -> queue != null && !queue.isInternalQueue())
                .mapToLong(queue -> queue.getMessageCount())
                .sum();
    }

    /** Breaks the connection of a client, as a network does. */
    public void drop(String client) {
        server.getActiveMQServer().getRemotingService().getConnections().stream()
                .filter(connection -> client.equals(connection.getClientID()))
                .forEach(connection -> connection.getTransportConnection().forceClose());
    }

    @Override
    public void close() throws Exception {
        publisher.disconnect();
        publisher.close();
        server.stop();
    }
}
