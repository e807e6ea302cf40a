package metrika.conversions.sources;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.stream.IntStream;

import metrika.conversions.intake.SourceRow;

/**
 * Lanes in which the orders of a message are stored, one after another in each, side by side in several: what waits for
 * the database at the same moment is written together. Orders with one key share a lane, so that the first one stays.
 */
final class OrderLanes {

    /** More would make the groups larger, and leave no room for other messages where the database is asked. */
    static final int MOST = 16;

    private OrderLanes() {}

    /**
     * Deals the orders out in turn, each as a list of its own.
     *
     * @param source its name, as {@link OrderKeys} takes it
     * @param most lanes
     */
    static List<List<List<SourceRow>>> of(String source, List<SourceRow> orders, int most) {
        var lanes = IntStream.range(0, Math.min(most, orders.size()))
                .mapToObj(i -> (List<List<SourceRow>>) new ArrayList<List<SourceRow>>())
                .toList();
        var laneOf = new HashMap<String, Integer>();
        for (int i = 0; i < orders.size(); i++) {
            var next = i % lanes.size();
            var order = List.of(orders.get(i));
            var key = OrderKeys.of(source, order);
            lanes.get(key == null ? next : laneOf.computeIfAbsent(key, unknown -> next))
                    .add(order);
        }
        return lanes;
    }
}
