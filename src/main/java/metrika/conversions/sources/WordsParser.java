package metrika.conversions.sources;

import java.math.BigDecimal;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads what stands in brackets behind a column in the text of {@code columns}: its words. */
final class WordsParser {

    static final Pattern OPEN = Pattern.compile("\\s*\\(");
    /** A word, its beginning, or the first of some numbers, the last, or both, or one that they lie above or below. */
    private static final String NAMED = "(?:" + ColumnsParser.TEXT + "(?:\\s*(\\.\\.)\\s*(?:" + ColumnsParser.TEXT
            + ")?|(\\*))?|(\\.\\.)\\s*" + ColumnsParser.TEXT + "|([<>])\\s*" + ColumnsParser.TEXT + ")";

    private static final Pattern WORD =
            Pattern.compile("\\s*(?:" + NAMED + "|(\\*))\\s*=\\s*(?:" + ColumnsParser.TEXT + "|(-))\\s*([,)])");
    /** A word of a condition. */
    private static final Pattern MET = Pattern.compile("\\s*" + NAMED + "\\s*([,)])");

    private static final Pattern NUMBER = Pattern.compile("-?[0-9]{1,15}(?:\\.[0-9]{1,10})?");

    private final ColumnsScanner text;

    WordsParser(ColumnsScanner text) {
        this.text = text;
    }

    /** What the words of a column stand for; {@code null} where nothing is said of them. */
    Words parse() {
        if (text.take(OPEN) == null) {
            return null;
        }
        var words = new Words();
        for (var isLast = false; !isLast; ) {
            var start = text.at();
            var word = text.take(WORD);
            if (word == null) {
                throw text.fault(
                        "a word and its value, such as 'Paid'='purchase', 'New'=-, 'Test'*=- or *=-, and a comma"
                                + " or ) is expected here");
            }
            var value = word.group(11) != null ? ColumnValue.LEFT_OUT : ColumnsParser.unescaped(word.group(10));
            var twice = word.group(9) != null ? words.addOthers(value) ? null : "*" : add(words, word, value, start);
            if (twice != null) {
                text.to(start);
                throw text.fault("the word '%s' is given twice: leave one of them out".formatted(twice));
            }
            isLast = word.group(12).equals(")");
        }
        return words;
    }

    /** @return a word that was there already, {@code null} when none was */
    private String add(Words words, Matcher word, String value, int start) {
        if (word.group(7) != null) {
            var isAbove = word.group(7).equals(">");
            var bound = bound(word.group(8), false, start);
            return words.addRange(isAbove ? bound : null, isAbove ? null : bound, value) ? null : word.group(8);
        }
        if (word.group(2) != null || word.group(5) != null) {
            var first = bound(word.group(1), true, start);
            var last = bound(word.group(1) == null ? word.group(6) : word.group(3), true, start);
            if (first != null && last != null && first.number().compareTo(last.number()) > 0) {
                throw noRange(start);
            }
            return words.addRange(first, last, value) ? null : word.group(1) == null ? word.group(6) : word.group(1);
        }
        var name = ColumnsParser.unescaped(word.group(1));
        var isFirst = word.group(4) != null ? words.addBeginning(name, value) : words.add(name, value);
        return isFirst ? null : word.group(1);
    }

    /** @param number {@code null}: there is none */
    private Words.Bound bound(String number, boolean isIn, int start) {
        if (number != null && !NUMBER.matcher(number).matches()) {
            throw noRange(start);
        }
        return number == null ? null : new Words.Bound(new BigDecimal(number), isIn);
    }

    private IllegalArgumentException noRange(int start) {
        text.to(start);
        return text.fault(
                "two numbers, the smaller one first, such as '1'..'29', or one, such as '0.01'.. or ..'0', are"
                        + " expected beside .., and one behind < and >");
    }

    /** Reads the words of a condition, behind the bracket: all of them mean the same. */
    void addConditions(Words words, String meaning) {
        for (var isLast = false; !isLast; ) {
            var start = text.at();
            var word = text.take(MET);
            if (word == null) {
                throw text.fault(
                        "a word in single quotes without a value, its beginning as in 'Test'*, or numbers as in"
                                + " '1'..'29' and '100'.., and a comma or ) is expected here");
            }
            add(words, word, meaning, start);
            isLast = word.group(9).equals(")");
        }
    }
}
