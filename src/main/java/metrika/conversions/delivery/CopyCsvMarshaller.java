package metrika.conversions.delivery;

import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

import org.apache.camel.Exchange;
import org.apache.camel.dataformat.csv.CsvDataFormat;
import org.apache.camel.dataformat.csv.CsvMarshaller;
import org.apache.camel.dataformat.csv.CsvMarshallerFactory;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;

/**
 * Has camel-csv write UTF-8, with quotes where PostgreSQL's {@code COPY} sets them: where a value has a comma, a quote
 * or a line break in it, or is an empty text, which {@code null} is not. The quotes of camel-csv's own are others: it
 * takes an empty text for {@code null}, and {@code #1001} for a comment.
 */
public final class CopyCsvMarshaller implements CsvMarshallerFactory {

    @Override
    public CsvMarshaller create(CSVFormat format, CsvDataFormat settings) {
        return new Marshaller(format.builder().setQuote(null).get());
    }

    private static final class Marshaller extends CsvMarshaller {

        /** Characters of most lines. */
        private static final int LINE = 128;

        private final CSVFormat format;
        private final String[] columns;

        Marshaller(CSVFormat format) {
            super(format);
            this.format = format;
            columns = format.getHeader();
        }

        @Override
        protected CSVPrinter createPrinter(Exchange exchange, OutputStream stream) throws IOException {
            return new CSVPrinter(new FailingWriter(stream), format);
        }

        /** The whole line, as the one value that it then is to camel-csv, which has much to do for each. */
        @Override
        protected List<String> getMapRecordValues(Map<?, ?> row) {
            var line = new StringBuilder(LINE);
            for (int i = 0; i < columns.length; i++) {
                if (i > 0) {
                    line.append(format.getDelimiterString());
                }
                var value = row.get(columns[i]);
                if (value instanceof String text && needsQuotes(text)) {
                    line.append('"').append(text.replace("\"", "\"\"")).append('"');
                } else if (value != null) {
                    line.append(value);
                }
            }
            return List.of(line.toString());
        }

        private static boolean needsQuotes(String text) {
            for (int i = 0; i < text.length(); i++) {
                var c = text.charAt(i);
                if (c == ',' || c == '"' || c == '\n' || c == '\r') {
                    return true;
                }
            }
            return text.isEmpty();
        }
    }

    /** camel-csv closes it and passes over an {@link IOException}: a full disk would cut off the end of the file. */
    private static final class FailingWriter extends OutputStreamWriter {

        FailingWriter(OutputStream stream) {
            super(stream, StandardCharsets.UTF_8);
        }

        @Override
        public void close() {
            try {
                super.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
