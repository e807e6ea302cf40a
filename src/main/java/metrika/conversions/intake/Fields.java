package metrika.conversions.intake;

import metrika.conversions.text.InvisibleCharacters;
import java.util.List;

/** The names of a conversion's fields. */
final class Fields {

    private static final List<String> NAMES =
            List.of("client_id", "user_id", "yclid", "purchase_id", "target", "date_time", "price", "currency");

    private Fields() {
    }

    /**
     * The field that a name was meant to be: {@code clientId}, {@code Client-ID}, {@code DATETIME}.
     *
     * @return its right name, or {@code null} when it is like none
     */
    static String near(String name) {
        for (var field : NAMES) {
            if (isLike(field, name)) {
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
