package metrika.conversions.sources;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;

import metrika.conversions.intake.RejectedRow;
import metrika.conversions.intake.StoredBatch;
import metrika.conversions.problem.Json;
import metrika.conversions.text.Counted;

/**
 * A file that a source takes: the variable {@code file}. Read as a stream, twice: once for its content's hash, its
 * encoding and its form, so that nothing is stored of a file that breaks off, and once for its rows.
 */
public final class ImportedFile {

    /** The one column of what was JSON. */
    static final List<String> JSON = List.of("row");

    private final String name;
    private final FileRows source;
    private final Path errors;
    private String hash;
    private List<String> header = JSON;
    private List<String> unused = List.of();
    private char delimiter = ',';
    private CSVPrinter printer;
    /** The first ones that were refused, for who waits for an answer. */
    private final List<Map<String, Object>> shown = new ArrayList<>();

    private String fault;
    private boolean isWithdrawn;
    private long stored;
    private long known;
    private long refused;
    private long withoutIdentifier;
    private long changed;
    private boolean isChangeIgnored;
    private boolean isFailedByOneRow;
    private String eachRowOf;
    private long rows;

    /**
     * @param name as its source calls it
     * @param source its rows
     * @param errors where its refused rows are gathered
     */
    ImportedFile(String name, FileRows source, Path errors) {
        this.name = name;
        this.source = source;
        this.errors = errors;
    }

    /** How many of its conversions are stored, now or since an earlier time. */
    public long getStored() {
        return stored;
    }

    /** What became of its rows, for the log. */
    public String getSummary() {
        var summary = new StringBuilder(Counted.of(stored - known, "conversion") + " stored");
        if (known > 0) {
            summary.append(", %d known already".formatted(known));
        }
        if (changed > 0) {
            summary.append(", %d changed (what came first stays)".formatted(changed));
        }
        summary.append(", %s refused".formatted(Counted.of(refused, "row")));
        if (withoutIdentifier > 0) {
            summary.append(" (%d without identifier)".formatted(withoutIdentifier));
        }
        return summary.toString();
    }

    /** How many of those that were refused had no identifier, and nothing else that is wrong with them. */
    long withoutIdentifier() {
        return withoutIdentifier;
    }

    /** How many of its rows were refused. */
    public long getRefused() {
        return refused;
    }

    /** How many of its rows were left out by columns, rules or edits. */
    long leftOut() {
        return isWithdrawn ? 0 : rows - stored - refused - changed;
    }

    /** Whether all that is stored of it was stored before: it came again. */
    boolean isKnown() {
        return stored + changed > 0 && known == stored;
    }

    /** How many of its rows came before with other values, where that is no fault. */
    public long getChanged() {
        return changed;
    }

    /** One refused row is enough for it to be failed, though the others are stored. */
    void failByOneRow() {
        isFailedByOneRow = true;
    }

    /** Whether nothing of it was stored though there was something to, or nothing of it was to be. */
    boolean isFailed() {
        return isWithdrawn || refused > 0 && (stored == 0 || isFailedByOneRow);
    }

    /** The refused rows as CSV for people, in the file's own manner: line, field, reason, and the row's values. */
    public Path getErrors() {
        return errors;
    }

    /** Why nothing of it can be read, with the line; {@code null} when it can. */
    public String getFault() {
        return fault;
    }

    /**
     * What became of it, for a route that answers whoever has sent it: as JSON, with the first of the refused rows by
     * line, field and reason.
     */
    public String getAnswer() {
        var answer = new LinkedHashMap<String, Object>();
        answer.put("stored", stored);
        answer.put("changed", changed);
        answer.put("refused_count", refused);
        answer.put("refused", shown);
        return Json.write(answer);
    }

    /** Columns of a CSV file that stand for no field. */
    public List<String> getUnused() {
        return unused;
    }

    @Override
    public String toString() {
        return name;
    }

    /**
     * Reads it through.
     *
     * @throws BrokenFileException when it is not text in a known encoding, or not CSV, JSON or XML to its end
     */
    void examine() throws IOException {
        hash = source.examine();
        try {
            readRows();
        } catch (BrokenFileException e) {
            if (!source.readByLine()) {
                throw e;
            }
            readRows();
        }
    }

    private void readRows() throws IOException {
        try (var rows = source.open()) {
            header = rows.header();
            unused = rows.unused();
            if (rows instanceof CsvRows csv) {
                delimiter = csv.delimiter();
            }
            for (this.rows = 0; rows.hasNext(); this.rows++) {
                rows.next();
            }
        }
    }

    /**
     * Each of its rows is to be stored by itself, with a key of its own.
     *
     * @param source the name of its source
     * @param isChangeIgnored whether one that came before with other values is no fault
     */
    void storeEachRow(String source, boolean isChangeIgnored) {
        eachRowOf = source;
        this.isChangeIgnored = isChangeIgnored;
    }

    /** Those of the rows that were not stored that something is wrong with. */
    List<RejectedRow> faults(List<RejectedRow> notStored) {
        return isChangeIgnored
                ? notStored.stream().filter(row -> !row.isChanged()).toList()
                : notStored;
    }

    /** From its first row. To be closed. */
    FileChunks chunks() throws IOException {
        return new FileChunks(isWithdrawn ? null : source.open(), hash, eachRowOf, isChangeIgnored);
    }

    /** Nothing of it is to be stored. */
    void withdraw() {
        isWithdrawn = true;
    }

    /** Nothing of it can be read, so nothing is to be stored. */
    void withdraw(BrokenFileException why) {
        withdraw();
        fault = "line %d: %s".formatted(why.line(), why.getMessage());
    }

    void recordChunk(StoredBatch batch) {
        stored += batch.total();
        known += batch.known();
        var faults = faults(batch.refused());
        changed += batch.refused().size() - faults.size();
        faults.forEach(this::refuse);
    }

    void refuse(RejectedRow row) {
        try {
            if (printer == null) {
                printer = printer();
            }
            var values = new ArrayList<Object>(List.of(row.line(), row.field(), row.reason()));
            row.row().forEach(value -> values.add(TextEncoding.shown(value)));
            printer.printRecord(values);
            refused++;
            if (shown.size() < HttpSource.MAX_ERRORS) {
                shown.add(shown(row));
            }
            withoutIdentifier += row.isWithoutIdentifier() ? 1 : 0;
        } catch (IOException e) {
            throw new UncheckedIOException("refused rows cannot be written to " + errors, e);
        }
    }

    private static Map<String, Object> shown(RejectedRow row) {
        var shown = new LinkedHashMap<String, Object>();
        shown.put("line", row.line());
        shown.put("field", row.field());
        shown.put("reason", row.reason());
        return shown;
    }

    /** Whether its rows are kept as they are, in one column, and not cell by cell. */
    boolean hasWholeRows() {
        return header.equals(JSON) || header.equals(XmlRows.HEADER);
    }

    /** The names of the values of its rows; of JSON and XML the whole row is the only one. */
    List<String> header() {
        return header;
    }

    /** No more rows will be refused. */
    void finish() throws IOException {
        if (printer != null) {
            printer.close();
            printer = null;
        }
    }

    /** It is done with on this machine. */
    void close() throws IOException {
        finish();
        Files.deleteIfExists(errors);
    }

    private CSVPrinter printer() throws IOException {
        var writer = new BufferedWriter(Files.newBufferedWriter(errors, StandardCharsets.UTF_8));
        writer.write(TextEncoding.BYTE_ORDER_MARK); // Excel takes it for another encoding otherwise
        var names = new ArrayList<>(CsvRows.OF_ERRORS);
        names.addAll(header);
        return CSVFormat.DEFAULT
                .builder()
                .setDelimiter(delimiter)
                .setHeader(names.toArray(String[]::new))
                .get()
                .print(writer);
    }
}
