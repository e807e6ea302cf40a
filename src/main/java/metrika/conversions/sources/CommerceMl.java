package metrika.conversions.sources;

import java.time.DateTimeException;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

import org.apache.camel.Exchange;
import org.apache.camel.Variable;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

import metrika.conversions.http.FormFields;
import metrika.conversions.problem.ProblemException;

/** What 1C writes into CommerceML that no XPath can tell: which documents are sales, and when they were. */
public final class CommerceMl {

    /** How its namespaces begin: the version follows. */
    private static final String NAMESPACE = "urn:1C.ru:commerceml";

    private static final Set<String> CANCELLED = Set.of(
            "отменен",
            "отменена",
            "отменено",
            "отмена",
            "отменензаказ",
            "заказотменен",
            "признакотмены",
            "аннулирован",
            "аннулировано",
            "удален",
            "удалено",
            "пометкаудаления",
            "пометканаудаление",
            "помеченнаудаление",
            "возвращен",
            "возврат",
            "заказвозвращен",
            "отказ",
            "canceled",
            "cancelled",
            "iscanceled",
            "iscancelled",
            "deleted",
            "isdeleted",
            "deletionmark",
            "returned",
            "refunded");
    private static final Set<String> POSTED = Set.of("проведен", "проведено", "posted", "isposted");
    private static final Set<String> STATUS = Set.of(
            "статус",
            "статусзаказа",
            "статусдокумента",
            "состояние",
            "состояниезаказа",
            "состояниедокумента",
            "status",
            "orderstatus",
            "state");
    private static final Set<String> YES = Set.of("true", "1", "да", "истина", "yes", "y", "+");
    private static final Set<String> NO = Set.of("false", "0", "нет", "ложь", "no", "n", "-");
    private static final Set<String> NEGATIONS = Set.of("не", "без", "нет", "not", "no");
    private static final Pattern BETWEEN_WORDS = Pattern.compile("[^\\p{L}\\p{N}]+");

    private static final Pattern DATE =
            Pattern.compile("(?:(\\d{4})[-/.]?(\\d{2})[-/.]?(\\d{2})|(\\d{1,2})\\.(\\d{1,2})\\.(\\d{4}))(.*)");
    /** The group of what follows the day. */
    private static final int REST = 7;

    private static final DateTimeFormatter SECONDS = DateTimeFormatter.ofPattern("HH:mm:ss");
    private static final Pattern TIME =
            Pattern.compile("(\\d{1,2}):(\\d{2})(?::(\\d{2})(?:[.,]\\d+)?)?\\s*(Z|[+-]\\d{2}:?(?:\\d{2})?)?");
    private static final Pattern TIME_OF_DIGITS = Pattern.compile("(\\d{2})(\\d{2})(\\d{2})()");

    private final HttpBodies bodies;

    public CommerceMl(HttpBodies bodies) {
        this.bodies = bodies;
    }

    /**
     * The XML of the body, as {@link HttpSource#xml} reads it. Its elements that are CommerceML's, or of no namespace,
     * have their local names.
     *
     * @return {@code null} when the body is empty, as in a test of the address
     * @throws ProblemException 400 when it is not XML, or neither CommerceML nor anything with its documents
     */
    public Document read(Exchange exchange) {
        var xml = bodies.xml(exchange, NAMESPACE);
        if (xml != null && hasNone(xml, "КоммерческаяИнформация") && hasNone(xml, "Документ")) {
            throw ProblemException.of(
                    400,
                    ("The XML is no CommerceML: it begins with '%s', and neither КоммерческаяИнформация nor Документ "
                                    + "is in it. If these names look wrong, so is the encoding that it gives itself")
                            .formatted(FormFields.shortened(
                                    xml.getDocumentElement().getNodeName())));
        }
        return xml;
    }

    private static boolean hasNone(Document xml, String name) {
        return xml.getElementsByTagNameNS(null, name).getLength() == 0;
    }

    /**
     * Judges a document: leaves the variable {@code left-out-reason} when it is no purchase, and makes the variables
     * {@code date_time} and {@code time}, Дата and Время as they stand there, one in ISO 8601; where that cannot be,
     * the variable {@code fault} says why.
     *
     * @param operations which values of ХозОперация are purchases, with commas between them
     * @param cancelled how words begin that say in a status that it is none, with commas between them
     */
    public void classifyDocument(
            Exchange exchange, @Variable("operations") String operations, @Variable("cancelled") String cancelled) {
        var body = exchange.getMessage().getBody(Node.class);
        var document = body instanceof Document whole ? whole.getDocumentElement() : (Element) body;
        exchange.setVariable("left-out-reason", noPurchase(document, list(operations), list(cancelled)));
        var date = String.valueOf(exchange.getVariable("date_time")).strip();
        var time = exchange.getVariable("time", String.class);
        try {
            exchange.setVariable("date_time", dateTime(date, time == null ? "" : time.strip()));
        } catch (IllegalArgumentException e) {
            exchange.setVariable("fault", e.getMessage());
        }
    }

    /** Why a document is no purchase, or {@code null}. */
    static String noPurchase(Element document, List<String> operations, List<String> cancelled) {
        var operation = text(document, "ХозОперация");
        if (!operation.isEmpty() && !operations.contains(folded(operation))) {
            return "its ХозОперация is '%s' (inbound.till-xml.operations)".formatted(FormFields.shortened(operation));
        }
        for (var property : properties(document)) {
            var name = folded(property[0]).replaceAll("[\\s_-]+", "");
            var value = folded(property[1]);
            if (CANCELLED.contains(name) && YES.contains(value)
                    || POSTED.contains(name) && NO.contains(value)
                    || STATUS.contains(name) && isCancelled(value, cancelled)) {
                return "its %s is '%s'"
                        .formatted(FormFields.shortened(property[0]), FormFields.shortened(property[1].strip()));
            }
        }
        return null;
    }

    /** Whether a word of a status begins so, and none before it turns it round. */
    private static boolean isCancelled(String status, List<String> beginnings) {
        var before = "";
        for (var word : BETWEEN_WORDS.split(status)) {
            if (beginnings.stream().anyMatch(word::startsWith) && !NEGATIONS.contains(before)) {
                return true;
            }
            before = word;
        }
        return false;
    }

    /** What is said of the document itself: its attributes, its elements, and its ЗначенияРеквизитов. */
    private static List<String[]> properties(Element document) {
        var properties = new ArrayList<String[]>();
        var attributes = document.getAttributes();
        for (int i = 0; i < attributes.getLength(); i++) {
            properties.add(new String[] {
                attributes.item(i).getNodeName(), attributes.item(i).getNodeValue()
            });
        }
        for (var child : children(document)) {
            if (child.getNodeName().equals("ЗначенияРеквизитов")) {
                children(child)
                        .forEach(value ->
                                properties.add(new String[] {text(value, "Наименование"), text(value, "Значение")}));
            } else if (children(child).isEmpty()) {
                properties.add(new String[] {child.getNodeName(), child.getTextContent()});
            }
        }
        return properties;
    }

    private static List<Element> children(Element parent) {
        var children = new ArrayList<Element>();
        for (Node child = parent.getFirstChild(); child != null; child = child.getNextSibling()) {
            if (child instanceof Element element) {
                children.add(element);
            }
        }
        return children;
    }

    private static String text(Element parent, String name) {
        return children(parent).stream()
                .filter(child -> child.getNodeName().equals(name))
                .findFirst()
                .map(child -> child.getTextContent().strip().replaceAll("\\s+", " "))
                .orElse("");
    }

    private static List<String> list(String text) {
        return text == null
                ? List.of()
                : Arrays.stream(text.split(","))
                        .map(CommerceMl::folded)
                        .filter(each -> !each.isEmpty())
                        .toList();
    }

    private static String folded(String text) {
        return text.strip().toLowerCase(Locale.ROOT).replace('ё', 'е');
    }

    /**
     * Puts a date and a time together. Either may hold both: 1C writes a whole date into each, with midnight or its
     * first day of all in the place of what it does not mean.
     *
     * @return in ISO 8601; what is of no known notation comes back as it is, for the rules to refuse
     * @throws IllegalArgumentException when there is no time, or there are two
     */
    static String dateTime(String date, String time) {
        var day = DATE.matcher(date);
        if (!day.matches()) {
            return date;
        }
        try {
            var timeAfterDate = DATE.matcher(time);
            var clock = either(
                    date,
                    Clock.of(day.group(REST)),
                    time,
                    Clock.of(timeAfterDate.matches() ? timeAfterDate.group(REST) : time));
            var isYearFirst = day.group(1) != null;
            var on = LocalDate.of(
                    number(day.group(isYearFirst ? 1 : 6)),
                    number(day.group(isYearFirst ? 2 : 5)),
                    number(day.group(isYearFirst ? 3 : 4)));
            return on + "T" + clock.time.format(SECONDS) + clock.offset;
        } catch (DateTimeException e) {
            return (date + " " + time).strip();
        }
    }

    private static Clock either(String date, Clock ofDate, String time, Clock alone) {
        if (ofDate == null && alone == null) {
            throw new IllegalArgumentException(
                    "Дата is '%s', a day without a time, and there is no Время".formatted(FormFields.shortened(date)));
        }
        if (alone == null || ofDate != null && alone.time.equals(ofDate.time)) {
            return ofDate;
        }
        if (ofDate == null || ofDate.time.equals(LocalTime.MIDNIGHT)) {
            return alone;
        }
        throw new IllegalArgumentException("Дата is '%s', and Время is '%s': two times"
                .formatted(FormFields.shortened(date), FormFields.shortened(time)));
    }

    /** @param offset from UTC, as it is written; may be empty */
    private record Clock(LocalTime time, String offset) {

        /** @return {@code null} when there is none */
        static Clock of(String text) {
            var plain = text.strip().replaceFirst("^[T,]\\s*", "");
            if (plain.isEmpty()) {
                return null;
            }
            var time = TIME.matcher(plain);
            if (!time.matches()) {
                time = TIME_OF_DIGITS.matcher(plain);
                if (!time.matches()) {
                    throw new DateTimeException("no time of day");
                }
            }
            var seconds = time.group(3) == null ? 0 : number(time.group(3));
            return new Clock(
                    LocalTime.of(number(time.group(1)), number(time.group(2)), seconds),
                    time.group(4) == null ? "" : time.group(4));
        }
    }

    private static int number(String digits) {
        return Integer.parseInt(digits);
    }
}
