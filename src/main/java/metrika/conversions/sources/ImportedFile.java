package metrika.conversions.sources;

import java.io.BufferedWriter;
import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;

import metrika.conversions.intake.RejectedRow;
import metrika.conversions.intake.StoredBatch;

/**
 * A file that a source takes: the variable {@code file}. Read as a stream, twice: once for its content's hash, its
 * encoding and its form, so that nothing is stored of a file that breaks off, and once for its rows.
 */
public final class ImportedFile {

    private static final int BUFFER = 1 << 16;

    /** The one column of what was JSON. */
    static final List<String> JSON = List.of("row");

    private final String name;
    private final File file;
    private final Columns columns;
    private final Path errors;
    private final Charset given;
    private String hash;
    private TextEncoding encoding;
    private List<String> header = JSON;
    private List<String> unused = List.of();
    private char delimiter = ',';
    private CSVPrinter printer;
    private boolean hasBrokenLines;
    private boolean isWithdrawn;
    private long stored;
    private long known;
    private long refused;
    private long withoutIdentifier;
    private String eachRowOf;
    private long rows;

    /**
     * @param name as its source calls it; ends in .csv or .json
     * @param file where it lies on this machine; not a path, which can have no letter that the locale does not have
     * @param given its encoding, or {@code null} when it is to be detected
     * @param errors where its refused rows are gathered
     */
    ImportedFile(String name, File file, Columns columns, Charset given, Path errors) {
        this.name = name;
        this.file = file;
        this.columns = columns;
        this.given = given;
        this.errors = errors;
    }

    /** How many of its conversions are stored, now or since an earlier time. */
    public long getStored() {
        return stored;
    }

    /** What became of its rows, for the log. */
    public String getSummary() {
        var summary = new StringBuilder("%d conversions stored".formatted(stored - known));
        if (known > 0) {
            summary.append(", %d known already".formatted(known));
        }
        summary.append(", %d rows refused".formatted(refused));
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
        return isWithdrawn ? 0 : rows - stored - refused;
    }

    /** Whether all that is stored of it was stored before: it came again. */
    boolean isKnown() {
        return stored > 0 && known == stored;
    }

    /**
     * The folder it belongs into: {@code .failed} when nothing of it was stored though there was something to, else
     * {@code .done}.
     */
    public String getOutcome() {
        return isWithdrawn || stored == 0 && refused > 0 ? ".failed" : ".done";
    }

    /** The refused rows as CSV for people, in the file's own manner: line, field, reason, and the row's values. */
    public Path getErrors() {
        return errors;
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
     * @throws BrokenFileException when it is not text in a known encoding, or not CSV or JSON to its end
     */
    void examine() throws IOException {
        hash = HexFormat.of().formatHex(readThrough());
        try {
            readRows();
        } catch (BrokenFileException e) {
            if (!isJson() || !isOneObjectALine()) {
                throw e;
            }
            hasBrokenLines = true;
            readRows();
        }
    }

    private void readRows() throws IOException {
        try (var rows = rows()) {
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
     */
    void storeEachRow(String source) {
        eachRowOf = source;
    }

    /** From its first row. To be closed. */
    FileChunks chunks() throws IOException {
        return new FileChunks(isWithdrawn ? null : rows(), hash, eachRowOf);
    }

    /** Nothing of it is to be stored. */
    void withdraw() {
        isWithdrawn = true;
    }

    void recordChunk(StoredBatch batch) {
        stored += batch.total();
        known += batch.known();
        batch.refused().forEach(this::refuse);
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
            withoutIdentifier += row.isWithoutIdentifier() ? 1 : 0;
        } catch (IOException e) {
            throw new UncheckedIOException("refused rows cannot be written to " + errors, e);
        }
    }

    /** The names of the values of its rows; of JSON the whole row is the only one. */
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

    /**
     * Whether it is JSON lines, some of them broken: what else is broken has no lines that can be read by themselves.
     */
    private boolean isOneObjectALine() throws IOException {
        var good = 0L;
        var broken = 0L;
        try (var lines = new JsonLines(text(), columns, encoding)) {
            while (lines.hasNext()) {
                if (lines.next().fault() == null) {
                    good++;
                } else {
                    broken++;
                }
            }
        } catch (BrokenFileException e) {
            return false;
        }
        return good > broken || good > 0 && name.toLowerCase(Locale.ROOT).matches(".*\\.(jsonl|ndjson)");
    }

    private RowReader rows() throws IOException {
        var text = text();
        try {
            return hasBrokenLines
                    ? new JsonLines(text, columns, encoding)
                    : isJson() ? new JsonRows(text, columns, encoding) : new CsvRows(text, columns, encoding);
        } catch (RuntimeException e) {
            text.close();
            throw e;
        }
    }

    private Reader text() throws IOException {
        return encoding.reader(new FileInputStream(file));
    }

    private boolean isJson() {
        return name.toLowerCase(Locale.ROOT).matches(".*\\.(json|jsonl|ndjson)");
    }

    /** Finds out the encoding, and the hash of its content. */
    private byte[] readThrough() throws IOException {
        var digest = sha256();
        var probe = new EncodingProbe();
        try (InputStream stream = new FileInputStream(file)) {
            var buffer = new byte[BUFFER];
            for (int read = stream.read(buffer); read >= 0; read = stream.read(buffer)) {
                digest.update(buffer, 0, read);
                probe.add(buffer, read);
            }
        }
        encoding = probe.encoding(given);
        return digest.digest();
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
