package metrika.conversions.sources;

import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

import metrika.conversions.intake.SourceRow;
import metrika.conversions.intake.StoredBatch;

/** What became of the orders of a message at the store, whichever was done first. For several threads. */
final class OrderOutcomes {

    /** @param batch {@code null} when they were not stored, nor refused by the rules */
    private record Outcome(StoredBatch batch, List<LeftOutOrder> leftOut) {}

    /** By the first of the orders that share one. Equal orders are different ones. */
    private final Map<SourceRow, Outcome> outcomes = new IdentityHashMap<>();
    /** Of orders that are not known. */
    private final List<Outcome> others = new ArrayList<>();

    /** @param orders empty when they are not known */
    synchronized void add(List<SourceRow> orders, StoredBatch batch, List<LeftOutOrder> leftOut) {
        var outcome = new Outcome(batch, leftOut);
        if (orders.isEmpty()) {
            others.add(outcome);
        } else {
            outcomes.put(orders.get(0), outcome);
        }
    }

    /** What was stored, in the order of these orders. */
    List<StoredBatch> stored(List<SourceRow> orders) {
        return inOrder(orders).map(Outcome::batch).filter(Objects::nonNull).toList();
    }

    /** What was not, in the order of these orders. */
    Stream<LeftOutOrder> leftOut(List<SourceRow> orders) {
        return inOrder(orders).flatMap(each -> each.leftOut().stream());
    }

    private synchronized Stream<Outcome> inOrder(List<SourceRow> orders) {
        return Stream.concat(orders.stream().map(outcomes::get).filter(Objects::nonNull), others.stream())
                .toList()
                .stream();
    }
}
