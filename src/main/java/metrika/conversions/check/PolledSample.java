package metrika.conversions.check;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

import org.apache.camel.Exchange;
import org.apache.camel.util.URISupport;

import metrika.conversions.intake.ConversionStore;

/**
 * What a source of Kafka is tried on: a message, or in a file {@code *.poll} those of one poll, a line each, of which
 * an empty line is a message without a value. Each goes through the mapping as the kamelet would give it.
 */
final class PolledSample {

    private static final String KAMELET = "kamelet:kafka-source";
    private static final String POLL = ".poll";

    private final Map<String, Object> parameters;

    private PolledSample(Map<String, Object> parameters) {
        this.parameters = parameters;
    }

    /**
     * @param uri where a connector takes things from, with its parameters
     * @param filled gives a text with the values of settings in place of their names
     * @return {@code null} when it is no source of Kafka
     */
    static PolledSample of(String uri, UnaryOperator<String> filled) throws URISyntaxException {
        return uri.startsWith(KAMELET)
                ? new PolledSample(URISupport.parseQuery(filled.apply(uri).replaceFirst("[^?]*\\??", "")))
                : null;
    }

    /** Whether a sample has several messages. */
    static boolean isPoll(Path sample) {
        return sample.getFileName().toString().endsWith(POLL);
    }

    /** The messages, {@code null} for one without a value. Bytes that are no UTF-8 stay as they are. */
    static List<byte[]> messages(Path sample) throws IOException {
        var bytes = Files.readAllBytes(sample);
        if (!isPoll(sample)) {
            return Arrays.asList(bytes, null).subList(0, 1);
        }
        var messages = new ArrayList<byte[]>();
        for (var line : new String(bytes, StandardCharsets.ISO_8859_1).lines().toList()) {
            messages.add(line.isEmpty() ? null : line.getBytes(StandardCharsets.ISO_8859_1));
        }
        return messages;
    }

    /** Whether the route gets messages without a value. */
    boolean takesTombstones() {
        return "hand-over".equals(parameters.get("tombstones"));
    }

    /** Fills in a message as the kamelet does. */
    void fill(Exchange exchange, Path sample, byte[] message) {
        exchange.getMessage().setBody(message);
        exchange.setVariable("source", parameters.get("name"));
        exchange.setVariable("webhook", parameters.get("webhook"));
        exchange.setVariable("columns", parameters.getOrDefault("columns", ""));
        exchange.setVariable("bad-rows", ConversionStore.LOG);
        SampleProperties.of(SampleExchange.headers(sample)).forEach(exchange.getMessage()::setHeader);
    }
}
