package metrika.conversions.sources;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.util.Iterator;

import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/** The records of a CSV file that have something in them, without those of its {@linkplain CsvFrame frame}. */
final class CsvRecords implements Closeable {

    private final BoundedReader reader;
    private final CSVParser parser;
    private final Iterator<CSVRecord> records;
    private final CsvDelimiter delimiter;
    private final CsvFrame frame;
    private CSVRecord ahead;
    private long lineAhead;
    private long lineRead;
    private long line;

    /** @param text its characters, without a byte order mark; closed with this */
    CsvRecords(Reader text, CsvFrame frame) throws IOException {
        reader = new BoundedReader(text);
        var buffered = new BufferedReader(reader, CsvDelimiter.LOOK_AHEAD);
        delimiter = CsvDelimiter.of(buffered, frame);
        this.frame = delimiter.frame();
        parser = CSVFormat.DEFAULT
                .builder()
                .setDelimiter(delimiter.sign())
                .setIgnoreEmptyLines(false)
                .setTrailingData(true)
                .setLenientEof(false)
                .get()
                .parse(buffered);
        records = parser.iterator();
        readAhead();
    }

    char delimiter() {
        return delimiter.sign();
    }

    /** Where the record begins that was read last, in the file. */
    long line() {
        return line;
    }

    /**
     * The next record.
     *
     * @return {@code null} at the end
     * @throws BrokenFileException when it cannot be read, or the line that is to be the last one is missing
     */
    CSVRecord next() {
        if (ahead == null) {
            return null;
        }
        var record = ahead;
        line = lineAhead;
        readAhead();
        if (ahead != null || frame.lastLine().isEmpty()) {
            return record;
        }
        if (!frame.isLast(record)) {
            throw new BrokenFileException(
                    line,
                    "the file is cut off: its last line does not begin with '%s' (last-line)"
                            .formatted(frame.lastLine()));
        }
        return null;
    }

    private void readAhead() {
        do {
            ahead = read();
        } while (ahead != null && ahead.stream().allMatch(cell -> CellNormalizer.trimmed(cell) == null));
        lineAhead = lineRead;
    }

    private CSVRecord read() {
        lineRead = delimiter.linesBefore() + parser.getCurrentLineNumber() + 1;
        try {
            var record = records.hasNext() ? records.next() : null;
            reader.endRow();
            return record;
        } catch (UncheckedIOException | IllegalStateException e) {
            throw new BrokenFileException(
                    lineRead,
                    reader.isExceeded()
                            ? "the row that begins here has more than a million characters: a quote is not closed"
                            : "the row that begins here cannot be read: a quote is not closed, or stands where none"
                                    + " can be");
        }
    }

    @Override
    public void close() throws IOException {
        parser.close();
    }
}
