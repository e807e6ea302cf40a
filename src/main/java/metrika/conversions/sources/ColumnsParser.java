package metrika.conversions.sources;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the text of {@code columns}: entries with commas between them, each a field, {@code =} and parts with {@code +}
 * between them; {@code |} is between those of which the first counts that gives a value. Other signs count beside
 * quotes only, so that a name may have any of them.
 */
final class ColumnsParser {

    /** The rows with these words are the only conversions, or none. */
    static final String ONLY = "only";

    static final String LEAVE_OUT = "leave-out";
    /** Rows without a value in this column are refused. */
    static final String REQUIRED = "required";

    static final List<String> CONDITIONS = List.of(ONLY, LEAVE_OUT, REQUIRED);

    private static final String TEXT = "'((?:[^']|'')*)'";
    private static final Pattern FIELD = Pattern.compile("\\s*([\\w-]+)\\s*=\\s*");
    private static final Pattern QUOTED = Pattern.compile(TEXT);
    private static final Pattern NAME_IN_QUOTES = Pattern.compile("\"([^\"]+)\"");
    /** What ends a part. */
    private static final String END_OF_PART = "\\s*(?:,|$|\\||\\+\\s*['\"])";

    private static final String TIMES = "\\s*([*/])\\s*([0-9]+(?:\\.[0-9]+)?)(?=" + END_OF_PART + ")";
    /** Up to what can come behind a name. */
    private static final Pattern NAME = Pattern.compile("([^,'\"|]+?)(?=" + END_OF_PART + "|" + TIMES + "|"
            + ListChoice.FORM + "|\\s*\\[\\s*'|\\s*\\(\\s*(?:'|\\*\\s*=))");

    private static final Pattern CHOICE = Pattern.compile("\\s*" + ListChoice.FORM);
    private static final Pattern FACTOR = Pattern.compile(TIMES);

    private static final Pattern CUT = Pattern.compile("\\s*\\[\\s*" + TEXT + "\\s*]");
    private static final Pattern WORDS_OPEN = Pattern.compile("\\s*\\(");
    /** A word, its beginning, or the first of some numbers, and the last if there is one. */
    private static final String NAMED = TEXT + "(?:\\s*(\\.\\.)\\s*(?:" + TEXT + ")?|(\\*))?";

    private static final Pattern WORD =
            Pattern.compile("\\s*(?:" + NAMED + "|(\\*))\\s*=\\s*(?:" + TEXT + "|(-))\\s*([,)])");
    /** A word of a condition. */
    private static final Pattern MET = Pattern.compile("\\s*" + NAMED + "\\s*([,)])");

    private static final Pattern NUMBER = Pattern.compile("-?[0-9]{1,15}(?:\\.[0-9]{1,10})?");

    private static final Pattern OR = Pattern.compile("\\s*\\|\\s*");
    private static final Pattern PLUS = Pattern.compile("\\s*\\+\\s*");
    private static final Pattern END = Pattern.compile("\\s*(?:,|$)");
    /** The next entry, without a comma before it. */
    private static final Pattern NEXT_ENTRY =
            Pattern.compile("[;\\s]\\s*(?:" + String.join("|", Columns.FIELDS) + "|time|only|leave-out|required)\\s*=");

    private static final int SHOWN = 30;

    private final String text;
    private final List<ColumnValue> conditions = new ArrayList<>();
    private int at;

    ColumnsParser(String text) {
        this.text = text;
    }

    /**
     * The parts of each field; several lists of them where the first counts that gives a value.
     *
     * @throws IllegalArgumentException that names the place, and what is expected there
     */
    Map<String, List<List<ColumnValue.Part>>> parse() {
        var entries = new LinkedHashMap<String, List<List<ColumnValue.Part>>>();
        while (at < text.length()) {
            var start = at;
            var field = take(FIELD);
            if (field == null) {
                throw fault("an entry such as client_id=Visitor or currency='RUB' is expected here");
            }
            if (CONDITIONS.contains(field.group(1))) {
                conditions.add(field.group(1).equals(REQUIRED) ? required() : condition(field.group(1)));
                continue;
            }
            var values = new ArrayList<List<ColumnValue.Part>>();
            do {
                values.add(parts());
            } while (take(OR) != null);
            if (take(END) == null) {
                throw fault("a comma, + and another part, or | and another value is expected here");
            }
            if (entries.put(field.group(1), values) != null) {
                at = start;
                throw fault("%s is given twice: leave one of them out".formatted(field.group(1)));
            }
        }
        return entries;
    }

    /** What {@link #parse} has found besides the fields. */
    List<ColumnValue> conditions() {
        return conditions;
    }

    private List<ColumnValue.Part> parts() {
        var parts = new ArrayList<ColumnValue.Part>();
        do {
            parts.add(part());
        } while (take(PLUS) != null);
        return parts;
    }

    private ColumnValue.Part part() {
        var quoted = take(QUOTED);
        if (quoted != null) {
            return ColumnValue.Part.ofText(unescaped(quoted.group(1)));
        }
        var name = name();
        var cut = take(CUT);
        var factor = factor();
        return new ColumnValue.Part(
                null, name, cut == null ? null : unescaped(cut.group(1)), factor, factor == null ? words() : null);
    }

    /** The column, or one of those columns, that must not be empty. */
    private ColumnValue required() {
        var columns = new ArrayList<List<ColumnValue.Part>>();
        do {
            columns.add(List.of(cell(null)));
        } while (take(OR) != null);
        if (take(END) == null) {
            throw fault("a comma is expected here, or | and a column that suffices as well: each required column is an"
                    + " entry of its own");
        }
        return ColumnValue.of(REQUIRED, columns);
    }

    /** Which words of a column its rows have to have, or must not. */
    private ColumnValue condition(String kind) {
        var words = new Words();
        var cell = cell(words);
        if (take(WORDS_OPEN) == null) {
            throw fault("words in brackets, as in %s=Status('Paid', 'Sent'), are expected here".formatted(kind));
        }
        var isOnly = kind.equals(ONLY);
        words.addOthers(isOnly ? ColumnValue.LEFT_OUT : "");
        for (var isLast = false; !isLast; ) {
            var start = at;
            var word = take(MET);
            if (word == null) {
                throw fault("a word in single quotes without a value, its beginning as in 'Test'*, or numbers as in"
                        + " '1'..'29' and '100'.., and a comma or ) is expected here");
            }
            add(words, word, isOnly ? "" : ColumnValue.LEFT_OUT, start);
            isLast = word.group(5).equals(")");
        }
        if (take(END) == null) {
            throw fault("a comma is expected here: each condition is an entry of its own");
        }
        return ColumnValue.of(kind, List.of(List.of(cell)));
    }

    /** @param words what the cell's words stand for, which are still to come; {@code null} for themselves */
    private ColumnValue.Part cell(Words words) {
        var name = name();
        var cut = take(CUT);
        return new ColumnValue.Part(null, name, cut == null ? null : unescaped(cut.group(1)), null, words);
    }

    /** The name of a column, or a path with choices in it. */
    private String name() {
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
        var path = new StringBuilder(name.group(1).strip());
        for (var choice = take(CHOICE); choice != null; choice = take(CHOICE)) {
            path.append(choice.group().strip());
            if (at < text.length() && text.charAt(at) == '.') {
                var start = at;
                var rest = take(NAME);
                if (rest == null || rest.group(1).strip().equals(".")) {
                    at = start;
                    throw fault("a name is expected behind the point");
                }
                path.append(rest.group(1).strip());
            }
        }
        return path.toString();
    }

    /** What a number is multiplied by; {@code null} when nothing says so. */
    private BigDecimal factor() {
        var start = at;
        var factor = take(FACTOR);
        if (factor == null) {
            return null;
        }
        var number = new BigDecimal(factor.group(2));
        try {
            if (number.signum() > 0) {
                return factor.group(1).equals("*") ? number : BigDecimal.ONE.divide(number);
            }
        } catch (ArithmeticException e) {
            at = start;
            throw fault("a number that is divided by %s may have no end: 100 and 1000 divide, 3 does not"
                    .formatted(number));
        }
        at = start;
        throw fault("a number above zero is expected behind * and /");
    }

    private Words words() {
        if (take(WORDS_OPEN) == null) {
            return null;
        }
        var words = new Words();
        for (var isLast = false; !isLast; ) {
            var start = at;
            var word = take(WORD);
            if (word == null) {
                throw fault("a word and its value, such as 'Paid'='purchase', 'New'=-, 'Test'*=- or *=-, and a comma"
                        + " or ) is expected here");
            }
            var value = word.group(7) != null ? ColumnValue.LEFT_OUT : unescaped(word.group(6));
            var twice = word.group(5) != null ? words.addOthers(value) ? null : "*" : add(words, word, value, start);
            if (twice != null) {
                at = start;
                throw fault("the word '%s' is given twice: leave one of them out".formatted(twice));
            }
            isLast = word.group(8).equals(")");
        }
        return words;
    }

    /** @return a word that was there already, {@code null} when none was */
    private String add(Words words, Matcher word, String value, int start) {
        var name = unescaped(word.group(1));
        var isFirst = word.group(4) != null
                ? words.addBeginning(name, value)
                : word.group(2) != null ? addRange(words, word, value, start) : words.add(name, value);
        return isFirst ? null : word.group(1);
    }

    private boolean addRange(Words words, Matcher word, String value, int start) {
        var isOpen = word.group(3) == null;
        if (NUMBER.matcher(word.group(1)).matches()
                && (isOpen || NUMBER.matcher(word.group(3)).matches())) {
            var from = new BigDecimal(word.group(1));
            var to = isOpen ? null : new BigDecimal(word.group(3));
            if (isOpen || from.compareTo(to) <= 0) {
                return words.addRange(from, to, value);
            }
        }
        at = start;
        throw fault("two numbers, the smaller one first, such as '1'..'29', or one, such as '0.01'.., are expected"
                + " beside ..");
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
