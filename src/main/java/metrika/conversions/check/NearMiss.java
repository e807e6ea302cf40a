package metrika.conversions.check;

import java.util.Collection;
import java.util.TreeSet;

import org.apache.commons.text.similarity.LevenshteinDistance;

/** The name that is most likely meant by one that is written wrong. */
final class NearMiss {

    private static final int MAX_DIFFERENCES = 3;
    /** Of the letters of a name, one in so many may be wrong. */
    private static final int LETTERS_FOR_ONE = 3;

    private NearMiss() {}

    /** The nearest name; {@code null} when none is near. */
    static String of(String name, Collection<String> known) {
        var most = Math.min(MAX_DIFFERENCES, 1 + name.length() / LETTERS_FOR_ONE);
        var distance = new LevenshteinDistance(most);
        String nearest = null;
        var least = most + 1;
        for (var other : new TreeSet<>(known)) {
            var steps = distance.apply(name, other);
            if (steps >= 0 && steps < least) {
                least = steps;
                nearest = other;
            }
        }
        return nearest;
    }

    /** The end of a sentence about a name that is not known. */
    static String question(String name, Collection<String> known) {
        var nearest = of(name, known);
        return nearest == null ? "" : ": is " + nearest + " meant?";
    }
}
