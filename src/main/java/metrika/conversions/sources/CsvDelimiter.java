package metrika.conversions.sources;

import java.io.BufferedReader;
import java.io.IOException;

/**
 * What stands between the cells of a CSV file.
 *
 * @param linesBefore that are read to find it out, and are no row
 */
record CsvDelimiter(char sign, int linesBefore) {

    /** How much a reader has to be able to take back. */
    static final int LOOK_AHEAD = 1 << 16;

    private static final String SIGNS = ";\t,";

    /** Excel's line sep=; says it; else the header does, which is the first line with something in it. */
    static CsvDelimiter of(BufferedReader text) throws IOException {
        text.mark(LOOK_AHEAD - 1);
        var start = new char[LOOK_AHEAD / 2];
        var length = 0;
        for (int read = 0; read >= 0 && length < start.length; length += Math.max(read, 0)) {
            read = text.read(start, length, start.length - length);
        }
        text.reset();
        var lines = new String(start, 0, length).lines().toList();
        var line = lines.isEmpty() ? "" : lines.get(0);
        if (line.matches("(?i)\"?sep=.\"?")) {
            text.readLine();
            return new CsvDelimiter(line.replace("\"", "").charAt(4), 1);
        }
        var header = lines.stream()
                .filter(each -> each.chars().anyMatch(Character::isLetterOrDigit))
                .findFirst()
                .orElse("");
        var outsideQuotes = header.replaceAll("\"[^\"]*\"", "");
        return new CsvDelimiter(
                (char) SIGNS.chars()
                        .boxed()
                        .max((a, b) -> Long.compare(count(outsideQuotes, a), count(outsideQuotes, b)) != 0
                                ? Long.compare(count(outsideQuotes, a), count(outsideQuotes, b))
                                : SIGNS.indexOf(b) - SIGNS.indexOf(a))
                        .orElseThrow()
                        .intValue(),
                0);
    }

    private static long count(String text, int character) {
        return text.chars().filter(c -> c == character).count();
    }
}
