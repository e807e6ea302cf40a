package metrika.conversions.sources;

import java.io.BufferedReader;
import java.io.IOException;
import java.util.List;

/**
 * What stands between the cells of a CSV file.
 *
 * @param linesBefore that are read to find it out, and are no row
 * @param frame the lines that are no row, as this file has them
 */
record CsvDelimiter(char sign, int linesBefore, CsvFrame frame) {

    /** How much a reader has to be able to take back. */
    static final int LOOK_AHEAD = 1 << 16;

    private static final String SIGNS = ";\t,";

    /** Excel's line sep=; says it; else the header does, which is the first line with something in it. */
    static CsvDelimiter of(BufferedReader text, CsvFrame given) throws IOException {
        var start = start(text);
        var frame = given.around(start.isEmpty() ? "" : start.get(0));
        for (int i = 0; i < frame.skipped(); i++) {
            text.readLine();
        }
        var lines = frame.skipped() == 0 ? start : start(text);
        var line = lines.isEmpty() ? "" : lines.get(0);
        if (line.matches("(?i)\"?sep=.\"?")) {
            text.readLine();
            return new CsvDelimiter(line.replace("\"", "").charAt(4), frame.skipped() + 1, frame);
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
                frame.skipped(),
                frame);
    }

    /** The first lines that are to be read. */
    private static List<String> start(BufferedReader text) throws IOException {
        text.mark(LOOK_AHEAD - 1);
        var start = new char[LOOK_AHEAD / 2];
        var length = 0;
        for (int read = 0; read >= 0 && length < start.length; length += Math.max(read, 0)) {
            read = text.read(start, length, start.length - length);
        }
        text.reset();
        return new String(start, 0, length).lines().toList();
    }

    private static long count(String text, int character) {
        return text.chars().filter(c -> c == character).count();
    }
}
