package metrika.conversions.sources;

import java.io.IOException;

import org.apache.camel.Exchange;
import org.apache.camel.Variable;

/** The step of {@code http-form} that reads a request. */
public final class HttpBodyReader {

    private final Forms forms;
    private final CommerceMl commerceMl;

    public HttpBodyReader(Forms forms, CommerceMl commerceMl) {
        this.forms = forms;
        this.commerceMl = commerceMl;
    }

    /**
     * What the request holds, in the shape that its source asks for.
     *
     * @param format {@code form}, {@code xml}, {@code commerceml} or {@code csv}
     */
    public Object read(
            Exchange exchange,
            @Variable("format") String format,
            @Variable("columns") String columns,
            @Variable("bad-rows") String badRows)
            throws IOException {
        return switch (format) {
            case "form" -> forms.read(exchange);
            case "xml" -> forms.xml(exchange);
            case "commerceml" -> commerceMl.read(exchange);
            case "csv" -> forms.csv(exchange, columns, badRows);
            default ->
                throw new IllegalArgumentException(
                        "format is '%s': form, xml, commerceml or csv is expected".formatted(format));
        };
    }
}
