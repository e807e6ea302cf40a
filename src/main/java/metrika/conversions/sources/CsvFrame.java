package metrika.conversions.sources;

import java.util.Locale;
import java.util.regex.Pattern;

import org.apache.commons.csv.CSVRecord;

/**
 * The lines of a CSV file that are no rows: those of a heading, and the last one, without which the file is cut off.
 *
 * @param skipped how many lines stand before the one with the names of the columns
 * @param lastLine what the last line begins with; empty when there is no such line
 */
record CsvFrame(int skipped, String lastLine) {

    static final CsvFrame NONE = new CsvFrame(0, "");

    private static final Pattern LINES = Pattern.compile("[0-9]{1,4}");
    /** How a file of refused rows begins, which has no frame. */
    private static final Pattern OF_ERRORS = Pattern.compile("line([;,\t])field\\1reason(\\1.*)?");

    /**
     * The frame that a source sets.
     *
     * @param skipLines a number; {@code null} or empty for 0
     * @param lastLine may be {@code null}
     * @throws IllegalArgumentException when it is no such number
     */
    static CsvFrame of(String skipLines, String lastLine) {
        var given = skipLines == null || skipLines.isBlank() ? "0" : skipLines.strip();
        if (!LINES.matcher(given).matches()) {
            throw new IllegalArgumentException("skip-lines is '%s': a number of lines is expected".formatted(given));
        }
        return new CsvFrame(Integer.parseInt(given), lastLine == null ? "" : lastLine.strip());
    }

    /** @param firstLine of the file: one of refused rows that was mended comes back without a frame */
    CsvFrame around(String firstLine) {
        return OF_ERRORS.matcher(firstLine).matches() ? NONE : this;
    }

    boolean isLast(CSVRecord record) {
        return record.stream()
                .map(CellNormalizer::trimmed)
                .filter(cell -> cell != null)
                .findFirst()
                .filter(cell -> cell.toLowerCase(Locale.ROOT).startsWith(lastLine.toLowerCase(Locale.ROOT)))
                .isPresent();
    }
}
