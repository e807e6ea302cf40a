package metrika.conversions.sources;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import org.apache.camel.Body;
import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Variable;
import org.apache.camel.component.platform.http.vertx.HttpMessage;
import org.w3c.dom.Document;
import org.w3c.dom.Node;
import org.w3c.dom.NodeList;

import metrika.conversions.api.RequestBodyDecoder;
import metrika.conversions.auth.SecretGenerator;
import metrika.conversions.http.FormFields;
import metrika.conversions.intake.BatchStore;
import metrika.conversions.intake.ConversionField;
import metrika.conversions.intake.SourceRow;
import metrika.conversions.intake.StoredBatch;
import metrika.conversions.problem.Json;
import metrika.conversions.problem.ProblemException;

/**
 * What sources over HTTP have in common: reading parameters, forms and JSON in one shape, XML, CSV, making conversions
 * of mapped values, and answering.
 *
 * <p>Parameters are read from the request itself. As Camel's headers they could set what routes rely on.
 */
public final class Forms {

    static final int MOST_ERRORS = 100;

    /** A price keeps its digits. */
    private static final ObjectReader VALUES = Json.MAPPER
            .readerFor(Object.class)
            .with(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .without(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

    private static final String SECRET = "secret";
    private static final List<String> PARTS_OF_ORDER = List.of("purchase_id", "target");
    private static final List<String> PARTS_OF_PERSON = Stream.concat(
                    ConversionField.namesOfVisitors().stream(), Stream.of("target", "date_time"))
            .toList();

    private final RequestBodyDecoder bodies;
    private final int mostConversions;
    private final Clock clock;
    private final LeftOutTally tally = new LeftOutTally();

    /** @param mostConversions of one request */
    public Forms(RequestBodyDecoder bodies, int mostConversions, Clock clock) {
        this.bodies = bodies;
        this.mostConversions = mostConversions;
        this.clock = clock;
    }

    /**
     * The parameters of the URL and the fields of the body, a form or a JSON object, without the secret. A name such as
     * {@code leads[status][0][id]} is a path: its parts become maps, or lists where all of them are numbers. What one
     * name has several different values of is the list of them.
     *
     * @throws ProblemException 400 when there are too many, they are nested too deep, or they are not in their charset;
     *     415 when the body is something else
     */
    public Map<String, Object> read(Exchange exchange) {
        var fields = new FieldTree();
        var message = exchange.getMessage();
        FormFields.ofQuery(message.getHeader(Exchange.HTTP_QUERY, String.class))
                .forEach(field -> fields.add(field.getKey(), field.getValue()));
        var type = type(message);
        switch (type) {
            case "application/x-www-form-urlencoded" -> {
                // The server has taken such a body apart already, except in a trial.
                var form = message instanceof HttpMessage http
                        ? http.getRequest().formAttributes().entries()
                        : FormFields.ofForm(bodies.decodeInAnyCharset(exchange), charset(message));
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
     * The XML of the body. Elements of the root's namespace have their local names, in no namespace: an XPath finds
     * them without prefixes. Others keep theirs.
     *
     * @throws ProblemException 400 when it is not XML, or has a document type, which could be made to do harm
     */
    public Document xml(Exchange exchange) {
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
     *     {@link SourceRow#fault}, for {@link #countable} to leave out
     * @throws ProblemException 400 when it is not such CSV, or has more rows than a request may have: those are
     *     counted, not kept
     */
    public List<SourceRow> csv(
            Exchange exchange, @Variable("columns") String columns, @Variable("bad-rows") String badRows)
            throws IOException {
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
                if (row.fault() != null && ++faulty <= MOST_ERRORS) {
                    faults.add(error(count, "", "line %d: %s".formatted(row.line(), row.fault())));
                }
                if (++count <= mostConversions) {
                    conversions.add(row);
                }
            }
        } catch (BrokenFileException e) {
            var message = "line %d: %s".formatted(e.line(), e.getMessage());
            throw ProblemException.of(
                    400, "The body cannot be read as CSV: " + message, List.of(Json.error("", "invalid_csv", message)));
        }
        if (faulty > 0 && (count > mostConversions || !BatchStore.LEAVE_OUT.equals(badRows))) {
            throw invalid(faulty, count, faults);
        }
        if (count > mostConversions) {
            var message = "%d conversions are too many for one request: at most %d (limits.conversions-per-request)"
                    .formatted(count, mostConversions);
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

    /**
     * A conversion of the variables that are named as its fields, written as people and CRMs write them.
     *
     * @return for {@link #countable} to leave out: an order that is not to be stored, where the variable
     *     {@code no-conversion} says why there is nothing to count, or {@code fault} what is wrong with it
     */
    public Object conversion(Exchange exchange) {
        var mapped = new LinkedHashMap<String, Object>();
        for (var field : Columns.FIELDS) {
            mapped.put(field, exchange.getVariable(field));
        }
        var conversion = plain(mapped);
        var reason = exchange.getVariable("no-conversion", String.class);
        var fault = exchange.getVariable("fault", String.class);
        if (reason != null) {
            return new LeftOut(1, order(conversion), "", LeftOut.NO_PURCHASE, reason, false);
        }
        return fault != null && ReadMessage.hasIdentifier(conversion)
                ? new LeftOut(1, order(conversion), "date_time", LeftOut.INVALID, fault, true)
                : conversion;
    }

    /**
     * A conversion whose fields have the API's names, written as people and CRMs write them. Empty ones are left out;
     * of several values that differ, all stay.
     */
    public Map<String, Object> plain(@Body Map<String, ?> fields) {
        var conversion = new LinkedHashMap<String, Object>();
        fields.forEach((name, given) -> {
            var value = given instanceof NodeList nodes
                    ? one(texts(nodes))
                    : given instanceof Collection<?> several
                            ? one(several)
                            : given instanceof String cell ? CellNormalizer.trimmed(cell) : given;
            Object read = value instanceof String cell
                    ? CellNormalizer.value(name, cell)
                    : value instanceof Number number ? CellNormalizer.value(name, number) : value;
            if (read != null) {
                conversion.put(name, read);
            }
        });
        if (!conversion.containsKey("price")) {
            conversion.remove("currency");
        }
        return conversion;
    }

    /** What a JSONPath with a condition, or an XPath, finds comes as a list: its only value, or all of them. */
    private static Object one(Collection<?> several) {
        var different = new LinkedHashMap<String, Object>();
        for (var each : several) {
            var value = each instanceof String cell ? CellNormalizer.trimmed(cell) : each;
            if (value != null) {
                different.putIfAbsent(value.toString(), value);
            }
        }
        return different.size() > 1
                ? List.copyOf(different.values())
                : different.values().stream().findFirst().orElse(null);
    }

    private static List<String> texts(NodeList nodes) {
        return IntStream.range(0, nodes.getLength())
                .mapToObj(i -> nodes.item(i).getTextContent())
                .toList();
    }

    /**
     * Gives a conversion that says no time the present one. What has no field of a conversion is none, and stays as it
     * is.
     */
    public Map<String, Object> arrivedNow(@Body Map<String, ?> conversion) {
        var now = new LinkedHashMap<String, Object>(conversion);
        if (ReadMessage.isConversion(conversion)) {
            now.putIfAbsent("date_time", new ArrivalTime(clock.instant()));
        }
        return now;
    }

    /**
     * The orders of a message that can be stored. The others are left out: those that {@link #conversion} has taken for
     * none; those without an identifier, as of whoever did not come from the site; rows that do not fit their header;
     * and those with a field that was given twice. {@link #answer} names them. A message in which no field of a
     * conversion has a value, such as a test of the address, holds none.
     *
     * @param body a conversion, or a list of them; may be {@code null}
     */
    public List<SourceRow> countable(Exchange exchange, @Body Object body) {
        var message = new ReadMessage();
        orders(body).forEach(message::add);
        exchange.setVariable(ReadMessage.VARIABLE, message);
        return message.countable();
    }

    /**
     * The idempotency key of conversions: which goals of which orders they are, so that the same said again is stored
     * once. What has no {@code purchase_id} is told by who did it when. It is kept as a hash: a batch outlives its
     * conversions, and when a person is erased nothing may be left that names it.
     *
     * @param source its name, so that the numbers of different systems do not meet
     * @param body a conversion, or a list of them
     * @return {@code null} when a conversion has neither a number nor a time of its own: the next one may be another
     */
    public String key(@Variable("source") String source, @Body Object body) {
        var key = new StringBuilder(source);
        for (var each : orders(body)) {
            var row = each instanceof SourceRow placed ? placed.fields() : (Map<?, ?>) each;
            var isNumbered = row.get("purchase_id") != null;
            if (!isNumbered && row.get("date_time") instanceof ArrivalTime) {
                return null;
            }
            // Each part with its length before it: no two lists of parts are written alike
            for (var name : isNumbered ? PARTS_OF_ORDER : PARTS_OF_PERSON) {
                var part = row.get(name) == null ? "" : row.get(name).toString();
                key.append('/').append(part.length()).append(':').append(part);
            }
        }
        return source + ":"
                + HexFormat.of().formatHex(SecretGenerator.sha256(key.toString().getBytes(StandardCharsets.UTF_8)));
    }

    /**
     * The answer to a source: its batch, or that there was nothing in the request that counts; and what was left out.
     *
     * @throws ProblemException 400 when nothing was stored, and something is wrong with what there is
     */
    public String answer(
            Exchange exchange, @Variable("batch") StoredBatch batch, @Variable(ReadMessage.VARIABLE) ReadMessage read) {
        var message = read == null ? new ReadMessage() : read;
        if (batch != null) {
            message.addRefused(batch.refused());
        }
        var stored = batch == null || batch.id() == null ? 0 : batch.total();
        tally.note(exchange, stored, message);
        var faults = message.leftOut().stream().filter(LeftOut::isFault).toList();
        if (stored == 0 && !faults.isEmpty()) {
            throw invalid(
                    faults.size(),
                    message.size(),
                    faults.stream()
                            .limit(MOST_ERRORS)
                            .map(each -> error(message.index(each), each.field(), each.reason()))
                            .toList());
        }
        exchange.getMessage().setHeader(Exchange.CONTENT_TYPE, "application/json");
        return message.toJson(batch, exchange.getVariable("nothing", String.class));
    }

    private static ProblemException invalid(int invalid, int total, List<Map<String, Object>> errors) {
        return ProblemException.of(
                400,
                "%d of %d conversions cannot be taken".formatted(invalid, total),
                errors.subList(0, Math.min(errors.size(), MOST_ERRORS)));
    }

    private static Map<String, Object> error(int index, String field, String reason) {
        var error = new LinkedHashMap<String, Object>();
        error.put("index", index);
        error.putAll(Json.error(field, "invalid", reason));
        return error;
    }

    private static Collection<?> orders(Object body) {
        if (body instanceof Collection<?> several) {
            return several;
        }
        // Of XML without orders the split leaves all of it
        return body == null || body instanceof Node ? List.of() : List.of(body);
    }

    static String order(Map<?, ?> conversion) {
        return conversion.get("purchase_id") == null
                ? null
                : FormFields.shortened(conversion.get("purchase_id").toString());
    }

    private static String type(Message message) {
        var type = contentType(message);
        return type == null ? "" : type.replaceFirst(";.*", "").strip().toLowerCase(Locale.ROOT);
    }

    private static Charset charset(Message message) {
        return FormFields.charset(contentType(message));
    }

    private static String contentType(Message message) {
        return message instanceof HttpMessage http
                ? http.getRequest().getHeader("Content-Type")
                : message.getHeader(Exchange.CONTENT_TYPE, String.class);
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
