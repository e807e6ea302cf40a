package metrika.conversions.dashboard;

import java.util.ArrayList;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import com.fasterxml.jackson.databind.JsonNode;

/** A small line without axes, as the points of an SVG polyline. */
final class Sparkline {

    private Sparkline() {}

    /**
     * The points of a line through the numbers of a list, in a box of 96 by 24; the greatest number is at its top.
     *
     * @param numbers a JSON array
     */
    static String points(JsonNode numbers) {
        var values = new ArrayList<Double>();
        numbers.forEach(value -> values.add(value.asDouble()));
        var most = Math.max(1, values.stream().mapToDouble(value -> value).max().orElse(0));
        return IntStream.range(0, values.size())
                .mapToObj(place -> String.format(
                        Locale.ROOT,
                        "%.1f,%.1f",
                        2 + 92.0 * place / Math.max(1, values.size() - 1),
                        22 - 20 * values.get(place) / most))
                .collect(Collectors.joining(" "));
    }
}
