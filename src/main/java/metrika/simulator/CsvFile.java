package metrika.simulator;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

/** A CSV file read row by row, the first row being the header; memory does not grow with the file. */
final class CsvFile implements AutoCloseable {
    private final CSVParser parser;
    private final Iterator<CSVRecord> rows;
    private final List<String> header;

    /** Bytes that are not UTF-8 are an error here, not a question mark. */
    CsvFile(Path file) throws IOException {
        parser = CSVParser.parse(
                new BufferedReader(
                        new InputStreamReader(
                                Files.newInputStream(file),
                                StandardCharsets.UTF_8
                                        .newDecoder()
                                        .onMalformedInput(CodingErrorAction.REPORT)
                                        .onUnmappableCharacter(CodingErrorAction.REPORT)),
                        1 << 16),
                CSVFormat.RFC4180);
        rows = parser.iterator();
        try {
            header = hasNext() ? rows.next().toList() : List.of();
        } catch (IOException | RuntimeException broken) {
            parser.close();
            throw broken;
        }
    }

    List<String> header() {
        return header;
    }

    /** The next row, null at the end. */
    CSVRecord next() throws IOException {
        return hasNext() ? rows.next() : null;
    }

    /** The row by column name. */
    Map<String, String> named(CSVRecord row) {
        Map<String, String> values = new LinkedHashMap<>();
        for (int column = 0; column < header.size(); column++) {
            values.put(header.get(column), row.get(column));
        }
        return values;
    }

    /** commons-csv reads ahead here, and wraps what goes wrong because an iterator may not throw it. */
    private boolean hasNext() throws IOException {
        try {
            return rows.hasNext();
        } catch (UncheckedIOException wrapped) {
            throw wrapped.getCause();
        }
    }

    @Override
    public void close() throws IOException {
        parser.close();
    }
}
