package metrika.conversions.delivery;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Map;

import org.apache.camel.Exchange;
import org.apache.camel.spi.DataFormat;
import org.apache.camel.support.service.ServiceSupport;

import metrika.conversions.intake.ConversionField;

/**
 * Rows as the file that Metrika gets, byte for byte what {@link UploadCsvExport} has PostgreSQL write: UTF-8, a line of
 * column names, lines that end with LF, and quotes where a value has a comma, a quote or a line break in it, or is an
 * empty text.
 */
public final class ConversionCsv extends ServiceSupport implements DataFormat {

    private static final List<String> COLUMNS = ConversionField.headers();

    /** @param rows a collection of maps by the names of the columns; what is {@code null} or missing stays empty */
    @Override
    public void marshal(Exchange exchange, Object rows, OutputStream stream) throws IOException {
        var writer = new BufferedWriter(new OutputStreamWriter(stream, StandardCharsets.UTF_8));
        writer.write(String.join(",", COLUMNS));
        writer.write('\n');
        for (var row : (Collection<?>) rows) {
            for (int i = 0; i < COLUMNS.size(); i++) {
                if (i > 0) {
                    writer.write(',');
                }
                write(writer, ((Map<?, ?>) row).get(COLUMNS.get(i)));
            }
            writer.write('\n');
        }
        writer.flush();
    }

    private static void write(Writer writer, Object value) throws IOException {
        if (value == null) {
            return;
        }
        var text = value.toString();
        if (text.isEmpty() || text.chars().anyMatch(c -> c == ',' || c == '"' || c == '\n' || c == '\r')) {
            writer.write('"');
            writer.write(text.replace("\"", "\"\""));
            writer.write('"');
        } else {
            writer.write(text);
        }
    }

    @Override
    public Object unmarshal(Exchange exchange, InputStream stream) {
        throw new UnsupportedOperationException("files for Metrika are written, not read");
    }
}
