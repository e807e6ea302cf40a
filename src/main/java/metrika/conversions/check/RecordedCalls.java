package metrika.conversions.check;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

import org.apache.camel.CamelContext;
import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.support.ProcessorEndpoint;

import metrika.conversions.outbound.HttpCall;

/** Stands, while a channel is tried, for all that it would tell something to, and writes down what that would be. */
public final class RecordedCalls implements HttpCall {

    /** The name of the bean. */
    public static final String BEAN = "recordedCalls";

    private static final int ACCEPTED = 202;
    /** What is no way out. */
    private static final Pattern OWN = Pattern.compile("(direct|jdbc|bean|language|log):");

    private final byte[] callbackKey;
    private final List<String> requests = new ArrayList<>();

    /** @param callbackKey of the webhook of samples, as it would be stored */
    public RecordedCalls(byte[] callbackKey) {
        this.callbackKey = callbackKey.clone();
    }

    byte[] callbackKey() {
        return callbackKey.clone();
    }

    /** From now on what routes of a Camel send to components goes here. */
    void takeAllOf(CamelContext context) {
        requests.clear();
        context.getCamelContextExtension().registerEndpointCallback(this::replaced);
    }

    /** What was to be told, line by line. */
    List<String> requests() {
        return List.copyOf(requests);
    }

    private Endpoint replaced(String uri, Endpoint endpoint) {
        return OWN.matcher(uri).lookingAt()
                ? endpoint
                : new ProcessorEndpoint(uri, endpoint.getComponent(), exchange -> record(uri, exchange));
    }

    private void record(String uri, Exchange exchange) {
        requests.add("to " + uri.replaceFirst("\\?.*", ""));
        new TreeMap<>(exchange.getMessage().getHeaders()).forEach((name, value) -> requests.add(name + ": " + value));
        lines(exchange.getMessage().getBody(String.class));
    }

    @Override
    public Reply post(URI address, Map<String, String> headers, byte[] json) {
        requests.add("POST " + address);
        new TreeMap<>(headers).forEach((name, value) -> requests.add(name + ": " + value));
        lines(new String(json, StandardCharsets.UTF_8));
        return new Reply(ACCEPTED, null, new byte[0]);
    }

    @Override
    public Reply postTrusted(URI address, byte[] json, String proxy) {
        return post(address, proxy == null ? Map.of() : Map.of("(proxy)", proxy), json);
    }

    private void lines(String body) {
        requests.add("");
        if (body != null) {
            body.lines().forEach(requests::add);
        }
    }
}
