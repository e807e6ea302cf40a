package metrika.conversions.check;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

import org.apache.camel.Exchange;
import org.apache.camel.util.URISupport;

import metrika.conversions.pull.PullSteps;
import metrika.conversions.pull.RestPull;

/**
 * What a source that pulls is tried on: what its API answers, or the rows of its query, as JSON. Each row goes through
 * the mapping as the kamelet would give it.
 */
final class PulledSample {

    private static final String REST = "kamelet:rest-pull";
    private static final String SQL = "kamelet:sql-pull";

    private final Map<String, Object> parameters;
    private final PullSteps steps = new PullSteps(Clock.systemUTC());

    private PulledSample(Map<String, Object> parameters) {
        this.parameters = parameters;
    }

    /**
     * @param uri where a connector takes things from, with its parameters
     * @param given what a template's parameters are, by their names; {@code null} of a route that is none of a template
     * @param filled gives a text with the values of settings in place of their names
     * @return {@code null} when it does not pull
     */
    static PulledSample of(String uri, Map<String, Object> given, UnaryOperator<String> filled)
            throws URISyntaxException {
        if (!uri.startsWith(REST) && !uri.startsWith(SQL)) {
            return null;
        }
        var own = uri;
        for (var parameter : given == null ? Map.<String, Object>of().entrySet() : given.entrySet()) {
            own = own.replace("{{%s}}".formatted(parameter.getKey()), String.valueOf(parameter.getValue()));
        }
        var parameters = URISupport.parseQuery(filled.apply(own).replaceFirst("[^?]*\\??", ""));
        URISupport.resolveRawParameterValues(parameters);
        return new PulledSample(parameters);
    }

    /** @throws metrika.conversions.pull.PullException when the sample is not what such a source answers */
    List<Map<String, ?>> rows(Path sample) throws IOException {
        return RestPull.rows(Files.readAllBytes(sample), parameter("rows"));
    }

    /**
     * By what a row is known, and where it is read on.
     *
     * @throws metrika.conversions.pull.PullException when it has no key, or no cursor as the source says it is written
     */
    String describe(Map<String, ?> row) {
        var format = parameter("cursorFormat");
        return "key %s, cursor %s"
                .formatted(
                        steps.readKey(row, parameter("key"), null),
                        PullSteps.readCursor(row, parameter("cursor"), format.isEmpty() ? "iso" : format));
    }

    /** Fills in a row as the kamelets do. */
    void fill(Exchange exchange, Map<String, ?> row) {
        exchange.getMessage().setBody(row);
        var key = steps.readKey(row, parameter("key"), null);
        exchange.setVariable("row-key", key);
        exchange.setVariable("idempotency-key", key);
        exchange.setVariable("source", parameter("name"));
        exchange.setVariable("webhook", parameter("webhook"));
        exchange.setVariable("bad-rows", "leave-out");
        exchange.setVariable("columns", parameter("columns"));
    }

    private String parameter(String name) {
        return parameters.getOrDefault(name, "").toString();
    }
}
