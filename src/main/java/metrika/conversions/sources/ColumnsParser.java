package metrika.conversions.sources;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/**
 * Reads the text of {@code columns}: entries with commas between them, each a field, {@code =} and parts with {@code +}
 * between them. Signs count beside quotes only, so that a name may have any of them.
 */
final class ColumnsParser {

    private static final String TEXT = "'((?:[^']|'')*)'";
    private static final Pattern FIELD = Pattern.compile("\\s*(\\w+)\\s*=\\s*");
    private static final Pattern QUOTED = Pattern.compile(TEXT);
    private static final Pattern NAME_IN_QUOTES = Pattern.compile("\"([^\"]+)\"");
    /** Up to what can come behind a name. */
    private static final Pattern NAME =
            Pattern.compile("([^,'\"]+?)(?=\\s*(?:,|$|\\+\\s*['\"]|\\[\\s*'|\\(\\s*(?:'|\\*\\s*=)))");

    private static final Pattern CUT = Pattern.compile("\\s*\\[\\s*" + TEXT + "\\s*]");
    private static final Pattern WORDS_OPEN = Pattern.compile("\\s*\\(");
    private static final Pattern WORD = Pattern.compile(
            "\\s*(?:" + TEXT + "(?:\\s*\\.\\.\\s*" + TEXT + ")?|(\\*))\\s*=\\s*(?:" + TEXT + "|(-))\\s*([,)])");
    private static final Pattern NUMBER = Pattern.compile("0|[1-9][0-9]{0,8}");
    /** More numbers than anybody has shops. */
    private static final int MOST_NUMBERS = 10_000;

    private static final Pattern PLUS = Pattern.compile("\\s*\\+\\s*");
    private static final Pattern END = Pattern.compile("\\s*(?:,|$)");
    /** The next entry, without a comma before it. */
    private static final Pattern NEXT_ENTRY =
            Pattern.compile("[;\\s]\\s*(?:" + String.join("|", Columns.FIELDS) + "|time)\\s*=");

    private static final int SHOWN = 30;

    private final String text;
    private int at;

    ColumnsParser(String text) {
        this.text = text;
    }

    /**
     * The parts of each field.
     *
     * @throws IllegalArgumentException that names the place, and what is expected there
     */
    Map<String, List<ColumnValue.Part>> parse() {
        var entries = new LinkedHashMap<String, List<ColumnValue.Part>>();
        while (at < text.length()) {
            var start = at;
            var field = take(FIELD);
            if (field == null) {
                throw fault("an entry such as client_id=Visitor or currency='RUB' is expected here");
            }
            var parts = new ArrayList<ColumnValue.Part>();
            do {
                parts.add(part());
            } while (take(PLUS) != null);
            if (take(END) == null) {
                throw fault("a comma, or + and another part, is expected here");
            }
            if (entries.put(field.group(1), parts) != null) {
                at = start;
                throw fault("%s is given twice: leave one of them out".formatted(field.group(1)));
            }
        }
        return entries;
    }

    private ColumnValue.Part part() {
        var quoted = take(QUOTED);
        if (quoted != null) {
            return new ColumnValue.Part(unescaped(quoted.group(1)), null, null, null);
        }
        var name = take(NAME_IN_QUOTES);
        if (name == null) {
            name = take(NAME);
            var next = name == null ? null : NEXT_ENTRY.matcher(name.group(1));
            if (next != null && next.find()) {
                at = name.start(1) + next.start();
                throw fault("a comma is expected before the next entry; a name with = in it goes into double quotes");
            }
        }
        if (name == null) {
            throw fault(
                    at < text.length() && "'\"".indexOf(text.charAt(at)) >= 0
                            ? "this quote is not closed, or nothing is in it: a name in double quotes, a text in single"
                                    + " ones"
                            : "the name of a column, or a text in single quotes, is expected here");
        }
        var cut = take(CUT);
        return new ColumnValue.Part(null, name.group(1).strip(), cut == null ? null : unescaped(cut.group(1)), words());
    }

    private Map<String, String> words() {
        if (take(WORDS_OPEN) == null) {
            return null;
        }
        var words = new LinkedHashMap<String, String>();
        for (var isLast = false; !isLast; ) {
            var start = at;
            var word = take(WORD);
            if (word == null) {
                throw fault("a word and its value, such as 'Paid'='purchase', 'New'=- or *=-, and a comma or ) is"
                        + " expected here");
            }
            var value = word.group(5) != null ? ColumnValue.LEFT_OUT : unescaped(word.group(4));
            for (var name : names(word, start)) {
                if (words.put(name, value) != null) {
                    at = start;
                    throw fault("the word '%s' is given twice: leave one of them out".formatted(name));
                }
            }
            isLast = word.group(6).equals(")");
        }
        return words;
    }

    /** A word as it is compared, or all numbers from one to another. */
    private List<String> names(Matcher word, int start) {
        if (word.group(3) != null) {
            return List.of(ColumnValue.OTHERS);
        }
        if (word.group(2) == null) {
            return List.of(ColumnValue.word(unescaped(word.group(1))));
        }
        var areNumbers = NUMBER.matcher(word.group(1)).matches()
                && NUMBER.matcher(word.group(2)).matches();
        var from = areNumbers ? Integer.parseInt(word.group(1)) : 0;
        var to = areNumbers ? Integer.parseInt(word.group(2)) : -1;
        if (to < from || to - from >= MOST_NUMBERS) {
            at = start;
            throw fault("two whole numbers, the smaller one first and at most %d numbers, such as '1'..'29', are"
                            .formatted(MOST_NUMBERS)
                    + " expected beside ..");
        }
        return IntStream.rangeClosed(from, to).mapToObj(String::valueOf).toList();
    }

    private static String unescaped(String quoted) {
        return quoted.replace("''", "'");
    }

    /** Goes on behind what is there; {@code null} when it is something else. */
    private Matcher take(Pattern pattern) {
        var matcher = pattern.matcher(text).region(at, text.length());
        // What is looked at behind a name may lie anywhere
        if (!matcher.useTransparentBounds(true).lookingAt()) {
            return null;
        }
        at = matcher.end();
        return matcher;
    }

    private IllegalArgumentException fault(String way) {
        var rest = text.substring(at).strip();
        return new IllegalArgumentException("columns, character %d, at %s: %s"
                .formatted(
                        at + 1,
                        rest.isEmpty() ? "its end" : rest.length() > SHOWN ? rest.substring(0, SHOWN) + "…" : rest,
                        way));
    }
}
