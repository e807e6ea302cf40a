package metrika.conversions.sources;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.DateTimeException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.jayway.jsonpath.JsonPathException;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.InvalidPayloadException;
import org.apache.camel.TypeConversionException;
import org.apache.camel.Variable;
import org.xml.sax.SAXException;

import metrika.conversions.intake.ConversionStore;
import metrika.conversions.intake.InvalidConversions;
import metrika.conversions.intake.RejectedRow;
import metrika.conversions.logging.LoggingConfig;
import metrika.conversions.problem.HasProblem;
import metrika.conversions.problem.Json;
import metrika.conversions.problem.ProblemException;

/**
 * What becomes of the messages of a queue: the steps of {@code store-message}, {@code keep-message} and
 * {@code on-error-queue}. A message that can never be stored is kept, so that it can be acknowledged and does not hold
 * up the others.
 */
public final class QueueMessages {

    /** What is left out for its message cannot be read. */
    static final String UNREADABLE = "unreadable";
    /** It came before with another content. */
    static final String CONFLICT = "conflict";

    private static final int CONFLICTING = 409;
    /**
     * What the message is at fault for. A webhook that is unknown or disabled, or a database that is away, may change.
     */
    private static final Set<Integer> FAULTS = Set.of(400, CONFLICTING, 413);
    /** Of a longer message the beginning is kept. */
    private static final int MAX_LENGTH = 256 << 10;

    private final ConversionStore store;
    private final LeftOutMetrics metrics;

    public QueueMessages(ConversionStore store, LeftOutMetrics metrics) {
        this.store = store;
        this.metrics = metrics;
    }

    /**
     * Sets what a source over HTTP has from its kamelet: the variable {@code source}, the route's name, and
     * {@code bad-rows}, which is {@value ConversionStore#LOG}, since nobody reads an answer. What the route has set
     * stays.
     */
    public void begin(Exchange exchange) {
        exchange.setVariable("source", ConversionStore.sourceOf(exchange));
        if (exchange.getVariable("bad-rows") == null) {
            exchange.setVariable("bad-rows", ConversionStore.LOG);
        }
    }

    /** Counts what was left out. */
    public void end(Exchange exchange, @Variable(OrderMessage.VARIABLE) OrderMessage message) {
        metrics.record(exchange, message);
    }

    /**
     * Whether a message can never be stored: it cannot be read or mapped, breaks a rule, or came before with another
     * content. All else that fails may go well later.
     */
    public boolean isAtFault(@ExchangeProperty(Exchange.EXCEPTION_CAUGHT) Throwable failure) {
        for (var cause = failure; cause != null; cause = next(cause)) {
            if (cause instanceof HasProblem told) {
                return FAULTS.contains(told.problem().status());
            }
            if (cause instanceof JsonProcessingException
                    || cause instanceof JsonPathException
                    || cause instanceof SAXException
                    || cause instanceof TypeConversionException
                    || cause instanceof InvalidPayloadException
                    || cause instanceof CharacterCodingException
                    || cause instanceof NumberFormatException
                    || cause instanceof DateTimeException) {
                return true;
            }
        }
        return false;
    }

    private static Throwable next(Throwable cause) {
        return cause.getCause() == cause ? null : cause.getCause();
    }

    /**
     * Keeps a message that can never be stored, durably, counts it and tells of it.
     *
     * @param exchange with the message as it came
     * @param failure what its route has failed with: another one than that of the step before, when this is tried again
     */
    public void keep(Exchange exchange, @Variable("webhook") Object webhook, @Variable("failure") Throwable failure)
            throws SQLException {
        var problem = problem(failure);
        var isConflict = problem != null && problem.status() == CONFLICTING;
        var reason = isConflict ? RejectedRow.CHANGED : problem == null ? failure.getMessage() : reason(problem);
        store.keepRefused(
                webhook,
                ConversionStore.sourceOf(exchange),
                null,
                List.of(new RejectedRow(1, "", reason, List.of(text(exchange)))));
        if (isConflict) {
            metrics.recordKept(exchange, CONFLICT, RejectedRow.CHANGED);
        } else if (failure instanceof InvalidConversions) {
            metrics.recordKept(exchange, LeftOutOrder.INVALID, LoggingConfig.reason(failure));
        } else {
            metrics.recordKept(exchange, UNREADABLE, "it cannot be read or mapped");
        }
    }

    private static ProblemException problem(Throwable failure) {
        for (var cause = failure; cause != null; cause = next(cause)) {
            if (cause instanceof HasProblem told) {
                return told.problem();
            }
        }
        return null;
    }

    /** All that is wrong, conversion by conversion where that is told. */
    private static String reason(ProblemException problem) {
        var errors = problem.document().get("errors");
        return errors instanceof List<?> several && !several.isEmpty()
                ? several.stream()
                        .map(each -> String.valueOf(((Map<?, ?>) each).get("message")))
                        .distinct()
                        .collect(Collectors.joining("; "))
                : problem.getMessage();
    }

    private static String text(Exchange exchange) {
        var body = exchange.getMessage().getBody();
        var text = body instanceof byte[] bytes
                ? decoded(bytes)
                : body instanceof Map<?, ?> || body instanceof List<?>
                        ? Json.write(body)
                        : exchange.getMessage().getBody(String.class);
        return text == null ? "" : text.length() > MAX_LENGTH ? text.substring(0, MAX_LENGTH) + "…" : text;
    }

    /** What is no UTF-8 has a question mark in place of each sign that cannot be read. */
    private static String decoded(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPLACE)
                    .replaceWith("?")
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new IllegalStateException("what is malformed is replaced", e);
        }
    }
}
