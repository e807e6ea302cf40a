package metrika.conversions.delivery;

import java.io.IOException;
import java.io.InputStream;
import java.util.function.Predicate;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;

/**
 * What Metrika answers to a question for its list of uploads, or for one upload. It is read entry by entry, and only
 * the entries that were looked for are kept: memory does not grow with the list, which may have ten thousand.
 */
final class UploadList {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final JsonFactory READER = JSON.getFactory();

    private final ArrayNode found = JSON.createArrayNode();
    private final Predicate<JsonNode> isLookedFor;
    private boolean isList;
    private boolean isNull;
    private boolean isError;
    private int members;
    private int length;
    private String first = "";
    private String last = "";

    private UploadList(Predicate<JsonNode> isLookedFor) {
        this.isLookedFor = isLookedFor;
    }

    /**
     * Reads an answer.
     *
     * @param isLookedFor which entries, each an object, are kept
     * @return {@code null} when the answer is neither a list nor an upload, nor nothing at all in JSON
     * @throws IOException when it is not JSON, or ends before its end
     */
    static UploadList read(InputStream answer, Predicate<JsonNode> isLookedFor) throws IOException {
        var list = new UploadList(isLookedFor);
        try (var parser = READER.createParser(answer)) {
            return parser.nextToken() == JsonToken.START_OBJECT && list.readMembers(parser) ? list : null;
        }
    }

    /** The entries that were looked for, as a JSON array. */
    String found() {
        return found.toString();
    }

    /** How many entries were looked for and are there. */
    int size() {
        return found.size();
    }

    /** How many entries there are. */
    int length() {
        return length;
    }

    /** By which a page is told from another: that a list is longer than its pages is only known from their contents. */
    String fingerprint() {
        return length + " " + first + " " + last;
    }

    private boolean readMembers(JsonParser parser) throws IOException {
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            var name = parser.currentName();
            var value = parser.nextToken();
            members++;
            if (name.equals("uploadings") && value == JsonToken.START_ARRAY) {
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    if (parser.currentToken() != JsonToken.START_OBJECT) {
                        return false;
                    }
                    take(parser);
                }
                isList = true;
            } else if (name.equals("uploading") && value == JsonToken.START_OBJECT) {
                take(parser);
                isList = true;
            } else {
                isNull |= name.equals("uploadings") && value == JsonToken.VALUE_NULL;
                isError |= name.equals("errors") || name.equals("code");
                parser.skipChildren();
            }
        }
        return isList || members == 0 || isNull && !isError;
    }

    private void take(JsonParser parser) throws IOException {
        JsonNode entry = parser.readValueAsTree();
        last = entry.path("id").asText();
        first = length++ == 0 ? last : first;
        if (isLookedFor.test(entry)) {
            if (entry.toString().contains("\\u0000")) {
                throw new JsonParseException(parser, "U+0000, which no text of the database can hold");
            }
            found.add(entry);
        }
    }
}
