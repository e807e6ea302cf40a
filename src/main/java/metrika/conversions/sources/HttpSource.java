package metrika.conversions.sources;

import java.time.Clock;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.Variable;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

import metrika.conversions.http.FormFields;
import metrika.conversions.intake.ConversionStore;
import metrika.conversions.intake.SourceRow;
import metrika.conversions.intake.StoredBatch;
import metrika.conversions.problem.Json;
import metrika.conversions.problem.ProblemException;

/** What sources over HTTP have in common: making conversions of mapped values, choosing those that count, answering. */
public final class HttpSource {

    static final int MAX_ERRORS = 100;

    private static final String LEFT_OUT_REASON = "left-out-reason";

    private final Clock clock;
    private final LeftOutMetrics leftOutMetrics;

    /** @param leftOutMetrics shared with all that is left out elsewhere */
    public HttpSource(Clock clock, LeftOutMetrics leftOutMetrics) {
        this.clock = clock;
        this.leftOutMetrics = leftOutMetrics;
    }

    /**
     * A conversion of the variables that are named as its fields, written as people and CRMs write them.
     *
     * @return for {@link #keepCountable} to leave out: an order that is not to be stored, where the variable
     *     {@code left-out-reason} says why there is nothing to count, or {@code fault} what is wrong with it
     */
    public Object createConversion(Exchange exchange) {
        var mapped = new LinkedHashMap<String, Object>();
        for (var field : Columns.FIELDS) {
            mapped.put(field, exchange.getVariable(field));
        }
        var conversion = normalizeFields(mapped);
        var reason = given(exchange, LEFT_OUT_REASON);
        var fault = given(exchange, "fault");
        if (reason != null) {
            return new LeftOutOrder(1, order(conversion), "", LeftOutOrder.NO_PURCHASE, reason, false, conversion);
        }
        return fault != null && OrderMessage.hasIdentifier(conversion)
                ? new LeftOutOrder(1, order(conversion), "date_time", LeftOutOrder.INVALID, fault, true, conversion)
                : conversion;
    }

    /** What a route says; an empty text, as of an expression that finds nothing, says nothing. */
    private static String given(Exchange exchange, String variable) {
        var text = exchange.getVariable(variable, String.class);
        return text == null || text.isBlank() ? null : text;
    }

    /**
     * A conversion whose fields have the API's names, written as people and CRMs write them. Empty ones are left out;
     * of several values that differ, all stay.
     */
    public Map<String, Object> normalizeFields(@Body Map<String, ?> fields) {
        var conversion = new LinkedHashMap<String, Object>();
        fields.forEach((name, given) -> {
            var value = given instanceof NodeList nodes
                    ? one(texts(nodes))
                    : given instanceof Collection<?> several
                            ? one(several)
                            : given instanceof String cell ? CellNormalizer.trimmed(cell) : given;
            Object read = value instanceof String cell
                    ? CellNormalizer.value(name, cell)
                    : value instanceof Number number ? CellNormalizer.value(name, number) : value;
            if (read != null) {
                conversion.put(name, read);
            }
        });
        if (!conversion.containsKey("price")) {
            conversion.remove("currency");
        }
        return conversion;
    }

    /** What a JSONPath with a condition, or an XPath, finds comes as a list: its only value, or all of them. */
    private static Object one(Collection<?> several) {
        var different = new LinkedHashMap<String, Object>();
        for (var each : several) {
            var value = each instanceof String cell ? CellNormalizer.trimmed(cell) : each;
            if (value != null) {
                different.putIfAbsent(value.toString(), value);
            }
        }
        return different.size() > 1
                ? List.copyOf(different.values())
                : different.values().stream().findFirst().orElse(null);
    }

    private static List<String> texts(NodeList nodes) {
        return IntStream.range(0, nodes.getLength())
                .mapToObj(i -> nodes.item(i).getTextContent())
                .toList();
    }

    /**
     * The time at which the message came, for the {@code date_time} of a mapping. In a message that is repeated it
     * counts as the same.
     */
    public CharSequence now() {
        return new ArrivalTime(clock.instant());
    }

    /**
     * For routes: ends in an answer that is an error, as after a check that the route makes itself.
     *
     * @param status 400 to 599
     * @param detail for the sender
     * @throws ProblemException with that status
     */
    public void refuse(int status, String detail) {
        if (status < 400 || status > 599) {
            throw new IllegalArgumentException(
                    "%d is no status to refuse with: such as 403 is expected".formatted(status));
        }
        throw ProblemException.of(status, detail);
    }

    /**
     * Gives a conversion that says no time the present one. What has no field of a conversion is none, and stays as it
     * is.
     */
    public Map<String, Object> defaultDateTimeToNow(@Body Map<String, ?> conversion) {
        var now = new LinkedHashMap<String, Object>(conversion);
        if (OrderMessage.isConversion(conversion)) {
            now.putIfAbsent("date_time", new ArrivalTime(clock.instant()));
        }
        return now;
    }

    /**
     * The orders of a message that can be stored. The others are left out: those that {@link #createConversion} has
     * taken for none; those without an identifier, as of whoever did not come from the site; rows that do not fit their
     * header; and those with a field that was given twice. {@link #answer} names them. A message in which no field of a
     * conversion has a value, such as a test of the address, holds none. Where the variable {@code left-out-reason} has
     * a text, all orders of the message are left out for that reason.
     *
     * @param body a conversion, or a list of them; may be {@code null}
     * @throws ProblemException 400 when something is wrong with one of them, and {@code bad-rows} is
     *     {@value ConversionStore#REFUSE}
     */
    public List<SourceRow> keepCountable(Exchange exchange, @Body Object body) {
        var orders = orders(body);
        var index = orders.size() == 1 ? exchange.getProperty(ExchangePropertyKey.SPLIT_INDEX, Integer.class) : null;
        var message = new OrderMessage(index == null ? 1 : index + 1);
        var reason = given(exchange, LEFT_OUT_REASON);
        orders.forEach(order -> message.add(order, reason));
        exchange.setVariable(OrderMessage.VARIABLE, message);
        if (ConversionStore.REFUSE.equals(exchange.getVariable("bad-rows"))
                && !message.faults().isEmpty()) {
            throw invalid(message);
        }
        return message.countable();
    }

    /**
     * The orders of a message for those that store each by itself: {@link OrderLanes}. There is one lane where a bad
     * order keeps those after it from being stored.
     */
    public List<List<List<SourceRow>>> orderLanes(
            Exchange exchange, @Variable("bad-rows") String badRows, @Body List<SourceRow> orders) {
        var isSideBySide = ConversionStore.LOG.equals(badRows) || ConversionStore.LEAVE_OUT.equals(badRows);
        return OrderLanes.of(ConversionStore.sourceOf(exchange), orders, isSideBySide ? OrderLanes.MOST : 1);
    }

    /** Notes what has been stored of a message. */
    public void recordBatch(
            @Body List<SourceRow> orders,
            @Variable("batch") StoredBatch batch,
            @Variable(OrderMessage.VARIABLE) OrderMessage message) {
        message.addStored(orders, batch);
    }

    /**
     * Whether an order that came before with other values is left out, where it would else fail its message: with
     * {@code bad-rows} {@value ConversionStore#LOG} or {@code changed} {@value ChangedRows#IGNORE}, and where each
     * order is stored by itself. A pull says what becomes of it itself.
     */
    public boolean isLeavingOutChanged(
            Exchange exchange,
            @Variable("bad-rows") String badRows,
            @Variable("each-order") String eachOrder,
            @Variable("changed") String changed) {
        return exchange.getVariable("pull") == null
                && (ConversionStore.LOG.equals(badRows)
                        || ChangedRows.areIgnored(changed)
                        || "true".equals(eachOrder) && !ConversionStore.REFUSE.equals(badRows));
    }

    /**
     * The idempotency key of conversions, as {@link OrderKeys} makes it with the source's name, so that the numbers of
     * different systems do not meet.
     *
     * @param given the key that the source has set itself for the whole message, which goes before all that; may be
     *     {@code null}
     * @param eachOrder "true" when {@code body} is one order of a message, whose key is its own
     * @param body a conversion, or a list of them
     * @return {@code null} when a conversion has neither a number nor a time of its own: the next one may be another
     */
    public String createIdempotencyKey(
            Exchange exchange,
            @Variable("idempotency-key") String given,
            @Variable("each-order") String eachOrder,
            @Body Object body) {
        var source = ConversionStore.sourceOf(exchange);
        return given != null && !given.isBlank() && !"true".equals(eachOrder)
                ? OrderKeys.given(source, given)
                : OrderKeys.of(source, orders(body));
    }

    /**
     * The answer to a source: its batch, or that there was nothing in the request that counts; and what was left out. A
     * source may have an answer of its own in the variable {@code answer}, for a sender that expects one.
     *
     * @throws ProblemException 400 when nothing was stored, and something is wrong with what there is, unless that is
     *     kept, as {@code bad-rows} {@value ConversionStore#LOG} says
     */
    public String answer(
            Exchange exchange,
            @Variable("batch") StoredBatch batch,
            @Variable(OrderMessage.VARIABLE) OrderMessage read) {
        var message = read == null ? new OrderMessage() : read;
        if (batch != null && message.stored().isEmpty()) {
            message.addStored(List.of(), batch); // the source has called store-conversions itself
        }
        var stored = message.storedCount();
        leftOutMetrics.record(exchange, message);
        if (stored == 0
                && message.leftOut().stream().anyMatch(LeftOutOrder::isFault)
                && !ConversionStore.LOG.equals(exchange.getVariable("bad-rows"))) {
            throw invalid(message);
        }
        var expected = exchange.getVariable("answer", String.class);
        var isText = expected != null && !expected.isEmpty() && !expected.startsWith("{");
        exchange.getMessage()
                .setHeader(Exchange.CONTENT_TYPE, isText ? "text/plain; charset=utf-8" : "application/json");
        return expected != null && !expected.isEmpty()
                ? expected
                : message.toJson(exchange.getVariable("ignored-reason", String.class));
    }

    private static ProblemException invalid(OrderMessage message) {
        var faults = message.leftOut().stream().filter(LeftOutOrder::isFault).toList();
        return invalid(
                faults.size(),
                message.size(),
                faults.stream()
                        .limit(MAX_ERRORS)
                        .map(each -> error(message.index(each), each.field(), each.reason()))
                        .toList());
    }

    static ProblemException invalid(int invalid, int total, List<Map<String, Object>> errors) {
        return ProblemException.of(
                400,
                "%d of %d conversions cannot be taken".formatted(invalid, total),
                errors.subList(0, Math.min(errors.size(), MAX_ERRORS)));
    }

    static Map<String, Object> error(int index, String field, String reason) {
        var error = new LinkedHashMap<String, Object>();
        error.put("index", index);
        error.putAll(Json.error(field, "invalid", reason));
        return error;
    }

    private static Collection<?> orders(Object body) {
        if (body instanceof Collection<?> several) {
            return several;
        }
        // Of XML without orders the split leaves all of it
        return body == null || body instanceof Node ? List.of() : List.of(body);
    }

    static String order(Map<?, ?> conversion) {
        return conversion.get("purchase_id") == null
                ? null
                : FormFields.shortened(conversion.get("purchase_id").toString());
    }
}
