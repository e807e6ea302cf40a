package metrika.conversions.sources;

import java.io.IOException;
import java.io.Reader;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import org.apache.commons.csv.CSVRecord;

import metrika.conversions.intake.ConversionField;
import metrika.conversions.intake.SourceRow;
import metrika.conversions.text.Counted;

/** The rows of a CSV file with a header: commas, semicolons or tabs, and what Excel makes of them. */
final class CsvRows extends OneRowAhead {

    /** What a file of refused rows has before the columns of the one that they are from. */
    static final List<String> OF_ERRORS = List.of("line", "field", "reason");

    private final CsvRecords records;
    private final Columns columns;
    private final TextEncoding encoding;
    /** How many lines are left out before the header. */
    private final int skipped;

    private final List<String> header;
    private final List<String> fields;
    private final List<String> parts;
    private final List<String> jsons;
    /** How many columns at the front are those of a file of refused rows. */
    private final int own;
    /** Whether the rows were JSON or XML, and are now the only column. */
    private final boolean isOfTree;

    private long headerLine = 1;

    /**
     * @param text its characters, without a byte order mark; closed with this
     * @param encoding what the characters were read by
     * @throws BrokenFileException when it has no header, or its header lacks a column
     */
    CsvRows(Reader text, Columns columns, TextEncoding encoding) throws IOException {
        this(text, columns, encoding, CsvFrame.NONE);
    }

    /** The same with lines around it that are no rows. */
    CsvRows(Reader text, Columns columns, TextEncoding encoding, CsvFrame frame) throws IOException {
        this.columns = columns;
        this.encoding = encoding;
        skipped = frame.skipped();
        records = new CsvRecords(text, frame);
        header = readHeader();
        header.forEach(name -> columns.watcher().accept("", name));
        own = isOfErrors() ? OF_ERRORS.size() : 0;
        isOfTree = own > 0 && List.of(XmlRows.HEADER, ImportedFile.JSON).contains(header());
        fields = meanings(columns::field);
        parts = meanings(columns::part);
        jsons = meanings(name -> columns.isAbove(name) ? name : null);
        if (!isOfTree) {
            checkHeader();
        }
        advance();
    }

    char delimiter() {
        return records.delimiter();
    }

    @Override
    public List<String> header() {
        return header.subList(own, header.size());
    }

    /** Whether it is a file of refused rows that was mended: what it says itself of them is no part of the rows. */
    private boolean isOfErrors() {
        return header.size() > OF_ERRORS.size()
                && header.subList(0, OF_ERRORS.size()).equals(OF_ERRORS)
                && OF_ERRORS.stream()
                        .allMatch(name -> columns.field(name) == null && columns.part(name) == null
                                || header.lastIndexOf(name) >= OF_ERRORS.size());
    }

    /** What each column is; {@code null} for those that are nothing. */
    private List<String> meanings(UnaryOperator<String> meaning) {
        var all = new ArrayList<String>();
        for (int i = 0; i < header.size(); i++) {
            all.add(i < own ? null : meaning.apply(header.get(i)));
        }
        return all;
    }

    private List<String> readHeader() {
        for (var record = records.next(); record != null; record = records.next()) {
            var names = record.stream()
                    .map(cell -> cell.replaceAll("[\\s\\u00a0]+", " ").strip())
                    .collect(Collectors.toCollection(ArrayList::new));
            while (!names.isEmpty() && names.get(names.size() - 1).isEmpty()) {
                names.remove(names.size() - 1);
            }
            if (!names.isEmpty()) {
                headerLine = records.line();
                return List.copyOf(names);
            }
        }
        throw new BrokenFileException(
                1,
                skipped > 0
                        ? "no line is left for the names of the columns: skip-lines leaves out the first "
                                + Counted.of(skipped, "line")
                        : "the file is empty: a first line with the names of the columns is expected");
    }

    @Override
    public List<String> unused() {
        return (isOfTree ? List.<String>of() : header())
                .stream()
                        .filter(name -> !name.isEmpty() && columns.field(name) == null && columns.part(name) == null)
                        .filter(name -> !columns.isAbove(name))
                        .toList();
    }

    @Override
    public void close() throws IOException {
        records.close();
    }

    @Override
    SourceRow read() {
        var record = records.next();
        return record == null ? null : row(record);
    }

    private SourceRow row(CSVRecord record) {
        var cells = record.toList();
        var values = new RowBuilder(columns);
        String fault = null;
        if (isOfTree && (cells.size() <= own || !tree(values).putRow(cells.get(own)))) {
            fault = "a conversion has to be a JSON object";
        }
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
                records.line(),
                values.build(),
                cells.subList(
                        Math.min(own, cells.size()), tooMany ? cells.size() : Math.min(cells.size(), fields.size())),
                tooMany
                        ? ("the row has more values than there are columns (%d for %d): a value with a '%s' in it"
                                        + " has to stand in quotes")
                                .formatted(cells.size(), fields.size(), records.delimiter())
                        : fault);
    }

    private JsonFields tree(RowBuilder row) {
        return header().equals(XmlRows.HEADER) ? JsonFields.ofXml(columns, row) : new JsonFields(columns, row);
    }

    /** @param value what is stored of it, or {@code null} */
    private String fault(String column, String cell, String value) {
        var ofCell = encoding.fault(cell);
        var fault = ofCell == null && value != null ? encoding.faultOfValue(value) : ofCell;
        return fault == null ? null : "column %s: %s".formatted(TextEncoding.shown(column), fault);
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
            if (!fields.contains(field) && !isElsewhere(column)) {
                throw missingColumn(field, column);
            }
        });
        Stream.concat(columns.made().values().stream(), columns.conditions().stream())
                .filter(value -> value.values().stream().allMatch(each -> missing(each) != null))
                .findFirst()
                .ifPresent(value -> {
                    throw missingColumn(value.field(), missing(value));
                });
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

    /** The first column of a value that is not there; {@code null} when all are. */
    private String missing(ColumnValue value) {
        return value.ownColumns().stream()
                .filter(column -> !parts.contains(columns.part(column)) && !isElsewhere(column))
                .findFirst()
                .orElse(null);
    }

    /** Whether a column is a path into the JSON of another one, or known of the file's place. */
    private boolean isElsewhere(String column) {
        return columns.place().containsKey(Columns.plain(column))
                || jsons.stream()
                        .anyMatch(json -> json != null && columns.below(json).contains(Columns.plain(column)));
    }

    private boolean isGiven(String field) {
        return fields.contains(field) || columns.isGiven(field);
    }

    private BrokenFileException missingColumn(String field, String column) {
        return missing("there is no column '%s', which %s %s%s"
                .formatted(
                        column,
                        ColumnsParser.CONDITIONS.contains(field) ? "is asked for by" : "is to be the",
                        field,
                        column.contains("+") ? " (names that are joined need quotes: \"A\"+\"B\", A+'-'+B)" : ""));
    }

    private BrokenFileException missing(String what) {
        var columns = String.join(", ", header);
        var fault = encoding.faultOfHeader(columns);
        return new BrokenFileException(
                headerLine,
                fault != null
                        ? fault
                        : "%s. The columns are: %s%s"
                                .formatted(
                                        what,
                                        columns,
                                        skipped > 0
                                                ? ", behind the %s that skip-lines leaves out"
                                                        .formatted(Counted.of(skipped, "line"))
                                                : ""));
    }
}
