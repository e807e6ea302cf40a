package metrika.conversions.sources;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import io.netty.handler.codec.http.QueryStringDecoder;
import metrika.conversions.access.Secrets;
import metrika.conversions.intake.Bodies;
import metrika.conversions.intake.Row;
import metrika.conversions.intake.StoredBatch;
import metrika.conversions.web.Json;
import metrika.conversions.web.Problem;
import metrika.conversions.web.WebServer;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Variable;
import org.apache.camel.component.platform.http.vertx.HttpMessage;
import org.w3c.dom.Document;
import org.xml.sax.SAXException;
import org.xml.sax.SAXParseException;

/**
 * What sources over HTTP have in common: reading parameters, forms and JSON in one shape, XML, CSV, making conversions of mapped
 * values, and answering.
 *
 * <p>Parameters are read from the request itself. As Camel's headers they could set what routes rely on.
 */
public final class Forms {

    /** A price keeps its digits. */
    private static final ObjectReader OBJECTS = Json.MAPPER.reader().with(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);
    private static final int MOST_ERRORS = 100;
    private static final int MOST_NAMES = 10;
    private static final String SECRET = "secret";

    private final Bodies bodies;
    private final int mostConversions;

    /** @param mostConversions of one request */
    public Forms(Bodies bodies, int mostConversions) {
        this.bodies = bodies;
        this.mostConversions = mostConversions;
    }

    /**
     * The parameters of the URL and the fields of the body, a form or a JSON object, without the secret. A name such as
     * {@code leads[status][0][id]} is a path: its parts become maps, or lists where all of them are numbers.
     *
     * @throws Problem 400 when there are too many, they are nested too deep, or one has two values; 415 when the body is
     *                 something else
     */
    public Map<String, Object> read(Exchange exchange) {
        var fields = new Tree();
        var message = exchange.getMessage();
        fields.addAll(message.getHeader(Exchange.HTTP_QUERY, String.class), "The URL's parameters");
        var type = type(message);
        switch (type) {
            case "application/x-www-form-urlencoded" -> {
                // The server has taken such a body apart already, except in a trial.
                if (message instanceof HttpMessage http) {
                    http.getRequest().formAttributes().forEach(field -> fields.add(field.getKey(), field.getValue()));
                } else {
                    fields.addAll(new String(bodies.unpacked(exchange), StandardCharsets.UTF_8), "The form");
                }
            }
            case "application/json" -> object(bodies.unpacked(exchange)).forEach(fields::put);
            case "" -> {
                if (bodies.unpacked(exchange).length > 0) {
                    throw Problem.of(415, "The body's Content-Type is missing: application/x-www-form-urlencoded or application/json");
                }
            }
            default -> throw Problem.of(415, "The body is '%s': application/x-www-form-urlencoded or application/json is expected".formatted(type));
        }
        var read = fields.toMap();
        read.remove(SECRET);
        return read;
    }

    /**
     * The XML of the body, its names as they are written, whatever namespace they are in.
     *
     * @throws Problem 400 when it is not XML, or has a document type, which could be made to do harm
     */
    public Document xml(Exchange exchange) {
        try {
            var factory = DocumentBuilderFactory.newInstance();
            factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
            factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
            var builder = factory.newDocumentBuilder();
            builder.setErrorHandler(null); // by default it prints them
            return builder.parse(new ByteArrayInputStream(bodies.unpackedInAnyCharset(exchange)));
        } catch (SAXParseException e) {
            throw Problem.of(400, "The body is not XML, or has a DOCTYPE, at line %d, column %d".formatted(e.getLineNumber(), e.getColumnNumber()));
        } catch (SAXException | IOException e) {
            throw Problem.of(400, "The body is not XML in the encoding that its first line says");
        } catch (ParserConfigurationException e) {
            throw new IllegalStateException("the JDK's parser has these features", e);
        }
    }

    /**
     * The rows of the body, CSV with a header, as conversions with their lines.
     *
     * @param  columns which column is which field, see {@link Columns}; may be missing
     * @throws Problem 400 when it is not such CSV, or has more rows than a request may have: those are counted, not kept
     */
    public List<Row> csv(Exchange exchange, @Variable("columns") String columns) throws IOException {
        var conversions = new ArrayList<Row>();
        var faults = new ArrayList<Map<String, Object>>();
        var count = 0;
        var faulty = 0;
        var body = bodies.unpackedInAnyCharset(exchange);
        try (var rows = rows(body, exchange.getProperty(Exchange.CHARSET_NAME, String.class), new Columns(columns))) {
            while (rows.hasNext()) {
                var row = rows.next();
                if (row.fault() != null && ++faulty <= MOST_ERRORS) {
                    faults.add(error(count, "", "line %d: %s".formatted(row.line(), row.fault())));
                }
                if (++count <= mostConversions) {
                    conversions.add(row);
                }
            }
        } catch (BrokenFileException e) {
            var message = "line %d: %s".formatted(e.line(), e.getMessage());
            throw Problem.of(400, "The body cannot be read as CSV: " + message, List.of(Json.error("", "invalid_csv", message)));
        }
        if (faulty > 0) {
            throw invalid(faulty, count, faults);
        }
        if (count > mostConversions) {
            var message = "%d conversions are too many for one request: at most %d (limits.conversions-per-request)".formatted(count, mostConversions);
            throw Problem.of(400, message, List.of(Json.error("conversions", "too_many", message)));
        }
        return conversions;
    }

    /** @param charset what the Content-Type says, or {@code null} */
    private static CsvRows rows(byte[] body, String charset, Columns columns) throws IOException {
        var probe = new EncodingProbe();
        probe.add(body, body.length);
        TextEncoding encoding;
        try {
            encoding = probe.encoding(TextEncoding.charset(charset));
        } catch (IllegalArgumentException e) {
            throw Problem.of(415, "The body's charset is '%s', which is not known".formatted(charset));
        }
        return new CsvRows(encoding.reader(new ByteArrayInputStream(body)), columns, encoding);
    }

    /** A conversion of the variables that are named as its fields, written as people and CRMs write them. */
    public Map<String, Object> conversion(Exchange exchange) {
        var mapped = new LinkedHashMap<String, Object>();
        for (var field : Columns.FIELDS) {
            mapped.put(field, exchange.getVariable(field));
        }
        return plain(mapped);
    }

    /** A conversion whose fields have the API's names, written as people and CRMs write them. Empty ones are left out. */
    public Map<String, Object> plain(@Body Map<String, ?> fields) {
        var conversion = new LinkedHashMap<String, Object>();
        fields.forEach((name, given) -> {
            // What a JSONPath with a condition finds comes as a list.
            var value = given instanceof Collection<?> list && list.size() < 2 ? list.stream().findFirst().orElse(null) : given;
            var text = value instanceof String cell ? Cells.trimmed(cell) : value;
            if (text != null) {
                conversion.put(name, text instanceof String cell ? Cells.value(name, cell)
                        : text instanceof Number number ? Cells.value(name, number) : text);
            }
        });
        if (!conversion.containsKey("price")) {
            conversion.remove("currency");
        }
        return conversion;
    }

    /**
     * The idempotency key of conversions: which goals of which orders they are, so that the same said again is stored once.
     * What has no {@code purchase_id} is told by who did it when. It is kept as a hash: a batch outlives its conversions, and
     * when a person is erased nothing may be left that names it.
     *
     * @param source its name, so that the numbers of different systems do not meet
     * @param body   a conversion, or a list of them
     */
    public String key(String source, @Body Object body) {
        var rows = body instanceof Collection<?> list ? list : List.of(body);
        var key = source + ":" + rows.stream().map(row -> part(row instanceof Row placed ? placed.fields() : (Map<?, ?>) row))
                .collect(Collectors.joining(","));
        return source + ":" + HexFormat.of().formatHex(Secrets.sha256(key.getBytes(StandardCharsets.UTF_8)));
    }

    /**
     * The answer to a source: its batch, or that there was nothing in the request that counts.
     *
     * @throws Problem 400 when bad rows were left out, and no other was left
     */
    public String answer(Exchange exchange, @Variable("batch") StoredBatch batch) {
        exchange.getMessage().setHeader(Exchange.CONTENT_TYPE, "application/json");
        if (batch == null) {
            return Json.write(Map.of("status", "ignored"));
        }
        if (batch.id() != null || batch.refused().isEmpty()) {
            return batch.toJson();
        }
        throw invalid(batch.refused().size(), batch.refused().size(),
                batch.refused().stream().map(row -> error((int) row.line() - 1, row.field(), row.reason())).toList());
    }

    private static Problem invalid(int invalid, int total, List<Map<String, Object>> errors) {
        return Problem.of(400, "%d of %d conversions cannot be taken".formatted(invalid, total),
                errors.subList(0, Math.min(errors.size(), MOST_ERRORS)));
    }

    private static Map<String, Object> error(int index, String field, String reason) {
        var error = new LinkedHashMap<String, Object>();
        error.put("index", index);
        error.putAll(Json.error(field, "invalid", reason));
        return error;
    }

    private static String type(Message message) {
        var type = message instanceof HttpMessage http ? http.getRequest().getHeader("Content-Type")
                : message.getHeader(Exchange.CONTENT_TYPE, String.class);
        return type == null ? "" : type.replaceFirst(";.*", "").strip().toLowerCase(Locale.ROOT);
    }

    private static String part(Map<?, ?> row) {
        var names = row.get("purchase_id") != null ? List.of("purchase_id", "target")
                : List.of("client_id", "user_id", "yclid", "target", "date_time");
        return names.stream().map(name -> row.get(name) == null ? "" : row.get(name).toString()).collect(Collectors.joining("/"));
    }

    private static Map<?, ?> object(byte[] body) {
        try {
            return OBJECTS.readValue(body, Object.class) instanceof Map<?, ?> map ? map : notAnObject();
        } catch (JsonProcessingException e) {
            throw Json.broken(e);
        } catch (IOException e) {
            throw Problem.of(400, "The body is not UTF-8");
        }
    }

    private static Map<?, ?> notAnObject() {
        throw Problem.of(400, "The body has to be a JSON object");
    }

    /** Fields by their paths. */
    private static final class Tree {

        private final Map<String, Object> root = new LinkedHashMap<>();
        private int count;

        /** Takes a query, or a form in the same manner. */
        void addAll(String query, String what) {
            if (query == null || query.isEmpty()) {
                return;
            }
            try {
                new QueryStringDecoder(query, StandardCharsets.UTF_8, false, WebServer.MOST_FORM_FIELDS + 1, true).parameters()
                        .forEach((name, values) -> values.forEach(value -> add(name, value)));
            } catch (IllegalArgumentException e) {
                throw Problem.of(400, what + " cannot be read: are they percent-encoded?");
            }
        }

        void add(String name, String value) {
            if (++count > WebServer.MOST_FORM_FIELDS) {
                throw WebServer.tooManyFields();
            }
            var path = path(name);
            var map = root;
            for (var part : path.subList(0, path.size() - 1)) {
                map = child(map, part, name);
            }
            var last = path.get(path.size() - 1);
            var key = last.isEmpty() && path.size() > 1 ? String.valueOf(map.size()) : last;
            var before = map.putIfAbsent(key, value);
            if (before != null && !before.equals(value)) {
                throw twice(name);
            }
        }

        /** Takes a value that has its shape already. */
        void put(Object name, Object value) {
            if (value != null && root.putIfAbsent((String) name, value) != null) {
                throw twice((String) name);
            }
        }

        @SuppressWarnings("unchecked")
        private static Map<String, Object> child(Map<String, Object> map, String part, String name) {
            var key = part.isEmpty() ? String.valueOf(map.size()) : part;
            if (map.computeIfAbsent(key, missing -> new LinkedHashMap<String, Object>()) instanceof Map<?, ?> child) {
                return (Map<String, Object>) child;
            }
            throw twice(name);
        }

        private static Problem twice(String name) {
            return Problem.of(400, "'%s' is given twice, with different values".formatted(shortened(name)),
                    List.of(Json.error(shortened(name), "duplicate_field", "it is given twice, with different values")));
        }

        /** {@code a[b][0]} is a, b, 0; what is not of this form is a name as it stands. */
        private static List<String> path(String name) {
            var open = name.indexOf('[');
            if (open < 1 || !name.endsWith("]")) {
                return List.of(name);
            }
            var path = new ArrayList<>(List.of(name.substring(0, open)));
            path.addAll(List.of(name.substring(open + 1, name.length() - 1).split("]\\[", -1)));
            if (path.size() > MOST_NAMES) {
                throw Problem.of(400, "'%s' is nested more than %d deep".formatted(shortened(name), MOST_NAMES));
            }
            return path;
        }

        private static String shortened(String name) {
            return (name.length() > 60 ? name.substring(0, 60) + "…" : name).replaceAll("[\\p{Cntrl}\\p{Cs}]", "?");
        }

        @SuppressWarnings("unchecked")
        Map<String, Object> toMap() {
            root.replaceAll((name, value) -> listed(value));
            return root;
        }

        /** Maps whose names are all numbers are lists, in the order in which they were given: gaps are no values. */
        private static Object listed(Object value) {
            if (!(value instanceof Map<?, ?> map)) {
                return value;
            }
            var isList = !map.isEmpty() && map.keySet().stream().allMatch(key -> key.toString().matches("[0-9]{1,9}"));
            if (isList) {
                return map.values().stream().map(Tree::listed).collect(Collectors.toCollection(ArrayList::new));
            }
            var named = new LinkedHashMap<String, Object>();
            map.forEach((name, child) -> named.put(name.toString(), listed(child)));
            return named;
        }
    }
}
