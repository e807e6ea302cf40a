package metrika.conversions.sources;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVParser;
import org.apache.commons.csv.CSVRecord;

import metrika.conversions.intake.ConversionField;
import metrika.conversions.intake.SourceRow;

/** The rows of a CSV file with a header: commas, semicolons or tabs, and what Excel makes of them. */
final class CsvRows implements RowReader {

    private static final String DELIMITERS = ";\t,";
    private static final int LOOK_AHEAD = 1 << 16;

    private final BoundedReader reader;
    private final CSVParser parser;
    private final Iterator<CSVRecord> records;
    private final Columns columns;
    private final TextEncoding encoding;
    private final List<String> header;
    private final List<String> fields;
    private final List<String> parts;
    private final List<String> jsons;
    private final char delimiter;
    private long linesBefore;
    private long lastLine;
    private long headerLine = 1;
    private SourceRow next;

    /**
     * @param text its characters, without a byte order mark; closed with this
     * @param encoding what the characters were read by
     * @throws BrokenFileException when it has no header, or its header lacks a column
     */
    CsvRows(Reader text, Columns columns, TextEncoding encoding) throws IOException {
        this.columns = columns;
        this.encoding = encoding;
        reader = new BoundedReader(text);
        var buffered = new BufferedReader(reader, LOOK_AHEAD);
        delimiter = delimiter(buffered);
        parser = CSVFormat.DEFAULT
                .builder()
                .setDelimiter(delimiter)
                .setIgnoreEmptyLines(false)
                .setTrailingData(true)
                .setLenientEof(false)
                .get()
                .parse(buffered);
        records = parser.iterator();
        header = readHeader();
        fields = header.stream().map(columns::field).toList();
        parts = header.stream().map(columns::part).toList();
        jsons = header.stream().map(name -> columns.isAbove(name) ? name : null).toList();
        checkHeader();
        advance();
    }

    char delimiter() {
        return delimiter;
    }

    @Override
    public List<String> header() {
        return header;
    }

    private List<String> readHeader() {
        for (var record = record(); record != null; record = record()) {
            var names = record.stream()
                    .map(cell -> cell.replaceAll("[\\s\\u00a0]+", " ").strip())
                    .collect(Collectors.toCollection(ArrayList::new));
            while (!names.isEmpty() && names.get(names.size() - 1).isEmpty()) {
                names.remove(names.size() - 1);
            }
            if (!names.isEmpty()) {
                headerLine = lastLine;
                return List.copyOf(names);
            }
        }
        throw new BrokenFileException(1, "the file is empty: a first line with the names of the columns is expected");
    }

    @Override
    public List<String> unused() {
        return header.stream()
                .filter(name -> !name.isEmpty() && columns.field(name) == null && columns.part(name) == null)
                .filter(name -> !columns.isAbove(name))
                .toList();
    }

    @Override
    public boolean hasNext() {
        return next != null;
    }

    @Override
    public SourceRow next() {
        if (next == null) {
            throw new NoSuchElementException();
        }
        var row = next;
        advance();
        return row;
    }

    @Override
    public void close() throws IOException {
        parser.close();
    }

    private void advance() {
        next = null;
        for (var record = record(); record != null; record = record()) {
            if (record.stream().anyMatch(cell -> CellNormalizer.trimmed(cell) != null)) {
                next = row(record);
                return;
            }
        }
    }

    private SourceRow row(CSVRecord record) {
        var cells = record.toList();
        var values = new RowBuilder(columns);
        String fault = null;
        for (int i = 0; i < Math.min(cells.size(), fields.size()); i++) {
            var field = fields.get(i);
            var part = parts.get(i);
            var json = jsons.get(i);
            var cell = field == null && part == null && json == null ? null : CellNormalizer.trimmed(cells.get(i));
            if (cell != null && field != null) {
                values.cell(field, cell);
            }
            if (cell != null && part != null) {
                values.part(part, cell);
            }
            if (cell != null && json != null) {
                new JsonFields(columns, values).putText(json, cell);
            }
            if (fault == null) {
                fault = fault(header.get(i), cells.get(i), cell);
            }
        }
        var tooMany = cells.stream().skip(fields.size()).anyMatch(cell -> CellNormalizer.trimmed(cell) != null);
        return new SourceRow(
                lastLine,
                values.build(),
                cells.subList(0, tooMany ? cells.size() : Math.min(cells.size(), fields.size())),
                tooMany
                        ? ("the row has more values than there are columns (%d for %d): a value with a '%s' in it"
                                        + " has to stand in quotes")
                                .formatted(cells.size(), fields.size(), delimiter)
                        : fault);
    }

    /** @param value what is stored of it, or {@code null} */
    private String fault(String column, String cell, String value) {
        var fault = encoding.fault(cell);
        if (fault == null && value != null) {
            fault = encoding.faultOfValue(value);
        }
        return fault == null ? null : "column %s: %s".formatted(TextEncoding.shown(column), fault);
    }

    /** The next record, empty ones too; {@code null} at the end. */
    private CSVRecord record() {
        lastLine = linesBefore + parser.getCurrentLineNumber() + 1;
        try {
            var record = records.hasNext() ? records.next() : null;
            reader.endRow();
            return record;
        } catch (UncheckedIOException | IllegalStateException e) {
            throw new BrokenFileException(
                    lastLine,
                    reader.isExceeded()
                            ? "the row that begins here has more than a million characters: a quote is not closed"
                            : "the row that begins here cannot be read: a quote is not closed, or stands where none"
                                    + " can be");
        }
    }

    private void checkHeader() {
        for (var field : fields) {
            if (field != null && fields.indexOf(field) != fields.lastIndexOf(field)) {
                throw new BrokenFileException(
                        headerLine,
                        "two columns are the %s: %s"
                                .formatted(
                                        field,
                                        header.stream()
                                                .filter(name -> field.equals(columns.field(name)))
                                                .collect(Collectors.joining("', '", "'", "'"))));
            }
        }
        for (var part : parts) {
            if (part != null && parts.indexOf(part) != parts.lastIndexOf(part)) {
                throw new BrokenFileException(
                        headerLine,
                        "two columns are called '%s', of which columns needs one"
                                .formatted(header.get(parts.indexOf(part))));
            }
        }
        columns.named().forEach((field, column) -> {
            if (!fields.contains(field) && !isInJson(column)) {
                throw missingColumn(field, column);
            }
        });
        columns.made()
                .forEach((field, value) -> value.columns().forEach(column -> {
                    if (!parts.contains(columns.part(column)) && !isInJson(column)) {
                        throw missingColumn(field, column);
                    }
                }));
        Stream.of("target", "date_time")
                .filter(field -> !isGiven(field))
                .findFirst()
                .ifPresent(field -> {
                    throw missing("no column is the " + field);
                });
        // Whether a purchase_id suffices is for the rules to say.
        if (ConversionField.namesOfPersons().stream().noneMatch(this::isGiven)) {
            throw missing("no column is the client_id, the user_id or the yclid");
        }
    }

    /** Whether a column is a path into the JSON of another one. */
    private boolean isInJson(String column) {
        return jsons.stream()
                .anyMatch(json -> json != null && columns.below(json).contains(Columns.plain(column)));
    }

    private boolean isGiven(String field) {
        return fields.contains(field)
                || columns.named().containsKey(field)
                || columns.constants().containsKey(field)
                || columns.made().containsKey(field);
    }

    private BrokenFileException missingColumn(String field, String column) {
        return missing("there is no column '%s', which is to be the %s%s"
                .formatted(
                        column,
                        field,
                        column.contains("+") ? " (names that are joined need quotes: \"A\"+\"B\", A+'-'+B)" : ""));
    }

    private BrokenFileException missing(String what) {
        var columns = String.join(", ", header);
        var fault = encoding.faultOfHeader(columns);
        return new BrokenFileException(
                headerLine, fault != null ? fault : "%s. The columns are: %s".formatted(what, columns));
    }

    /** Excel's line sep=; says it; else the header does, which is the first line with something in it. */
    private char delimiter(BufferedReader text) throws IOException {
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
            linesBefore = 1;
            return line.replace("\"", "").charAt(4);
        }
        var header = lines.stream()
                .filter(each -> each.chars().anyMatch(Character::isLetterOrDigit))
                .findFirst()
                .orElse("");
        var outsideQuotes = header.replaceAll("\"[^\"]*\"", "");
        return (char) DELIMITERS
                .chars()
                .boxed()
                .max((a, b) -> Long.compare(count(outsideQuotes, a), count(outsideQuotes, b)) != 0
                        ? Long.compare(count(outsideQuotes, a), count(outsideQuotes, b))
                        : DELIMITERS.indexOf(b) - DELIMITERS.indexOf(a))
                .orElseThrow()
                .intValue();
    }

    private static long count(String text, int character) {
        return text.chars().filter(c -> c == character).count();
    }
}
