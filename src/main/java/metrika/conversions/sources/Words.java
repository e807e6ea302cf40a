package metrika.conversions.sources;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the words of a column stand for. */
final class Words {

    private static final int MOST_SHOWN = 20;
    private static final Pattern NUMBER = Pattern.compile("-?[0-9]{1,100}(?:\\.[0-9]{1,100})?");

    /**
     * Where some numbers begin or end.
     *
     * @param isIn whether that number is one of them
     */
    record Bound(BigDecimal number, boolean isIn) {}

    /** Numbers from one to another; one of the two may be {@code null}: there is no first or last one. */
    private record Range(Bound from, Bound to, String meaning) {

        boolean has(BigDecimal number) {
            var bound = new Bound(number, true);
            return isBefore(from, bound) && isBefore(bound, to);
        }

        boolean meets(Range other) {
            return isBefore(from, other.to) && isBefore(other.from, to);
        }

        /** Whether there are numbers from one bound to the other. */
        private static boolean isBefore(Bound first, Bound last) {
            var order = first == null || last == null ? -1 : first.number().compareTo(last.number());
            return order < 0 || order == 0 && first.isIn() && last.isIn();
        }

        @Override
        public String toString() {
            return from != null && !from.isIn()
                    ? ">" + shown(from)
                    : to != null && !to.isIn() ? "<" + shown(to) : shown(from) + ".." + shown(to);
        }

        private static String shown(Bound bound) {
            return bound == null ? "" : "'" + bound.number().toPlainString() + "'";
        }
    }

    /** By {@link #plain}. */
    private final Map<String, String> whole = new LinkedHashMap<>();
    /** The same, of words of which only the beginning is given. */
    private final Map<String, String> beginnings = new LinkedHashMap<>();

    private final List<Range> ranges = new ArrayList<>();
    /** What all others stand for; {@code null} for nothing. */
    private String others;

    /** A word as it is compared: people write capitals and blanks as they like. */
    static String plain(String text) {
        return text.strip().replaceAll("[\\s\\u00a0]+", " ").toLowerCase(Locale.ROOT);
    }

    /** Says what a word stands for; {@code false} when that was said before. */
    boolean add(String word, String meaning) {
        return whole.put(plain(word), meaning) == null;
    }

    /** The same for all words that begin so and are not said themselves; a longer beginning goes before. */
    boolean addBeginning(String word, String meaning) {
        return beginnings.put(plain(word), meaning) == null;
    }

    /**
     * The same for all numbers from one to another, as people write them; a number that is said itself goes before.
     *
     * @param from {@code null}: all up to the last
     * @param to {@code null}: all from the first on
     * @return {@code false} when one of them is in another range
     */
    boolean addRange(Bound from, Bound to, String meaning) {
        var range = new Range(from, to, meaning);
        var isFirst = ranges.stream().noneMatch(range::meets);
        ranges.add(range);
        return isFirst;
    }

    /** The same for all that are not said. */
    boolean addOthers(String meaning) {
        var isFirst = others == null;
        others = meaning;
        return isFirst;
    }

    /**
     * What a word stands for.
     *
     * @param text a cell; {@code null} for an empty one
     * @return {@code null} for nothing
     */
    String meaning(String text) {
        var word = text == null ? "" : plain(text);
        var known = whole.get(word);
        if (known != null) {
            return known;
        }
        var range = ranges.isEmpty() ? null : range(word);
        if (range != null) {
            return range.meaning();
        }
        String longest = null;
        for (var beginning : beginnings.keySet()) {
            if (word.startsWith(beginning) && (longest == null || beginning.length() > longest.length())) {
                longest = beginning;
            }
        }
        return longest == null ? others : beginnings.get(longest);
    }

    private Range range(String word) {
        var read = word.isEmpty() ? null : CellNormalizer.value("price", word);
        if (read == null || !NUMBER.matcher(read.toString()).matches()) {
            return null;
        }
        var number = new BigDecimal(read.toString());
        return ranges.stream().filter(range -> range.has(number)).findFirst().orElse(null);
    }

    /** The words, for a person. */
    @Override
    public String toString() {
        var shown = Stream.of(
                        whole.keySet().stream().map("'%s'"::formatted),
                        ranges.stream().map(Range::toString),
                        beginnings.keySet().stream().map("'%s'*"::formatted))
                .flatMap(each -> each)
                .limit(MOST_SHOWN)
                .collect(Collectors.joining(", "));
        return whole.size() + ranges.size() + beginnings.size() > MOST_SHOWN ? shown + ", …" : shown;
    }
}
