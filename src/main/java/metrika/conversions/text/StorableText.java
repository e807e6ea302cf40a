package metrika.conversions.text;

/** What PostgreSQL and UTF-8 can hold of a text, and how it is shown to people. */
public final class StorableText {

    private static final int MAX_SHOWN = 60;

    private StorableText() {}

    /**
     * Whether a text is free of U+0000, which PostgreSQL refuses, and of lone surrogates, which UTF-8 has no form for.
     */
    public static boolean isStorable(String text) {
        for (int i = 0; i < text.length(); i++) {
            var c = text.charAt(i);
            if (c == 0 || Character.isLowSurrogate(c)) {
                return false;
            }
            if (Character.isHighSurrogate(c)) {
                i++;
                if (i == text.length() || !Character.isLowSurrogate(text.charAt(i))) {
                    return false;
                }
            }
        }
        return true;
    }

    /**
     * A text in quotes, short enough for a message. What nobody would see stands there as {@code <U+200B>}; so nothing
     * is left that a log, a terminal or the database stumbles over.
     */
    public static String quoted(String text) {
        return "'" + shown(text) + "'";
    }

    private static String shown(String text) {
        var end = text.codePointCount(0, text.length()) <= MAX_SHOWN
                ? text.length()
                : text.offsetByCodePoints(0, MAX_SHOWN);
        var shown = new StringBuilder(end + 1);
        for (int i = 0; i < end; i += Character.charCount(text.codePointAt(i))) {
            var point = text.codePointAt(i);
            if (InvisibleCharacters.isHidden(point)) {
                shown.append('<').append(numbered(point)).append('>');
            } else {
                shown.appendCodePoint(point);
            }
        }
        return end < text.length() ? shown.append('…').toString() : shown.toString();
    }

    /** A sign by its number and its name: {@code U+200B ZERO WIDTH SPACE}. */
    public static String named(int point) {
        var name = Character.getName(point);
        return numbered(point) + (name == null ? "" : " " + name);
    }

    private static String numbered(int point) {
        return "U+%04X".formatted(point);
    }
}
