package metrika.conversions.check;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.MessageHistory;
import org.apache.camel.NamedNode;
import org.apache.camel.model.Model;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.SendDefinition;
import org.apache.camel.spi.CamelLogger;
import org.apache.camel.spi.LogListener;

import metrika.conversions.intake.RejectedRow;
import metrika.conversions.sources.OrderMessage;

/** What a connector said while it ran on a sample, what it answered, and where it ended: for {@link TrialReport}. */
final class TrialTrace implements LogListener {

    static final String STORE = "direct:store-";

    private final List<String> said = new ArrayList<>();
    private final List<String> answers = new ArrayList<>();
    private final List<RejectedRow> leftOut = new ArrayList<>();
    private final List<String> places = new ArrayList<>();
    private final List<String> pulled = new ArrayList<>();
    private final List<String> notStored = new ArrayList<>();
    private RecordedAnswers recorded;
    private SplitParts parts;
    private String route;
    private String lastStep;
    private String ignoredReason;
    private boolean isStoring;
    private boolean isUnverified;
    private boolean isAnsweringItself;

    /** To be called before the routes are loaded. */
    void watch(CamelContext context) {
        context.setMessageHistory(true);
        context.setSourceLocationEnabled(true);
        context.getCamelContextExtension().addLogListener(this);
    }

    /** The connector answers requests itself, without the kamelet. */
    void answersItself() {
        isAnsweringItself = true;
    }

    /** Sees whether the connector may come to the store. To be called when the routes are loaded. */
    void look(CamelContext context, String route) {
        this.route = route;
        parts = new SplitParts(context, route);
        isStoring = context.getCamelContextExtension().getContextPlugin(Model.class).getRouteDefinitions().stream()
                .filter(each -> each.getId().equals(route))
                .flatMap(each ->
                        ProcessorDefinitionHelper.filterTypeInOutputs(each.getOutputs(), SendDefinition.class).stream())
                .anyMatch(send -> String.valueOf(send.getEndpointUri()).startsWith(STORE));
    }

    @Override
    public String onLog(Exchange exchange, CamelLogger logger, String message) {
        said.add(message);
        return message;
    }

    /**
     * Takes down what became of a message, when it has come to its end.
     *
     * @param line of the message, where it is one of several; 0: its orders have lines of their own
     */
    void ended(Exchange exchange, long line) {
        isUnverified |= exchange.getProperty(PermissiveAuthenticator.UNVERIFIED, false, Boolean.class);
        var history = exchange.getProperty(Exchange.MESSAGE_HISTORY, List.class);
        if (history != null
                && !history.isEmpty()
                && last(history, exchange.isFailed()) instanceof MessageHistory last) {
            lastStep = describe(last.getNode());
        }
        if (exchange.getVariable(OrderMessage.VARIABLE) instanceof OrderMessage message) {
            message.leftOutOnPurpose().forEach(row -> leftOut.add(line > 0 ? row.at(line) : row));
            if (!isAnsweringItself && exchange.getMessage().getBody() instanceof String answer) {
                answers.add(answer);
            }
        }
        if (parts != null) {
            var own = exchange.getVariable(OrderMessage.VARIABLE) instanceof OrderMessage message
                    ? Set.of(message)
                    : Set.<OrderMessage>of();
            parts.orders(own).entrySet().stream()
                    .sorted(Map.Entry.comparingByValue())
                    .forEach(part -> part.getKey()
                            .leftOutOnPurpose()
                            .forEach(row -> leftOut.add(row.at(line > 0 ? line : part.getValue()))));
            parts.ended(step -> describe(step.getNode()))
                    .forEach(end -> notStored.add(line > 0 ? "line %d, part %s".formatted(line, end) : "line " + end));
        }
        var ignored = exchange.getVariable("ignored-reason", String.class);
        if (!exchange.isFailed() && ignored != null && exchange.getVariable(OrderMessage.VARIABLE) == null) {
            ignoredReason = ignored; // a first message that tries the address never comes to the mapping
            if (!isAnsweringItself && exchange.getMessage().getBody() instanceof String answer) {
                answers.add(answer);
            }
        }
        if (isAnsweringItself && !exchange.isFailed()) {
            answers.add(answer(exchange.getMessage()));
        }
    }

    /** Takes down that a row of several did not come to the store, unless the mapping has left it out. */
    void endedBefore(Exchange exchange, long line) {
        if (!(exchange.getVariable(OrderMessage.VARIABLE) instanceof OrderMessage)) {
            notStored.add("line %d: the route ended at %s".formatted(line, lastStep));
        }
    }

    /** Takes down by what a row of a source that pulls is known and read on. */
    void pulled(String row) {
        pulled.add(row);
    }

    /** Has what is asked of other servers told, and what is not. */
    void watch(RecordedAnswers answers) {
        recorded = answers;
    }

    /** By what the rows of a source that pulls are known and read on. */
    List<String> pulled() {
        return pulled;
    }

    /** Why there was nothing to map; {@code null} when there was. */
    String ignoredReason() {
        return ignoredReason;
    }

    /** The rows at which the route ended before the store. */
    List<String> notStored() {
        return notStored;
    }

    /** What was asked of servers whose answers are recorded. */
    List<String> asked() {
        return recorded == null ? List.of() : recorded.asked();
    }

    /** The recorded answers to what was not asked. */
    List<String> unused() {
        return recorded == null ? List.of() : recorded.unused();
    }

    private static String answer(Message message) {
        var body = message.getBody(String.class);
        return "status %d: %s"
                .formatted(
                        message.getHeader(Exchange.HTTP_RESPONSE_CODE, 200, Integer.class),
                        body == null ? "(nothing)" : body.strip());
    }

    /** The step that ran last; of what has not failed that of the connector itself, which others return to. */
    private Object last(List<?> history, boolean isFailed) {
        for (int i = history.size() - 1; i >= 0 && !isFailed; i--) {
            if (history.get(i) instanceof MessageHistory step
                    && step.getRouteId().equals(route)) {
                return step;
            }
        }
        return history.get(history.size() - 1);
    }

    private static String describe(NamedNode node) {
        var text = node.getDescriptionText();
        return (node.getLocation() == null ? "" : file(node.getLocation()) + ", line " + node.getLineNumber() + ": ")
                + node.getShortName()
                + (text == null ? "" : " (" + text + ")");
    }

    private static String file(String location) {
        var path = Path.of(location.replaceFirst("^file:(//)?", ""));
        var here = Path.of("").toAbsolutePath();
        return (path.startsWith(here) ? here.relativize(path) : path).toString();
    }

    /** Takes down where a file goes. */
    void moved(List<String> place) {
        places.addAll(place);
    }

    /** The folders that files go to. */
    List<String> places() {
        return places;
    }

    /** What the {@code log} steps said, in order. */
    List<String> said() {
        return said;
    }

    /** The file, the line and the kind of the step that ran last; {@code null} when none did. */
    String lastStep() {
        return lastStep;
    }

    /** What the senders of orders get as responses; of a connector that answers itself with the status. */
    List<String> answers() {
        return answers;
    }

    /** The orders that are left out since there is nothing to count: nobody has to correct them. */
    List<RejectedRow> leftOut() {
        return leftOut;
    }

    /** Whether the signature of what came in would be checked in operation, and was not here. */
    boolean isUnverified() {
        return isUnverified;
    }

    /** Whether the route calls the store; what it then does not come to it with, it has left out. */
    boolean isStoring() {
        return isStoring;
    }
}
