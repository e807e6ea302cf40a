package metrika.conversions.sources;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
    /** By what a row is known again, in place of its number and goal. */
    static final String KEY = "key";

    static final List<String> CONDITIONS = List.of(ONLY, LEAVE_OUT, REQUIRED);

    static final String TEXT = "'((?:[^']|'')*)'";
    private static final Pattern FIELD = Pattern.compile("\\s*([\\w-]+)\\s*=\\s*");
    private static final Pattern QUOTED = Pattern.compile(TEXT);
    private static final Pattern NAME_IN_QUOTES = Pattern.compile("\"([^\"]+)\"");
    private static final String UNLESS_GIVEN = "\\s+unless\\s+(client_id|user_id|yclid)(?=\\s*(?:,|$))";
    /** What ends a part. */
    private static final String END_OF_PART = "(?:\\s*(?:,|$|\\||\\+\\s*['\"])|" + UNLESS_GIVEN + ")";

    private static final Pattern UNLESS = Pattern.compile(UNLESS_GIVEN);

    private static final String TIMES = "\\s*([*/])\\s*([0-9]+(?:\\.[0-9]+)?)(?=" + END_OF_PART + ")";
    /** Up to what can come behind a name. */
    private static final Pattern NAME = Pattern.compile("([^,'\"|]+?)(?=" + END_OF_PART + "|" + TIMES + "|"
            + ListChoice.FORM + "|\\s*\\[\\s*'|\\s*\\(\\s*(?:'|\\.\\.|[<>]\\s*'|\\*\\s*=))");

    private static final Pattern CHOICE = Pattern.compile("\\s*" + ListChoice.FORM);
    private static final Pattern FACTOR = Pattern.compile(TIMES);

    private static final Pattern CUT = Pattern.compile("\\s*\\[\\s*" + TEXT + "\\s*]");
    private static final Pattern OR = Pattern.compile("\\s*\\|\\s*");
    private static final Pattern PLUS = Pattern.compile("\\s*\\+\\s*");
    private static final Pattern END = Pattern.compile("\\s*(?:,|$)");
    /** The next entry, without a comma before it. */
    private static final Pattern NEXT_ENTRY = Pattern.compile(
            "[;\\s]\\s*(?:" + String.join("|", Columns.FIELDS) + "|time|key|only|leave-out|required)\\s*=");

    private final ColumnsScanner text;
    private final WordsParser words;
    private final List<ColumnValue> conditions = new ArrayList<>();
    private final Map<String, String> unless = new LinkedHashMap<>();

    ColumnsParser(String text) {
        this.text = new ColumnsScanner(text);
        words = new WordsParser(this.text);
    }

    /**
     * The parts of each field; several lists of them where the first counts that gives a value.
     *
     * @throws IllegalArgumentException that names the place, and what is expected there
     */
    Map<String, List<List<ColumnValue.Part>>> parse() {
        var entries = new LinkedHashMap<String, List<List<ColumnValue.Part>>>();
        while (!text.isAtEnd()) {
            var start = text.at();
            var field = text.take(FIELD);
            if (field == null) {
                throw text.fault("an entry such as client_id=Visitor or currency='RUB' is expected here");
            }
            if (CONDITIONS.contains(field.group(1))) {
                conditions.add(field.group(1).equals(REQUIRED) ? required() : condition(field.group(1)));
                continue;
            }
            var values = new ArrayList<List<ColumnValue.Part>>();
            do {
                values.add(parts());
            } while (text.take(OR) != null);
            var other = text.take(UNLESS);
            if (other != null && field.group(1).equals(KEY)) {
                throw text.fault("unless cannot stand here: key=a|b is the first that gives a value");
            }
            if (other != null) {
                unless.put(field.group(1), other.group(1));
            }
            if (text.take(END) == null) {
                throw text.fault("a comma, + and another part, or | and another value is expected here");
            }
            if (entries.put(field.group(1), values) != null) {
                text.to(start);
                throw text.fault("%s is given twice: leave one of them out".formatted(field.group(1)));
            }
        }
        var key = entries.remove(KEY);
        if (key != null) {
            conditions.add(key(key));
        }
        return entries;
    }

    private static ColumnValue key(List<List<ColumnValue.Part>> values) {
        var key = ColumnValue.of(KEY, values);
        if (key.values().stream().anyMatch(value -> value.ownColumns().isEmpty())) {
            throw new IllegalArgumentException("columns has a key without a column: all rows would be one");
        }
        return key;
    }

    /** What {@link #parse} has found besides the fields. */
    List<ColumnValue> conditions() {
        return conditions;
    }

    /** The fields that have a value only where another one has none, with that other one. */
    Map<String, String> unless() {
        return unless;
    }

    private List<ColumnValue.Part> parts() {
        var parts = new ArrayList<ColumnValue.Part>();
        do {
            parts.add(part());
        } while (text.take(PLUS) != null);
        return parts;
    }

    private ColumnValue.Part part() {
        var quoted = text.take(QUOTED);
        if (quoted != null) {
            return ColumnValue.Part.ofText(unescaped(quoted.group(1)));
        }
        var name = name();
        var cut = text.take(CUT);
        var factor = factor();
        return new ColumnValue.Part(
                null,
                name,
                cut == null ? null : unescaped(cut.group(1)),
                factor,
                factor == null ? words.parse() : null);
    }

    /** The column, or one of those columns, that must not be empty. */
    private ColumnValue required() {
        var columns = new ArrayList<List<ColumnValue.Part>>();
        do {
            columns.add(List.of(cell(null)));
        } while (text.take(OR) != null);
        if (text.take(END) == null) {
            throw text.fault(
                    "a comma is expected here, or | and a column that suffices as well: each required column is an"
                            + " entry of its own");
        }
        return ColumnValue.of(REQUIRED, columns);
    }

    /** Which words of a column its rows have to have, or must not. */
    private ColumnValue condition(String kind) {
        var asked = new Words();
        var cell = cell(asked);
        if (text.take(WordsParser.OPEN) == null) {
            throw text.fault("words in brackets, as in %s=Status('Paid', 'Sent'), are expected here".formatted(kind));
        }
        var isOnly = kind.equals(ONLY);
        asked.addOthers(isOnly ? ColumnValue.LEFT_OUT : "");
        words.addConditions(asked, isOnly ? "" : ColumnValue.LEFT_OUT);
        if (text.take(END) == null) {
            throw text.fault("a comma is expected here: each condition is an entry of its own");
        }
        return ColumnValue.of(kind, List.of(List.of(cell)));
    }

    /** @param words what the cell's words stand for, which are still to come; {@code null} for themselves */
    private ColumnValue.Part cell(Words words) {
        var name = name();
        var cut = text.take(CUT);
        return new ColumnValue.Part(null, name, cut == null ? null : unescaped(cut.group(1)), null, words);
    }

    /** The name of a column, or a path with choices in it. */
    private String name() {
        var name = text.take(NAME_IN_QUOTES);
        if (name == null) {
            name = text.take(NAME);
            var next = name == null ? null : NEXT_ENTRY.matcher(name.group(1));
            if (next != null && next.find()) {
                text.to(name.start(1) + next.start());
                throw text.fault(
                        "a comma is expected before the next entry; a name with = in it goes into double quotes");
            }
        }
        if (name == null) {
            throw text.fault(
                    text.isBefore("'\"")
                            ? "this quote is not closed, or nothing is in it: a name in double quotes, a text in single"
                                    + " ones"
                            : "the name of a column, or a text in single quotes, is expected here");
        }
        var path = new StringBuilder(name.group(1).strip());
        for (var choice = text.take(CHOICE); choice != null; choice = text.take(CHOICE)) {
            path.append(choice.group().strip());
            if (text.isBefore(".")) {
                var start = text.at();
                var rest = text.take(NAME);
                if (rest == null || rest.group(1).strip().equals(".")) {
                    text.to(start);
                    throw text.fault("a name is expected behind the point");
                }
                path.append(rest.group(1).strip());
            }
        }
        return path.toString();
    }

    /** What a number is multiplied by; {@code null} when nothing says so. */
    private BigDecimal factor() {
        var start = text.at();
        var factor = text.take(FACTOR);
        if (factor == null) {
            return null;
        }
        var number = new BigDecimal(factor.group(2));
        try {
            if (number.signum() > 0) {
                return factor.group(1).equals("*") ? number : BigDecimal.ONE.divide(number);
            }
        } catch (ArithmeticException e) {
            text.to(start);
            throw text.fault("a number that is divided by %s may have no end: 100 and 1000 divide, 3 does not"
                    .formatted(number));
        }
        text.to(start);
        throw text.fault("a number above zero is expected behind * and /");
    }

    static String unescaped(String quoted) {
        return quoted.replace("''", "'");
    }
}
