package metrika.conversions.pull;

import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.Header;
import org.apache.camel.Variable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import metrika.conversions.problem.Json;
import metrika.conversions.problem.ProblemException;
import metrika.conversions.sources.RowMapper;

/**
 * The steps of the kamelet {@code rest-lookup}: asks a REST API about a message, and puts what it answers beside the
 * message's fields. That the API does not answer as it should is no fault of who sent the message: 503 has it sent
 * again.
 */
public final class RestLookup {

    private static final Logger LOG = LoggerFactory.getLogger(RestLookup.class);

    private static final int MAX_BYTES = 16 * 1024 * 1024;
    private static final Duration PAUSE = Duration.ofSeconds(30);
    private static final long MAX_PAUSE_SECONDS = 3600;
    private static final Pattern FIELD = Pattern.compile("\\{([^{}]+)}");
    /** In a body, where braces are those of JSON too. */
    private static final Pattern FIELD_OF_BODY = Pattern.compile("\\{([\\p{L}_][^{}\":,\\s]*)}");
    /** A price keeps its digits. */
    private static final ObjectReader VALUES = Json.MAPPER
            .readerFor(Object.class)
            .with(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private static final String MESSAGE = "lookup-message";
    private static final String ASKED = "lookup-asked";

    private final RowMapper mapper;
    private final Clock clock;

    /** @param clock that a {@code Retry-After} with a date is compared with */
    public RestLookup(RowMapper mapper, Clock clock) {
        this.mapper = mapper;
        this.clock = clock;
    }

    /**
     * Sets the request, unless there is nothing to ask: then the body is the message with nothing beside its fields.
     * Leaves the variable {@code lookup-asked}.
     *
     * @param message a map, or a JSON object
     * @param address with paths of the message in braces, as the variable {@code lookup-body}; where one has no value
     *     nothing is asked
     * @param conditions of {@code columns} on the message, such as {@code only=state('sold')}; empty for none
     */
    public void createRequest(
            Exchange exchange,
            @Body Object message,
            @Variable("lookup-address") String address,
            @Variable("lookup-conditions") String conditions,
            @Variable("lookup-authorization") String authorization,
            @Variable("lookup-authorization-header") String header,
            @Variable("lookup-into") String into)
            throws IOException {
        var fields = fields(message);
        exchange.setVariable(MESSAGE, fields);
        var filled = fill(address, fields);
        var body = new RequestBody(
                        exchange.getVariable("lookup-body", "", String.class),
                        exchange.getVariable("lookup-content-type", "", String.class))
                .fill(FIELD_OF_BODY, path -> value(fields, path));
        var isAsked = filled != null && body != null && (conditions.isBlank() || !mapper.isLeftOut(fields, conditions));
        exchange.setVariable(ASKED, isAsked);
        var out = exchange.getMessage();
        if (!isAsked) {
            out.setBody(with(fields, into, null));
            return;
        }
        RestPull.set(
                exchange,
                PageAddress.encodeUnsafe(filled),
                body,
                exchange.getVariable("lookup-headers", "", String.class));
        if (!authorization.isBlank()) {
            out.setHeader(header, authorization);
        }
    }

    /**
     * Puts the answer beside the fields of the message.
     *
     * @param ignored statuses that mean that there is nothing, with commas between them
     * @throws LookupException with any other status than 2xx, and where the answer is no JSON
     */
    public void readAnswer(
            Exchange exchange,
            @Header(Exchange.HTTP_RESPONSE_CODE) int status,
            @Variable(MESSAGE) Map<String, Object> message,
            @Variable("lookup-into") String into,
            @Variable("lookup-ignore") String ignored)
            throws IOException {
        var body = exchange.getMessage().getBody(InputStream.class);
        var bytes = body == null ? new byte[0] : body.readNBytes(MAX_BYTES + 1);
        var retryAfter = exchange.getMessage().getHeader("Retry-After", String.class);
        exchange.getMessage().removeHeaders("*");
        if (Arrays.asList(ignored.split("\\s*,\\s*")).contains(String.valueOf(status))) {
            exchange.getMessage().setBody(with(message, into, null));
            return;
        }
        if (status / 100 != 2) {
            throw failed(exchange, "it answers %d%s".formatted(status, meaning(status)), retryAfter);
        }
        exchange.getMessage().setBody(with(message, into, json(exchange, bytes)));
    }

    /** @throws LookupException of a server that cannot be reached, or that does not answer in time */
    public void fail(Exchange exchange, @ExchangeProperty(Exchange.EXCEPTION_CAUGHT) Exception failure) {
        throw failed(exchange, failure.getMessage(), null);
    }

    private Object json(Exchange exchange, byte[] bytes) throws IOException {
        Object answer = null;
        try {
            answer = bytes.length == 0 || bytes.length > MAX_BYTES ? null : VALUES.readValue(bytes);
        } catch (JsonProcessingException e) {
            LOG.debug("no JSON", e); // whose message quotes the answer
        }
        if (answer == null) {
            throw failed(
                    exchange,
                    bytes.length == 0 ? "its answer is empty" : "its answer is no JSON, or longer than 16 MB",
                    null);
        }
        return answer;
    }

    private LookupException failed(Exchange exchange, String why, String retryAfter) {
        var source = exchange.getVariable("source");
        var told =
                "%s: %s. Who sent the message is answered 503".formatted(exchange.getVariable(RestPull.REQUEST), why);
        LOG.warn("{}: {}", source == null ? exchange.getFromRouteId() : "in-" + source, told);
        var seconds = Math.min(MAX_PAUSE_SECONDS, RetryAfter.seconds(retryAfter, clock));
        return new LookupException(told, seconds > 0 ? Duration.ofSeconds(seconds) : PAUSE);
    }

    private static String meaning(int status) {
        return switch (status) {
            case 401, 403 -> ": the credentials are refused (authorization, authorizationHeader)";
            case 404 -> ": there is nothing at this address (address, ignore)";
            case 429 -> ": it was asked too often";
            default -> status / 100 == 3 ? ": it redirects; give the address that it leads to" : "";
        };
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> fields(Object message) throws IOException {
        if (message instanceof Map<?, ?> map) {
            return (Map<String, Object>) map;
        }
        try {
            var read = message instanceof byte[] bytes
                    ? VALUES.readValue(bytes)
                    : message instanceof String text ? VALUES.readValue(text) : null;
            if (read instanceof Map<?, ?> map) {
                return (Map<String, Object>) map;
            }
        } catch (JsonProcessingException e) {
            throw Json.broken(e);
        }
        throw ProblemException.of(400, "The message is no JSON object and no form, whose fields could be asked about");
    }

    /** An address with the values of fields, encoded; {@code null} when one of them has none. */
    private static String fill(String address, Map<String, Object> fields) {
        var filled = new StringBuilder();
        var end = 0;
        for (var found : FIELD.matcher(address).results().toList()) {
            var value = value(fields, found.group(1));
            if (value == null) {
                return null;
            }
            filled.append(address, end, found.start()).append(PageAddress.encode(value));
            end = found.end();
        }
        return filled.append(address.substring(end)).toString();
    }

    private static String value(Map<String, Object> fields, String path) {
        var value = FieldPath.first(fields, path);
        return value == null || value instanceof Map || value instanceof Iterable ? null : value.toString();
    }

    private static Map<String, Object> with(Map<String, Object> message, String into, Object answer) {
        var all = new LinkedHashMap<>(message);
        all.put(into, answer); // in place of what a sender has named so
        return all;
    }
}
