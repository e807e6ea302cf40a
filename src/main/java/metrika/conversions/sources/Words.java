package metrika.conversions.sources;

import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the words of a column stand for. */
final class Words {

    private static final int MOST_SHOWN = 20;

    /** By {@link #plain}. */
    private final Map<String, String> whole = new LinkedHashMap<>();
    /** The same, of words of which only the beginning is given. */
    private final Map<String, String> beginnings = new LinkedHashMap<>();
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
        String longest = null;
        for (var beginning : beginnings.keySet()) {
            if (word.startsWith(beginning) && (longest == null || beginning.length() > longest.length())) {
                longest = beginning;
            }
        }
        return longest == null ? others : beginnings.get(longest);
    }

    /** The words, for a person. */
    @Override
    public String toString() {
        var shown = Stream.concat(
                        whole.keySet().stream().map("'%s'"::formatted),
                        beginnings.keySet().stream().map("'%s'*"::formatted))
                .limit(MOST_SHOWN)
                .collect(Collectors.joining(", "));
        return whole.size() + beginnings.size() > MOST_SHOWN ? shown + ", …" : shown;
    }
}
