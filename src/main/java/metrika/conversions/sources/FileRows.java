package metrika.conversions.sources;

import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;

import metrika.conversions.problem.ProblemException;

/** Reads a file as rows, by the kind that its name tells, its encoding and its form. */
final class FileRows {

    private static final int BUFFER = 1 << 16;

    private final String name;
    private final File file;
    private final Columns columns;
    private final Charset given;
    private final String element;
    private final CsvFrame frame;
    private TextEncoding encoding;
    private boolean hasBrokenLines;

    /**
     * @param name ends in .csv, .json, .jsonl or .xml
     * @param file where it lies on this machine; not a path, which can have no letter that the locale does not have
     * @param given its encoding, or {@code null} when it is to be detected
     * @param element which element of XML is a row; {@code null} or empty when that is not said
     * @param frame the lines of CSV that are no rows
     */
    FileRows(String name, File file, Columns columns, Charset given, String element, CsvFrame frame) {
        this.name = name.toLowerCase(Locale.ROOT);
        this.file = file;
        this.columns = columns;
        this.given = given;
        this.element = element == null ? "" : element.strip();
        this.frame = frame;
    }

    /**
     * Finds out the encoding.
     *
     * @return the hash of the content, of what its rows have of the file's place, and of which element of XML is a row
     * @throws BrokenFileException when it names an encoding that there is not
     */
    String examine() throws IOException {
        var digest = sha256();
        var probe = new EncodingProbe();
        try (InputStream stream = new FileInputStream(file)) {
            var buffer = new byte[BUFFER];
            for (int read = stream.read(buffer); read >= 0; read = stream.read(buffer)) {
                digest.update(buffer, 0, read);
                probe.add(buffer, read);
            }
        }
        columns.usedOfPlace().forEach(used -> digest.update(("\0" + used).getBytes(StandardCharsets.UTF_8)));
        if (isXml()) { // the same bytes are other rows by another element
            digest.update(("\0rows=" + element).getBytes(StandardCharsets.UTF_8));
        }
        encoding = isXml() ? ofXml() : probe.encoding(given);
        return HexFormat.of().formatHex(digest.digest());
    }

    private TextEncoding ofXml() throws IOException {
        try (InputStream stream = new FileInputStream(file)) {
            return new TextEncoding(Xml.charset(stream.readNBytes(Xml.PROLOG_BYTES), given), true);
        } catch (ProblemException e) {
            throw new BrokenFileException(1, e.getMessage());
        }
    }

    /** From the first one. To be closed. */
    RowReader open() throws IOException {
        var text = text();
        try {
            return hasBrokenLines
                    ? new JsonLines(text, columns, encoding)
                    : isJson()
                            ? new JsonRows(text, columns, encoding)
                            : isXml()
                                    ? new XmlRows(text, element, columns, encoding)
                                    : new CsvRows(text, columns, encoding, frame);
        } catch (RuntimeException e) {
            text.close();
            throw e;
        }
    }

    private Reader text() throws IOException {
        var bytes = new FileInputStream(file);
        return isXml() ? encoding.strictReader(bytes) : encoding.reader(bytes);
    }

    /**
     * Reads it line by line from now on, if it is JSON lines, some of them broken: what else is broken has no lines
     * that can be read by themselves.
     *
     * @return whether it is
     */
    boolean readByLine() throws IOException {
        hasBrokenLines = isJson() && isOneObjectALine();
        return hasBrokenLines;
    }

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
        return good > broken || good > 0 && name.matches(".*\\.(jsonl|ndjson)");
    }

    private boolean isJson() {
        return name.matches("(?s).*\\.(json|jsonl|ndjson)");
    }

    private boolean isXml() {
        return name.endsWith(".xml");
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
