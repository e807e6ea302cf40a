package metrika.conversions.dashboard;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.MissingResourceException;
import java.util.ResourceBundle;
import java.util.concurrent.ConcurrentHashMap;

/** The words of the pages, in English and Russian: {@code dashboard/messages*.properties}. */
final class Texts {

    static final String ENGLISH = "en";
    static final String RUSSIAN = "ru";

    private static final Map<String, ResourceBundle> BUNDLES = new ConcurrentHashMap<>();

    private Texts() {}

    /** All words of a language. */
    static ResourceBundle bundle(String language) {
        return BUNDLES.computeIfAbsent(
                language,
                name -> ResourceBundle.getBundle(
                        "dashboard.messages",
                        name.equals(RUSSIAN) ? Locale.forLanguageTag(RUSSIAN) : Locale.ROOT,
                        ResourceBundle.Control.getNoFallbackControl(ResourceBundle.Control.FORMAT_PROPERTIES)));
    }

    /**
     * A text with its places {@code {0}}, {@code {1}} filled in. A name that comes from the database, such as that of a
     * kind of incident, may be newer than these words: then it is shown itself.
     */
    static String text(String language, String key, Object... values) {
        String text;
        try {
            text = bundle(language).getString(key);
        } catch (MissingResourceException e) {
            return key.substring(key.indexOf('.') + 1);
        }
        for (int i = 0; i < values.length; i++) {
            text = text.replace("{" + i + "}", String.valueOf(values[i]));
        }
        return text;
    }

    /** The language that somebody reads best, of those that there are. */
    static String preferred(String acceptLanguage) {
        if (acceptLanguage == null) {
            return ENGLISH;
        }
        try {
            var ranges = Locale.LanguageRange.parse(acceptLanguage);
            var found = Locale.lookupTag(ranges, List.of(ENGLISH, RUSSIAN));
            return found == null ? ENGLISH : found;
        } catch (IllegalArgumentException e) {
            return ENGLISH; // a header that is none says nothing
        }
    }
}
