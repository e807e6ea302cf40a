package metrika.conversions.sources;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Set;
import javax.xml.stream.XMLStreamReader;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;

/**
 * What stands outside of the rows of XML, as far as columns ask for it: what comes before them, and what the elements
 * have that they stand in. A row has it under the name of the root, with a slash.
 *
 * <p>Of elements of one name that each have rows in them, such as shops, a row sees the one that it stands in.
 */
final class XmlHead {

    private static final int MAX_CHARACTERS = 1 << 16;
    /** What an element takes besides its characters, in characters. */
    private static final int OF_ELEMENT = 50;

    private final Columns columns;
    private final XMLStreamReader xml;
    private final Deque<Element> open = new ArrayDeque<>();
    /** The paths of elements with rows in them. */
    private final Set<String> around = new HashSet<>();
    /** What the rows have of it, until it changes. */
    private ObjectNode known;

    /** @param xml stands at what is taken */
    XmlHead(Columns columns, XMLStreamReader xml) {
        this.columns = columns;
        this.xml = xml;
    }

    /** Takes the start of an element that is no row. */
    void start() {
        var element = new Element(xml.getLocalName(), open.peek());
        open.push(element);
        known = null;
        if (element.isKept) {
            element.take(OF_ELEMENT + element.name.length());
            for (int i = 0; i < xml.getAttributeCount(); i++) {
                element.putAttribute(xml.getAttributeLocalName(i), xml.getAttributeValue(i));
            }
        }
    }

    /** Takes a text that stands in no row. */
    void add(String text) {
        var element = open.peek();
        var isNothing = element == null || !element.isKept || element.text.isEmpty() && text.isBlank();
        if (!isNothing && !element.hasRows) {
            element.take(text.length());
            element.text.append(text);
        }
    }

    /**
     * Takes the end of an element that is no row.
     *
     * @throws BrokenFileException when it has what columns ask for, and rows before it should have had that
     */
    void end() {
        var element = open.pop();
        var parent = open.peek();
        known = null;
        if (element.hasRows || parent == null || !element.isKept) {
            return;
        }
        var isGiven = element.isGiven || element.hasOwnText();
        if (parent.hasRows) {
            if (isGiven && !around.contains(element.path)) {
                throw fault("what columns ask for in %s stands behind the first row: it has to come before"
                        .formatted(element.shownPath()));
            }
            return;
        }
        parent.isGiven |= isGiven;
        parent.take(element.size);
        XmlRows.add(parent.fields, element.name, XmlRows.element(element.fields, element.text));
    }

    /** Gives it to a row that stands here. */
    void putTo(ObjectNode row) {
        if (known == null) {
            for (var element : open) {
                element.hasRows = true;
                around.add(element.path);
                if (element.isKept) {
                    var fields = tree().<ObjectNode>setAll(element.fields);
                    known = tree().set(element.key, known == null ? fields : fields.setAll(known));
                }
            }
        }
        if (known != null) {
            row.setAll(known);
        }
    }

    private static ObjectNode tree() {
        return (ObjectNode) JsonFields.TREE.createObjectNode();
    }

    private BrokenFileException fault(String what) {
        return new BrokenFileException(Math.max(1, xml.getLocation().getLineNumber()), what);
    }

    /** One that has begun, and is no row. */
    private final class Element {

        private final String name;
        private final String path;
        /** Under which it is kept. */
        private final String key;
        /** Whether all in it is kept, since a path chooses there by what is in it, or by its number. */
        private final boolean isWhole;

        private final boolean isKept;
        private final ObjectNode fields = tree();
        private final StringBuilder text = new StringBuilder();
        private int size;
        private boolean isGiven;
        private boolean hasRows;

        Element(String name, Element parent) {
            this.name = name;
            key = parent == null ? Columns.ROOT + name : name;
            path = parent == null ? key : parent.path + "." + name;
            var isOfWhole = parent != null && parent.isWhole;
            isKept = isOfWhole || (parent == null || parent.isKept) && columns.isAsked(path);
            isWhole = isOfWhole || isKept && isChosenFrom();
        }

        private boolean isChosenFrom() {
            var numbered = Columns.plain(path) + ".";
            return !columns.choices(path).isEmpty()
                    || columns.below(path).stream()
                            .anyMatch(each ->
                                    each.startsWith(numbered) && Character.isDigit(each.charAt(numbered.length())));
        }

        private boolean isValue(String path) {
            return isWhole || columns.field(path) != null || columns.part(path) != null;
        }

        void putAttribute(String attribute, String value) {
            var at = path + "." + attribute;
            if (isWhole || columns.isAsked(at)) {
                take(attribute.length() + value.length());
                XmlRows.add(fields, attribute, TextNode.valueOf(value));
                isGiven |= isValue(at);
            }
        }

        boolean hasOwnText() {
            return isValue(path) && CellNormalizer.trimmed(text.toString()) != null;
        }

        void take(int characters) {
            size += characters;
            if (open.stream().mapToInt(each -> each.size).sum() > MAX_CHARACTERS) {
                throw fault("what columns ask for outside of the rows has more than %d characters"
                        .formatted(MAX_CHARACTERS));
            }
        }

        String shownPath() {
            return Columns.ROOT + path.substring(1).replace('.', '/');
        }
    }
}
