package metrika.conversions.sources;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.Charset;

/**
 * XML that was posted to a source, of which the elements of one name are rows: for {@link RowMapper}.
 *
 * @param element which of them is a row
 */
record XmlBody(byte[] bytes, TextEncoding encoding, String element) {

    /**
     * Takes a body.
     *
     * @param declared the charset of the Content-Type, or {@code null}
     * @throws metrika.conversions.problem.ProblemException 400 when it names an encoding that there is not
     */
    static XmlBody of(byte[] bytes, Charset declared, String element) {
        return new XmlBody(bytes, new TextEncoding(Xml.charset(bytes, declared), true), element);
    }

    /**
     * Its rows, as they would be of a file.
     *
     * @throws BrokenFileException when it does not begin as XML
     */
    XmlRows rows(Columns columns) throws IOException {
        return new XmlRows(encoding.strictReader(new ByteArrayInputStream(bytes)), element, columns, encoding);
    }

    @Override
    public String toString() {
        return "XML with rows '%s'".formatted(element);
    }
}
