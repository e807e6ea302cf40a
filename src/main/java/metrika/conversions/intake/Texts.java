package metrika.conversions.intake;

/** What PostgreSQL and UTF-8 can hold of a text. */
public final class Texts {

    private Texts() {
    }

    /** Whether a text is free of U+0000, which PostgreSQL refuses, and of lone surrogates, which UTF-8 has no form for. */
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
}
