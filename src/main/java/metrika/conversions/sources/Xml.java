package metrika.conversions.sources;

import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.StandardCharsets;
import java.nio.charset.UnsupportedCharsetException;
import java.util.regex.Pattern;
import javax.xml.XMLConstants;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.parsers.ParserConfigurationException;

import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.Node;
import org.xml.sax.InputSource;
import org.xml.sax.SAXException;
import org.xml.sax.SAXParseException;

import metrika.conversions.http.FormFields;
import metrika.conversions.problem.ProblemException;

/**
 * Reads XML that was posted: in its charset, wherever that is said, and with names that an XPath finds without
 * prefixes.
 */
final class Xml {

    private static final Pattern DECLARED =
            Pattern.compile("\\A\\s*<\\?xml[^>]*?\\sencoding\\s*=\\s*[\"']([^\"']+)[\"']");
    /** As far as a prolog reaches. */
    static final int PROLOG_BYTES = 400;
    /** What walks through a tree has a stack of so much at least. */
    private static final String MAX_DEPTH = "100";

    private Xml() {}

    /**
     * Parses XML. The elements that are asked for have their local names and no namespace afterwards, whatever prefix
     * they were written with; those of other namespaces keep theirs.
     *
     * @param declared the charset of the Content-Type, or {@code null}
     * @param namespace how the namespaces of those elements begin; {@code null}: as the root's is
     * @throws ProblemException 400 when it is not XML, or has a document type, which could be made to do harm
     */
    static Document parse(byte[] bytes, Charset declared, String namespace) {
        var charset = charset(bytes, declared);
        try {
            var factory = DocumentBuilderFactory.newInstance();
            factory.setNamespaceAware(true);
            factory.setFeature(XMLConstants.FEATURE_SECURE_PROCESSING, true);
            factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
            factory.setAttribute("http://www.oracle.com/xml/jaxp/properties/maxElementDepth", MAX_DEPTH);
            var builder = factory.newDocumentBuilder();
            builder.setErrorHandler(null); // by default it prints them
            var text = FormFields.strict(bytes, charset);
            var document = builder.parse(
                    new InputSource(new StringReader(text.startsWith("\ufeff") ? text.substring(1) : text)));
            var root = document.getDocumentElement();
            plain(root, namespace == null ? root.getNamespaceURI() : namespace);
            return document;
        } catch (SAXParseException e) {
            throw ProblemException.of(
                    400,
                    "The body is not XML in %s, has a DOCTYPE or is nested more than %s deep, at line %d, column %d"
                            .formatted(charset.name(), MAX_DEPTH, e.getLineNumber(), e.getColumnNumber()));
        } catch (CharacterCodingException e) {
            throw ProblemException.of(
                    400,
                    ("The body is not XML in %s, which %s: name its charset in the Content-Type, such as "
                                    + "application/xml; charset=windows-1251")
                            .formatted(
                                    charset.name(),
                                    declared == null ? "it would be by its first bytes" : "its Content-Type names"));
        } catch (SAXException | IOException e) {
            throw ProblemException.of(400, "The body is not XML in " + charset.name());
        } catch (ParserConfigurationException e) {
            throw new IllegalStateException("the JDK's parser has these features", e);
        }
    }

    /**
     * A byte order mark is no XML in any charset but its own, so it is believed first; then the Content-Type, then the
     * prolog, which programs leave as it was when they write the text anew.
     *
     * @param bytes the first ones, {@value #PROLOG_BYTES} or all
     * @param declared said elsewhere, as in the Content-Type; may be {@code null}
     * @throws ProblemException 400 when the prolog names none that there is
     */
    static Charset charset(byte[] bytes, Charset declared) {
        var first = bytes.length > 0 ? bytes[0] & 0xff : 0;
        var second = bytes.length > 1 ? bytes[1] & 0xff : 0;
        if (first == 0xef && second == 0xbb) {
            return StandardCharsets.UTF_8;
        }
        if (first == 0xff && second == 0xfe || first == 0xfe && second == 0xff) {
            return StandardCharsets.UTF_16;
        }
        // A first < of two bytes: which one is empty says more than a name such as utf-16
        if (bytes.length > 1 && (first == '<' && second == 0 || first == 0 && second == '<')) {
            return second == 0 ? StandardCharsets.UTF_16LE : StandardCharsets.UTF_16BE;
        }
        if (declared != null) {
            return declared;
        }
        var prolog = DECLARED.matcher(
                new String(bytes, 0, Math.min(bytes.length, PROLOG_BYTES), StandardCharsets.ISO_8859_1));
        if (!prolog.find()) {
            return StandardCharsets.UTF_8;
        }
        try {
            var named = Charset.forName(prolog.group(1).strip());
            // Text of one byte a sign that calls itself UTF-16, as .NET writes it
            return new String(new byte[] {'<', '?'}, named).equals("<?") ? named : StandardCharsets.UTF_8;
        } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
            throw ProblemException.of(
                    400,
                    ("The XML names the encoding '%s', which is none that is known: such as UTF-8 or windows-1251 "
                                    + "is expected")
                            .formatted(FormFields.shortened(prolog.group(1))));
        }
    }

    private static void plain(Element element, String beginning) {
        var named = element;
        var namespace = element.getNamespaceURI();
        if (namespace != null && beginning != null && namespace.startsWith(beginning)) {
            named = (Element) element.getOwnerDocument().renameNode(element, null, element.getLocalName());
        }
        for (Node child = named.getFirstChild(); child != null; ) {
            var next = child.getNextSibling();
            if (child instanceof Element inner) {
                plain(inner, beginning);
            }
            child = next;
        }
    }
}
