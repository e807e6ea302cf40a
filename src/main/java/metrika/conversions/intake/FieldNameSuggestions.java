package metrika.conversions.intake;

import metrika.conversions.text.InvisibleCharacters;

/** What the names of unknown fields were meant to be. */
final class FieldNameSuggestions {

    private static final ConversionField[] ALL = ConversionField.values();

    private FieldNameSuggestions() {}

    /**
     * The field that a name was meant to be: {@code clientId}, {@code Client-ID}, {@code DATETIME}.
     *
     * @return {@code null} when it is like none
     */
    static ConversionField near(String name) {
        for (var field : ALL) {
            if (isLike(field.toString(), name)) {
                return field;
            }
        }
        return null;
    }

    /** Whether two names differ in nothing but capitals, the signs between their words and signs that nobody sees. */
    private static boolean isLike(String field, String name) {
        var at = 0;
        for (int i = 0; i < name.length(); i++) {
            var c = name.charAt(i);
            if (c == '_' || c == '-' || c == ' ' || c == '.' || InvisibleCharacters.isHidden(c)) {
                continue;
            }
            if (at < field.length() && field.charAt(at) == '_') {
                at++;
            }
            if (at == field.length() || Character.toLowerCase(c) != field.charAt(at)) {
                return false;
            }
            at++;
        }
        return at == field.length();
    }
}
