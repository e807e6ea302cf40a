package metrika.conversions.sources;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import io.vertx.core.MultiMap;
import io.vertx.core.buffer.Buffer;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.component.platform.http.vertx.HttpMessage;
import org.w3c.dom.Document;

import metrika.conversions.api.RequestBodyDecoder;
import metrika.conversions.http.FormFields;
import metrika.conversions.http.HttpApiServer;
import metrika.conversions.intake.BatchStore;
import metrika.conversions.intake.SourceRow;
import metrika.conversions.problem.Json;
import metrika.conversions.problem.ProblemException;

/**
 * What requests to sources over HTTP hold: parameters, forms and JSON in one shape, XML, CSV.
 *
 * <p>Parameters are read from the request itself. As Camel's headers they could set what routes rely on.
 */
public final class HttpBodies {

    /** A price keeps its digits. */
    private static final ObjectReader VALUES = Json.MAPPER
            .readerFor(Object.class)
            .with(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .without(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private static final String SECRET = "secret";
    private static final String FORM = "application/x-www-form-urlencoded";

    private final RequestBodyDecoder bodies;
    private final int maxConversions;

    /** @param maxConversions of one request */
    public HttpBodies(RequestBodyDecoder bodies, int maxConversions) {
        this.bodies = bodies;
        this.maxConversions = maxConversions;
    }

    /**
     * The parameters of the URL and the fields of the body, a form or a JSON object, without the secret. A name such as
     * {@code leads[status][0][id]} is a path: its parts become maps, or lists where all of them are numbers. What one
     * name has several different values of is the list of them.
     *
     * @throws ProblemException 400 when there are too many, they are nested too deep, or they are not in their charset;
     *     415 when the body is something else
     */
    public Map<String, Object> form(Exchange exchange) {
        var fields = new FieldTree();
        var message = exchange.getMessage();
        FormFields.ofQuery(message.getHeader(Exchange.HTTP_QUERY, String.class))
                .forEach(field -> fields.add(field.getKey(), field.getValue()));
        var type = type(message);
        switch (type) {
            case FORM -> {
                // The server has taken such a body apart already, except in a trial.
                var form = message instanceof HttpMessage http
                        ? http.getRequest().formAttributes().entries()
                        : FormFields.ofForm(formOfSample(exchange), charset(message));
                form.forEach(field -> fields.add(field.getKey(), field.getValue()));
            }
            case "application/json" -> readObject(exchange, fields);
            case "" -> {
                if (bodies.decodeInAnyCharset(exchange).length > 0) {
                    throw ProblemException.of(
                            415,
                            "The body's Content-Type is missing: application/x-www-form-urlencoded or"
                                    + " application/json");
                }
            }
            default ->
                throw ProblemException.of(
                        415,
                        "The body is '%s': application/x-www-form-urlencoded or application/json is expected"
                                .formatted(type));
        }
        var read = fields.toMap();
        read.remove(SECRET);
        return read;
    }

    /**
     * The JSON object that is the text of a field.
     *
     * @throws ProblemException 400 when it is not there, or is something else
     */
    static Map<?, ?> object(String name, Object field) {
        try {
            if (field instanceof String text
                    && VALUES.with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                                    .readValue(text)
                            instanceof Map<?, ?> object) {
                return object;
            }
        } catch (JsonProcessingException e) {
            throw Json.broken(e);
        }
        throw ProblemException.of(
                400, "The field '%s' has to be there, and to hold a JSON object".formatted(FormFields.shortened(name)));
    }

    /**
     * The body as it is, JSON of any shape: {@link RowMapper} takes an object, a list, and objects one after another.
     *
     * @throws ProblemException 400 when it is not in UTF-8, 413 when it is too long
     */
    byte[] json(Exchange exchange) {
        return bodies.decode(exchange);
    }

    /** Whether the body is a form, which has been taken apart: read as anything else, it is empty. */
    static boolean isForm(Exchange exchange) {
        return type(exchange.getMessage()).equals(FORM);
    }

    /** Whether the Content-Type says that the body is XML. */
    static boolean isXml(Exchange exchange) {
        var type = type(exchange.getMessage());
        return type.equals("text/xml") || type.equals("application/xml") || type.endsWith("+xml");
    }

    /**
     * The XML of the body, of which {@link RowMapper} reads the elements of one name as rows.
     *
     * @throws ProblemException 400 when it names an encoding that there is not
     */
    XmlBody xmlRows(Exchange exchange, String element) {
        return XmlBody.of(bodies.decodeInAnyCharset(exchange), charset(exchange.getMessage()), element);
    }

    /**
     * The XML of the body. Elements of the root's namespace have their local names, in no namespace: an XPath finds
     * them without prefixes. Others keep theirs.
     *
     * @throws ProblemException 400 when it is not XML, or has a document type, which could be made to do harm
     */
    Document xml(Exchange exchange) {
        return Xml.parse(bodies.decodeInAnyCharset(exchange), charset(exchange.getMessage()), null);
    }

    /**
     * The same where elements of other namespaces are what is asked for.
     *
     * @param namespace how these namespaces begin
     * @return {@code null} when the body is empty
     */
    Document xml(Exchange exchange, String namespace) {
        var body = bodies.decodeInAnyCharset(exchange);
        return isBlank(body) ? null : Xml.parse(body, charset(exchange.getMessage()), namespace);
    }

    /**
     * The rows of the body, CSV with a header, as conversions with their lines. None when the body is empty, or a
     * header alone.
     *
     * @param columns which column is which field, see {@link Columns}; may be missing
     * @param badRows {@value BatchStore#LEAVE_OUT}: a row that does not fit its header comes with its
     *     {@link SourceRow#fault}, for {@link HttpSource#keepCountable} to leave out
     * @throws ProblemException 400 when it is not such CSV, or has more rows than a request may have: those are
     *     counted, not kept
     */
    List<SourceRow> csv(Exchange exchange, String columns, String badRows) throws IOException {
        var body = bodies.decodeInAnyCharset(exchange);
        if (isBlank(body)) {
            return List.of();
        }
        var conversions = new ArrayList<SourceRow>();
        var faults = new ArrayList<Map<String, Object>>();
        var count = 0;
        var faulty = 0;
        try (var rows = rows(body, charset(exchange.getMessage()), new Columns(columns))) {
            while (rows.hasNext()) {
                var row = rows.next();
                if (row.fault() != null && ++faulty <= HttpSource.MAX_ERRORS) {
                    faults.add(HttpSource.error(count, "", "line %d: %s".formatted(row.line(), row.fault())));
                }
                if (++count <= maxConversions) {
                    conversions.add(row);
                }
            }
        } catch (BrokenFileException e) {
            var message = "line %d: %s".formatted(e.line(), e.getMessage());
            throw ProblemException.of(
                    400, "The body cannot be read as CSV: " + message, List.of(Json.error("", "invalid_csv", message)));
        }
        if (faulty > 0 && (count > maxConversions || !BatchStore.LEAVE_OUT.equals(badRows))) {
            throw HttpSource.invalid(faulty, count, faults);
        }
        if (count > maxConversions) {
            var message = "%d conversions are too many for one request: at most %d (limits.conversions-per-request)"
                    .formatted(count, maxConversions);
            throw ProblemException.of(400, message, List.of(Json.error("conversions", "too_many", message)));
        }
        return conversions;
    }

    /** Whether a body holds nothing, in whatever charset: it is empty, or blanks and a byte order mark. */
    private static boolean isBlank(byte[] body) {
        for (var each : body) {
            if (each > ' '
                    || each < 0
                            && each != (byte) 0xef
                            && each != (byte) 0xbb
                            && each != (byte) 0xbf
                            && each < (byte) 0xfe) {
                return false;
            }
        }
        return true;
    }

    /** @param charset what the Content-Type says, or {@code null} */
    private static CsvRows rows(byte[] body, Charset charset, Columns columns) throws IOException {
        var probe = new EncodingProbe();
        probe.add(body, body.length);
        var encoding = probe.encoding(charset);
        return new CsvRows(encoding.reader(new ByteArrayInputStream(body)), columns, encoding);
    }

    private static String type(Message message) {
        var type = contentType(message);
        return type == null ? "" : type.replaceFirst(";.*", "").strip().toLowerCase(Locale.ROOT);
    }

    private static Charset charset(Message message) {
        return FormFields.charset(contentType(message));
    }

    private static String contentType(Message message) {
        if (message instanceof HttpMessage http) {
            return http.getRequest().getHeader("Content-Type");
        }
        var sample = message.getExchange().getProperty(HttpApiServer.SAMPLE_HEADERS, MultiMap.class);
        return sample == null ? message.getHeader(Exchange.CONTENT_TYPE, String.class) : sample.get("Content-Type");
    }

    private byte[] formOfSample(Exchange exchange) {
        var sent = exchange.getProperty(HttpApiServer.BODY, Buffer.class);
        return sent == null ? bodies.decodeInAnyCharset(exchange) : sent.getBytes();
    }

    /** A name that is there twice is as one in a form: whether it counts, the mapping knows. */
    private void readObject(Exchange exchange, FieldTree fields) {
        var charset = charset(exchange.getMessage());
        try (var json = charset == null || charset.equals(StandardCharsets.UTF_8)
                ? Json.FACTORY.createParser(bodies.decode(exchange))
                : Json.FACTORY.createParser(FormFields.strict(bodies.decodeInAnyCharset(exchange), charset))) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw ProblemException.of(400, "The body has to be a JSON object");
            }
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                var name = json.currentName();
                json.nextToken();
                fields.put(name, VALUES.readValue(json));
            }
            if (json.nextToken() != null) {
                throw ProblemException.of(400, "The body goes on after its JSON object");
            }
        } catch (JsonProcessingException e) {
            throw Json.broken(e);
        } catch (IOException e) {
            throw ProblemException.of(400, "The body is not " + (charset == null ? "UTF-8" : charset.name()));
        }
    }
}
