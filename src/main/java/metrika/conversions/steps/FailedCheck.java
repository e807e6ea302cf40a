package metrika.conversions.steps;

import org.apache.camel.Exchange;
import org.apache.camel.NamedNode;
import org.apache.camel.Predicate;
import org.apache.camel.model.Model;
import org.apache.camel.model.ValidateDefinition;
import org.apache.camel.spi.PredicateExceptionFactory;
import org.apache.camel.support.LoggerHelper;
import org.apache.camel.support.processor.PredicateValidationException;

/** A step {@code validate} that refuses a message. Its message names the step, and quotes nothing that was sent. */
public final class FailedCheck extends PredicateValidationException {

    private static final long serialVersionUID = 1L;
    private static final String REFUSED = "The message is refused by a check of the route";

    private final String reason;
    private final String answer;

    private FailedCheck(Exchange exchange, Predicate predicate, String reason, String answer) {
        super(exchange, predicate);
        this.reason = reason;
        this.answer = answer;
    }

    /** A bean of this type is asked by each step {@code validate} for what it fails with. */
    public static PredicateExceptionFactory factory() {
        return FailedCheck::of;
    }

    private static FailedCheck of(Exchange exchange, Predicate predicate, String step) {
        var model = exchange.getContext().getCamelContextExtension().getContextPlugin(Model.class);
        var definition = model.getProcessorDefinition(step) instanceof ValidateDefinition found ? found : null;
        var description = definition == null ? null : definition.getDescriptionText();
        var what = description == null ? "" : ": " + description;
        return new FailedCheck(
                exchange,
                predicate,
                "A check of the route does not hold: %s%s"
                        .formatted(text(definition, predicate), place(definition, what)),
                REFUSED + what);
    }

    /** As the author of the route has written it. */
    private static String text(ValidateDefinition step, Predicate predicate) {
        var text = step == null || step.getExpression() == null
                ? null
                : step.getExpression().getExpression();
        return text == null || text.isBlank() ? String.valueOf(predicate) : text.strip();
    }

    private static String place(NamedNode step, String description) {
        var place = step == null ? "" : FailedStep.place(LoggerHelper.getLineNumberLoggerName(step));
        return place.isEmpty() ? "" : " (%s%s)".formatted(place, description);
    }

    /** What the sender is told, who does not know the route. */
    public String answer() {
        return answer;
    }

    @Override
    public String getMessage() {
        return reason;
    }

    @Override
    public String toString() {
        return reason;
    }
}
