package metrika.conversions.delivery;

import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
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

        @Override
        protected List<?> getMapRecordValues(Map<?, ?> row) {
            var values = new ArrayList<>(columns.length);
            for (var column : columns) {
                values.add(row.get(column) instanceof String text ? quote(text) : row.get(column));
            }
            return values;
        }

        private static String quote(String text) {
            for (int i = 0; i < text.length(); i++) {
                var c = text.charAt(i);
                if (c == ',' || c == '"' || c == '\n' || c == '\r') {
                    return '"' + text.replace("\"", "\"\"") + '"';
                }
            }
            return text.isEmpty() ? "\"\"" : text;
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
