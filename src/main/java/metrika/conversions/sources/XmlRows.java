package metrika.conversions.sources;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamConstants;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;

import metrika.conversions.intake.SourceRow;

/**
 * The rows of XML: each element of one name, wherever it stands, with its attributes and the elements in it as fields
 * by their paths. Read as a stream. A document type, which could be made to do harm, is not taken.
 */
final class XmlRows extends OneRowAhead {

    /** The one column of what was XML. */
    static final List<String> HEADER = List.of("element");

    private static final int MAX_DEPTH = 100;
    /** Of other elements, to be named. */
    private static final int MOST_SHOWN = 10;

    private final BoundedReader reader;
    private final Reader text;
    private final XMLStreamReader xml;
    private final String element;
    private final Columns columns;
    private final TextEncoding encoding;
    private final Set<String> others = new LinkedHashSet<>();
    /** {@code null} where columns ask for nothing outside of the rows. */
    private final XmlHead head;

    private int depth;
    private boolean isAnyFound;

    /**
     * @param text its characters, without a byte order mark; closed with this
     * @param element the name of those that are rows, without a prefix
     * @param encoding what the characters are read by
     * @throws BrokenFileException when it does not begin as XML
     */
    XmlRows(Reader text, String element, Columns columns, TextEncoding encoding) {
        if (element.isEmpty()) {
            throw new BrokenFileException(
                    1, "which element of XML is a row is not said: set rows, such as rows=Чек or rows=order");
        }
        this.text = text;
        this.element = element;
        this.columns = columns;
        this.encoding = encoding;
        reader = new BoundedReader(text);
        var factory = XMLInputFactory.newDefaultFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        try {
            xml = factory.createXMLStreamReader(reader);
        } catch (XMLStreamException e) {
            throw broken(1, e);
        }
        head = columns.isAnyOutside() ? new XmlHead(columns, xml) : null;
        advance();
    }

    @Override
    public List<String> header() {
        return HEADER;
    }

    @Override
    public void close() throws IOException {
        text.close(); // the parser's own leaves it open
    }

    @Override
    SourceRow read() {
        try {
            return parse();
        } catch (XMLStreamException e) {
            throw broken(line(), e);
        }
    }

    /** The next row; {@code null} at the end. */
    private SourceRow parse() throws XMLStreamException {
        while (xml.hasNext()) {
            var event = xml.next();
            reader.endRow();
            if (event == XMLStreamConstants.DTD) {
                throw new BrokenFileException(line(), "it has a DOCTYPE, which is not taken");
            } else if (event == XMLStreamConstants.END_ELEMENT) {
                depth--;
                if (head != null) {
                    head.end();
                }
            } else if (event == XMLStreamConstants.START_ELEMENT) {
                if (xml.getLocalName().equals(element)) {
                    isAnyFound = true;
                    return row(line(), element());
                }
                enter();
                if (others.size() < MOST_SHOWN) {
                    others.add(xml.getLocalName());
                }
                if (head != null) {
                    head.start();
                }
            } else if (head != null) {
                head.add(text(event));
            }
        }
        // A root with nothing in it is an export without any row
        if (!isAnyFound && others.size() > 1) {
            throw new BrokenFileException(
                    1,
                    "there is no element '%s' in it, which is to be a row (rows). There are: %s"
                            .formatted(element, String.join(", ", others)));
        }
        return null;
    }

    private void enter() {
        if (++depth > MAX_DEPTH) {
            throw new BrokenFileException(line(), "it is nested more than %d deep".formatted(MAX_DEPTH));
        }
    }

    /** An element whose start was read, up to its end: a text, or what is in it, with its text under no name. */
    private JsonNode element() throws XMLStreamException {
        enter();
        var fields = (ObjectNode) JsonFields.TREE.createObjectNode();
        for (int i = 0; i < xml.getAttributeCount(); i++) {
            add(fields, xml.getAttributeLocalName(i), TextNode.valueOf(xml.getAttributeValue(i)));
        }
        var content = new StringBuilder();
        for (var event = xml.next(); event != XMLStreamConstants.END_ELEMENT; event = xml.next()) {
            if (event == XMLStreamConstants.START_ELEMENT) {
                add(fields, xml.getLocalName(), element());
            } else {
                content.append(text(event));
            }
        }
        depth--;
        return element(fields, content);
    }

    /** An element as it is kept: its text alone where it has nothing else. */
    static JsonNode element(ObjectNode fields, StringBuilder content) {
        var own = CellNormalizer.trimmed(content.toString());
        if (fields.isEmpty()) {
            return TextNode.valueOf(own == null ? "" : own);
        }
        if (own != null) {
            fields.put("", own);
        }
        return fields;
    }

    /** What an event has that is no element, and may be none at all. */
    private String text(int event) {
        return switch (event) {
            case XMLStreamConstants.CHARACTERS, XMLStreamConstants.CDATA, XMLStreamConstants.SPACE -> xml.getText();
            case XMLStreamConstants.ENTITY_REFERENCE ->
                throw new BrokenFileException(line(), "the entity '%s' is not known".formatted(xml.getLocalName()));
            default -> "";
        };
    }

    /** What is there more than once is a list. */
    static void add(ObjectNode fields, String name, JsonNode value) {
        var before = fields.get(name);
        if (before == null) {
            fields.set(name, value);
        } else if (before instanceof ArrayNode several) {
            several.add(value);
        } else {
            fields.set(name, fields.arrayNode().add(before).add(value));
        }
    }

    private SourceRow row(long line, JsonNode value) {
        reader.endRow();
        var object = (ObjectNode)
                (value.isObject() ? value : ((ObjectNode) JsonFields.TREE.createObjectNode()).set("", value));
        if (head != null) {
            head.putTo(object);
        }
        var builder = new RowBuilder(columns);
        JsonFields.ofXml(columns, builder).putAll("", object);
        var fields = builder.build();
        // As it is read again from a file of refused rows
        return new SourceRow(line, fields, List.of(object.toString()), fault(fields));
    }

    private String fault(Map<String, Object> fields) {
        return fields.entrySet().stream()
                .filter(field -> field.getValue() instanceof String value && encoding.faultOfValue(value) != null)
                .map(field -> field.getKey() + ": " + encoding.faultOfValue((String) field.getValue()))
                .findFirst()
                .orElse(null);
    }

    private long line() {
        return Math.max(1, xml.getLocation().getLineNumber());
    }

    private BrokenFileException broken(long line, XMLStreamException failure) {
        return new BrokenFileException(
                line,
                reader.isExceeded()
                        ? "an element has more than a million characters"
                        : isOfEncoding(failure)
                                ? "this is not text in %s, as its first line, its Content-Type or encoding says"
                                        .formatted(encoding.charset().name())
                                : "this is not XML to its end");
    }

    private static boolean isOfEncoding(XMLStreamException failure) {
        return failure.getNestedException() instanceof CharacterCodingException
                || failure.getCause() instanceof CharacterCodingException;
    }
}
