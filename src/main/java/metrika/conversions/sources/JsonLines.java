package metrika.conversions.sources;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.io.StringReader;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;

import metrika.conversions.intake.SourceRow;

/**
 * JSON lines of which some are broken: each line is read by itself, and one that is not JSON to its end is a row with a
 * fault.
 */
final class JsonLines implements RowReader {

    private final BoundedReader reader;
    private final BufferedReader lines;
    private final Columns columns;
    private final TextEncoding encoding;
    private final Deque<SourceRow> rows = new ArrayDeque<>();
    private long number;

    /**
     * @param text its characters, without a byte order mark; closed with this
     * @param encoding what the characters were read by
     */
    JsonLines(Reader text, Columns columns, TextEncoding encoding) {
        this.columns = columns;
        this.encoding = encoding;
        reader = new BoundedReader(text);
        lines = new BufferedReader(reader);
        advance();
    }

    @Override
    public List<String> header() {
        return List.of("row");
    }

    @Override
    public boolean hasNext() {
        return !rows.isEmpty();
    }

    @Override
    public SourceRow next() {
        if (rows.isEmpty()) {
            throw new NoSuchElementException();
        }
        var row = rows.remove();
        advance();
        return row;
    }

    @Override
    public void close() throws IOException {
        lines.close();
    }

    private void advance() {
        try {
            var line = "";
            while (rows.isEmpty() && line != null) {
                number++;
                line = lines.readLine();
                reader.endRow();
                if (line != null) {
                    // Files that were put together keep their marks in the middle
                    rows.addAll(rows(line.startsWith(TextEncoding.BYTE_ORDER_MARK) ? line.substring(1) : line));
                }
            }
        } catch (IOException e) {
            throw new BrokenFileException(
                    number,
                    reader.isExceeded() ? "the line has more than a million characters" : "the line cannot be read");
        }
    }

    private List<SourceRow> rows(String line) throws IOException {
        var read = new ArrayList<SourceRow>();
        try (var ofLine = new JsonRows(new StringReader(line), columns, encoding)) {
            ofLine.forEachRemaining(row -> read.add(new SourceRow(number, row.fields(), row.source(), row.fault())));
            return read;
        } catch (BrokenFileException e) {
            return List.of(new SourceRow(number, Map.of(), List.of(line), "the line is not JSON"));
        }
    }
}
