package metrika.conversions.pull;

import java.util.regex.Pattern;

import org.apache.camel.Message;

/** Headers that a source gives to what it asks, as {@code Client-Id: 42, Accept-Language: ru}. */
final class FurtherHeaders {

    /** Before the name of the next header; a comma elsewhere is a part of the value. */
    private static final Pattern COMMA = Pattern.compile("\\s*,\\s*(?=[A-Za-z0-9!#$%&'*+.^_`|~-]+:\\s)");

    private static final Pattern HEADER = Pattern.compile("(?s)([A-Za-z0-9!#$%&'*+.^_`|~-]+):\\s+(\\S.*)");

    private FurtherHeaders() {}

    /**
     * @throws PullException of a text that is no list of headers; it is not told, since it may have credentials in it
     */
    static void set(Message message, String headers) {
        if (headers.isBlank()) {
            return;
        }
        for (var each : COMMA.split(headers.strip())) {
            var header = HEADER.matcher(each);
            if (!header.matches()) {
                throw new PullException("headers cannot be read: 'Name: value, Other-Name: value' is expected");
            }
            message.setHeader(header.group(1), header.group(2));
        }
    }
}
