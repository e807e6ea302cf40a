package metrika.conversions.auth;

import java.time.Clock;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import org.apache.camel.Exchange;
import org.apache.camel.component.platform.http.vertx.HttpMessage;

import metrika.conversions.http.HttpApiServer;
import metrika.conversions.problem.ProblemException;

/**
 * The signature that a sender puts over a request to a source, with a key that it shares with the installation, such as
 * CloudPayments' {@code Content-HMAC}. It comes on top of the webhook's secret: that keeps strangers out before their
 * bodies are read, this what others send who have seen the address.
 */
public final class BodySignature {

    /** From the time of a signature to now: who repeats a request signs it anew. */
    private static final long TOLERANCE_SECONDS = 300;

    private final Clock clock;
    private final Function<Exchange, Map<String, Object>> fields;
    private final SignatureRefusals refusals;

    /**
     * @param fields reads those of a request's URL and body
     * @param refusals is told of what is refused
     */
    public BodySignature(Clock clock, Function<Exchange, Map<String, Object>> fields, SignatureRefusals refusals) {
        this.clock = clock;
        this.fields = fields;
        this.refusals = refusals;
    }

    /**
     * Checks the signature, where the source asks for one: over the body's bytes as they were sent, packed or not, or
     * over a text that is made of fields, the body and parts of the signature's header.
     *
     * @throws ProblemException 403 when it is missing, given twice, wrong or old
     * @throws SignatureSetupException 503 when the source does not say how it is checked
     */
    public void verify(Exchange exchange) {
        // It is gone when the signature has been checked
        var key = exchange.removeVariable(SignatureRule.KEY_VARIABLE) instanceof String given ? given : "";
        var rule = rule(exchange);
        var fault = rule.fault(!key.isEmpty());
        if (fault != null) {
            var named = SignatureRule.namingVariables(fault);
            refusals.recordFault(exchange, named);
            throw new SignatureSetupException(named);
        }
        var refusal = rule.isSigned() ? refusal(exchange, rule, key) : null;
        if (refusal != null) {
            refusals.record(exchange, rule);
            throw refusal;
        }
    }

    private static SignatureRule rule(Exchange exchange) {
        var parameters = new HashMap<String, Object>();
        SignatureRule.NAMES.forEach((parameter, variable) -> parameters.put(parameter, exchange.getVariable(variable)));
        return SignatureRule.of(parameters);
    }

    /** Whether the source of a request asks for a signature. */
    public static boolean isWanted(Exchange exchange) {
        return rule(exchange).isSigned();
    }

    /** What the sender is told; {@code null} when its signature is right. */
    private ProblemException refusal(Exchange exchange, SignatureRule rule, String key) {
        var headers = headers(exchange); // which are there for as long as the body is as it was sent
        Map<String, ?> read = rule.isOfFields() ? fields.apply(exchange) : Map.of();
        var given = rule.header().isEmpty()
                ? single(SignatureRule.value(read, rule.field()))
                : headers.getAll(rule.header());
        if (given.size() != 1) {
            return wrong(rule, given.isEmpty() ? "It is not there" : "It is there several times");
        }
        var parts = rule.part().isEmpty() ? Map.<String, List<String>>of() : SignatureRule.parts(given.get(0));
        var signed = rule.signed(read, parts, body(exchange), key);
        // Several, while the sender changes its key
        var signatures = rule.part().isEmpty() ? given : parts.getOrDefault(rule.part(), List.of());
        var isRight = signed != null && signatures.stream().anyMatch(each -> rule.isRight(each, signed, key));
        if (!isRight) {
            return wrong(rule, SignatureForm.fault(rule, parts, signatures));
        }
        return rule.time().isEmpty()
                ? null
                : old(rule, parts.getOrDefault(rule.time(), List.of("")).get(0));
    }

    /** @param form what can be seen without the key; {@code null} for nothing */
    private static ProblemException wrong(SignatureRule rule, String form) {
        var told = rule.isToken()
                ? "The token in %s is missing or wrong: it is the key of the source".formatted(rule.place())
                : "The signature in %s is missing or wrong: it is made of %s, with the key of the source"
                        .formatted(rule.place(), rule.text().isEmpty() ? "the body" : "what the source names");
        return ProblemException.of(403, form == null ? told : told + ". " + form);
    }

    /** The text or number of a field, in a list; an empty one for what is not there, or is none. */
    private static List<String> single(Object value) {
        return value instanceof CharSequence || value instanceof Number ? List.of(value.toString()) : List.of();
    }

    /** @return {@code null} when the time is near enough */
    private ProblemException old(SignatureRule rule, String time) {
        var now = clock.instant().getEpochSecond();
        if (time.matches("\\d{1,12}") && Math.abs(now - Long.parseLong(time)) <= TOLERANCE_SECONDS) {
            return null;
        }
        return ProblemException.of(
                403,
                ("The part %s of %s is '%s': Unix seconds within %d s of this server's time, %d, are expected. Sign"
                                + " a request anew when it is repeated")
                        .formatted(rule.time(), rule.place(), shortened(time), TOLERANCE_SECONDS, now));
    }

    private static String shortened(String text) {
        return text.length() > 20 ? text.substring(0, 20) + "…" : text;
    }

    /**
     * Sees whether the request is still there to be asked for its signature.
     *
     * @throws IllegalStateException when a step has put another message in its place
     */
    public static void requireRequest(Exchange exchange) {
        headers(exchange);
    }

    private static MultiMap headers(Exchange exchange) {
        if (exchange.getMessage() instanceof HttpMessage http) {
            return http.getRequest().headers();
        }
        var sample = exchange.getProperty(HttpApiServer.SAMPLE_HEADERS, MultiMap.class);
        var sent = exchange.getProperty(HttpApiServer.SAMPLE_MESSAGE);
        if (sample == null || sent != null && sent != exchange.getMessage()) {
            throw new IllegalStateException(
                    "bodySignature.verify finds no request, since its body has been read: call it"
                            + " before httpBodyReader.read, or give http-source the parameters of the signature");
        }
        return sample;
    }

    private static byte[] body(Exchange exchange) {
        var body = exchange.getProperty(HttpApiServer.BODY, Buffer.class);
        return body == null ? new byte[0] : body.getBytes();
    }
}
