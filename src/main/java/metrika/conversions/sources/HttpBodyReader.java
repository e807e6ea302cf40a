package metrika.conversions.sources;

import java.io.IOException;
import java.util.Set;

import org.apache.camel.Exchange;
import org.apache.camel.Variable;

import metrika.conversions.intake.ConversionStore;
import metrika.conversions.problem.ProblemException;

/** The step of {@code http-source} that reads a request. */
public final class HttpBodyReader {

    /** Formats in whose place XML may come. */
    private static final Set<String> ROWS = Set.of("form", "json", "csv");
    /** Formats of which a form is none. */
    private static final Set<String> NO_FORM = Set.of("json", "xml", "commerceml", "csv");

    private final HttpBodies bodies;
    private final CommerceMl commerceMl;

    public HttpBodyReader(HttpBodies bodies, CommerceMl commerceMl) {
        this.bodies = bodies;
        this.commerceMl = commerceMl;
    }

    /**
     * Whether the request is a first message by which a sender tries the address: a form or a JSON object with one
     * field alone. Nothing of it is stored, so it needs no signature. The answer may have its field.
     *
     * @param field its name; empty: the source knows no such message
     */
    public boolean isPing(Exchange exchange, @Variable("ping") String field) {
        if (field == null || field.isEmpty()) {
            return false;
        }
        try {
            var form = bodies.form(exchange);
            var isPing = form.keySet().equals(Set.of(field));
            if (isPing) {
                AnswerText.fill(exchange, form);
            }
            return isPing;
        } catch (ProblemException e) {
            return false; // it is something else, and what is wrong with it is told when it is read
        }
    }

    /**
     * What the request holds, in the shape that its source asks for. Its values stand in the variable {@code answer}
     * then, in place of their names in braces.
     *
     * @param format {@code form}, {@code json}, {@code xml}, {@code commerceml} or {@code csv}
     * @param jsonField the field of a form that has the message; empty: all of it is the message
     * @param element which element of XML is a row for {@link RowMapper}, where the format is another than XML's; empty
     *     or missing: such a body is not taken
     */
    public Object read(
            Exchange exchange,
            @Variable("format") String format,
            @Variable("json-field") String jsonField,
            @Variable("columns") String columns,
            @Variable("bad-rows") String badRows,
            @Variable("rows") String element)
            throws IOException {
        var message = message(exchange, format, jsonField, columns, badRows, element);
        AnswerText.fill(exchange, message);
        return message;
    }

    private Object message(
            Exchange exchange, String format, String jsonField, String columns, String badRows, String element)
            throws IOException {
        if (ROWS.contains(String.valueOf(format)) && HttpBodies.isXml(exchange)) {
            if (element != null && !element.isBlank()) {
                return bodies.xmlRows(exchange, element.strip());
            }
            requireRows(exchange);
        }
        if (NO_FORM.contains(String.valueOf(format)) && HttpBodies.isForm(exchange)) {
            throw ProblemException.of(
                    415,
                    "The body is 'application/x-www-form-urlencoded', and this source reads %s: with the format form it takes"
                                    .formatted(format)
                            + " such a body");
        }
        return switch (format == null ? "" : format) {
            case "form" ->
                jsonField == null || jsonField.isEmpty()
                        ? bodies.form(exchange)
                        : HttpBodies.object(jsonField, bodies.form(exchange).get(jsonField));
            case "json" -> bodies.json(exchange);
            case "xml" -> bodies.xml(exchange);
            case "commerceml" -> commerceMl.read(exchange);
            case "csv" -> bodies.csv(exchange, columns, badRows);
            default ->
                throw new IllegalArgumentException(
                        format == null
                                ? "the variable format is not set before httpBodyReader.read: form, json, xml, commerceml"
                                        + " or csv is expected"
                                : "format is '%s': form, json, xml, commerceml or csv is expected".formatted(format));
        };
    }

    /** Of a source that is only settings, one of them is missing for XML. A route of its own knows what it reads. */
    private static void requireRows(Exchange exchange) {
        var source = "inbound." + ConversionStore.sourceOf(exchange);
        var settings = exchange.getContext().getPropertiesComponent();
        if (settings.resolveProperty(source + ".type").isPresent()) {
            throw ProblemException.of(
                    415,
                    "The body is XML, and which of its elements is a row is not said: set %s.rows, such as %s.rows=order"
                            .formatted(source, source));
        }
    }
}
