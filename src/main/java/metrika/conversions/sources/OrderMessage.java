package metrika.conversions.sources;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import metrika.conversions.intake.ConversionField;
import metrika.conversions.intake.IdentifierRules;
import metrika.conversions.intake.MappedConversion;
import metrika.conversions.intake.RejectedRow;
import metrika.conversions.intake.SourceRow;
import metrika.conversions.intake.StoredBatch;
import metrika.conversions.problem.Json;

/** What a source over HTTP was sent in one message: the orders that can be stored, and those that are left out. */
public final class OrderMessage {

    /** The variable that has it. */
    public static final String VARIABLE = "order-message";

    private static final List<String> IDENTIFIERS = ConversionField.namesOfVisitors();
    private static final Columns OWN_NAMES = new Columns(null);

    private final List<SourceRow> countable = new ArrayList<>();
    private final List<LeftOutOrder> leftOut = new ArrayList<>();
    private final OrderOutcomes outcomes = new OrderOutcomes();
    /** Where its orders stand, in their order. */
    private final List<Long> lines = new ArrayList<>();

    private final long first;

    /** Of a message whose orders are counted from 1. */
    OrderMessage() {
        this(1);
    }

    /** @param first the place of its first order, as in a message or a page that was split */
    OrderMessage(long first) {
        this.first = first;
    }

    /**
     * Takes an order: a conversion, a row with its place, or what is none already.
     *
     * @param leftOutReason why it is left out although it is a conversion; {@code null} when it is not
     */
    void add(Object order, String leftOutReason) {
        var line = order instanceof SourceRow row ? row.line() : lines.size() + first;
        if (order instanceof LeftOutOrder known) {
            lines.add(line);
            leftOut.add(known.at(line));
            return;
        }
        var fields = order instanceof SourceRow row ? row.fields() : fields(order);
        var isLeftOut = MappedConversion.isLeftOut(fields);
        if (isLeftOut || leftOutReason != null && isConversion(fields)) {
            var why = isLeftOut ? ((MappedConversion) fields).leftOutReason() : leftOutReason;
            lines.add(line);
            leftOut.add(
                    new LeftOutOrder(line, HttpSource.order(fields), "", LeftOutOrder.NO_PURCHASE, why, false, fields));
            return;
        }
        var reason = order instanceof SourceRow row && row.fault() != null
                ? new LeftOutOrder(
                        line,
                        HttpSource.order(fields),
                        "",
                        LeftOutOrder.INVALID,
                        "line %d: %s".formatted(line, row.fault()),
                        true,
                        fields)
                : reason(line, fields);
        if (reason != null) {
            lines.add(line);
            leftOut.add(reason);
        } else if (isConversion(fields)) {
            lines.add(line);
            countable.add(new SourceRow(line, fields, List.of()));
        }
    }

    /** Whether there is a value for any field of a conversion. */
    static boolean isConversion(Map<String, ?> fields) {
        return Columns.FIELDS.stream().anyMatch(fields::containsKey) || hasMisspeltIdentifier(fields);
    }

    /** Such as {@code ClientID}: the rules report its right name, so that the mapping can be corrected. */
    private static boolean hasMisspeltIdentifier(Map<String, ?> fields) {
        return fields.keySet().stream()
                .anyMatch(name -> !IDENTIFIERS.contains(name)
                        && OWN_NAMES.field(name) != null
                        && IDENTIFIERS.contains(OWN_NAMES.field(name)));
    }

    static boolean hasIdentifier(Map<String, ?> fields) {
        return IDENTIFIERS.stream()
                .filter(fields::containsKey)
                .anyMatch(field -> !IdentifierRules.isNoValue(fields.get(field).toString()));
    }

    @SuppressWarnings("unchecked")
    private static Map<String, ?> fields(Object conversion) {
        return (Map<String, ?>) conversion;
    }

    /** Why a conversion is to be left out, or {@code null}. */
    private static LeftOutOrder reason(long line, Map<String, ?> fields) {
        if (!isConversion(fields)) {
            return null;
        }
        var order = HttpSource.order(fields);
        for (var field : Columns.FIELDS) {
            if (fields.get(field) instanceof List<?>) {
                return new LeftOutOrder(
                        line,
                        order,
                        field,
                        LeftOutOrder.INVALID,
                        field + " is given twice, with different values",
                        true,
                        fields);
            }
        }
        if (hasIdentifier(fields) || hasMisspeltIdentifier(fields)) {
            return null;
        }
        var given = IDENTIFIERS.stream().filter(fields::containsKey).toList();
        return new LeftOutOrder(
                line,
                order,
                "client_id",
                LeftOutOrder.NO_IDENTIFIER,
                given.isEmpty()
                        ? "it has no client_id, user_id or yclid: nobody could be found for it"
                        : "its %s is '%s': nobody could be found for it"
                                .formatted(given.get(0), fields.get(given.get(0))),
                false,
                fields);
    }

    /**
     * Takes what became of orders: of all of them, or of each, which may come from several threads. What the rules have
     * refused is left out.
     *
     * @param orders some of {@link #countable}
     */
    void addStored(List<SourceRow> orders, StoredBatch batch) {
        outcomes.add(
                orders, batch, batch.refused().stream().map(LeftOutOrder::of).toList());
    }

    /** What was stored, in the order of the orders. */
    List<StoredBatch> stored() {
        return outcomes.stored(countable);
    }

    /** How many of its conversions were stored. */
    int storedCount() {
        return stored().stream()
                .filter(each -> each.id() != null)
                .mapToInt(StoredBatch::total)
                .sum();
    }

    /** Adds orders that came before with other values, which are no longer of interest. */
    void addKnown(List<SourceRow> known) {
        outcomes.add(known, null, known.stream().map(LeftOutOrder::known).toList());
    }

    /** Adds orders that are refused. */
    void addRefused(List<SourceRow> orders, List<RejectedRow> refused) {
        outcomes.add(orders, null, refused.stream().map(LeftOutOrder::of).toList());
    }

    /** Whether something is wrong with one of its orders. */
    public boolean hasFaults() {
        return leftOut().stream().anyMatch(LeftOutOrder::isFault);
    }

    /** Whether one of its orders has no identifier, so that nobody could be found for it. */
    public boolean hasNobody() {
        return leftOut().stream().anyMatch(each -> each.code().equals(LeftOutOrder.NO_IDENTIFIER));
    }

    /** How many of its orders are left out, by the codes of the reasons. */
    public Map<String, Long> reasons() {
        return leftOut().stream().collect(Collectors.groupingBy(LeftOutOrder::code, Collectors.counting()));
    }

    /** What is left out, as rows that are refused. */
    public List<RejectedRow> refused() {
        return leftOut().stream()
                .map(each -> new RejectedRow(each.line(), each.field(), each.reason(), List.of()))
                .toList();
    }

    /**
     * What is left out since there is nothing to count: a word that stands for nothing, an order without an identifier.
     */
    public List<RejectedRow> leftOutOnPurpose() {
        return leftOut().stream()
                .filter(each -> !each.isFault())
                .map(each -> new RejectedRow(each.line(), each.field(), each.reason(), List.of()))
                .toList();
    }

    /** What is left out because something is wrong with it, with what was given of it. */
    List<RejectedRow> faults() {
        return leftOut().stream()
                .filter(LeftOutOrder::isFault)
                .map(each -> new RejectedRow(each.line(), each.field(), each.reason(), List.of(each.shown())))
                .toList();
    }

    List<SourceRow> countable() {
        return countable;
    }

    /** What is not stored, in the order of the orders. */
    List<LeftOutOrder> leftOut() {
        return Stream.concat(leftOut.stream(), outcomes.leftOut(countable))
                .sorted(Comparator.comparingLong(LeftOutOrder::line))
                .toList();
    }

    /** How many orders it has. */
    int size() {
        return lines.size();
    }

    /** The index of an order in its message, from 0. */
    int index(LeftOutOrder order) {
        return lines.indexOf(order.line());
    }

    /**
     * The answer to its sender: of orders that were stored each by itself with their batches in a list.
     *
     * @param ignoredReason what to say when there is no order in it; may be {@code null}
     */
    String toJson(String ignoredReason) {
        var left = leftOut();
        var batches = stored().stream().filter(each -> each.id() != null).toList();
        var answer = new LinkedHashMap<String, Object>();
        if (!batches.isEmpty()) {
            if (batches.size() == 1) {
                answer.put("batch_id", batches.get(0).id());
            } else {
                answer.put("batch_ids", batches.stream().map(StoredBatch::id).toList());
            }
            answer.put("status", "accepted");
            answer.put(
                    "accepted_count",
                    batches.stream().mapToInt(StoredBatch::total).sum());
        } else {
            answer.put("status", "ignored");
            answer.put("accepted_count", 0);
            answer.put(
                    "reason",
                    !left.isEmpty()
                            ? "all orders of the message are left out"
                            : ignoredReason == null ? "the message holds no conversion" : ignoredReason);
        }
        if (!left.isEmpty()) {
            answer.put("left_out_count", left.size());
            answer.put(
                    "left_out",
                    left.stream()
                            .limit(HttpSource.MAX_ERRORS)
                            .map(LeftOutOrder::toMap)
                            .toList());
        }
        var json = Json.write(answer);
        var warnings = batches.stream()
                .map(StoredBatch::warnings)
                .filter(Objects::nonNull)
                .map(array -> array.substring(1, array.length() - 1))
                .collect(Collectors.joining(","));
        return warnings.isEmpty() ? json : json.substring(0, json.length() - 1) + ",\"warnings\":[" + warnings + "]}";
    }
}
