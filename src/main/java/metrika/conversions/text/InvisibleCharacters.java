package metrika.conversions.text;

/** What kinds of signs a text is made of, in one pass over it. */
public final class InvisibleCharacters {

    /** A sign that is seen and is neither a digit nor a point: Metrika's own identifiers have none. */
    static final int OTHER = 1;
    /** An opening brace, with which most placeholders begin. */
    public static final int BRACE = 2;
    /** The blank of a keyboard. */
    public static final int BLANK = 4;

    public static final int LINE_BREAK = 8;
    /** A sign that nobody sees, or that stands for a broken one. */
    public static final int HIDDEN = 16;
    /** What a goal's identifier cannot contain, by Metrika's documentation. */
    public static final int NOT_IN_GOALS = 32;
    /** What stands for a letter that could not be read. */
    public static final int LOST = 0xfffd;

    private static final byte[] ASCII = new byte[128];

    static {
        for (int c = 0; c < ASCII.length; c++) {
            ASCII[c] = (byte)
                    (c >= '0' && c <= '9' || c == '.'
                            ? 0
                            : c == '{'
                                    ? OTHER | BRACE
                                    : c == ' '
                                            ? BLANK
                                            : c == '\r' || c == '\n'
                                                    ? LINE_BREAK
                                                    : c < ' ' || c == 0x7f
                                                            ? HIDDEN
                                                            : "/\\&#?=\"".indexOf(c) >= 0
                                                                    ? OTHER | NOT_IN_GOALS
                                                                    : OTHER);
        }
    }

    private InvisibleCharacters() {}

    /** The kinds of signs that are in a text, added up; 0 for digits and points alone. */
    public static int in(String text) {
        var kinds = 0;
        for (int i = 0; i < text.length(); i++) {
            var c = text.charAt(i);
            if (c < 128) {
                kinds |= ASCII[c];
            } else {
                var point = text.codePointAt(i);
                kinds |= kind(point);
                i += Character.charCount(point) - 1;
            }
        }
        return kinds;
    }

    /**
     * Whether nobody sees a sign, or can tell it from another one: controls, marks of width and direction, blanks that
     * no key gives, halves of surrogate pairs, and what stands where a letter was lost. The blank of a keyboard is none
     * of them.
     */
    public static boolean isHidden(int point) {
        if (point >= 0x400 && point < 0x483 || point > ' ' && point < 0x7f) {
            return false; // most Cyrillic and Latin letters
        }
        return switch (Character.getType(point)) {
            case Character.CONTROL, Character.FORMAT, Character.SURROGATE -> true;
            case Character.LINE_SEPARATOR, Character.PARAGRAPH_SEPARATOR -> true;
            case Character.SPACE_SEPARATOR -> point != ' ';
            // Fillers of Hangul and Khmer, the empty pattern of Braille, joiners and selectors, the mark of a lost
            // letter
            default ->
                point >= 0x115f && point <= 0x1160
                        || point == 0x3164
                        || point == 0xffa0
                        || point >= 0x17b4 && point <= 0x17b5
                        || point == 0x2800
                        || point == 0x34f
                        || point >= 0x180b && point <= 0x180f
                        || point >= 0xfe00 && point <= 0xfe0f
                        || point == 0xfffc
                        || point == LOST
                        || (point & 0xfffe) == 0xfffe
                        || point >= 0xe0000 && point <= 0xe0fff;
        };
    }

    /** Whether a sign is a blank of any kind: of a keyboard, one that does not break, a tab or the end of a line. */
    public static boolean isBlank(int point) {
        return Character.isWhitespace(point) || Character.isSpaceChar(point);
    }

    /**
     * Whether a sign means nothing at the end of a text: a blank, or one that nobody sees. U+0000 and what stands for a
     * lost letter are signs of damage.
     */
    public static boolean isNothing(int point) {
        return point <= ' '
                ? point != 0
                : point > 0x7e
                        && point != LOST
                        && point != 0xfffc
                        && (isBlank(point) || isHidden(point))
                        && Character.getType(point) != Character.SURROGATE;
    }

    /** The first sign of a text that is of one of some kinds; -1 when there is none. */
    public static int first(String text, int kinds) {
        return text.codePoints()
                .filter(point -> (kind(point) & kinds) != 0)
                .findFirst()
                .orElse(-1);
    }

    private static int kind(int point) {
        return point < 128 ? ASCII[point] : isHidden(point) ? HIDDEN : OTHER;
    }
}
