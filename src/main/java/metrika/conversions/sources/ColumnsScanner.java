package metrika.conversions.sources;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A place in the text of {@code columns}, which goes on as it is read. */
final class ColumnsScanner {

    private static final int SHOWN = 30;

    private final String text;
    private int at;

    ColumnsScanner(String text) {
        this.text = text;
    }

    int at() {
        return at;
    }

    /** Goes back to a place, which a fault is to name. */
    void to(int place) {
        at = place;
    }

    boolean isAtEnd() {
        return at >= text.length();
    }

    /** Whether the next character is one of some. */
    boolean isBefore(String characters) {
        return !isAtEnd() && characters.indexOf(text.charAt(at)) >= 0;
    }

    /** Goes on behind what is there; {@code null} when it is something else. */
    Matcher take(Pattern pattern) {
        var matcher = pattern.matcher(text).region(at, text.length());
        // What is looked at behind a name may lie anywhere
        if (!matcher.useTransparentBounds(true).lookingAt()) {
            return null;
        }
        at = matcher.end();
        return matcher;
    }

    /** A fault at this place, with what is expected there. */
    IllegalArgumentException fault(String way) {
        var rest = text.substring(at).strip();
        return new IllegalArgumentException("columns, character %d, at %s: %s"
                .formatted(
                        at + 1,
                        rest.isEmpty() ? "its end" : rest.length() > SHOWN ? rest.substring(0, SHOWN) + "…" : rest,
                        way));
    }
}
