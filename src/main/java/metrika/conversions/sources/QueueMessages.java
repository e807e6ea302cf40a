package metrika.conversions.sources;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.DateTimeException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import javax.xml.stream.XMLStreamException;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.jayway.jsonpath.JsonPathException;
import jakarta.mail.MessagingException;
import jakarta.mail.Multipart;
import jakarta.mail.Part;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangeProperty;
import org.apache.camel.InvalidPayloadException;
import org.apache.camel.TypeConversionException;
import org.apache.camel.ValidationException;
import org.apache.camel.Variable;
import org.apache.camel.WrappedFile;
import org.apache.camel.component.bean.MethodNotFoundException;
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
    /** Failures of reading or mapping a message, which it is at fault for. Listed in docs/connectors.md. */
    static final List<Class<? extends Throwable>> UNREADABLE_FAULTS = List.of(
            JsonProcessingException.class,
            JsonPathException.class,
            SAXException.class,
            XMLStreamException.class,
            TypeConversionException.class,
            InvalidPayloadException.class,
            ValidationException.class,
            CharacterCodingException.class,
            NumberFormatException.class,
            DateTimeException.class);
    /** What Camel says of a path in an expression that leads nowhere. */
    private static final String OGNL = "using OGNL path";
    /** What can be asked of a JSON object. */
    private static final Set<String> METHODS_OF_OBJECTS =
            Arrays.stream(Map.class.getMethods()).map(Method::getName).collect(Collectors.toSet());
    /** Of a longer message the beginning is kept. */
    private static final int MAX_LENGTH = 256 << 10;
    /** Of a sign. */
    private static final int MOST_BYTES = 4;

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
        return isFault(failure);
    }

    static boolean isFault(Throwable failure) {
        for (var cause = failure; cause != null; cause = next(cause)) {
            if (cause instanceof HasProblem told) {
                return FAULTS.contains(told.problem().status());
            }
            var of = cause;
            if (UNREADABLE_FAULTS.stream().anyMatch(fault -> fault.isInstance(of)) || isOfAnotherShape(of)) {
                return true;
            }
        }
        return false;
    }

    /**
     * Whether an expression such as <code>${body[after]}</code> has met something else than an object: a list, a
     * number, a text. A method that no object has is a mistake in the route, and not meant.
     */
    private static boolean isOfAnotherShape(Throwable failure) {
        return failure instanceof IndexOutOfBoundsException
                        && String.valueOf(failure.getMessage()).contains(OGNL)
                || failure instanceof MethodNotFoundException missing
                        && !(missing.getBean() instanceof Map)
                        && METHODS_OF_OBJECTS.contains(
                                String.valueOf(missing.getMethodName()).replaceFirst("\\(.*", ""));
    }

    /**
     * For a route to say that its message can never be stored, as one without what makes it an order.
     *
     * @param reason kept with the message; for people
     * @throws ProblemException 400, always
     */
    public void refuse(String reason) {
        throw ProblemException.of(400, reason);
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
            throws SQLException, IOException {
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

    private static String text(Exchange exchange) throws IOException {
        var body = exchange.getMessage().getBody();
        if (body instanceof WrappedFile<?> file) {
            body = file.getFile();
        }
        if (body instanceof Part || body instanceof Multipart) {
            body = mailText(body);
        }
        var isTree = body instanceof Map<?, ?> || body instanceof List<?>;
        var stream = body == null || isTree || body instanceof CharSequence
                ? null
                : exchange.getContext().getTypeConverter().tryConvertTo(InputStream.class, exchange, body);
        var text = isTree
                ? Json.write(body)
                : body instanceof CharSequence
                        ? body.toString()
                        : stream == null ? exchange.getMessage().getBody(String.class) : null;
        if (stream != null) {
            try (stream) {
                text = decoded(stream.readNBytes(MAX_LENGTH * MOST_BYTES));
            }
        }
        return text == null ? "" : text.length() > MAX_LENGTH ? text.substring(0, MAX_LENGTH) + "…" : text;
    }

    /** What is wrong with a mail that cannot be read is the reason that is kept with it. */
    private static String mailText(Object mail) {
        try {
            return MailText.of(mail);
        } catch (MessagingException | IOException e) {
            return String.valueOf(e.getMessage());
        }
    }

    /**
     * As the message says that it is written, or as can be told. Where that cannot be, it has a question mark in place
     * of each sign that is no UTF-8.
     */
    private static String decoded(byte[] bytes) {
        var isXml = bytes.length > 1 && bytes[0] == '<' && bytes[1] == '?';
        try {
            return isXml ? new String(bytes, Xml.charset(bytes, null)) : detected(bytes);
        } catch (ProblemException e) { // an encoding that there is not
            return detected(bytes);
        }
    }

    private static String detected(byte[] bytes) {
        var probe = new EncodingProbe();
        probe.add(bytes, bytes.length);
        var encoding = probe.encoding(null);
        var charset = encoding.isSure() ? encoding.charset() : StandardCharsets.UTF_8;
        return new String(bytes, charset)
                .replaceFirst("^" + TextEncoding.BYTE_ORDER_MARK, "")
                .replace('\ufffd', '?');
    }
}
